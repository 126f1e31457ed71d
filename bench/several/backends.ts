/** Figure: what several ComfyUIs do together, and what one of them that hangs costs the others. */
import { openFleet, runsOf, spanOf } from "../../lab/load/fleet.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { sendSteadily, untilServed, wordsOf, wordsOfRun } from "../../lab/load/stand.ts";
import { atLeast, type BenchOptions, type Figure, type Row } from "../figure.ts";

const jobs = 200;
const runMs = 500;
const latencyMs = 120;
const size = 4;
const minFactor = 3.9;
const minShare = 0.95;
/** Enough for the time until the job that hangs is with another ComfyUI. */
const hangJobs = 600;
const jobsBefore = 120;

export const backends: Figure = {
  name: "backends",
  async measure({ tell }: BenchOptions): Promise<readonly Row[]> {
    const photo = await phonePhoto();
    const rates: number[] = [];
    for (const count of [1, size]) {
      tell(`backends: ${jobs} jobs of ${runMs} ms on ${count}`);
      rates.push(await rateOf(count, photo));
    }
    const [one = NaN, four = NaN] = rates;
    const factor = four / one;
    return [{
      what: `${size} ComfyUIs against one: ${jobs} jobs of ${
        runMs / 1000
      } s, Telegram ${latencyMs} ms a call`,
      limit: `≥ ${minFactor} ×`,
      ours: `${factor.toFixed(2)} × (${four.toFixed(2)} jobs a second, one ${one.toFixed(2)})`,
      verdict: atLeast(factor, minFactor),
      values: { factor, one, four },
    }, await hang(photo, tell)];
  },
};

/** Jobs a second, from the first begin to the last end. */
async function rateOf(count: number, photo: Uint8Array): Promise<number> {
  await using fleet = await openFleet({
    size: count,
    crowd: jobs,
    telegram: { latencyMs },
    comfyui: { runMs },
  });
  await Promise.all(
    fleet.people.map((person, index) => person.sendPhoto(photo, { caption: wordsOf(index) })),
  );
  await untilServed(fleet, jobs, 300_000);
  return runsOf(fleet.comfyuis).length / spanOf(fleet.comfyuis) * 1000;
}

/** One of four answers nothing from the middle of a run on. */
async function hang(photo: Uint8Array, tell: BenchOptions["tell"]): Promise<Row> {
  tell(`backends: ${hangJobs} jobs of ${runMs} ms on ${size}, of which one hangs`);
  await using fleet = await openFleet({
    size,
    crowd: 200,
    telegram: { latencyMs },
    comfyui: { runMs },
  });
  const { comfyuis, people } = fleet;
  const [hanging, ...others] = comfyuis;
  let hungAt = NaN;
  await sendSteadily(fleet, {
    count: hangJobs,
    inFlight: 24,
    send(index) {
      if (index === jobsBefore) {
        hungAt = Date.now();
        hanging!.faults.add({ kind: "stuck" });
        hanging!.faults.add({ kind: "http", path: /./, answer: "hang" });
        hanging!.faults.add({ kind: "socket-silent" });
      }
      return people[index % people.length]!.sendPhoto(photo, { caption: wordsOf(index) });
    },
  });
  hanging!.faults.clear();
  const rest = runsOf(others);
  // What it had then: every job has its result by now.
  const moved = hanging!.ran.filter(({ endedAt = Infinity }) => endedAt > hungAt)
    .map((run) => rest.find((other) => wordsOfRun(other) === wordsOfRun(run)));
  const movedMs = Math.max(...moved.map((run) => (run?.startedAt ?? NaN) - hungAt));
  const lastEnd = Math.max(...rest.map(({ endedAt = NaN }) => endedAt));
  // At the end there is not enough left for all.
  const to = lastEnd - 10 * runMs;
  const share = 1 - Math.max(...others.map((each) => each.idle(hungAt, to).share));
  return {
    what: `one of ${size} ComfyUIs hangs: the rate of the other three, and its job ends elsewhere`,
    limit: `≥ ${minShare * 100} %`,
    ours: `${(share * 100).toFixed(1)} %, after ${(movedMs / 1000).toFixed(0)} s`,
    verdict: Number.isNaN(movedMs) || moved.length === 0 ? "missed" : atLeast(share, minShare),
    values: { share, movedMs },
  };
}
