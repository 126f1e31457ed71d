/** Figure: two hundred ComfyUIs at once, under Telegram's own limits: how busy they are kept, and what that takes of the bot. */
import { setTimeout as pause } from "node:timers/promises";
import { openFleet, runsOf, untilRan } from "../../lab/load/fleet.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { cpuMsOf, memoryOf } from "../../lab/load/process_memory.ts";
import { sendSteadily, wordsOf } from "../../lab/load/stand.ts";
import { unitEnvironment } from "../../lab/load/unit_environment.ts";
import { atLeast, atMost, type BenchOptions, type Figure, type Row } from "../figure.ts";

const size = 200;
const runMs = 10_000;
const latencyMs = 120;
const crowd = 200;
/** One that runs, and the next ones in the bot's queue. */
const inFlight = 3 * size;
/** Each has begun its second run by then, and goes on for five more. */
const rampRuns = size;
const windowMs = 60_000;
const minShare = 0.98;
const maxCores = 1;
const maxMb = 400;

export const fleet: Figure = {
  name: "fleet",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`fleet: ${size} ComfyUIs with jobs of ${runMs / 1000} s`);
    const photo = await gradientJpeg(320, 240);
    await using fleet = await openFleet({
      size,
      crowd,
      env: await unitEnvironment(),
      telegram: { latencyMs, keepFileBytes: 64 * 2 ** 20, keepMessages: 200 },
      comfyui: { runMs },
    });
    const { comfyuis, people, stage } = fleet;
    const enough = new AbortController();
    const sending = sendSteadily(fleet, {
      count: Infinity,
      inFlight,
      send: (index) =>
        people[index % crowd]!.sendPhoto(photo, { caption: `${wordsOf(index)} steps=4` }),
      signal: enough.signal,
    });
    await untilRan(comfyuis, rampRuns, 120_000);
    tell(`fleet: each has run once; measuring for ${windowMs / 1000} s`);
    const [from, cpuBefore] = [Date.now(), cpuMsOf(stage)];
    await pause(windowMs);
    const [to, cpuAfter] = [Date.now(), cpuMsOf(stage)];
    const memoryMb = memoryOf(stage).peakKb / 1024;
    enough.abort();
    await sending;
    const share = 1 - comfyuis.reduce((sum, each) => sum + each.idle(from, to).share, 0) / size;
    const cores = (cpuAfter - cpuBefore) / (to - from);
    const ended = runsOf(comfyuis).filter(({ endedAt = 0 }) => endedAt > from && endedAt <= to);
    const perSecond = ended.length / (to - from) * 1000;
    return [{
      what: `${size} ComfyUIs with jobs of ${
        runMs / 1000
      } s, Telegram's limits in force: how busy they are`,
      limit: `≥ ${minShare * 100} %`,
      ours: `${(share * 100).toFixed(1)} %, ${perSecond.toFixed(1)} jobs a second`,
      verdict: atLeast(share, minShare),
      values: { share, perSecond },
    }, {
      what: "the bot meanwhile: cores, and the most memory (small pictures)",
      limit: `≤ ${maxCores}, ≤ ${maxMb} MB`,
      ours: `${cores.toFixed(2)}, ${memoryMb.toFixed(0)} MB`,
      verdict: atMost(cores, maxCores) === "kept" ? atMost(memoryMb, maxMb) : "missed",
      values: { cores, memoryMb },
    }];
  },
};
