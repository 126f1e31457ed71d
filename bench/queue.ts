/** Figure: what a change and a question cost with 100, 1 000 and 10 000 waiting jobs, in the real store on disk. */
import { createKvJobStore } from "../src/kv/jobs.ts";
import { openState } from "../src/kv/open.ts";
import { JobQueue } from "../src/queue.ts";
import {
  atMost,
  type BenchOptions,
  type Figure,
  percentile,
  type Row,
  seededRandom,
} from "./figure.ts";
import { requestOf } from "./waiting_jobs.ts";

const sizes = [100, 1_000, 10_000];
const rounds = 200;
const maxMs = 5;

async function timed<T>(samples: number[], act: () => T | Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await act();
  samples.push(performance.now() - from);
  return result;
}

export const queue: Figure = {
  name: "queue",
  async measure({ seed, tell }: BenchOptions): Promise<readonly Row[]> {
    const random = seededRandom(seed);
    const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-bench-" });
    try {
      using state = await openState(dir);
      const jobs = await JobQueue.open(createKvJobStore(state.kv), {
        maxSize: () => Infinity,
        now: Date.now,
      });
      let made = 0;
      const enqueue = () => {
        const index = made++;
        return jobs.enqueue(requestOf(index, { userId: index % 500, file: `${index}.jpg` }));
      };
      const p95Ms: Record<string, number[]> = { enqueue: [], claim: [], position: [] };
      for (const size of sizes) {
        tell(`queue: ${size} waiting jobs`);
        while (jobs.size < size) await enqueue();
        const samples: Record<string, number[]> = { enqueue: [], claim: [], position: [] };
        for (let round = 0; round < rounds; round++) {
          await timed(samples.enqueue!, enqueue);
          const claimed = await timed(
            samples.claim!,
            () => jobs.claim(() => ({ backend: "bench", promptId: crypto.randomUUID() })),
          );
          const asked = jobs.waiting()[Math.floor(random() * jobs.size)]!.id;
          const place = await timed(samples.position!, () => jobs.position(asked));
          if (!claimed || place === undefined) throw new Error("Cannot measure: nothing waits");
          await jobs.update(claimed.id, { state: "failed", endedAt: Date.now(), settled: true });
        }
        for (const [what, list] of Object.entries(p95Ms)) {
          list.push(percentile(samples[what]!, 0.95));
        }
      }
      return Object.entries(p95Ms).map(([what, list]) => ({
        what: `${what} with ${sizes.join(", ")} waiting jobs, p95`,
        limit: `≤ ${maxMs} ms, flat`,
        ours: list.map((ms) => `${ms.toFixed(ms < 0.1 ? 4 : 2)} ms`).join(", "),
        verdict: atMost(Math.max(...list), maxMs),
        values: Object.fromEntries(list.map((ms, index) => [`p95Ms_${sizes[index]}`, ms])),
      }));
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
};
