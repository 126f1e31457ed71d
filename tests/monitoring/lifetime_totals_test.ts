/** The lifetimeTotals: what counts as what, when it is written, and what a restart leaves of it. */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import type { JobState } from "../../src/jobs/job.ts";
import type { JobQueue } from "../../src/jobs/queue.ts";
import { listenToChanges } from "../../src/jobs/transitions.ts";
import { openState } from "../../src/kv/open.ts";
import { createKvLifetimeTotalsStore } from "../../src/kv/single_records.ts";
import {
  countChange,
  type LifetimeTotals,
  type LifetimeTotalsStore,
  type MetricsSummary,
  noTotals,
  openLifetimeTotals,
  summaryOf,
  writeMetricsFile,
} from "../../src/monitoring/lifetime_totals.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";

/** A clock that the test moves. */
function clock(at = 1_000_000) {
  return { now: () => at, pass: (ms: number) => at += ms };
}

/** Runs a job through the queue: so long in ComfyUI, then to the chat. */
async function runJob(
  queue: JobQueue,
  time: ReturnType<typeof clock>,
  { id, runMs, to = "done" }: { id: string; runMs: number; to?: "done" | "failed" },
): Promise<void> {
  await queue.enqueue(request(id));
  await queue.claim(() => ({ backend: "one", promptId: id }));
  await queue.update(id, { state: "running", startedAt: time.now() });
  time.pass(runMs);
  await queue.update(id, { state: "delivering", renderedAt: time.now() });
  await queue.update(id, { state: to, endedAt: time.now() });
  await queue.update(id, { settled: true });
}

/** Every change of the queue from now on, as lifetimeTotals. */
function counting(queue: JobQueue, since: number): { readonly lifetimeTotals: LifetimeTotals } {
  const counted = { lifetimeTotals: noTotals };
  listenToChanges(queue, (job, from) => {
    counted.lifetimeTotals = countChange(counted.lifetimeTotals, job, from, since);
  }, new AbortController().signal);
  return counted;
}

Deno.test("countChange() counts each end once and measures runs", async () => {
  const time = clock();
  const queue = await openQueue(undefined, { now: time.now });
  const counted = counting(queue, time.now());
  await runJob(queue, time, { id: "a", runMs: 4_000 });
  await runJob(queue, time, { id: "b", runMs: 6_000 });
  await runJob(queue, time, { id: "c", runMs: 2_000, to: "failed" });
  await queue.enqueue(request("d"));
  await queue.cancel("d");
  await queue.enqueue(request("e"));
  assert.deepEqual(counted.lifetimeTotals, {
    v: 1,
    jobs: 5,
    done: 2,
    failed: 1,
    cancelled: 1,
    runs: 3,
    runMs: 12_000,
  });
  assert.deepEqual(summaryOf(counted.lifetimeTotals, queue.size), {
    tasks_total: 5,
    tasks_success: 2,
    tasks_failed: 1,
    queue_current_size: 1,
    avg_processing_time: 4,
  });
});

Deno.test("countChange() counts a settled job no more when its record changes", async () => {
  const time = clock();
  const queue = await openQueue(undefined, { now: time.now });
  const counted = counting(queue, time.now());
  await runJob(queue, time, { id: "a", runMs: 1_000 });
  await queue.update("a", { delivered: { messageId: 8, documentFileId: "x" } });
  assert.equal(counted.lifetimeTotals.done, 1);
});

Deno.test("countChange() takes a job that goes back to the queue for the same job", async () => {
  const time = clock();
  const queue = await openQueue(undefined, { now: time.now });
  const counted = counting(queue, time.now());
  await queue.enqueue(request("a"));
  await queue.claim(() => ({ backend: "one" }));
  await queue.update("a", { state: "running", startedAt: time.now() });
  time.pass(60_000);
  await queue.update("a", { state: "queued", crashes: 1 });
  await queue.claim(() => ({ backend: "one" }));
  await queue.update("a", { state: "running", startedAt: time.now() });
  time.pass(3_000);
  await queue.update("a", { state: "delivering", renderedAt: time.now() });
  assert.deepEqual([
    counted.lifetimeTotals.jobs,
    counted.lifetimeTotals.runs,
    counted.lifetimeTotals.runMs,
  ], [1, 1, 3_000]);
});

Deno.test("countChange() measures no run that began in an earlier process", async () => {
  const time = clock();
  const queue = await openQueue(undefined, { now: time.now });
  await queue.enqueue(request("a"));
  await queue.claim(() => ({ backend: "one" }));
  await queue.update("a", { state: "running", startedAt: time.now() });
  time.pass(3_600_000);
  const counted = counting(queue, time.now());
  await queue.update("a", { state: "delivering", renderedAt: time.now() });
  await queue.update("a", { state: "done", settled: true });
  assert.deepEqual([
    counted.lifetimeTotals.jobs,
    counted.lifetimeTotals.done,
    counted.lifetimeTotals.runs,
  ], [0, 1, 0]);
});

/** A store and a place for the summary that remember every write; the pause between two writes ends when told to. */
function desk(before?: LifetimeTotals) {
  const saved: LifetimeTotals[] = [];
  const published: MetricsSummary[] = [];
  const pauses: (() => void)[] = [];
  let broken = false;
  const store: LifetimeTotalsStore = {
    load: () => Promise.resolve(before),
    save(lifetimeTotals) {
      if (broken) return Promise.reject(new Error("disk is full"));
      saved.push(lifetimeTotals);
      return Promise.resolve();
    },
  };
  return {
    saved,
    published,
    pauses,
    break: (value: boolean) => broken = value,
    open: () =>
      openLifetimeTotals({
        store,
        publish: (summary) => Promise.resolve(void published.push(summary)),
        waiting: () => Promise.resolve(3),
        since: 0,
        wait: (_ms, signal) =>
          new Promise((resolve, reject) => {
            pauses.push(() => resolve(undefined));
            signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          }),
      }),
  };
}

async function changes(count: number, state: JobState = "queued") {
  const queue = await openQueue();
  const made = await Promise.all(
    Array.from({ length: count }, (_, i) => queue.enqueue(request(`j${i}`))),
  );
  return made.flatMap((each) => each.type === "queued" ? [{ ...each.job, state }] : []);
}

Deno.test("openTotals() writes many changes at once when they come within its pause", async () => {
  const { saved, published, pauses, open } = desk();
  await using lifetimeTotals = await open();
  await until("the first pause", () => pauses.length === 1);
  assert.equal(saved.length, 0);
  assert.equal(published.length, 1);
  for (const job of await changes(50)) lifetimeTotals.changed(job, undefined);
  pauses[0]!();
  await until("the second pause", () => pauses.length === 2);
  assert.deepEqual(saved.map(({ jobs }) => jobs), [50]);
  assert.equal(published.at(-1)?.tasks_total, 50);
});

Deno.test("openTotals() goes on from what was stored, and writes the rest when it is disposed of", async () => {
  const { saved, published, pauses, open } = desk({ ...noTotals, jobs: 7, done: 5, failed: 1 });
  {
    await using lifetimeTotals = await open();
    await until("the first pause", () => pauses.length === 1);
    const [job] = await changes(1, "done");
    lifetimeTotals.changed(job!, "delivering");
  }
  assert.deepEqual(saved.map(({ jobs, done }) => ({ jobs, done })), [{ jobs: 7, done: 6 }]);
  assert.deepEqual(published.at(-1), {
    tasks_total: 7,
    tasks_success: 6,
    tasks_failed: 1,
    queue_current_size: 3,
    avg_processing_time: 0,
  });
});

Deno.test("openTotals() tries again when the store could not be written", async () => {
  const { saved, pauses, open, break: setBroken } = desk();
  await using lifetimeTotals = await open();
  await until("the first pause", () => pauses.length === 1);
  const [job] = await changes(1);
  setBroken(true);
  lifetimeTotals.changed(job!, undefined);
  pauses[0]!();
  await until("the second pause", () => pauses.length === 2);
  assert.equal(saved.length, 0);
  setBroken(false);
  pauses[1]!();
  await until("it is saved", () => saved.length === 1);
});

Deno.test("createKvTotalsStore() gives back what was saved, and nothing for a record that it cannot read", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const lifetimeTotals = { ...noTotals, jobs: 12, runMs: 400 };
    {
      using state = await openState(dir);
      const store = createKvLifetimeTotalsStore(state.kv);
      assert.equal(await store.load(), undefined);
      await store.save(lifetimeTotals);
    }
    using state = await openState(dir);
    assert.deepEqual(await createKvLifetimeTotalsStore(state.kv).load(), lifetimeTotals);
    await state.kv.set(["totals"], { v: 1, jobs: "many" });
    assert.equal(await createKvLifetimeTotalsStore(state.kv).load(), undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("writeMetricsFile() leaves a whole file under every reader's eyes", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const summaries = Array.from({ length: 30 }, (_, i) => summaryOf({ ...noTotals, jobs: i }, i));
    await writeMetricsFile(dir, summaries[0]!);
    let isWriting = true;
    const writing = (async () => {
      for (const summary of summaries) await writeMetricsFile(dir, summary);
      isWriting = false;
    })();
    do {
      const read: unknown = JSON.parse(await Deno.readTextFile(`${dir}/metrics.json`));
      assert.ok(summaries.some((summary) => JSON.stringify(summary) === JSON.stringify(read)));
    } while (isWriting);
    await writing;
    assert.deepEqual([...Deno.readDirSync(dir)].map(({ name }) => name), ["metrics.json"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
