/** Figure: what a change and a question cost with 100, 1 000 and 10 000 waiting jobs, in the real store on disk. */
import { percentile, seededRandom } from "../lab/load/statistics.ts";
import { JobQueue } from "../src/jobs/queue.ts";
import type { QueueOrder } from "../src/jobs/queue_order.ts";
import { createKvJobStore } from "../src/kv/jobs.ts";
import { openState } from "../src/kv/open.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";
import { requestOf } from "./waiting_jobs.ts";

const sizes = [100, 1_000, 10_000];
const rounds = 200;
/** They ask in turn. */
const people = 500;
const maxMs = 5;

async function timed<T>(samples: number[], act: () => T | Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await act();
  samples.push(performance.now() - from);
  return result;
}

export const queue: Figure = {
  name: "queue",
  async measure(options: BenchOptions): Promise<readonly Row[]> {
    return [...await rowsFor("fifo", options), ...await rowsFor("fair", options)];
  },
};

const names: Readonly<Record<string, string>> = {
  enqueue: "enqueue",
  claim: "claim",
  position: "position",
  commit: "beside it, for comparison: one bare commit of the store",
};

function emptySamples(): Record<string, number[]> {
  return Object.fromEntries(Object.keys(names).map((what) => [what, []]));
}

/** For asking what id a request has. */
const nobody = { userId: 0, file: "" };

/** The rows of one order of the queue. */
async function rowsFor(
  order: QueueOrder,
  { seed, tell }: BenchOptions,
): Promise<readonly Row[]> {
  const random = seededRandom(seed);
  const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-bench-" });
  try {
    using state = await openState(dir);
    const jobs = await JobQueue.open(createKvJobStore(state.kv), {
      maxSize: () => Infinity,
      order: () => order,
      now: Date.now,
    });
    let made = 0;
    const enqueue = () => {
      const index = made++;
      return jobs.enqueue(requestOf(index, { userId: index % people, file: `${index}.jpg` }));
    };
    const p95Ms: Record<string, number[]> = emptySamples();
    for (const size of sizes) {
      tell(`queue: ${size} waiting jobs, order ${order}`);
      while (jobs.size < size) await enqueue();
      const samples: Record<string, number[]> = emptySamples();
      for (let round = 0; round < rounds; round++) {
        await timed(samples.enqueue!, enqueue);
        const claimed = await timed(
          samples.claim!,
          () => jobs.claim(() => ({ backend: "bench", promptId: crypto.randomUUID() })),
        );
        // Of the later half, which waits for sure; asked for right after a change, when no order is at hand yet.
        const asked = requestOf(made - 1 - Math.floor(random() * size / 2), nobody).id;
        const place = await timed(samples.position!, () => jobs.position(asked));
        await timed(samples.commit!, () => state.kv.set(["bench"], round));
        if (!claimed || place === undefined) throw new Error("Cannot measure: nothing waits");
        await jobs.update(claimed.id, { state: "failed", endedAt: Date.now(), settled: true });
      }
      for (const [what, list] of Object.entries(p95Ms)) {
        list.push(percentile(samples[what]!, 0.95));
      }
    }
    return Object.entries(p95Ms).map(([what, list]) => ({
      what: `${names[what]} with ${sizes.join(", ")} waiting jobs, order ${order}, p95`,
      limit: what === "commit" ? "—" : `≤ ${maxMs} ms, flat`,
      ours: list.map((ms) => `${ms.toFixed(ms < 0.1 ? 4 : 2)} ms`).join(", "),
      verdict: what === "commit" ? "info" : atMost(Math.max(...list), maxMs),
      values: Object.fromEntries(list.map((ms, index) => [`p95Ms_${sizes[index]}`, ms])),
    }));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
