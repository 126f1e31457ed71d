/** Figure: what the process keeps in memory when 500 jobs have come and gone. */
import { losslessPicture } from "../lab/load/photos.ts";
import { memoryOf, restingKb } from "../lab/load/process_memory.ts";
import { openStand, sendSteadily, untilServed, wordsOf } from "../lab/load/stand.ts";
import { unitEnvironment } from "../lab/load/unit_environment.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";

const jobs = 500;
const crowd = 100;
const inFlight = 25;
const runMs = 10;
const maxMb = 130;

export const memory: Figure = {
  name: "memory",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`memory: ${jobs} jobs of one lossless megapixel each`);
    const picture = losslessPicture();
    await using stand = await openStand({
      crowd,
      env: await unitEnvironment(),
      telegram: { limits: false, keepFileBytes: 64 * 2 ** 20, keepMessages: 1_000 },
      comfyui: { runMs },
    });
    const { stage, people } = stand;
    const fresh = memoryOf(stage);
    await sendSteadily(stand, {
      count: jobs,
      inFlight,
      send: (index) =>
        Promise.resolve(people[index % crowd]!.sendDocument(picture, {
          filename: `${index}.png`,
          caption: wordsOf(index),
        })),
    });
    await untilServed(stand, jobs, 60_000);
    const restMb = await restingKb(stage) / 1024;
    const peakMb = memoryOf(stage).peakKb / 1024;
    const freshMb = fresh.residentKb / 1024;
    return [{
      what: `memory at rest after ${jobs} jobs with pictures of ${
        (picture.length / 2 ** 20).toFixed(1)
      } MB, environment as in the unit (flood limits off)`,
      limit: `≤ ${maxMb} MB`,
      ours: `${restMb.toFixed(0)} MB (after the start ${freshMb.toFixed(0)}, most ${
        peakMb.toFixed(0)
      })`,
      verdict: atMost(restMb, maxMb),
      values: { restMb, freshMb, peakMb },
    }];
  },
};
