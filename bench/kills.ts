/**
 * Figure: what is lost and what comes twice when the bot is killed with -9 again and again, at instants that chance
 * chooses: while it starts, takes in, renders, delivers; with the state in a file, and in PostgreSQL where that is installed. Users go
 * on sending meanwhile; the bot is started again at once, as systemd would.
 */
import { errorsIn, killAgainAndAgain, untilOrNot } from "../lab/load/lives.ts";
import { phonePhoto } from "../lab/load/photos.ts";
import {
  isResult,
  onPostgres,
  openStand,
  othersOf,
  renderedTwice,
  resultsFor,
  type Stand,
  startOf,
  wordsOf,
} from "../lab/load/stand.ts";
import { seededRandom } from "../lab/load/statistics.ts";
import { canServePostgres, startPostgres } from "../lab/servers/postgres.ts";
import { isCancellable } from "../lab/stage.ts";
import type { MessageRef } from "../lab/telegram/mod.ts";
import type { BenchOptions, Figure, Row } from "./figure.ts";

const crowd = 10;
const runMs = 150;
/** How long a life lasts: from this to so much more than a start takes. */
const minLifeMs = 200;
const workMs = 2_000;
/** Where the state is. */
type Kind = "a file" | "PostgreSQL";
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
    const rows = [...await measureOn("a file", options)];
    if (!await canServePostgres()) return rows;
    await using server = await startPostgres();
    return [...rows, ...await measureOn("PostgreSQL", options, await server.database())];
  },
};

async function measureOn(
  kind: Kind,
  options: BenchOptions,
  url?: string,
): Promise<readonly Row[]> {
  const { tell, seed } = options;
  tell(`kills: ${options.kills} kills over ${options.jobs} jobs, state in ${kind}, seed ${seed}`);
  await using stand = await openStand({
    crowd,
    comfyui: { runMs },
    ...url && onPostgres(url),
    start: false,
  });
  // From source, and on PostgreSQL, it takes longer than a whole life might.
  const maxLifeMs = await startOf(stand.stage) + workMs;
  stand.stage.start();
  const course = await run(stand, maxLifeMs, options);
  for (const output of course.died) tell(`kills: the bot ended by itself: ${output}`);
  for (const line of await errorsIn(stand.stage, shownErrors)) tell(`kills: ${line}`);
  for (const text of othersOf(stand)) tell(`kills: left behind: ${text}`);
  return rowsOf(stand, course, { ...options, kind });
}

const keyOf = ({ chat, message_id }: MessageRef) => `${chat.id}:${message_id}`;

async function run(stand: Stand, maxLifeMs: number, options: BenchOptions): Promise<Course> {
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

/** True where something else than a result replies to the request. */
function isTold({ stage }: Stand, { chat, message_id }: MessageRef): boolean {
  return stage.telegram.messages(chat).some((message) =>
    message.from?.is_bot && !isResult(message) && !isCancellable(message) &&
    message.reply_to_message?.message_id === message_id
  );
}

function rowsOf(
  stand: Stand,
  course: Course,
  { kind, ...options }: BenchOptions & { readonly kind: Kind },
): readonly Row[] {
  const { stage } = stand;
  const without = course.requests.filter((request) => resultsFor(stage, request).length === 0);
  const skipped = without.filter((request) => isTold(stand, request)).length;
  const lost = without.length - skipped;
  const duplicates = [...course.sentAt.values()].flatMap((times) =>
    // The kill between the first and the second is what made the second.
    times.slice(1).map((_, index) => course.killedAt.find((at) => at >= times[index]!) ?? NaN)
  );
  const perKill = course.killedAt.map((kill) => duplicates.filter((at) => at === kill).length);
  const unexplained = duplicates.filter(Number.isNaN).length;
  const most = Math.max(0, ...perKill);
  const twice = renderedTwice(stage.comfyui.ran).length;
  const left = othersOf(stand).length;
  return [
    {
      what:
        `${options.kills} kills -9 during ${options.jobs} jobs, state in ${kind} (seed ${options.seed}): lost`,
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
      what: "skipped, and its user told: two processes died at the message",
      limit: "—",
      ours: String(skipped),
      verdict: "info",
      values: { skipped },
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
