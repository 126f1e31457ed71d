/**
 * Figure: how long a standby on PostgreSQL takes to go on where the active bot was killed with -9 at an instant that chance chooses, and
 * what is lost or comes twice. Users go on sending meanwhile.
 */
import { setTimeout as pause } from "node:timers/promises";
import { errorsIn, untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import {
  onPostgres,
  openStand,
  othersOf,
  renderedTwice,
  resultsFor,
  type Stand,
  wordsOf,
} from "../../lab/load/stand.ts";
import { median, seededRandom } from "../../lab/load/statistics.ts";
import { canServePostgres, startPostgres } from "../../lab/servers/postgres.ts";
import type { BotLife } from "../../lab/stage.ts";
import type { MessageRef } from "../../lab/telegram/mod.ts";
import { until } from "../../lab/until.ts";
import { atMost, type BenchOptions, type Figure, type Row } from "../figure.ts";

const kills = 20;
const crowd = 6;
const runMs = 400;
/** Requests between two kills, and over how long they come: the kill is somewhere in that time. */
const perLife = 6;
const lifeMs = 2_500;
const limitMs = 15_000;
const restMs = 180_000;
const shownErrors = 30;

export const standby: Figure = {
  name: "standby",
  async measure({ seed, tell }: BenchOptions): Promise<readonly Row[]> {
    if (!await canServePostgres()) return [];
    await using server = await startPostgres();
    await using stand = await openStand({
      crowd,
      comfyui: { runMs },
      ...onPostgres(await server.database()),
    });
    const course = await killActives(stand, seededRandom(seed), tell);
    await untilOrNot(
      stand.stage,
      () => course.requests.every((request) => resultsFor(stand.stage, request).length > 0),
      restMs,
    );
    for (const request of course.requests) {
      if (resultsFor(stand.stage, request).length > 0) continue;
      tell(`standby: no result for message ${request.message_id} of ${request.chat.id}`);
    }
    for (const text of othersOf(stand)) tell(`standby: left behind: ${text}`);
    for (const line of await errorsIn(stand.stage, shownErrors)) tell(`standby: ${line}`);
    return rowsOf(stand, course, seed);
  },
};

interface Course {
  readonly requests: readonly MessageRef[];
  /** From each kill to the first question for updates of the process that stood by. */
  readonly tookMs: readonly number[];
  readonly killedAt: readonly number[];
}

async function killActives(
  { stage, people }: Stand,
  random: () => number,
  tell: (line: string) => void,
): Promise<Course> {
  const photo = await phonePhoto();
  const requests: MessageRef[] = [];
  const sending: Promise<unknown>[] = [];
  const killedAt: number[] = [];
  const tookMs: number[] = [];
  let active = stage.bot;
  let asked = 0;
  for (let kill = 0; kill < kills; kill++) {
    const next = await standBy(stage.start());
    const ask = () => {
      const index = asked++;
      const sent = people[index % crowd]!.sendPhoto(photo, { caption: wordsOf(index) });
      sending.push(sent.then((message) => requests.push(message)));
    };
    const timers = Array.from({ length: perLife }, () => setTimeout(ask, random() * lifeMs));
    await pause(random() * lifeMs);
    timers.forEach(clearTimeout);
    while (asked < perLife * (kill + 1)) ask();
    active.kill("SIGKILL");
    await active.status;
    const at = Date.now();
    killedAt.push(at);
    const polled = () =>
      stage.telegram.calls.find((call) => call.method === "getUpdates" && call.at >= at);
    await untilOrNot(stage, () => polled() !== undefined, 2 * limitMs);
    tookMs.push((polled()?.at ?? NaN) - at);
    tell(`standby: kill ${kill + 1}, taken over after ${tookMs.at(-1)} ms`);
    active = next;
  }
  await Promise.all(sending);
  return { requests, tookMs, killedAt };
}

async function standBy(life: BotLife): Promise<BotLife> {
  await until("it stands by", () => /Standing by/.test(life.output()), { timeoutMs: 60_000 });
  return life;
}

function rowsOf({ stage }: Stand, course: Course, seed: number): readonly Row[] {
  const { requests, tookMs, killedAt } = course;
  const lost = requests.filter((request) => resultsFor(stage, request).length === 0).length;
  const duplicates = requests.map((request) => resultsFor(stage, request).length - 1)
    .filter((more) => more > 0);
  const twice = duplicates.reduce((sum, more) => sum + more, 0);
  const longest = Math.max(...tookMs);
  const most = Math.max(...duplicates, 0);
  return [
    {
      what:
        `the active bot killed with a standby waiting, ${killedAt.length} times (seed ${seed}): ` +
        "kill → it asks Telegram for updates, the longest",
      limit: "≤ 15 s",
      ours: `${(longest / 1000).toFixed(1)} s (median ${(median(tookMs) / 1000).toFixed(1)} s)`,
      verdict: atMost(longest, limitMs),
      values: { longestMs: longest, kills: killedAt.length },
    },
    {
      what: "lost",
      limit: "0",
      ours: `${lost} of ${requests.length}`,
      verdict: atMost(lost, 0),
      values: { lost },
      isPromise: true,
    },
    {
      what: "sent twice",
      limit: "≤ 1 a kill",
      ours: `${twice} in all`,
      verdict: most <= 1 && twice <= killedAt.length ? "kept" : "missed",
      values: { twice },
      isPromise: true,
    },
    {
      what: "rendered twice",
      limit: "—",
      ours: String(renderedTwice(stage.comfyui.ran).length),
      verdict: "info",
      values: {},
    },
  ];
}
