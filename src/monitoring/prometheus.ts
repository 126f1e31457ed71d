/**
 * The metrics for Prometheus: names, labels and buckets, after Prometheus's "Metric and label naming". Counters begin at 0
 * with the process, as Prometheus expects. No label holds what a user wrote or who they are.
 *
 * The one file that needs the client library, so that it is loaded only where metrics are served.
 */
import { Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";
import {
  deliveryMsOf,
  FailReason,
  isEnd,
  type Job,
  type JobQueue,
  type JobState,
  runMsOf,
  waitMsOf,
} from "../jobs/mod.ts";
import { type BackendAnswer, type BackendErrorKind, backendErrorKinds } from "../worker/mod.ts";
import type { TelegramCall } from "./health.ts";
import { registerProcessMetrics } from "./process_metrics.ts";

export interface MetricsDeps {
  readonly queue: Pick<JobQueue, "ready" | "size" | "live">;
  /** Maximum number of waiting jobs. */
  readonly maxWaiting: () => number;
  /** What each backend answers now. */
  readonly backends: () => Promise<readonly BackendAnswer[]>;
  /** Whether a backend can run it, by template; undefined where that is not known. */
  readonly templatesOn: (backend: string) => ReadonlyMap<string, boolean> | undefined;
  /** When Telegram last gave updates. */
  readonly polledAt: () => number | undefined;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Metrics {
  /** Counts a change of a job's state. */
  changed(job: Job, from: JobState | undefined): void;
  /** Counts a call of the Bot API. */
  called(call: TelegramCall): void;
  /** Counts an error of a backend. */
  failed(kind: BackendErrorKind): void;
  /** Everything, in Prometheus's text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** In seconds: an edit takes some ten seconds on the GPU that this was made for, a queue of them minutes. */
const waitBuckets = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];
const runBuckets = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600];
const deliveryBuckets = [0.5, 1, 2, 5, 10, 30, 60, 300, 1800];

/** Makes the metrics of one process; its time starts with the call. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const { queue, now } = deps;
  const since = now();
  const registry = new Registry();
  const registers = [registry];
  const busy = createBusyTime({ now });
  queue.ready.then(() => {
    for (const job of queue.live()) busy.changed(job, undefined);
  }, () => {}); // where it cannot be read, the program ends

  const accepted = new Counter({
    name: "image_edit_bot_jobs_accepted_total",
    help: "Jobs accepted into the queue.",
    registers,
  });
  const jobs = new Counter({
    name: "image_edit_bot_jobs_total",
    help: "Jobs ended, by outcome (done, failed, cancelled) and the reason of a failure.",
    labelNames: ["outcome", "reason"],
    registers,
  });
  for (const outcome of ["done", "cancelled"]) jobs.inc({ outcome, reason: "" }, 0);
  for (const reason of FailReason.options) jobs.inc({ outcome: "failed", reason }, 0);
  const wait = new Histogram({
    name: "image_edit_bot_job_wait_seconds",
    help: "Seconds from enqueue to start.",
    buckets: waitBuckets,
    registers,
  });
  const run = new Histogram({
    name: "image_edit_bot_job_run_seconds",
    help: "Seconds from start to rendered, in the backend.",
    buckets: runBuckets,
    registers,
  });
  const delivery = new Histogram({
    name: "image_edit_bot_job_delivery_seconds",
    help: "Seconds from rendered to delivered.",
    buckets: deliveryBuckets,
    registers,
  });
  new Gauge({
    name: "image_edit_bot_queue_depth",
    help: "Jobs waiting in the bot's queue: no backend has them yet.",
    registers,
    collect() {
      this.set(queue.size);
    },
  });
  new Gauge({
    name: "image_edit_bot_queue_limit",
    help: "Maximum number of waiting jobs.",
    registers,
    collect() {
      this.set(deps.maxWaiting());
    },
  });
  new Gauge({
    name: "image_edit_bot_jobs_underway",
    help:
      "Jobs claimed and not ended, by state: submitted (waiting in ComfyUI), running, delivering.",
    labelNames: ["state"],
    registers,
    collect() {
      const live = queue.live();
      for (const state of ["submitted", "running", "delivering"] as const) {
        this.set({ state }, live.filter((job) => job.state === state).length);
      }
    },
  });

  const up = new Gauge({
    name: "image_edit_bot_backend_up",
    help: "1 if ComfyUI answers, 0 if not.",
    labelNames: ["backend"],
    registers,
  });
  const prompts = new Gauge({
    name: "image_edit_bot_backend_prompts",
    help: "Prompts in ComfyUI, those of other clients too, by state (running, pending).",
    labelNames: ["backend", "state"],
    registers,
  });
  const vramFree = new Gauge({
    name: "image_edit_bot_backend_vram_free_bytes",
    help: "Free memory of ComfyUI's device.",
    labelNames: ["backend", "device"],
    registers,
  });
  const vramTotal = new Gauge({
    name: "image_edit_bot_backend_vram_bytes",
    help: "Total memory of ComfyUI's device.",
    labelNames: ["backend", "device"],
    registers,
  });
  const busySeconds = new Counter({
    name: "image_edit_bot_backend_busy_seconds_total",
    help: "Seconds during which ComfyUI ran at least one job of the bot.",
    labelNames: ["backend"],
    registers,
  });
  const available = new Gauge({
    name: "image_edit_bot_backend_template_available",
    help: "1 if ComfyUI has what the template needs, 0 if not, as it last said.",
    labelNames: ["backend", "template"],
    registers,
  });
  const comfyErrors = new Counter({
    name: "image_edit_bot_comfyui_errors_total",
    help: "Errors of ComfyUI and of the connection to it, by kind.",
    labelNames: ["kind"],
    registers,
  });
  for (const kind of backendErrorKinds) comfyErrors.inc({ kind }, 0);

  const calls = new Counter({
    name: "image_edit_bot_telegram_requests_total",
    help: "Bot API calls, each attempt counted, by method.",
    labelNames: ["method"],
    registers,
  });
  const callErrors = new Counter({
    name: "image_edit_bot_telegram_errors_total",
    help: "Failed Bot API calls, by method and Telegram's error code (network: no response).",
    labelNames: ["method", "code"],
    registers,
  });
  new Gauge({
    name: "image_edit_bot_telegram_last_poll_timestamp_seconds",
    help: "Unix time at which Telegram last answered getUpdates; 0 if never.",
    registers,
    collect() {
      this.set((deps.polledAt() ?? 0) / 1000);
    },
  });
  new Gauge({
    name: "image_edit_bot_build_info",
    help: "1, with the version of the bot and of Deno as labels.",
    labelNames: ["version", "deno"],
    registers,
  }).set({ version: deps.version, deno: Deno.version.deno }, 1);
  registerProcessMetrics(registry);

  function observeEnd(job: Job): void {
    jobs.inc({ outcome: job.state, reason: job.failure ?? "" });
    const deliveryMs = deliveryMsOf(job, since);
    if (deliveryMs !== undefined) delivery.observe(deliveryMs / 1000);
  }

  /** Backends may come and go with a reload: what is shown is what there is. */
  async function askBackends(): Promise<void> {
    const answers = await deps.backends();
    for (const metric of [up, prompts, vramFree, vramTotal, busySeconds, available]) metric.reset();
    for (const answer of answers) {
      const backend = answer.name;
      up.set({ backend }, answer.ok ? 1 : 0);
      busySeconds.inc({ backend }, busy.busyMs(backend) / 1000);
      for (const [template, canRun] of deps.templatesOn(backend) ?? []) {
        available.set({ backend, template }, canRun ? 1 : 0);
      }
      if (!answer.ok) continue;
      const { running, pending } = answer.health;
      prompts.set({ backend, state: "running" }, running.length);
      prompts.set({ backend, state: "pending" }, pending.length);
      for (const device of answer.health.devices) {
        vramFree.set({ backend, device: device.name }, device.vramFree);
        vramTotal.set({ backend, device: device.name }, device.vramTotal);
      }
    }
  }

  return {
    changed(job, from) {
      busy.changed(job, from);
      if (from === undefined) accepted.inc();
      const waitMs = waitMsOf(job, from);
      if (waitMs !== undefined) wait.observe(waitMs / 1000);
      const runMs = runMsOf(job, from, since);
      if (runMs !== undefined) run.observe(runMs / 1000);
      if (isEnd(job.state)) observeEnd(job);
    },
    called({ method, code }) {
      calls.inc({ method });
      if (code !== 200) callErrors.inc({ method, code });
    },
    failed(kind) {
      comfyErrors.inc({ kind });
    },
    async text() {
      await queue.ready;
      await askBackends();
      return await registry.metrics();
    },
    contentType: registry.contentType,
  };
}

export interface BusyTime {
  /** Notes a change of a job's state; one that runs already is noted as such a change. */
  changed(job: Job, from: JobState | undefined): void;
  /** Milliseconds in which the backend ran something, until now. */
  busyMs(backend: string): number;
}

/** One backend: what it runs, since when it runs anything, and how long it did before. */
interface BackendUse {
  readonly running: Set<string>;
  since: number;
  beforeMs: number;
}

/** Starts at nothing. `now`: milliseconds since 1970. */
export function createBusyTime({ now }: { readonly now: () => number }): BusyTime {
  const uses = new Map<string, BackendUse>();

  function useOf(backend: string): BackendUse {
    const known = uses.get(backend);
    if (known) return known;
    const fresh: BackendUse = { running: new Set(), since: 0, beforeMs: 0 };
    uses.set(backend, fresh);
    return fresh;
  }

  return {
    changed(job, from) {
      if (job.backend === undefined) return;
      const use = useOf(job.backend);
      if (job.state === "running") {
        if (use.running.size === 0) use.since = now();
        use.running.add(job.id);
      } else if (
        from === "running" && use.running.delete(job.id) && use.running.size === 0
      ) {
        use.beforeMs += now() - use.since;
      }
    },
    busyMs(backend) {
      const { running, since, beforeMs } = useOf(backend);
      return beforeMs + (running.size > 0 ? now() - since : 0);
    },
  };
}
