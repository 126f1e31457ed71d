/** Machines are woken by real packets, on a clock that the test moves. */
import assert from "node:assert/strict";
import { openQueue, request, requestOf } from "../jobs/job_fixture.ts";
import { sendMagicPacket } from "../../src/wake/magic_packet.ts";
import { openWakePolicy, type WakeTimes } from "../../src/wake/wake_policy.ts";

const never = new AbortController().signal;
const minuteMs = 60_000;

/** Hears packets on a free port of this machine. */
function listen() {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  assert.ok(socket.addr.transport === "udp");
  return {
    port: socket.addr.port,
    next: async () => (await socket.receive())[0],
    [Symbol.dispose]: () => socket.close(),
  };
}

/** Two machines, "desk" and "attic", that sleep; `sent` has a name for each packet. */
async function open({ learned, able = () => true }: {
  readonly learned?: WakeTimes;
  readonly able?: (backend: string, template: string) => boolean;
} = {}) {
  const queue = await openQueue();
  const sent: string[] = [];
  const world = {
    queue,
    sent,
    ms: 0,
    awake: new Set<string>(),
    reachable: new Set<string>(),
    questions: 0,
    kept: learned,
    givenUp: [] as string[],
    async look(ms: number) {
      world.ms = ms;
      await policy.look(never);
    },
    policy: undefined as unknown as Awaited<ReturnType<typeof openWakePolicy>>,
  };
  const send = (name: string) => () => Promise.resolve(void sent.push(name));
  const policy = world.policy = await openWakePolicy({
    packets: new Map([["desk", send("desk")], ["attic", send("attic")]]),
    ask() {
      world.questions++;
      return Promise.resolve(
        ["desk", "attic", "cellar"].map((name) =>
          world.awake.has(name)
            ? {
              ok: true,
              name,
              health: { version: undefined, devices: [], running: [], pending: [] },
            }
            : { ok: false, name, reason: "it sleeps" }
        ),
      );
    },
    backends: () =>
      ["desk", "attic", "cellar"].map((name) => ({ name, reachable: world.reachable.has(name) })),
    queue,
    canRun: able,
    onGivenUp: (name) => world.givenUp.push(name),
    store: {
      load: () => Promise.resolve(world.kept),
      save: (times) => Promise.resolve(void (world.kept = times)),
    },
    now: () => world.ms,
  });
  return world;
}

Deno.test("sendMagicPacket() sends six bytes of 255 and sixteen times the address", async () => {
  using heard = listen();
  for (
    const [mac, bytes] of [
      ["aa:bb:cc:dd:ee:ff", [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff]],
      ["00-1B-63-84-45-E6", [0x00, 0x1b, 0x63, 0x84, 0x45, 0xe6]],
      ["01:02:03:04:05:06", [1, 2, 3, 4, 5, 6]],
    ] as const
  ) {
    const [packet] = await Promise.all([
      heard.next(),
      sendMagicPacket({ mac, address: "127.0.0.1", port: heard.port }),
    ]);
    assert.equal(packet.length, 102);
    assert.deepEqual([...packet.subarray(0, 6)], Array(6).fill(255));
    for (let i = 6; i < 102; i += 6) assert.deepEqual([...packet.subarray(i, i + 6)], bytes);
  }
});

Deno.test("sendMagicPacket() may broadcast", async () => {
  await sendMagicPacket({ mac: "aa:bb:cc:dd:ee:ff", address: "127.255.255.255", port: 9 });
});

Deno.test("look() wakes nothing while no job waits, and what does not answer when one does", async () => {
  const world = await open();
  await world.look(0);
  assert.deepEqual([world.sent, world.questions], [[], 0]);
  world.awake.add("attic");
  await world.queue.enqueue(request("a"));
  await world.look(2_000);
  assert.deepEqual(world.sent, ["desk"]);
  for (const ms of [4_000, 30_000, 61_999]) await world.look(ms);
  assert.deepEqual(world.sent, ["desk"]);
  await world.look(62_000);
  assert.deepEqual(world.sent, ["desk", "desk"]);
});

Deno.test("look() wakes only what can run what waits, and a machine that has the job", async () => {
  const world = await open({
    able: (backend, template) => (backend === "attic") === (template === "big"),
  });
  await world.queue.enqueue(request("a", { template: "big" }));
  await world.look(0);
  assert.deepEqual(world.sent, ["attic"]);
  await world.queue.claim(() => ({ backend: "desk", promptId: "1" }));
  await world.look(1_000);
  assert.deepEqual(world.sent, ["attic", "desk"]);
  await world.queue.update("a", { state: "running" });
  await world.queue.update("a", { state: "delivering" });
  await world.look(5 * minuteMs);
  assert.equal(world.sent.length, 2, "its result needs no machine");
});

Deno.test("look() leaves them asleep while the queue is paused", async () => {
  const world = await open();
  world.queue.paused = true;
  await world.queue.enqueue(request("a"));
  await world.look(0);
  assert.deepEqual(world.sent, []);
  world.queue.paused = false;
  await world.look(2_000);
  assert.deepEqual(world.sent, ["desk", "attic"]);
});

Deno.test("look() gives up after ten packets and tries again with the next job", async () => {
  const world = await open({ able: (backend) => backend === "desk" });
  await world.queue.enqueue(requestOf(1, "a"));
  for (let minute = 0; minute <= 30; minute++) await world.look(minute * minuteMs);
  assert.equal(world.sent.length, 10);
  assert.deepEqual(world.givenUp, ["desk"]);
  assert.ok(!world.policy.isExpected("desk"));
  assert.equal(world.policy.wakingFor({ state: "queued", template: "edit" }), undefined);
  await world.queue.enqueue(requestOf(2, "b"));
  await world.look(31 * minuteMs);
  assert.equal(world.sent.length, 11);
  world.awake.add("desk");
  await world.look(32 * minuteMs);
  assert.ok(world.policy.isExpected("desk"));
});

Deno.test("wakingFor() learns how long a machine takes, keeps that, and says nothing where another takes the job", async () => {
  const world = await open({ able: (backend) => backend !== "attic" });
  const job = { state: "queued", template: "edit" } as const;
  await world.queue.enqueue(request("a"));
  await world.look(0);
  assert.deepEqual(world.policy.wakingFor(job), { leftMs: 120_000 });
  world.ms = 130_000;
  assert.deepEqual(world.policy.wakingFor(job), { leftMs: -10_000 });
  world.reachable.add("cellar");
  assert.equal(world.policy.wakingFor(job), undefined);
  assert.equal(
    world.policy.wakingFor({ state: "submitted", template: "edit", backend: "desk" })?.leftMs,
    -10_000,
  );
  world.awake.add("desk");
  await world.look(40_000);
  assert.deepEqual(world.kept, { v: 1, ms: { desk: 40_000 } });
  assert.equal(world.policy.wakingFor({ ...job, state: "submitted", backend: "desk" }), undefined);

  const next = await open({ learned: world.kept!, able: (backend) => backend === "desk" });
  await next.queue.enqueue(request("a"));
  await next.look(1_000);
  assert.deepEqual(next.policy.wakingFor(job), { leftMs: 40_000 });
  next.awake.add("desk");
  await next.queue.cancel("a"); // or it is done by the next look
  await next.look(51_000);
  assert.deepEqual(next.kept, { v: 1, ms: { desk: 43_000 } });

  // Ten seconds later the next job comes, and it sleeps already.
  next.awake.clear();
  await next.look(52_000);
  await next.queue.enqueue(request("b"));
  await next.look(61_000);
  assert.deepEqual(next.sent, ["desk", "desk"]);
});
