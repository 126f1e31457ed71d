/**
 * The queue's cases over each store, and the queue against a model of it: an array.
 *
 * Drives besides: src/jobs/rate_limits.ts, src/jobs/queue_order.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import type { JobState } from "../../src/jobs/job.ts";
import type { JobStore } from "../../src/jobs/job_store.ts";
import { createMemoryJobStore } from "./memory_job_store.ts";
import { JobQueue, JobTransitionError } from "../../src/jobs/queue.ts";
import { createKvJobStore } from "../../src/kv/jobs.ts";
import { openState } from "../../src/kv/open.ts";
import { openQueue, request } from "./job_fixture.ts";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { openSharedState } from "../../src/postgres/mod.ts";
import { queueCases, type StoreFixture } from "./queue_cases.ts";
import { batchCases } from "./queue_batch_cases.ts";
import { orderCases } from "./queue_order_cases.ts";
import { resultCases } from "./queue_result_cases.ts";

async function kvStore(): Promise<StoreFixture> {
  const dir = await Deno.makeTempDir();
  const state = await openState(dir);
  return {
    store: createKvJobStore(state.kv),
    async [Symbol.asyncDispose]() {
      state[Symbol.dispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** One database for all cases, emptied before each. */
async function postgresStore(url: string): Promise<StoreFixture> {
  const { signal } = new AbortController();
  const state = await openSharedState({ url, onStandby() {}, signal });
  for await (const { key } of state.kv.list({ prefix: [] })) await state.kv.delete(key);
  return {
    store: createKvJobStore(state.kv),
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  };
}

const postgres = await postgresOfFile();
const url = await postgres?.database();

const stores: Readonly<Record<string, () => Promise<StoreFixture>>> = {
  "in memory": () =>
    Promise.resolve({
      store: createMemoryJobStore(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  "in Deno KV": kvStore,
  ...url && { "in PostgreSQL": () => postgresStore(url) },
};

for (const [where, open] of Object.entries(stores)) {
  for (
    const [name, run] of Object.entries({
      ...queueCases,
      ...resultCases,
      ...orderCases,
      ...batchCases,
    })
  ) {
    Deno.test(`${name} (${where})`, async () => {
      await using fixture = await open();
      await run(fixture.store);
    });
  }
}

/** A store that gives its jobs when the test says so. */
function slowStore(store: JobStore, jobs: Promise<unknown>): JobStore {
  return { ...store, unsettled: () => jobs.then(() => store.unsettled()) };
}

Deno.test("opening() lets no change pass and answers nothing before the jobs are read", async () => {
  const memory = createMemoryJobStore();
  const before = await openQueue(memory);
  for (const id of ["a", "b", "c"]) await before.enqueue(request(id));
  const read = Promise.withResolvers<void>();
  const options = { maxSize: () => 1_000, now: () => 1_000 };
  const queue = JobQueue.opening(slowStore(memory, read.promise), options);
  const done: string[] = [];
  const changes = [
    queue.claim(() => ({ backend: "one" })).then((job) => done.push(`claimed ${job?.id}`)),
    queue.cancel("b").then(({ type }) => done.push(type)),
    queue.enqueue(request("d")).then((result) =>
      done.push(`${result.type} at ${result.type === "queued" ? result.position : "no place"}`)
    ),
    queue.whenWaiting(AbortSignal.timeout(60_000)).then(() => done.push("something waits")),
  ];
  for (
    const ask of [
      () => queue.size,
      () => queue.submitted,
      () => queue.live(),
      () => queue.live(7),
      () => queue.unsettled(),
      () => queue.waiting(),
      () => queue.position("a"),
    ]
  ) assert.throws(ask, /it is still being read/);
  assert.equal((await queue.get("a"))?.state, "queued", "a record is there to be read");
  assert.deepEqual(done, []);
  read.resolve();
  await Promise.all(changes);
  assert.deepEqual(
    new Set(done),
    new Set([
      "something waits",
      "claimed a",
      "cancelled",
      "queued at 2",
    ]),
  );
  assert.deepEqual(queue.waiting().map(({ id }) => id), ["c", "d"]);
});

Deno.test("opening() reads the jobs when what is to come first has come", async () => {
  const memory = createMemoryJobStore();
  const before = await openQueue(memory);
  await before.enqueue(request("a"));
  const first = Promise.withResolvers<void>();
  const options = { maxSize: () => 1_000, now: () => 1_000 };
  const queue = JobQueue.opening(memory, options, first.promise);
  // What is stored until then is read, too.
  await before.enqueue(request("b"));
  assert.throws(() => queue.size);
  first.resolve();
  await queue.ready;
  assert.deepEqual(queue.waiting().map(({ id }) => id), ["a", "b"]);
});

Deno.test("opening() writes nothing when the jobs cannot be read", async () => {
  const memory = createMemoryJobStore();
  const store = slowStore(memory, Promise.reject(new Error("disk is broken")));
  const queue = JobQueue.opening(store, { maxSize: () => 1_000, now: () => 1_000 });
  const broken = { message: "disk is broken" };
  await assert.rejects(queue.ready, broken);
  await assert.rejects(queue.enqueue(request("a")), broken);
  await assert.rejects(queue.claim(() => ({})), broken);
  await assert.rejects(queue.whenWaiting(AbortSignal.timeout(60_000)), broken);
  await assert.rejects(openQueue(store), broken);
  assert.equal(await memory.get("a"), undefined);
});

Deno.test("enqueue() changes nothing when the store cannot write, and goes on when it can", async () => {
  const memory = createMemoryJobStore();
  let isFull = true;
  const store: JobStore = {
    ...memory,
    put: (...jobs) => isFull ? Promise.reject(new Error("disk is full")) : memory.put(...jobs),
  };
  const queue = await openQueue(store);
  await assert.rejects(queue.enqueue(request("a")), { message: "disk is full" });
  assert.equal(queue.size, 0);
  assert.equal(await queue.get("a"), undefined);
  isFull = false;
  assert.equal((await queue.enqueue(request("a"))).type, "queued");
  isFull = true;
  await assert.rejects(queue.claim(() => ({})), { message: "disk is full" });
  assert.equal(queue.position("a"), 1);
  isFull = false;
  assert.equal((await queue.claim(() => ({})))?.id, "a");
});

/** What a queue should be: its jobs in the order of arrival. */
interface Model {
  readonly jobs: { id: string; state: JobState; cancelRequested: boolean; settled: boolean }[];
}

interface Real {
  queue: JobQueue;
  readonly store: JobStore;
}

const maxWaiting = 4;
const isEnd = (state: JobState) => ["done", "failed", "cancelled"].includes(state);
const waitingIn = (model: Model) => model.jobs.filter(({ state }) => state === "queued");

/** What must hold after every command. */
async function agree(model: Model, { queue, store }: Real): Promise<void> {
  const waiting = waitingIn(model).map(({ id }) => id);
  const unsettled = model.jobs.filter(({ settled }) => !settled);
  assert.deepEqual(queue.waiting().map(({ id }) => id), waiting);
  assert.equal(queue.size, waiting.length);
  assert.equal(queue.submitted, model.jobs.filter(({ state }) => state === "submitted").length);
  assert.deepEqual(
    queue.unsettled().map(({ id, state }) => ({ id, state })),
    unsettled.map(({ id, state }) => ({ id, state })),
  );
  assert.deepEqual(
    queue.live(7).map(({ id }) => id),
    unsettled.filter(({ state }) => !isEnd(state)).map(({ id }) => id),
  );
  for (const { id, state, cancelRequested, settled } of model.jobs) {
    const place = waiting.indexOf(id) + 1;
    assert.equal(queue.position(id), place === 0 ? undefined : place);
    const job = await queue.get(id);
    assert.deepEqual(job, await store.get(id));
    assert.deepEqual(
      [job?.state, job?.cancelRequestedAt !== undefined, job?.settled],
      [state, cancelRequested, settled],
    );
  }
}

class Command implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly name: string,
    readonly act: (model: Model, real: Real) => Promise<void>,
  ) {}
  check = () => true;
  toString = () => this.name;
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    await agree(model, real);
  }
}

const enqueue = (id: string) =>
  new Command(`enqueue ${id}`, async (model, { queue }) => {
    const wanted = model.jobs.some((job) => job.id === id)
      ? "duplicate"
      : waitingIn(model).length >= maxWaiting
      ? "full"
      : "queued";
    const enqueued = await queue.enqueue(request(id));
    assert.equal(enqueued.type, wanted);
    if (wanted !== "queued") return;
    model.jobs.push({ id, state: "queued", cancelRequested: false, settled: false });
    assert.equal(enqueued.type === "queued" && enqueued.position, waitingIn(model).length);
  });

const claim = () =>
  new Command("claim", async (model, { queue }) => {
    const head = waitingIn(model)[0];
    const job = await queue.claim(() => ({ backend: "gpu" }));
    assert.equal(job?.id, head?.id);
    if (head) head.state = "submitted";
  });

const nextStates: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ["queued", "submitted", "cancelled", "failed"],
  submitted: ["submitted", "running", "delivering", "queued", "cancelled", "failed"],
  running: ["running", "delivering", "queued", "cancelled", "failed"],
  delivering: ["delivering", "done", "failed"],
  done: ["done"],
  failed: ["failed"],
  cancelled: ["cancelled"],
};

const update = (id: string, state: JobState) =>
  new Command(`update ${id} ${state}`, async (model, { queue }) => {
    const job = model.jobs.find((each) => each.id === id);
    if (!job || !nextStates[job.state].includes(state)) {
      await assert.rejects(queue.update(id, { state }), JobTransitionError);
      return;
    }
    job.state = state;
    assert.equal((await queue.update(id, { state })).state, state);
  });

const settle = (id: string) =>
  new Command(`settle ${id}`, async (model, { queue }) => {
    const job = model.jobs.find((each) => each.id === id);
    if (!job || !isEnd(job.state)) return;
    job.settled = true;
    await queue.update(id, { settled: true });
  });

const cancel = (id: string) =>
  new Command(`cancel ${id}`, async (model, { queue }) => {
    const job = model.jobs.find((each) => each.id === id);
    const { type } = await queue.cancel(id);
    if (job?.state === "queued") {
      assert.equal(type, "cancelled");
      job.state = "cancelled";
    } else if (job?.state === "submitted" || job?.state === "running") {
      assert.equal(type, "requested");
      job.cancelRequested = true;
    } else assert.equal(type, "too_late");
  });

const reopen = () =>
  new Command("reopen", async (_model, real) => {
    real.queue = await openModelled(real.store);
  });

function openModelled(store: JobStore): Promise<JobQueue> {
  return JobQueue.open(store, { maxSize: () => maxWaiting, now: () => 1 });
}

const anyId = fc.constantFrom("a", "b", "c", "d", "e", "f", "g");
const anyState = fc.constantFrom(...Object.keys(nextStates) as JobState[]);
const commands = fc.commands([
  anyId.map(enqueue),
  fc.constant(claim()),
  fc.tuple(anyId, anyState).map(([id, state]) => update(id, state)),
  anyId.map(settle),
  anyId.map(cancel),
  fc.constant(reopen()),
], { size: "+1" });

for (const [where, open] of Object.entries(stores)) {
  Deno.test(`JobQueue does as its model when commands come in any order (${where})`, async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (cmds) => {
        await using fixture = await open();
        const { store } = fixture;
        await fc.asyncModelRun(
          async () => ({ model: { jobs: [] }, real: { queue: await openModelled(store), store } }),
          cmds,
        );
      }),
      { numRuns: where === "in memory" ? 300 : 15 },
    );
  });
}
