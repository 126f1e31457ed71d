/** Figure: how long everything else waits while the whole `/object_info` of a ComfyUI with many custom nodes is read. */
import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { median } from "../lab/load/statistics.ts";
import { createComfyBackend } from "../src/comfyui/backend.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";

const runs = 7;
const bytes = 3_000_000;
const maxStallMs = 50;

export const catalog: Figure = {
  name: "catalog",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`catalog: ${runs} answers of ${bytes / 1e6} MB`);
    const body = await bigCatalog();
    await using server = Deno.serve({ port: 0, onListen: () => {} }, () => new Response(body));
    await using backend = createComfyBackend({ now: () => performance.now() }, {
      name: "bench",
      baseUrl: `http://127.0.0.1:${server.addr.port}`,
      clientId: "bench",
    });
    const { signal } = new AbortController();
    const samples: number[] = [];
    for (let run = 0; run < runs; run++) {
      samples.push(await longestTurn(() => backend.catalog([], { signal })));
    }
    const [middleMs, mostMs] = [median(samples), Math.max(...samples)];
    return [{
      what: `event loop held up while ${bytes / 1e6} MB of /object_info are read, most of ${runs}`,
      limit: `≤ ${maxStallMs} ms`,
      ours: `${mostMs.toFixed(0)} ms (median ${middleMs.toFixed(0)})`,
      verdict: atMost(mostMs, maxStallMs),
      values: { maxMs: mostMs, medianMs: middleMs },
    }];
  },
};

/** The recorded node classes, under new names again and again. */
async function bigCatalog(): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL("../tests/recordings-0.33/object_info.json", import.meta.url);
  const recorded = z.record(z.string(), z.unknown()).parse(
    JSON.parse(await Deno.readTextFile(url)),
  );
  const copies = Math.ceil(bytes / JSON.stringify(recorded).length);
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries(
    Array.from(
      { length: copies },
      (_, i) => Object.entries(recorded).map(([name, value]) => [`${name} ${i}`, value] as const),
    ).flat(),
  )));
}

/** The longest turn of the event loop until `act` is done, in milliseconds. */
async function longestTurn(act: () => Promise<unknown>): Promise<number> {
  let isDone = false;
  const acting = act().finally(() => isDone = true);
  let longest = 0;
  for (let last = performance.now(); !isDone;) {
    await turn();
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  await acting;
  return longest;
}
