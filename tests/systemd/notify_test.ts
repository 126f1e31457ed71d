/** What systemd hears of the bot: over real sockets, from the notifier alone and from a bot that runs. */
import assert from "node:assert/strict";
import { startComfyUI } from "../../lab/comfyui/mod.ts";
import { startTelegram } from "../../lab/telegram/mod.ts";
import { until } from "../../lab/until.ts";
import { createLiveness, runWatchdog, type Supervisor } from "../../src/monitoring/watchdog.ts";
import { createNotifier, sendDatagram } from "../../src/systemd/notify.ts";
import { endOf, folder, spawnCli } from "../cli/cli_fixture.ts";
import { listenAbstract, listenNotify } from "./notify_fixture.ts";

const pid = Deno.pid;

Deno.test("createNotifier() says what it is told to a socket at a path", async () => {
  await using socket = await listenNotify();
  const notifier = createNotifier({ NOTIFY_SOCKET: socket.address }, { pid });
  notifier.status("2 jobs\nREADY=0");
  notifier.ready();
  notifier.watchdog();
  notifier.stopping();
  await socket.heard(/^STOPPING=1$/);
  assert.deepEqual(socket.messages, [
    "STATUS=2 jobs READY=0",
    "READY=1",
    "WATCHDOG=1",
    "STOPPING=1",
  ]);
});

Deno.test("sendDatagram() reaches a socket with an abstract name", async () => {
  const name = `image-edit-bot-test-${crypto.randomUUID()}`;
  await using socket = await listenAbstract(name);
  assert.equal(sendDatagram(`@${name}`, "READY=1"), true);
  assert.equal(await socket.message(), "READY=1");
});

Deno.test("sendDatagram() says that no one listens", () => {
  for (const address of ["/nowhere/notify", "@nobody", "vsock:2:9999", `/${"x".repeat(108)}`]) {
    assert.equal(sendDatagram(address, "READY=1"), false, address);
  }
});

Deno.test("createNotifier() sends nothing and wants nothing without NOTIFY_SOCKET", () => {
  const send = () => assert.fail("sent");
  const notifier = createNotifier({ WATCHDOG_USEC: "1000000" }, { pid, send });
  notifier.ready();
  notifier.watchdog();
  assert.equal(notifier.watchdogMs, undefined);
});

Deno.test("createNotifier() tells how often the watchdog wants to hear from this process", () => {
  const watchdogMs = (env: Readonly<Record<string, string>>) =>
    createNotifier({ NOTIFY_SOCKET: "@nobody", ...env }, { pid: 7 }).watchdogMs;
  assert.equal(watchdogMs({ WATCHDOG_USEC: "60000000" }), 60_000);
  assert.equal(watchdogMs({ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "7" }), 60_000);
  assert.equal(watchdogMs({ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "8" }), undefined);
  assert.equal(watchdogMs({ WATCHDOG_USEC: "0" }), undefined);
  assert.equal(watchdogMs({ WATCHDOG_USEC: "often" }), undefined);
  assert.equal(watchdogMs({}), undefined);
});

Deno.test("Liveness names the parts that are silent for too long, until they beat or are disposed of", () => {
  let now = 0;
  const liveness = createLiveness(() => now);
  const names = () => liveness.silent().map(({ part }) => part);
  const telegram = liveness.watch("telegram", 100);
  const worker = liveness.watch("worker", 50);
  now = 50;
  assert.deepEqual(names(), []);
  now = 60;
  assert.deepEqual(liveness.silent(), [{ part: "worker", silentMs: 60 }]);
  now = 101;
  assert.deepEqual(names(), ["telegram", "worker"]);
  telegram.beat();
  assert.deepEqual(names(), ["worker"]);
  worker[Symbol.dispose]();
  assert.deepEqual(names(), []);
});

Deno.test("keepInformed() feeds the watchdog only while no part is silent, and tells a status once", async () => {
  let now = 0;
  let turns = 0;
  const heard: string[] = [];
  const liveness = createLiveness(() => now);
  const pulse = liveness.watch("worker", 100);
  const supervisor: Supervisor = {
    watchdogMs: 2,
    ready() {},
    stopping() {},
    watchdog: () => heard.push("watchdog"),
    status: (text) => heard.push(text),
  };
  const ended = new AbortController();
  const status = () => {
    turns++;
    return "idle";
  };
  const informing = runWatchdog(supervisor, { liveness, status }, ended.signal);
  const turnsMore = (count: number) => {
    const from = turns;
    return until(`${count} more turns`, () => turns >= from + count);
  };

  await turnsMore(2);
  assert.ok(heard.includes("watchdog"));
  now = 101;
  await turnsMore(1);
  heard.length = 0;
  await turnsMore(3);
  assert.deepEqual(heard, [], "a silent part, and a status that is known");
  pulse.beat();
  await turnsMore(2);
  assert.deepEqual([...new Set(heard)], ["watchdog"]);
  ended.abort();
  await informing;
});

Deno.test("run tells systemd that it is up when it asks Telegram, that it lives, how it stands, and that it stops", async () => {
  await using telegram = await startTelegram();
  await using comfy = await startComfyUI();
  await using home = await folder();
  await using socket = await listenNotify();
  const child = spawnCli(["run"], {
    cwd: home.path,
    env: {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.url,
      COMFYUI_PORT: String(comfy.port),
      NOTIFY_SOCKET: socket.address,
      WATCHDOG_USEC: "200000",
    },
  });
  await telegram.until(() => telegram.calls.some(({ method }) => method === "getUpdates"));
  await socket.heard(/^READY=1$/);
  await socket.heard(/^STATUS=0 jobs waiting, 0 running; ComfyUI answers$/);
  await until(
    "the third sign of life",
    () => socket.messages.filter((each) => each === "WATCHDOG=1").length >= 3,
  );
  assert.equal(socket.messages[0], "READY=1");
  assert.ok(!socket.messages.includes("STOPPING=1"));
  child.kill("SIGTERM");
  await socket.heard(/^STOPPING=1$/);
  assert.equal((await endOf(child)).code, 0);
});

Deno.test("run goes on feeding the watchdog while Telegram is away", async () => {
  await using telegram = await startTelegram();
  await using comfy = await startComfyUI();
  await using home = await folder();
  await using socket = await listenNotify();
  const child = spawnCli(["run"], {
    cwd: home.path,
    env: {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: "http://127.0.0.1:1",
      COMFYUI_PORT: String(comfy.port),
      NOTIFY_SOCKET: socket.address,
      WATCHDOG_USEC: "200000",
    },
  });
  await socket.heard(/^READY=1$/);
  await socket.heard(/^WATCHDOG=1$/);
  child.kill("SIGTERM");
  assert.equal((await endOf(child)).code, 0);
});
