/**
 * Row: batches under kills. People ask for several results at once; the bot is killed with -9 while the jobs are made, rendered, and
 * sent as albums. Each album has to come once, whole, with one message of numbers, and the status must go.
 */
import type { Message } from "grammy/types";
import { errorsIn, killAgainAndAgain, untilOrNot } from "../lab/load/lives.ts";
import { isResult, openStand, type Stand, wordsOf } from "../lab/load/stand.ts";
import { seededRandom } from "../lab/load/statistics.ts";
import { gradientJpeg } from "../lab/pictures.ts";
import type { MessageRef, Person } from "../lab/telegram/mod.ts";
import {
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  noted,
  promised,
} from "./finding.ts";
import { leftOpen, nobodyAdmin } from "./ledger.ts";
import { textIn } from "../src/i18n/mod.ts";
import { jobsInState, leftInState } from "./state.ts";
import { makeTrouble } from "./trouble.ts";

const long = { crowd: 12, batches: 60, kills: 30, maxLifeMs: 5_000, hangs: 0, restMs: 300_000 };
const short = { crowd: 4, batches: 6, kills: 2, maxLifeMs: 3_500, hangs: 0, restMs: 60_000 };
const runMs = 60;
const minLifeMs = 2_000;
const tidyMs = 20_000;
const shownErrors = 10;
/** The words of the first request have this number. */
const first = 100;

/** A request for several results. */
interface Asked {
  readonly person: Person;
  readonly request: MessageRef;
  readonly words: string;
  readonly count: number;
}

export const batches: ChaosRow = {
  name: "batches",
  async run({ isShort, seed, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const size = isShort ? short : long;
    const random = seededRandom(seed);
    await using stand = await openStand({
      crowd: size.crowd,
      env: nobodyAdmin,
      config: "queue: { max_size: 20000 }\n",
      comfyui: { runMs },
      telegram: { limits: false, random: seededRandom(seed + 1) },
    });
    const { stage, people } = stand;
    const photo = await gradientJpeg(160, 120);
    const asked: Asked[] = [];
    const sending: Promise<unknown>[] = [];
    const ask = () => {
      const index = sending.length;
      const person = people[index % people.length]!;
      const count = 2 + Math.floor(random() * 3);
      const words = wordsOf(first + index);
      const caption = `${words} steps=1 n=${count}`;
      const sent = person.sendPhoto(photo, { caption });
      sending.push(sent.then((request) => asked.push({ person, request, words, count })));
    };
    const troubles = makeTrouble(stage.telegram, size);
    const { died, killedAt } = await killAgainAndAgain(stage, {
      kills: size.kills,
      minLifeMs,
      maxLifeMs: size.maxLifeMs,
      random,
      onLife({ index, lastsMs }) {
        const share = Math.round(size.batches * (index + 1) / size.kills);
        const timers = Array.from(
          { length: share - sending.length },
          () => setTimeout(ask, random() * lastsMs),
        );
        return () => {
          timers.forEach(clearTimeout);
          while (sending.length < share) ask();
        };
      },
    });
    await Promise.all(sending);
    await untilOrNot(
      stage,
      () => withoutLeftOut(stand, asked).every((each) => isServed(stand, each)),
      size.restMs,
    );
    troubles[Symbol.dispose]();
    await untilOrNot(stage, () => leftOpen(stage, people).length === 0, tidyMs);
    await stage.stop();
    for (const line of await errorsIn(stage, shownErrors)) tell(`batches: ${line}`);

    const served = withoutLeftOut(stand, asked);
    const name = ({ words, person, count }: Asked) => `${words} of ${person.id}, ${count} at once`;
    const lost = served.filter((each) => picturesOf(stand, each).length < each.count);
    const twice = asked.filter((each) => picturesOf(stand, each).length > each.count);
    const bare = served.filter((each) => numbersOf(stand, each).length !== 1);
    const jobs = await jobsInState(stage.dir);
    const wanted = served.reduce((sum, { count }) => sum + count, 0);
    const left = await leftInState(stage.dir);
    const kills = `${killedAt.length} kills -9, a tenth of all calls to Telegram failing`;
    return [
      none(
        `${asked.length} batches of ${size.crowd} people, ${kills}: not whole`,
        lost.length,
        lost.map(name),
      ),
      promised(twice.length <= Math.ceil(killedAt.length / 10), "· albums sent twice", {
        limit: "≤ 1 in ten kills",
        measured: `${twice.length}${twice[0] ? ` · ${name(twice[0])}` : ""}`,
      }),
      none("· without their one message of numbers", bare.length, bare.map(name)),
      none("· jobs that nobody asked for, or that were not made", Math.abs(jobs - wanted), [
        `${jobs} for ${wanted}`,
      ]),
      none("· status messages left behind", leftOpen(stage, people).length),
      none("· jobs or updates stuck in the bot's state", left.length, left),
      none("· lives that ended by themselves", died.length, died),
      noted("· results", String(wanted)),
      noted("· told that their message was left out", String(asked.length - served.length)),
      noted("· calls that failed", JSON.stringify(troubles.hits)),
    ];
  },
};

/** All pictures of the request's albums: those whose first one has its words. */
function picturesOf({ stage }: Stand, { person, words }: Asked): readonly Message[] {
  const results = stage.telegram.messages(person.privateChat).filter(isResult);
  const albums = new Set(
    results.filter(({ caption }) => caption?.startsWith(`${words}\n`)).map((each) =>
      each.media_group_id
    ),
  );
  return results.filter(({ media_group_id: album }) => albums.has(album));
}

/** The messages with the numbers of the request's results. */
function numbersOf(stand: Stand, asked: Asked): readonly Message[] {
  const ids = picturesOf(stand, asked).map(({ message_id }) => message_id);
  return stand.stage.telegram.messages(asked.person.privateChat).filter((message) =>
    !isResult(message) && ids.includes(message.reply_to_message?.message_id ?? 0) &&
    message.reply_markup?.inline_keyboard.flat().length === asked.count
  );
}

/** Those that made nothing because two processes had ended over them, which their users were told, are no losses. */
function withoutLeftOut(stand: Stand, asked: readonly Asked[]): readonly Asked[] {
  const told = new Map<Person, number>();
  return asked.filter((each) => {
    const { person } = each;
    const left = told.get(person) ?? stand.stage.telegram.messages(person.privateChat)
      .filter(({ text }) => text === textIn("en").leftOut.message).length;
    const isLeftOut = left > 0 && picturesOf(stand, each).length === 0;
    told.set(person, left - (isLeftOut ? 1 : 0));
    return !isLeftOut;
  });
}

function isServed(stand: Stand, asked: Asked): boolean {
  return picturesOf(stand, asked).length >= asked.count && numbersOf(stand, asked).length > 0;
}
