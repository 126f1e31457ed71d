/** Figure: what several ComfyUIs do together, and what one of them that hangs costs the others. */
import { openFleet, runsOf } from "../../lab/load/fleet.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { sendSteadily, untilServed, wordsOf, wordsOfRun } from "../../lab/load/stand.ts";
import type { RunRecord } from "../../lab/comfyui/mod.ts";
import { atLeast, type BenchOptions, type Figure, type Row } from "../figure.ts";

const jobs = 200;
const runMs = 500;
const latencyMs = 120;
const size = 4;
const minFactor = 3.9;
const minShare = 0.95;
/** A job is with another ComfyUI after about a minute. */
const hangJobs = 600;

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
  const runs = runsOf(fleet.comfyuis);
  const end = Math.max(...runs.map(({ endedAt = NaN }) => endedAt));
  return runs.length / (end - runs[0]!.startedAt) * 1000;
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
  const before = 120;
  let hungAt = NaN;
  let taken: string | undefined;
  await sendSteadily(fleet, {
    count: hangJobs,
    inFlight: 24,
    send(index) {
      if (index === before) {
        hungAt = Date.now();
        taken = wordsOfRun(hanging!.ran.at(-1)!);
        hanging!.faults.add({ kind: "stuck" });
        hanging!.faults.add({ kind: "http", path: /./, answer: "hang" });
        hanging!.faults.add({ kind: "socket-silent" });
      }
      return people[index % people.length]!.sendPhoto(photo, { caption: wordsOf(index) });
    },
  });
  hanging!.faults.clear();
  const ranOn = (runs: readonly RunRecord[], words: string | undefined) =>
    runs.find((run) => wordsOfRun(run) === words && run.outcome === "success");
  const rest = runsOf(others);
  const lost = hanging!.ran.filter(({ startedAt, outcome }) =>
    startedAt > hungAt - runMs && outcome !== "success"
  ).map(wordsOfRun);
  const end = Math.max(...rest.map(({ endedAt = NaN }) => endedAt));
  const idle = others.map((each) => each.idle(hungAt, end - 5_000).share);
  const share = 1 - Math.max(...idle);
  const movedMs = Math.max(
    ...[taken, ...lost].map((words) => (ranOn(rest, words)?.startedAt ?? NaN) - hungAt),
  );
  const hasMoved = [taken, ...lost].every((words) =>
    ranOn(rest, words) ?? ranOn(hanging!.ran, words)
  );
  return {
    what: `one of ${size} ComfyUIs hangs: the rate of the other three; its jobs (${
      [...new Set([taken, ...lost])].length
    }) end elsewhere`,
    limit: `≥ ${minShare * 100} %`,
    ours: `${(share * 100).toFixed(1)} %, moved after ${(movedMs / 1000).toFixed(0)} s`,
    verdict: hasMoved ? atLeast(share, minShare) : "missed",
    values: { share, movedMs },
    isPromise: !hasMoved,
  };
}
