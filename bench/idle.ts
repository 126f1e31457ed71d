/**
 * Figure: how long the GPU stands idle between queued jobs while every call to Telegram takes 120 ms. The graph is one that
 * has to be completed, and ComfyUI one with a jobs API.
 */
import { phonePhoto } from "../lab/load/photos.ts";
import { openStand, untilPolling, untilServed, wordsOf } from "../lab/load/stand.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";
import { writeOldTemplate } from "./own_templates.ts";

const jobs = 8;
const runMs = 500;
const latencyMs = 120;
const maxShare = 0.005;

export const idle: Figure = {
  name: "idle",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    const photo = await phonePhoto();
    const rows: Row[] = [];
    for (const crowd of [jobs, 1]) {
      tell(
        `idle: ${jobs} jobs of ${runMs} ms from ${crowd === 1 ? "one person" : "as many people"}`,
      );
      await using stand = await openStand({
        crowd,
        telegram: { latencyMs },
        comfyui: { release: "0.33", runMs },
        start: false,
      });
      const { stage, people } = stand;
      await writeOldTemplate(stage.dir);
      stage.start();
      await untilPolling(stage);
      await Promise.all(
        Array.from(
          { length: jobs },
          (_, index) => people[index % crowd]!.sendPhoto(photo, { caption: wordsOf(index) }),
        ),
      );
      await untilServed(stand, jobs, 60_000);
      const { share, idleMs } = stage.comfyui.idle();
      const perJobMs = idleMs / jobs;
      rows.push({
        what:
          `ComfyUI idle between ${jobs} jobs of ${
            runMs / 1000
          } s, Telegram ${latencyMs} ms a call, ` +
          (crowd === 1 ? "one person" : `${crowd} people`),
        limit: `≤ ${maxShare * 100} %`,
        ours: `${(share * 100).toFixed(2)} %, ${perJobMs.toFixed(1)} ms a job`,
        verdict: atMost(share, maxShare),
        values: { share, perJobMs },
      });
    }
    return rows;
  },
};
