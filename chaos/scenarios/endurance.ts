/** Row 5: job after job after job. What one job takes in memory and open files it gives back. */
import { phonePhoto } from "../../lab/load/photos.ts";
import { openFilesOf, restingKb } from "../../lab/load/process_memory.ts";
import { openStand, sendSteadily, untilServed, wordsOf } from "../../lab/load/stand.ts";
import { filesIn } from "../../lab/stage.ts";
import { type ChaosOptions, type ChaosRow, type Finding, none, promised } from "../finding.ts";

const long = { warmUp: 200, jobs: 2_000 };
const short = { warmUp: 20, jobs: 60 };
const crowd = 50;
const inFlight = 6;
const runMs = 5;
const maxGrowth = 0.1;
/** A short run is over before the heap has its size. */
const maxShortGrowth = 0.5;

export const endurance: ChaosRow = {
  name: "endurance",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { warmUp, jobs } = isShort ? short : long;
    const limit = isShort ? maxShortGrowth : maxGrowth;
    await using stand = await openStand({
      crowd,
      telegram: { limits: false, keepFileBytes: 64 * 2 ** 20, keepMessages: 1_000 },
      comfyui: { runMs },
    });
    const { stage, people } = stand;
    const photo = await phonePhoto();
    const look = async () => ({ kb: await restingKb(stage), files: openFilesOf(stage) });
    const work = async (from: number, to: number) => {
      tell(`endurance: jobs ${from + 1} to ${to}`);
      await sendSteadily(stand, {
        count: to - from,
        inFlight,
        send: (index) =>
          people[index % crowd]!.sendPhoto(photo, { caption: wordsOf(from + index) }),
      });
      await untilServed(stand, to, 60_000);
      return await look();
    };
    const before = await work(0, warmUp);
    const after = await work(warmUp, jobs);
    const growth = (of: "kb" | "files") => (after[of] - before[of]) / before[of];
    const percent = (share: number) => `${share < 0 ? "" : "+"}${(share * 100).toFixed(1)} %`;
    const mb = (kb: number) => (kb / 1024).toFixed(0);
    const left = [...filesIn(stage, "temp"), ...filesIn(stage, "input")];
    return [
      promised(
        growth("kb") <= limit,
        `${jobs} jobs in a row: memory, from job ${warmUp} to job ${jobs}`,
        {
          limit: `≤ ${percent(limit)}`,
          measured: `${percent(growth("kb"))} (${mb(before.kb)} → ${mb(after.kb)} MB)`,
        },
      ),
      promised(growth("files") <= limit, "· open files", {
        limit: `≤ ${percent(limit)}`,
        measured: `${percent(growth("files"))} (${before.files} → ${after.files})`,
      }),
      none("· files left in DATA_DIR/temp and DATA_DIR/input", left.length, left),
    ];
  },
};
