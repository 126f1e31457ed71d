/** Trouble told to admins: the first of a cause at once, the rest counted, in the admins' words. */
import assert from "node:assert/strict";
import { until } from "../../../lab/until.ts";
import { textIn } from "../../../src/i18n/text.ts";
import type { FailReason } from "../../../src/jobs/job.ts";
import { createMemoryJobStore } from "../../jobs/memory_job_store.ts";
import { alertWindowMs, createAlertThrottle } from "../../../src/monitoring/alert_throttle.ts";
import { createAdminAlerts } from "../../../src/telegram/admin/alerts.ts";
import { openQueue, request } from "../../jobs/job_fixture.ts";

/** A clock whose waits end when the test lets time pass; `signal` ends them as a stop does. */
function openClock() {
  const life = new AbortController();
  let now = 0;
  const waits: { readonly endsAt: number; readonly end: () => void }[] = [];
  return {
    signal: life.signal,
    stop: () => life.abort(),
    get waiting() {
      return waits.length;
    },
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        waits.push({ endsAt: now + ms, end: resolve });
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
    async pass(ms: number) {
      now += ms;
      for (const due of waits.filter(({ endsAt }) => endsAt <= now)) {
        waits.splice(waits.indexOf(due), 1);
        due.end();
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

function openNotices() {
  const clock = openClock();
  const sent: string[] = [];
  const tell = createAlertThrottle<string>({
    send: (notice, count) => sent.push(`${notice}×${count}`),
    wait: clock.wait,
  }, clock.signal);
  return { clock, sent, tell };
}

Deno.test("createNotices() tells the first at once and the rest together after a quarter of an hour", async () => {
  const { clock, sent, tell } = openNotices();
  for (const notice of ["a", "b", "c"]) tell("oom", notice);
  assert.deepEqual(sent, ["a×1"]);
  await clock.pass(alertWindowMs - 1);
  assert.deepEqual(sent, ["a×1"]);
  await clock.pass(1);
  assert.deepEqual(sent, ["a×1", "c×2"]);
});

Deno.test("createNotices() watches for another window after a count, and is quiet after an empty one", async () => {
  const { clock, sent, tell } = openNotices();
  tell("oom", "a");
  tell("oom", "b");
  await clock.pass(alertWindowMs);
  tell("oom", "c");
  assert.deepEqual(sent, ["a×1", "b×1"]);
  await clock.pass(alertWindowMs);
  assert.deepEqual(sent, ["a×1", "b×1", "c×1"]);
  await clock.pass(alertWindowMs);
  assert.equal(clock.waiting, 0);
  tell("oom", "d");
  assert.deepEqual(sent, ["a×1", "b×1", "c×1", "d×1"]);
});

Deno.test("createNotices() counts each cause for itself", async () => {
  const { clock, sent, tell } = openNotices();
  tell("oom", "a");
  await clock.pass(alertWindowMs / 2);
  tell("away", "b");
  tell("oom", "c");
  assert.deepEqual(sent, ["a×1", "b×1"]);
  await clock.pass(alertWindowMs / 2);
  assert.deepEqual(sent, ["a×1", "b×1", "c×1"]);
});

Deno.test("createNotices() drops what it has only counted when the program stops", async () => {
  const { clock, sent, tell } = openNotices();
  tell("oom", "a");
  tell("oom", "b");
  clock.stop();
  await clock.pass(alertWindowMs);
  assert.deepEqual(sent, ["a×1"]);
});

async function openOffice() {
  const clock = openClock();
  const told: string[] = [];
  const queue = await openQueue(createMemoryJobStore());
  const notices = createAdminAlerts({
    queue,
    wait: clock.wait,
    tellAdmins: (sentence) => {
      told.push(sentence(textIn("en")));
      return Promise.resolve();
    },
  }, clock.signal);
  let ids = 0;
  return {
    clock,
    told,
    ...notices,
    async fail(failure: FailReason, error: string) {
      const id = `job${++ids}`;
      await queue.enqueue(request(id));
      await queue.claim(() => ({ backend: "gpu", promptId: id }));
      await queue.update(id, { state: "failed", endedAt: 1, failure, error });
      await queue.update(id, { settled: true });
    },
  };
}

Deno.test("createAdminNotices() tells failures that are the owner's business once for each cause, with a count", async () => {
  const { clock, told, fail } = await openOffice();
  await fail("execution", "Node 3 (KSampler) failed: one");
  await fail("execution", "Node 3 (KSampler) failed: two");
  await fail("execution", "Node 3 (KSampler) failed: three");
  await fail("out_of_memory", "Allocation on device");
  assert.deepEqual(told, [
    "❌ A job failed: an error in ComfyUI.\nNode 3 (KSampler) failed: one",
    "❌ A job failed: the graphics card ran out of memory.\nAllocation on device",
  ]);
  await clock.pass(alertWindowMs);
  await until("the count", () => told.length === 3);
  assert.equal(
    told[2],
    "2 more times within 15 minutes, most recently:\n" +
      "❌ A job failed: an error in ComfyUI.\nNode 3 (KSampler) failed: three",
  );
});

Deno.test("createAdminNotices() is silent about what only its user can help", async () => {
  const { told, fail } = await openOffice();
  for (const reason of ["picture_gone", "interrupted", "template_gone"] as const) {
    await fail(reason, "…");
  }
  assert.deepEqual(told, []);
});

Deno.test("tellReachable() tells that ComfyUI went away and that it is back, each once", async () => {
  const { told, tellReachable } = await openOffice();
  for (const isReachable of [false, true, false, true]) tellReachable("gpu", isReachable);
  assert.deepEqual(told, [
    textIn("en").notices.away({ name: "gpu" }),
    textIn("en").notices.back({ name: "gpu" }),
  ]);
});
