/** Figure: from ComfyUI's last frame of a run to the moment at which the result begins to arrive at Telegram. */
import { noteLastFrames } from "../lab/load/last_frames.ts";
import { phonePhoto } from "../lab/load/photos.ts";
import { openStand, sendSteadily, wordsOf, wordsOfCaption, wordsOfRun } from "../lab/load/stand.ts";
import { median, percentile } from "../lab/load/statistics.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "./figure.ts";

const jobs = 120;
const runMs = 150;
const latencyMs = 120;
const inFlight = 12;
const maxMs = 40;

export const delivery: Figure = {
  name: "delivery",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`delivery: ${jobs} jobs of ${runMs} ms`);
    const photo = await phonePhoto();
    await using stand = await openStand({
      crowd: jobs,
      telegram: { latencyMs, limits: false },
      comfyui: { runMs },
    });
    const { stage, people } = stand;
    using lastFrames = noteLastFrames(stage);
    await sendSteadily(stand, {
      count: jobs,
      inFlight,
      send: (index) => people[index]!.sendPhoto(photo, { caption: wordsOf(index) }),
    });
    const sentAt = new Map(
      stage.telegram.calls.filter(({ method }) => method === "sendPhoto")
        .map(({ params, at }) => [wordsOfCaption(params.caption), at]),
    );
    const samples = stage.comfyui.ran.map((run) =>
      (sentAt.get(wordsOfRun(run)) ?? NaN) - lastFrames.at(run.promptId)
    );
    const p95Ms = percentile(samples, 0.95);
    return [{
      what:
        `last frame of ComfyUI → sendPhoto arrives, p95 of ${samples.length} jobs (flood limits off)`,
      limit: `≤ ${maxMs} ms`,
      ours: `${p95Ms} ms (median ${median(samples)}, most ${Math.max(...samples)})`,
      verdict: samples.length >= 100 ? atMost(p95Ms, maxMs) : "missed",
      values: { p95Ms, medianMs: median(samples), maxMs: Math.max(...samples) },
    }];
  },
};
