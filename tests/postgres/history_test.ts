/**
 * The history on a real PostgreSQL: what is written, counted, shown by the views, deleted.
 *
 * Drives besides: src/postgres/history_schema.ts, src/history.ts, src/kv/history_outbox.ts.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import { until } from "../../lab/until.ts";
import { createHistory } from "../../src/history.ts";
import { type FinishedJob, finishedJob } from "../../src/jobs/finished_job.ts";
import { type Job, newJob } from "../../src/jobs/job.ts";
import { createKvHistoryOutbox } from "../../src/kv/history_outbox.ts";
import { createKvJobStore } from "../../src/kv/jobs.ts";
import { type KeyValueStore } from "../../src/kv/key_value.ts";
import { StateError, StorageAwayError } from "../../src/lib/errors.ts";
import { newDay } from "../../src/monitoring/daily_stats.ts";
import { type JobHistory, openHistory, probeHistory } from "../../src/postgres/history.ts";
import { openQueue, request, requestOf } from "../jobs/job_fixture.ts";
import { withFolder, withKv } from "../kv/kv_fixture.ts";
import { rowsOf } from "./rows.ts";

const server = await postgresOfFile();
/** The driver leaves the timer of a query that its connection did not outlive. */
const options = { ignore: server === undefined, sanitizeOps: false };

const choices = { words: false, isChoice: (name: string) => name === "sampler" };

/** A job that is done: made at 1 000 s, started 2 s later, rendered after 5 more, delivered after 1 more. */
function finished(id: string, overrides: Partial<Job> = {}, words = false): FinishedJob {
  const made: Job = {
    ...newJob(
      request(id, { params: { steps: 8, sampler: "euler", negative_prompt: "blur" } }),
      1,
      0,
    ),
    state: "done",
    backend: "gpu",
    createdAt: 1_000_000,
    submittedAt: 1_001_000,
    startedAt: 1_002_000,
    renderedAt: 1_007_000,
    endedAt: 1_008_000,
    resultFile: `${id}.png`,
    settled: true,
    ...overrides,
  };
  return finishedJob(made, { ...choices, words })!;
}

async function withHistory(
  use: (history: JobHistory, url: string) => Promise<void>,
): Promise<void> {
  const url = await server!.database();
  await using history = openHistory(url);
  await use(history, url);
}

const idsIn = async (url: string) =>
  (await rowsOf<{ id: string }>(url, "select id from image_edit_bot_history.jobs order by id"))
    .map(({ id }) => id);

Deno.test(
  "write() keeps what a job was, once, and the last of what is written twice",
  options,
  () =>
    withHistory(async (history, url) => {
      const job = finished("a");
      const early = finished("a", { kept: "person", state: "failed" });
      await history.write([early]);
      await history.write([early, job]);
      await history.write([job]);
      await history.write([finished("b", {}, true)]);
      const [a, b, ...more] = await rowsOf<Record<string, unknown>>(
        url,
        "select * from image_edit_bot_history.jobs order by id",
      );
      assert.equal(more.length, 0);
      assert.deepEqual({ ...a, created_at: 0, submitted_at: 0, started_at: 0, rendered_at: 0 }, {
        id: "a",
        user_id: "7",
        chat_id: "7",
        thread_id: null,
        is_private: true,
        template: "edit",
        params: { steps: 8, sampler: "euler" },
        prompt: null,
        pictures: 1,
        results: 1,
        backend: "gpu",
        outcome: "done",
        failure: null,
        kept: null,
        created_at: 0,
        submitted_at: 0,
        started_at: 0,
        rendered_at: 0,
        ended_at: new Date(1_008_000),
        crashes: 0,
        wait_seconds: 2,
        run_seconds: 5,
        delivery_seconds: 1,
      });
      assert.deepEqual(b?.params, { steps: 8, sampler: "euler", negative_prompt: "blur" });
      assert.equal(b?.prompt, "make it night");
    }),
);

Deno.test(
  "a job's text may be anything that Telegram lets through",
  options,
  () =>
    withHistory(async (history, url) => {
      const texts = [
        "nul \0 here",
        "half \ud83d of one",
        `"'; drop table x --\\u0000`,
        "ж".repeat(4_000),
      ];
      await history.write(
        texts.map((text, i) => ({
          ...finished(`t${i}`, {}, true),
          promptText: text,
          params: { a: text },
        })),
      );
      const rows = await rowsOf<{ prompt: string; params: { a: string } }>(
        url,
        "select prompt, params from image_edit_bot_history.jobs order by id",
      );
      assert.deepEqual(
        rows.map(({ prompt }) => prompt),
        ["nul  here", "half \ufffd of one", texts[2], texts[3]],
      );
      assert.deepEqual(rows.map(({ params }) => params.a), rows.map(({ prompt }) => prompt));
    }),
);

Deno.test(
  "the views count as the statistics do",
  options,
  () =>
    withHistory(async (history, url) => {
      const { submittedAt: _s, startedAt: _t, renderedAt: _r, ...unseen } = finished("cancelled", {
        state: "cancelled",
      });
      await history.write([
        finished("a"),
        finished("cached", { startedAt: undefined as never, renderedAt: 1_003_000 }),
        finished("crashed", { crashes: 1, state: "failed", failure: "out_of_memory" }),
        unseen,
        { ...finished("later"), userId: 8, endedAt: 1_008_000 + 86_400_000 },
      ]);
      const one = async (view: string) =>
        (await rowsOf(url, `select * from image_edit_bot_history.${view}`))[0];
      const ofBackend = await one("backends where backend = 'gpu'");
      assert.deepEqual(ofBackend, {
        backend: "gpu",
        jobs: "5",
        done: "3",
        failed: "1",
        cancelled: "1",
        crashes: "1",
        run_seconds_sum: 10,
        run_seconds_median: 5,
      });
      const day = await one("days order by day") as Record<string, unknown>;
      assert.deepEqual(
        [
          day.jobs,
          day.done,
          day.failed,
          day.cancelled,
          day.users,
          day.wait_seconds,
          day.run_seconds,
        ],
        ["4", "2", "1", "1", "1", 2.5, 5],
      );
      for (const view of ["templates", "users order by user_id", "failures"]) {
        assert.ok(await one(view));
      }
      const [first, second, none] = await history.ends([
        { from: 1_000_000, to: 1_008_001 },
        { from: 1_008_001, to: 1_008_001 + 86_400_000 },
        { from: 0, to: 1_000_000 },
      ]);
      const counted = { runs: 1, runMs: 5_000, waits: 2, waitMs: 5_000 };
      assert.deepEqual(first, { done: 2, failed: 1, cancelled: 1, ...counted });
      assert.deepEqual([second?.done, none?.done, none?.runMs], [1, 0, 0]);
    }),
);

/** The dashboard's queries, as Grafana sends them: its macros are of the data source PostgreSQL. */
async function dashboardQueries(): Promise<readonly string[]> {
  const file = new URL("../../monitoring/grafana-history.json", import.meta.url);
  const Dashboard = z.object({
    panels: z.array(z.object({ targets: z.array(z.object({ rawSql: z.string() })) })),
  });
  return Dashboard.parse(JSON.parse(await Deno.readTextFile(file))).panels.flatMap(({ targets }) =>
    targets.map(({ rawSql }) =>
      rawSql.replaceAll(
        /\$__timeFilter\((\w+)\)/g,
        "$1 BETWEEN '1970-01-01T00:00:00Z' AND '1971-01-01T00:00:00Z'",
      ).replaceAll(
        /\$__timeGroupAlias\((\w+), '1d'\)/g,
        'floor(extract(epoch from $1)/86400)*86400 AS "time"',
      )
    )
  );
}

Deno.test(
  "every panel of the dashboard has something to show",
  options,
  () =>
    withHistory(async (history, url) => {
      await history.write([
        finished("a"),
        finished("b", { state: "failed", failure: "execution" }),
      ]);
      const queries = await dashboardQueries();
      assert.ok(queries.length > 10);
      for (const query of queries) {
        const rows = await rowsOf<Record<string, unknown>>(url, query);
        assert.ok(
          rows.length > 0 && Object.values(rows[0]!).every((value) => value !== null),
          query,
        );
      }
    }),
);

Deno.test(
  "forget() deletes what came before the wish, also from before the state began anew",
  options,
  () =>
    withHistory(async (history, url) => {
      await history.write([
        { ...finished("old"), seq: 900, createdAt: 1_000 },
        { ...finished("meant"), seq: 5, createdAt: 9_000 },
        { ...finished("later"), seq: 6, createdAt: 9_000 },
        { ...finished("other"), seq: 1, userId: 8 },
      ]);
      await history.forget({ userId: 7, lastSeq: 5, before: 8_000 });
      assert.deepEqual(await idsIn(url), ["later", "other"]);
      assert.equal(await history.expire(1_008_000), 0);
      assert.equal(await history.expire(1_008_001), 2);
      assert.deepEqual(await idsIn(url), []);
    }),
);

Deno.test(
  "a newer schema is not touched, and a probe says what is there",
  options,
  () =>
    withHistory(async (history, url) => {
      assert.deepEqual(await probeHistory(url), { jobs: undefined, mayCreate: true });
      await history.write([finished("a")]);
      assert.deepEqual(await probeHistory(url), { jobs: 1, mayCreate: true });
      await rowsOf(url, "insert into image_edit_bot_history.migrations values (99)");
      await using newer = openHistory(url);
      await assert.rejects(newer.write([finished("b")]), StateError);
      assert.deepEqual(await idsIn(url), ["a"]);
    }),
);

/** A queue and a history over the same state, as the app has them. */
async function openOver(kv: KeyValueStore, history: JobHistory) {
  const queue = await openQueue(createKvJobStore(kv, (job) => loop.finished(job)), {
    now: () => 1_000_000,
  });
  const outbox = createKvHistoryOutbox(kv);
  const loop = createHistory({
    outbox,
    history,
    queue,
    config: () => ({ keepMs: 0, words: false }),
    template: () => undefined,
    now: () => 1_000_000,
  });
  return { queue, outbox, loop };
}

Deno.test(
  "jobs wait in the state while the server is away, and a user who is forgotten does not come back",
  options,
  () =>
    withFolder((dir) =>
      withKv(dir, (kv) =>
        withHistory(async (history, url) => {
          const { queue, outbox, loop } = await openOver(kv, history);
          await server!.stop();
          for (let i = 0; i < 230; i++) {
            await queue.enqueue(requestOf(i % 2 === 0 ? 7 : 8, `j${i}`));
            await queue.cancel(`j${i}`);
            await queue.update(`j${i}`, { settled: true });
          }
          const { jobs } = await outbox.next(1_000);
          assert.equal(jobs.length, 230);
          const ending = new AbortController();
          const running = loop.run(ending.signal);
          const wish = { v: 1, userId: 7, updateId: 1, lastSeq: queue.lastSeq } as const;
          await queue.forget(7);
          const left = (await outbox.next(1_000)).jobs;
          assert.deepEqual([left.length, new Set(left.map(({ userId }) => userId))], [
            115,
            new Set([8]),
          ]);
          await assert.rejects(loop.forget(wish), StorageAwayError);
          await server!.start();
          await until("all is written", async () => (await outbox.next(1)).jobs.length === 0);
          await loop.forget(wish);
          const ids = await idsIn(url);
          assert.equal(ids.length, 115);
          assert.ok(ids.every((id) => Number(id.slice(1)) % 2 === 1));
          ending.abort();
          await running;
        }))
    ),
);

Deno.test(
  "done() leaves what was noted anew, and a record that cannot be read holds nothing up",
  options,
  () =>
    withFolder((dir) =>
      withKv(dir, (kv) =>
        withHistory(async (history) => {
          const { queue, outbox } = await openOver(kv, history);
          for (const id of ["a", "b"]) {
            await queue.enqueue(request(id));
            await queue.cancel(id);
          }
          await kv.set(["finished", 7, "bad"], { v: 99 });
          const batch = await outbox.next(10);
          assert.deepEqual(batch.jobs.map(({ id }) => id), ["a", "b"]);
          await queue.update("b", { settled: true });
          await batch.done();
          assert.deepEqual((await outbox.next(10)).jobs.map(({ id }) => id), ["b"]);
          await (await outbox.next(10)).done();
          assert.deepEqual((await outbox.next(10)).jobs, []);
        }))
    ),
);

Deno.test(
  "the statistics take a day from the history where that has no less of it",
  options,
  () =>
    withFolder((dir) =>
      withKv(dir, (kv) =>
        withHistory(async (history) => {
          const { loop } = await openOver(kv, history);
          const noon = (day: string) => Date.parse(`${day}T12:00`);
          await history.write([
            { ...finished("a"), endedAt: noon("2026-11-20") },
            { ...finished("b"), endedAt: noon("2026-11-20") },
            { ...finished("c"), endedAt: noon("2026-11-21") },
          ]);
          const counted = [
            { ...newDay("2026-11-20"), done: 1 },
            { ...newDay("2026-11-21"), done: 3, failed: 1 },
            newDay("2026-11-22"),
          ];
          const { days } = loop.statisticsWith({ days: () => Promise.resolve(counted) });
          const [more, less, none] = await days(3);
          assert.deepEqual([more?.done, more?.runs, more?.runMs], [2, 2, 10_000]);
          assert.deepEqual([less, none], [counted[1], counted[2]]);
          await server!.stop();
          assert.deepEqual(await days(3), counted);
          await server!.start();
        }))
    ),
);
