/**
 * Monitoring for the owner: `metrics.json`, Prometheus, `/healthz` and `/readyz`. Wires counters to what shows them; no other
 * room waits for it or knows what is counted.
 */
import { type MetricsConfig } from "../config/mod.ts";
import { type JobQueue, listenToChanges } from "../jobs/mod.ts";
import { version } from "../lib/mod.ts";
import type { BackendAnswer, BackendErrorKind } from "../worker/mod.ts";
import { createHealth, type TelegramCall } from "./health.ts";
import { type MonitorPage, serveMonitor } from "./http_server.ts";
import {
  type LifetimeTotalsStore,
  openLifetimeTotals,
  writeMetricsFile,
} from "./lifetime_totals.ts";
import type { Metrics } from "./prometheus.ts";

export interface MonitorDeps {
  readonly queue: JobQueue;
  readonly lifetimeTotals: LifetimeTotalsStore;
  /** What each backend answers now. */
  readonly backends: () => Promise<readonly BackendAnswer[]>;
  /** Whether a backend can run it, by template; undefined where that is not known. */
  readonly templatesOn: (backend: string) => ReadonlyMap<string, boolean> | undefined;
  /** Maximum number of waiting jobs. */
  readonly maxWaiting: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface MonitorOptions extends MetricsConfig {
  /** Where metrics.json goes. */
  readonly dataDir: string;
}

export interface Monitor extends AsyncDisposable {
  /** Counts an error of a backend. */
  backendFailed(kind: BackendErrorKind): void;
  /** Notes how a call of the Bot API ended. */
  called(call: TelegramCall): void;
}

/** Begins to watch. Disposing writes the last numbers and closes the port. */
export async function openMonitor(deps: MonitorDeps, options: MonitorOptions): Promise<Monitor> {
  const { queue, now } = deps;
  const ending = new AbortController();
  const { signal } = ending;
  const health = createHealth(deps);
  await using opened = new AsyncDisposableStack();
  opened.defer(() => ending.abort());

  const lifetimeTotals = opened.use(
    await openLifetimeTotals({
      store: deps.lifetimeTotals,
      publish: async (summary) => {
        if (options.file) await writeMetricsFile(options.dataDir, summary);
      },
      waiting: async () => {
        await queue.ready;
        return queue.size;
      },
      since: now(),
    }),
  );
  listenToChanges(queue, lifetimeTotals.changed, signal);

  let metrics: Metrics | undefined;
  if (options.serve) {
    const { createMetrics } = await import("./prometheus.ts");
    metrics = createMetrics({
      ...deps,
      polledAt: () => health.polledAt,
      version,
    });
    listenToChanges(queue, metrics.changed, signal);
    const { text, contentType } = metrics;
    const server = serveMonitor({
      host: options.host,
      port: options.port,
      pages: new Map<string, () => Promise<MonitorPage>>([
        ["/metrics", async () => ({ status: 200, contentType, body: await text() })],
        ["/healthz", () => {
          const liveness = health.liveness();
          return Promise.resolve(json(liveness.alive, liveness));
        }],
        ["/readyz", async () => {
          const readiness = await health.readiness();
          return json(readiness.ready, readiness);
        }],
      ]),
    });
    if (server) opened.use(server);
  }

  const running = opened.move();
  return {
    backendFailed(kind) {
      metrics?.failed(kind);
    },
    called(call) {
      health.called(call);
      metrics?.called(call);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function json(isGood: boolean, content: unknown): MonitorPage {
  return {
    status: isGood ? 200 : 503,
    contentType: "application/json",
    body: `${JSON.stringify(content)}\n`,
  };
}
