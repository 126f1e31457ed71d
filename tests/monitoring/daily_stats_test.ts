/** The days' tallies: what counts on which day, what is measured, and what a restart leaves of it. */
import assert from "node:assert/strict";
import type { Job } from "../../src/jobs/job.ts";
import { newJob } from "../../src/jobs/job.ts";
import { createMemoryJobStore } from "../jobs/memory_job_store.ts";
import { createKvDailyStatsStore } from "../../src/kv/single_records.ts";
import { countEnd, dayOf, newDay, openDailyStats } from "../../src/monitoring/daily_stats.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";
import { withFolder, withKv } from "../kv/kv_fixture.ts";

const noon = new Date(2026, 10, 22, 12).getTime();
const dayMs = 86_400_000;

function ended(fields: Partial<Job>): Job {
  const times = { startedAt: noon + 3_000, renderedAt: noon + 8_000, endedAt: noon + 9_000 };
  return { ...newJob(request("a"), 1, noon), state: "done", ...times, ...fields };
}

Deno.test("dayOf() is the local day, across months and days of 23 hours", () => {
  assert.equal(dayOf(noon), "2026-11-22");
  assert.equal(dayOf(new Date(2026, 10, 22, 0, 0, 0).getTime()), "2026-11-22");
  assert.equal(dayOf(new Date(2026, 10, 22, 23, 59, 59).getTime()), "2026-11-22");
  assert.equal(dayOf(new Date(2026, 2, 1, 8).getTime(), 1), "2026-02-28");
  assert.equal(dayOf(new Date(2026, 2, 30, 0, 30).getTime(), 1), "2026-03-29");
});

Deno.test("countEnd() counts each end, and measures what was seen from its begin", () => {
  const day = newDay("2026-11-22");
  assert.deepEqual(countEnd(day, ended({}), noon), {
    ...day,
    done: 1,
    runs: 1,
    runMs: 5_000,
    waits: 1,
    waitMs: 3_000,
  });
  const { startedAt: _, ...cached } = ended({});
  assert.deepEqual(countEnd(day, cached, noon), { ...day, done: 1, waits: 1, waitMs: 8_000 });
  assert.deepEqual(countEnd(day, ended({}), noon + 4_000), { ...day, done: 1 });
  assert.deepEqual(countEnd(day, ended({ crashes: 1 }), noon), { ...day, done: 1 });
  const gone: Job = { ...newJob(request("a"), 1, noon), state: "cancelled", endedAt: noon };
  assert.deepEqual(countEnd(day, gone, noon), { ...day, cancelled: 1 });
  assert.equal(countEnd(day, { ...gone, state: "queued" }, noon), day);
});

Deno.test("openTally() writes each end to its day, and goes on with the day after a restart", async () => {
  let now = noon;
  const queue = await openQueue(createMemoryJobStore(), { now: () => now });
  const cancel = async (id: string) => {
    await queue.enqueue(request(id));
    await queue.cancel(id);
    await queue.update(id, { settled: true });
  };
  await withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      await using _tally = openDailyStats({
        store: createKvDailyStatsStore(kv),
        queue,
        now: () => now,
      });
      await cancel("a");
      now += dayMs;
      await cancel("b");
    });
    await withKv(dir, async (kv) => {
      await using dailyStats = openDailyStats({
        store: createKvDailyStatsStore(kv),
        queue,
        now: () => now,
      });
      await cancel("c");
      now += 2 * dayMs;
      await cancel("d");
      const days = await dailyStats.days(5);
      assert.deepEqual(days.map(({ day, cancelled }) => [day, cancelled]), [
        ["2026-11-21", 0],
        ["2026-11-22", 1],
        ["2026-11-23", 2],
        ["2026-11-24", 0],
        ["2026-11-25", 1],
      ]);
      assert.equal((await dailyStats.days(1))[0]?.day, "2026-11-25");
    });
  });
});

Deno.test("openTally() makes up for a day that could not be written", async () => {
  const queue = await openQueue(createMemoryJobStore(), { now: () => noon });
  const written: number[] = [];
  let isFull = true;
  const dailyStats = openDailyStats({
    queue,
    now: () => noon,
    store: {
      get: () => Promise.resolve(undefined),
      since: () => Promise.resolve([]),
      put(day) {
        if (isFull) return Promise.reject(new Error("the disk is full"));
        written.push(day.cancelled);
        return Promise.resolve();
      },
    },
  });
  for (const id of ["a", "b"]) {
    await queue.enqueue(request(id));
    await queue.cancel(id);
    await dailyStats.days(1);
    isFull = false;
  }
  await dailyStats[Symbol.asyncDispose]();
  assert.deepEqual(written, [2]);
});
