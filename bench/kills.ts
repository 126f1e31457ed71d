/**
 * Figure: what is lost and what comes twice when the bot is killed with -9 again and again, at instants that chance
 * chooses: while it starts, takes in, renders, delivers. Users go on sending meanwhile; the bot is started again at
 * once, as systemd would.
 */
import { errorsIn, killAgainAndAgain, untilOrNot } from "../lab/load/lives.ts";
import { phonePhoto } from "../lab/load/photos.ts";
import {
  isResult,
  openStand,
  othersOf,
  resultsFor,
  type Stand,
  wordsOf,
  wordsOfRun,
} from "../lab/load/stand.ts";
import { seededRandom } from "../lab/load/statistics.ts";
import type { MessageRef } from "../lab/telegram/mod.ts";
import type { BenchOptions, Figure, Row } from "./figure.ts";

const crowd = 10;
const runMs = 150;
/** How long a life lasts, from the start of its process to its kill. */
const minLifeMs = 200;
const maxLifeMs = 1_200;
/** How long the rest may take after the last kill, and for how long nothing may come before that is the end of it. */
const restMs = 180_000;
const tidyMs = 10_000;

const shownErrors = 30;

/** What chance and the kills have made of it. */
interface Course {
  readonly requests: readonly MessageRef[];
  /** When each result was sent, by its request. */
  readonly sentAt: ReadonlyMap<string, readonly number[]>;
  readonly killedAt: readonly number[];
  /** Lives that ended by themselves, with what they wrote. */
  readonly died: readonly string[];
}

export const kills: Figure = {
  name: "kills",
  async measure(options: BenchOptions): Promise<readonly Row[]> {
    const { tell, seed } = options;
    tell(`kills: ${options.kills} kills over ${options.jobs} jobs, seed ${seed}`);
    await using stand = await openStand({ crowd, comfyui: { runMs } });
    const course = await run(stand, options);
    for (const output of course.died) tell(`kills: the bot ended by itself: ${output}`);
    for (const line of await errorsIn(stand.stage, shownErrors)) tell(`kills: ${line}`);
    for (const text of othersOf(stand)) tell(`kills: left behind: ${text}`);
    return rowsOf(stand, course, options);
  },
};

const keyOf = ({ chat, message_id }: MessageRef) => `${chat.id}:${message_id}`;

async function run(stand: Stand, options: BenchOptions): Promise<Course> {
  const { stage, people } = stand;
  const random = seededRandom(options.seed);
  const photo = await phonePhoto();
  const requests: MessageRef[] = [];
  const sending: Promise<unknown>[] = [];
  const sentAt = new Map<string, number[]>();
  stage.telegram.onEvent((event) => {
    if (event.type !== "sent" || !isResult(event.message)) return;
    const { chat, reply_to_message: request } = event.message;
    const key = keyOf({ chat, message_id: request?.message_id ?? 0 });
    sentAt.set(key, [...sentAt.get(key) ?? [], Date.now()]);
  });
  let asked = 0;
  const ask = () => {
    const index = asked++;
    const sent = people[index % crowd]!.sendPhoto(photo, { caption: wordsOf(index) });
    sending.push(sent.then((message) => requests.push(message)));
  };

  const lives = await killAgainAndAgain(stage, {
    kills: options.kills,
    minLifeMs,
    maxLifeMs,
    random,
    onLife({ index, lastsMs }) {
      const share = Math.round(options.jobs * (index + 1) / options.kills);
      const timers = Array.from(
        { length: share - asked },
        () => setTimeout(ask, random() * lastsMs),
      );
      if (index > 0 && index % 20 === 0) {
        options.tell(`kills: ${index} kills, ${sentAt.size} delivered`);
      }
      return () => {
        timers.forEach(clearTimeout);
        while (asked < share) ask();
      };
    },
  });
  await Promise.all(sending);
  await untilOrNot(stage, () => sentAt.size >= options.jobs, restMs);
  await untilOrNot(stage, () => othersOf(stand).length === 0, tidyMs);
  return { requests, sentAt, ...lives };
}

function rowsOf(stand: Stand, course: Course, options: BenchOptions): readonly Row[] {
  const { stage } = stand;
  const lost = course.requests.filter((request) => resultsFor(stage, request).length === 0).length;
  const duplicates = [...course.sentAt.values()].flatMap((times) =>
    // The kill between the first and the second is what made the second.
    times.slice(1).map((_, index) => course.killedAt.find((at) => at >= times[index]!) ?? NaN)
  );
  const perKill = course.killedAt.map((kill) => duplicates.filter((at) => at === kill).length);
  const unexplained = duplicates.filter(Number.isNaN).length;
  const most = Math.max(0, ...perKill);
  const rendered = new Map<string, number>();
  for (const each of stage.comfyui.ran) {
    const words = wordsOfRun(each) ?? each.promptId;
    rendered.set(words, (rendered.get(words) ?? 0) + 1);
  }
  const twice = [...rendered.values()].filter((count) => count > 1).length;
  const left = othersOf(stand).length;
  return [
    {
      what: `${options.kills} kills -9 during ${options.jobs} jobs (seed ${options.seed}): lost`,
      limit: "0",
      ours: `${lost} of ${course.requests.length}`,
      verdict: lost === 0 ? "kept" : "missed",
      values: { lost, kills: course.killedAt.length, died: course.died.length },
      isPromise: true,
    },
    {
      what: "sent twice",
      limit: "≤ 1 a kill",
      ours: `${duplicates.length} in all, most after one kill ${most}`,
      verdict: most <= 1 && unexplained === 0 ? "kept" : "missed",
      values: { duplicates: duplicates.length, mostPerKill: most, unexplained },
      isPromise: true,
    },
    {
      what: "rendered twice",
      limit: "—",
      ours: String(twice),
      verdict: "info",
      values: { twice },
    },
    {
      what: "status messages left behind",
      limit: "—",
      ours: String(left),
      verdict: "info",
      values: { left },
    },
    {
      what: "ended by itself",
      limit: "0",
      ours: String(course.died.length),
      verdict: course.died.length === 0 ? "kept" : "missed",
      values: { died: course.died.length },
      isPromise: true,
    },
  ];
}
