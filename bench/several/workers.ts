/**
 * Figures: how much faster four workers on other hosts are than one ComfyUI, over Redis and over PostgreSQL, and how long one of them
 * stands still between two jobs. Each worker is a process of its own with a simulated ComfyUI in this one.
 */
import { spanOf } from "../../lab/load/fleet.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { onQueue, openStand, sendSteadily, type Stand, wordsOf } from "../../lab/load/stand.ts";
import {
  queueEngines,
  type RemoteWorker,
  startWorker,
  untilJoined,
} from "../../lab/remote_worker.ts";
import { atLeast, atMost, type BenchOptions, type Figure, type Row } from "../figure.ts";

const runMs = 500;
const latencyMs = 120;
const inFlight = 24;
const minGain = 3.8;
const maxIdleShare = 0.02;

const telegram = { latencyMs, limits: false };

export const workers: Figure = {
  name: "workers",
  async measure({ jobs, tell }: BenchOptions): Promise<readonly Row[]> {
    tell(`workers: ${jobs} jobs of ${runMs} ms on one ComfyUI`);
    const alone = await spanOfOne(jobs);
    const rows: Row[] = [];
    for (const { engine, canServe, start } of queueEngines) {
      if (!await canServe()) continue;
      await using server = await start();
      rows.push(...await rowsOf(engine, () => server.database(), alone, { jobs, tell }));
    }
    return rows;
  },
};

async function rowsOf(
  engine: string,
  database: () => string | Promise<string>,
  aloneMs: number,
  { jobs, tell }: Pick<BenchOptions, "jobs" | "tell">,
): Promise<readonly Row[]> {
  tell(`workers: ${jobs} jobs on four workers over ${engine}`);
  const four = await measureWorkers(await database(), { count: 4, jobs });
  const oneJobs = Math.ceil(jobs / 4);
  tell(`workers: ${oneJobs} jobs on one worker over ${engine}`);
  const one = await measureWorkers(await database(), { count: 1, jobs: oneJobs });
  const gain = aloneMs / four.spanMs;
  const idle = one.idleShares[0] ?? NaN;
  return [{
    what: `4 workers over ${engine}, ${jobs} jobs of ${runMs} ms, against one ComfyUI`,
    limit: `≥ ${minGain} ×`,
    ours: `${gain.toFixed(2)} ×`,
    verdict: atLeast(gain, minGain),
    values: { gain, spanMs: four.spanMs, aloneMs },
  }, {
    what: `idle share of one worker over ${engine} between jobs of ${runMs} ms`,
    limit: `≤ ${maxIdleShare * 100} %`,
    ours: `${(idle * 100).toFixed(2)} %`,
    verdict: atMost(idle, maxIdleShare),
    values: { idleShare: idle },
  }];
}

/** Milliseconds from the first run to the end of the last on the bot's own ComfyUI. */
async function spanOfOne(jobs: number): Promise<number> {
  await using stand = await openStand({ crowd: jobs, telegram, comfyui: { runMs } });
  await sendAll(stand, jobs);
  return spanOf([stand.stage.comfyui]);
}

async function measureWorkers(
  url: string,
  { count, jobs }: { readonly count: number; readonly jobs: number },
): Promise<{ readonly spanMs: number; readonly idleShares: readonly number[] }> {
  await using stand = await openStand({
    crowd: jobs,
    telegram,
    ...onQueue(url),
  });
  await using started = new AsyncDisposableStack();
  const all: RemoteWorker[] = [];
  for (let i = 1; i <= count; i++) {
    const worker = await startWorker({ name: `gpu-${i}`, url, comfyui: { runMs } });
    all.push(started.use(worker));
  }
  await untilJoined(stand.stage, ...all);
  await sendAll(stand, jobs);
  return {
    spanMs: spanOf(all.map(({ comfyui }) => comfyui)),
    idleShares: all.map(({ comfyui }) => comfyui.idle().share),
  };
}

async function sendAll(stand: Stand, count: number): Promise<void> {
  const photo = await phonePhoto();
  await sendSteadily(stand, {
    count,
    inFlight,
    send: (index) => stand.people[index]!.sendPhoto(photo, { caption: wordsOf(index) }),
  });
}
