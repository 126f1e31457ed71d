/** Figure: what a HEIC of 24 megapixels takes of memory while it is decoded, and that it gives it back. */
import { memoryOf, restingKb } from "../lab/load/process_memory.ts";
import { openStand, untilServed, wordsOf } from "../lab/load/stand.ts";
import { unitEnvironment } from "../lab/load/unit_environment.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";

const maxPeakMb = 400;
/** What stays of it within a minute, over what the process had before. */
const maxKeptMb = 25;
const pictures = 3;

/** Coded as one picture: a telephone's, in tiles, takes less. */
const picture = new URL("../lab/photos/24_megapixels.heic", import.meta.url);

export const heic: Figure = {
  name: "heic",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`heic: ${pictures} pictures of 24 megapixels, one after the other`);
    const bytes = await Deno.readFile(picture);
    await using stand = await openStand({
      crowd: 1,
      env: await unitEnvironment(),
      telegram: { limits: false },
      comfyui: { runMs: 10 },
    });
    const { stage, people } = stand;
    const freshMb = await restingKb(stage) / 1024;
    for (let index = 0; index < pictures; index++) {
      people[0]!.sendDocument(bytes, { filename: `${index}.heic`, caption: wordsOf(index) });
      await untilServed(stand, index + 1, 60_000);
    }
    const restMb = await restingKb(stage) / 1024;
    const peakMb = memoryOf(stage).peakKb / 1024;
    return [{
      what: "most memory while a HEIC of 24 megapixels is taken",
      limit: `≤ ${maxPeakMb} MB`,
      ours: `${peakMb.toFixed(0)} MB`,
      verdict: atMost(peakMb, maxPeakMb),
      values: { peakMb },
    }, {
      what: "what stays of it after at most a minute, over the memory before",
      limit: `≤ ${maxKeptMb} MB`,
      ours: `${(restMb - freshMb).toFixed(0)} MB (${freshMb.toFixed(0)} before)`,
      verdict: atMost(restMb - freshMb, maxKeptMb),
      values: { restMb, freshMb },
    }];
  },
};
