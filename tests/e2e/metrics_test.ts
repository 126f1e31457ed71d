/** What monitoring sees of the real bot: a scrape, a real Prometheus, health and readiness, and metrics.json. */
import assert from "node:assert/strict";
import { z } from "zod";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  openStage,
  type Stage,
  untilMetrics,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { hasPrometheus, namesOf, promtool, seriesOf } from "../monitoring/scrape.ts";

const photo = await gradientJpeg(320, 240);
const isPrometheusHere = await hasPrometheus();
const monitoring = new URL("../../monitoring/", import.meta.url);
const config = "metrics: { serve: true, port: 0 }\ncomfyui: { retry_seconds: [0.1] }\n";

async function get(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}

/** How long ComfyUI had work by the metrics, in milliseconds. */
async function busyMs(address: string): Promise<number> {
  const { body } = await get(`${address}/metrics`);
  return 1000 * seriesOf(body).get('image_edit_bot_backend_busy_seconds_total{backend="comfyui"}')!;
}

/** One job of each end, and a hiccup of Telegram; `look` is done while the last one runs. */
async function playADay(stage: Stage, look: () => Promise<unknown>): Promise<void> {
  stage.telegram.faults.add({ method: "sendPhoto", kind: "500", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "good steps=2" });
  await untilResults(stage, stage.ben);
  stage.comfyui.faults.add({
    kind: "error",
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device",
    times: 1,
  });
  await stage.ben.sendPhoto(photo, { caption: "too much steps=2" });
  await untilSaid(stage, stage.ben, "memory");
  stage.comfyui.faults.add({ kind: "stuck", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "changed my mind" });
  await untilShown(stage, stage.ben, /^🎨 Starting/);
  await look();
  stage.ben.sendText("/cancel");
  await untilSaid(stage, stage.ben, "Cancelled");
}

const dashboard = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
});

/** The dashboard's queries, as Grafana sends them. */
async function dashboardQueries(): Promise<readonly string[]> {
  const text = await Deno.readTextFile(new URL("grafana-dashboard.json", monitoring));
  return dashboard.parse(JSON.parse(text)).panels.flatMap(({ targets }) =>
    targets.map(({ expr }) =>
      expr.replaceAll("$__rate_interval", "1m").replaceAll("$instance", ".*")
    )
  );
}

Deno.test("a scrape shows what has happened, and everything that the dashboard and the alerts ask for", async () => {
  await using stage = await openStage({ config });
  const address = await untilMetrics(stage);
  const begin = performance.now();
  await playADay(stage, async () => {
    const before = await busyMs(address);
    await until("a quarter of a second more", async () => await busyMs(address) > before + 250);
  });
  const scrape = await until("the third job in the metrics", async () => {
    const { body } = await get(`${address}/metrics`);
    return /jobs_total\{outcome="cancelled",reason=""\} 1/.test(body) && body;
  });
  const series = seriesOf(scrape);
  const value = (name: string) => series.get(`image_edit_bot_${name}`);
  assert.equal(value("jobs_accepted_total"), 3);
  assert.equal(value('jobs_total{outcome="done",reason=""}'), 1);
  assert.equal(value('jobs_total{outcome="failed",reason="out_of_memory"}'), 1);
  assert.equal(value('comfyui_errors_total{kind="out_of_memory"}'), 1);
  assert.equal(value('telegram_errors_total{method="sendPhoto",code="500"}'), 1);
  assert.equal(value("job_wait_seconds_count"), 3);
  assert.equal(value("job_run_seconds_count"), 1);
  assert.equal(value('backend_up{backend="comfyui"}'), 1);
  assert.equal(value("queue_depth"), 0);
  const busy = await busyMs(address);
  const dayMs = performance.now() - begin;
  assert.ok(busy > 250 && busy < dayMs, `${busy} ms busy, ${dayMs} ms since the first picture`);
  assert.equal(await busyMs(address), busy, "nothing runs");

  const asked = [
    ...await dashboardQueries(),
    await Deno.readTextFile(new URL("alerts.yaml", monitoring)),
  ].flatMap((text) => text.match(/\b(?:image_edit_bot|process)_\w+/g) ?? []);
  assert.ok(asked.length > 40);
  assert.deepEqual([...new Set(asked)].filter((name) => !namesOf(scrape).has(name)), []);
  if (isPrometheusHere) {
    const { code, output } = await promtool(["check", "metrics"], { input: scrape });
    assert.deepEqual({ code, output }, { code: 0, output: "" });
  }
});

/** Answers of Prometheus's HTTP API, as far as they are looked at. */
const vector = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});
const ruleGroups = z.object({
  data: z.object({
    groups: z.array(z.object({
      rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string() })),
    })),
  }),
});

Deno.test({
  name: "Prometheus scrapes the bot, and takes every rule and every query of the dashboard",
  ignore: !isPrometheusHere,
  async fn() {
    await using stage = await openStage({ config });
    const address = await untilMetrics(stage);
    const shipped = await Deno.readTextFile(new URL("prometheus.yaml", monitoring));
    await Deno.copyFile(new URL("alerts.yaml", monitoring), `${stage.dir}/alerts.yaml`);
    await Deno.writeTextFile(
      `${stage.dir}/prometheus.yaml`,
      shipped.replaceAll("15s", "1s").replace("127.0.0.1:9464", new URL(address).host),
    );
    await using prometheus = startPrometheus(stage.dir);
    await stage.ben.sendPhoto(photo, { caption: "good steps=2" });
    await untilResults(stage, stage.ben);

    const done = 'image_edit_bot_jobs_total{outcome="done", job="image-edit-bot"}';
    await until("the job in Prometheus", async () => {
      const { result } = vector.parse(await prometheus.ask("query", done)).data;
      return result[0]?.value[1] === "1";
    });
    for (const query of await dashboardQueries()) await prometheus.ask("query", query);
    const rules = await until("every rule judged", async () => {
      const { groups } = ruleGroups.parse(await prometheus.ask("rules")).data;
      const all = groups.flatMap((group) => group.rules);
      return all.every(({ health }) => health !== "unknown") && all;
    });
    assert.equal(rules.length, 12);
    assert.deepEqual(
      rules.filter(({ health, state }) => health !== "ok" || state === "firing"),
      [],
    );
  },
});

/** A Prometheus of its own in the folder, with its prometheus.yaml; ended by its own handle. */
function startPrometheus(dir: string) {
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  const child = new Deno.Command("prometheus", {
    args: [
      `--config.file=${dir}/prometheus.yaml`,
      `--storage.tsdb.path=${dir}/prometheus`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    /** Rejects where Prometheus refuses; waits until it has started. */
    async ask(what: "query" | "rules", query?: string): Promise<unknown> {
      const url = new URL(`http://127.0.0.1:${port}/api/v1/${what}`);
      if (query !== undefined) url.searchParams.set("query", query);
      const answer = await until("Prometheus", async () => {
        const got = await get(url.href).catch(() => undefined);
        return got?.status === 503 ? undefined : got;
      });
      assert.equal(answer.status, 200, `${query}: ${answer.body}`);
      return JSON.parse(answer.body);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test("/readyz follows ComfyUI and Telegram, /healthz does not", async () => {
  await using stage = await openStage({ config });
  const address = await untilMetrics(stage);
  const untilReady = (status: number, body: RegExp) =>
    until(`/readyz ${status} ${body}`, async () => {
      const ready = await get(`${address}/readyz`);
      return ready.status === status && body.test(ready.body);
    });
  await untilReady(200, /"ready":true,"telegram":"ok","backends":\{"comfyui":"ok"\}/);
  await stage.comfyui.kill();
  await untilReady(503, /"comfyui":"Cannot ask ComfyUI/);
  assert.match((await get(`${address}/metrics`)).body, /backend_up\{backend="comfyui"\} 0/);
  assert.deepEqual(await get(`${address}/healthz`), { status: 200, body: '{"alive":true}\n' });
  await stage.comfyui.restart();
  await untilReady(200, /"comfyui":"ok"/);
  stage.telegram.faults.add({ method: "getUpdates", kind: "502html" });
  // The long poll that is open ends with an update; the next one fails.
  stage.ben.sendText("/help");
  await untilReady(503, /"telegram":"it answers 502|"telegram":"it cannot be reached/);
  assert.equal((await get(`${address}/healthz`)).status, 200);
  stage.telegram.faults.clear();
  // A long poll without news is answered after half a minute.
  stage.ben.sendText("/help");
  await untilReady(200, /"telegram":"ok"/);
});

Deno.test("metrics.json has the totals of all starts", async () => {
  await using stage = await openStage();
  const totals = async () => {
    const text = await Deno.readTextFile(`${stage.dir}/data/metrics.json`).catch(() => "{}");
    return z.record(z.string(), z.number()).parse(JSON.parse(text));
  };
  await stage.ben.sendPhoto(photo, { caption: "one steps=2" });
  await untilResults(stage, stage.ben);
  await stage.stop();
  const { avg_processing_time, ...first } = await totals();
  assert.deepEqual(first, {
    tasks_total: 1,
    tasks_success: 1,
    tasks_failed: 0,
    queue_current_size: 0,
  });
  assert.ok(avg_processing_time !== undefined && avg_processing_time > 0);
  stage.start();
  await stage.ben.sendPhoto(photo, { caption: "two steps=2" });
  await untilResults(stage, stage.ben, 2);
  await stage.stop();
  const { tasks_total, tasks_success } = await totals();
  assert.deepEqual({ tasks_total, tasks_success }, { tasks_total: 2, tasks_success: 2 });
  const names = [...Deno.readDirSync(`${stage.dir}/data`)].map(({ name }) => name);
  assert.ok(!names.some((name) => name.endsWith(".part")), names.join(", "));
});

Deno.test("a taken port for the metrics is a warning, and the bot works", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await using stage = await openStage({ config: `metrics: { serve: true, port: ${port} }\n` });
  await stage.ben.sendPhoto(photo, { caption: "one steps=2" });
  await untilResults(stage, stage.ben);
  assert.match(stage.bot.output(), /Cannot serve metrics at 127\.0\.0\.1:\d+:/);
});
