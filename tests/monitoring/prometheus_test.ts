/**
 * The metrics as Prometheus reads them, made by a real queue.
 *
 * Drives besides: src/monitoring/process_metrics.ts.
 */
import assert from "node:assert/strict";
import type { JobPatch, JobQueue } from "../../src/jobs/queue.ts";
import { listenToChanges } from "../../src/jobs/transitions.ts";
import { createMetrics, type Metrics } from "../../src/monitoring/prometheus.ts";
import type { BackendAnswer } from "../../src/worker/backend_health.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";
import { hasPrometheus, promtool, seriesOf } from "./scrape.ts";

const answering: BackendAnswer = {
  ok: true,
  name: "one",
  health: {
    version: "0.3.60",
    devices: [{ name: "cuda:0", vramTotal: 24_000, vramFree: 9_000 }],
    running: ["ours"],
    pending: ["theirs", "ours-too"],
  },
};

interface Bench {
  readonly queue: JobQueue;
  readonly metrics: Metrics;
  /** Lets so many milliseconds pass. */
  pass(ms: number): void;
  now(): number;
  /** What the backends answer from now on. */
  answers: readonly BackendAnswer[];
  /** What is known of each from now on. */
  templates: ReadonlyMap<string, ReadonlyMap<string, boolean>>;
  /** The value of a series of a scrape made now; undefined where there is none. */
  value(series: string): Promise<number | undefined>;
}

async function openBench(before: (queue: JobQueue) => Promise<void> = async () => {}) {
  let at = 1_000_000;
  const now = () => at;
  const queue = await openQueue(undefined, { now, maxSize: () => 100 });
  await before(queue);
  const bench: Bench = {
    queue,
    metrics: createMetrics({
      queue,
      maxWaiting: () => 100,
      backends: () => Promise.resolve(bench.answers),
      templatesOn: (backend) => bench.templates.get(backend),
      polledAt: () => 5_000,
      version: "1.2.3",
      now,
    }),
    pass: (ms) => at += ms,
    now,
    answers: [answering],
    templates: new Map(),
    value: async (series) => seriesOf(await bench.metrics.text()).get(series),
  };
  listenToChanges(queue, bench.metrics.changed, new AbortController().signal);
  return bench;
}

async function begin(bench: Bench, id: string, { waitMs = 0, backend = "one" } = {}) {
  const { queue } = bench;
  await queue.enqueue(request(id));
  bench.pass(waitMs);
  await queue.claim(() => ({ backend, promptId: id }));
  await queue.update(id, { state: "running", startedAt: bench.now() });
}

async function end(bench: Bench, id: string, patch: JobPatch): Promise<void> {
  await bench.queue.update(id, { endedAt: bench.now(), settled: true, ...patch });
}

Deno.test("createMetrics() shows what each backend can run, as it last said", async () => {
  const bench = await openBench();
  bench.answers = [answering, { ok: false, name: "two", reason: "away" }, {
    ...answering,
    name: "new",
  }];
  bench.templates = new Map([
    ["one", new Map([["edit", true], ["large", false]])],
    ["two", new Map([["edit", true], ["large", true]])],
    ["gone", new Map([["edit", true]])],
  ]);
  const shown = () =>
    bench.metrics.text().then((text) =>
      [...seriesOf(text)].filter(([name]) => name.includes("template_available")).map(
        ([name, value]) => `${/\{(.*)\}/.exec(name)?.[1]} ${value}`,
      )
    );
  assert.deepEqual(await shown(), [
    'backend="one",template="edit" 1',
    'backend="one",template="large" 0',
    'backend="two",template="edit" 1',
    'backend="two",template="large" 1',
  ]);
  bench.templates = new Map([["one", new Map([["edit", false]])]]);
  assert.deepEqual(await shown(), ['backend="one",template="edit" 0']);
});

Deno.test("createMetrics() counts jobs by outcome and reason", async () => {
  const bench = await openBench();
  await begin(bench, "a");
  await bench.queue.update("a", { state: "delivering", renderedAt: bench.now() });
  await end(bench, "a", { state: "done" });
  for (const id of ["b", "c"]) {
    await begin(bench, id);
    await end(bench, id, { state: "failed", failure: "out_of_memory" });
  }
  await bench.queue.enqueue(request("d"));
  await bench.queue.cancel("d");
  const series = seriesOf(await bench.metrics.text());
  const jobs = (labels: string) => series.get(`image_edit_bot_jobs_total{${labels}}`);
  assert.equal(jobs('outcome="done",reason=""'), 1);
  assert.equal(jobs('outcome="failed",reason="out_of_memory"'), 2);
  assert.equal(jobs('outcome="failed",reason="timeout"'), 0);
  assert.equal(jobs('outcome="cancelled",reason=""'), 1);
  assert.equal(series.get("image_edit_bot_jobs_accepted_total"), 4);
});

Deno.test("createMetrics() measures wait, run and delivery in seconds", async () => {
  const bench = await openBench();
  await begin(bench, "a", { waitMs: 40_000 });
  bench.pass(12_000);
  await bench.queue.update("a", { state: "delivering", renderedAt: bench.now() });
  bench.pass(1_500);
  await end(bench, "a", { state: "done" });
  const series = seriesOf(await bench.metrics.text());
  const sums = ["wait", "run", "delivery"].map((what) =>
    series.get(`image_edit_bot_job_${what}_seconds_sum`)
  );
  assert.deepEqual(sums, [40, 12, 1.5]);
  assert.equal(series.get('image_edit_bot_job_run_seconds_bucket{le="10"}'), 0);
  assert.equal(series.get('image_edit_bot_job_run_seconds_bucket{le="15"}'), 1);
});

Deno.test("createMetrics() measures the wait of a job once when its backend crashes under it", async () => {
  const bench = await openBench();
  await begin(bench, "a", { waitMs: 2_000 });
  bench.pass(60_000);
  await bench.queue.update("a", { state: "queued", crashes: 1 });
  await bench.queue.claim(() => ({ backend: "one" }));
  await bench.queue.update("a", { state: "running", startedAt: bench.now() });
  const series = seriesOf(await bench.metrics.text());
  assert.equal(series.get("image_edit_bot_job_wait_seconds_count"), 1);
  assert.equal(series.get("image_edit_bot_job_wait_seconds_sum"), 2);
  assert.equal(series.get("image_edit_bot_jobs_accepted_total"), 1);
});

Deno.test("createMetrics() counts a backend as busy while it runs, and once when two of ours overlap", async () => {
  const bench = await openBench();
  const busy = () => bench.value('image_edit_bot_backend_busy_seconds_total{backend="one"}');
  assert.equal(await busy(), 0);
  await begin(bench, "a");
  bench.pass(10_000);
  assert.equal(await busy(), 10);
  await begin(bench, "b");
  bench.pass(5_000);
  await bench.queue.update("a", { state: "delivering", renderedAt: bench.now() });
  bench.pass(5_000);
  await end(bench, "b", { state: "failed", failure: "execution" });
  bench.pass(60_000);
  assert.equal(await busy(), 20);
});

Deno.test("createMetrics() counts a job as running that a former process has begun", async () => {
  const bench = await openBench(async (queue) => {
    await queue.enqueue(request("a"));
    await queue.claim(() => ({ backend: "one" }));
    await queue.update("a", { state: "running", startedAt: 1 });
  });
  bench.pass(3_000);
  await bench.queue.update("a", { state: "delivering", renderedAt: bench.now() });
  const series = seriesOf(await bench.metrics.text());
  assert.equal(series.get('image_edit_bot_backend_busy_seconds_total{backend="one"}'), 3);
  assert.equal(series.get("image_edit_bot_job_run_seconds_count"), 0);
});

Deno.test("createMetrics() shows the queue, what is under way and the backends as they are", async () => {
  const bench = await openBench();
  await begin(bench, "a");
  await bench.queue.enqueue(request("b"));
  await bench.queue.enqueue(request("c"));
  let series = seriesOf(await bench.metrics.text());
  assert.equal(series.get("image_edit_bot_queue_depth"), 2);
  assert.equal(series.get("image_edit_bot_queue_limit"), 100);
  assert.equal(series.get('image_edit_bot_jobs_underway{state="running"}'), 1);
  assert.equal(series.get('image_edit_bot_backend_up{backend="one"}'), 1);
  const prompts = (state: string) =>
    series.get(`image_edit_bot_backend_prompts{backend="one",state="${state}"}`);
  assert.deepEqual([prompts("running"), prompts("pending")], [1, 2]);
  const free = 'image_edit_bot_backend_vram_free_bytes{backend="one",device="cuda:0"}';
  assert.equal(series.get(free), 9_000);
  bench.answers = [{ ok: false, name: "one", reason: "away" }];
  series = seriesOf(await bench.metrics.text());
  assert.equal(series.get('image_edit_bot_backend_up{backend="one"}'), 0);
  assert.equal(series.get(free), undefined);
  assert.equal(prompts("pending"), undefined);
});

Deno.test("createMetrics() counts Telegram's and ComfyUI's errors by kind", async () => {
  const bench = await openBench();
  bench.metrics.called({ method: "sendPhoto", code: 200 });
  bench.metrics.called({ method: "sendPhoto", code: 429 });
  bench.metrics.called({ method: "getUpdates", code: "network" });
  bench.metrics.failed("connection");
  const series = seriesOf(await bench.metrics.text());
  assert.equal(series.get('image_edit_bot_telegram_requests_total{method="sendPhoto"}'), 2);
  assert.equal(
    series.get('image_edit_bot_telegram_errors_total{method="sendPhoto",code="429"}'),
    1,
  );
  assert.equal(
    series.get('image_edit_bot_telegram_errors_total{method="getUpdates",code="network"}'),
    1,
  );
  assert.equal(series.get('image_edit_bot_comfyui_errors_total{kind="connection"}'), 1);
  assert.equal(series.get('image_edit_bot_comfyui_errors_total{kind="crashed"}'), 0);
});

Deno.test("createMetrics() tells of the process what Linux does", async () => {
  const series = seriesOf(await (await openBench()).metrics.text());
  const rss = series.get("process_resident_memory_bytes") ?? 0;
  assert.ok(rss > 10e6 && rss < 4e9, `${rss} bytes`);
  assert.ok((series.get("process_cpu_seconds_total") ?? 0) > 0);
  assert.ok((series.get("process_open_fds") ?? 0) > 2);
  assert.ok((series.get("process_max_fds") ?? 0) > 2);
  const age = Date.now() / 1000 - (series.get("process_start_time_seconds") ?? 0);
  assert.ok(age >= 0 && age < 3_600, `${age} s`);
});

Deno.test({
  name: "promtool check metrics finds nothing wrong with the names",
  ignore: !await hasPrometheus(),
  async fn() {
    const bench = await openBench();
    bench.metrics.called({ method: "sendPhoto", code: 429 });
    const { code, output } = await promtool(["check", "metrics"], {
      input: await bench.metrics.text(),
    });
    assert.deepEqual({ code, output }, { code: 0, output: "" });
  },
});
