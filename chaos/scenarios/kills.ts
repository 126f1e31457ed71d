/**
 * Row 1: everything dies at once. Users send pictures while the bot is killed with -9 again and again, ComfyUI dies under
 * it and forgets everything, and a tenth of all calls to Telegram fails.
 */
import { setTimeout as pause } from "node:timers/promises";
import { errorsIn, killAgainAndAgain, type Lives, untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import {
  isResult,
  openStand,
  othersOf,
  type Stand,
  wordsOf,
  wordsOfRun,
} from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import {
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  noted,
  promised,
} from "../finding.ts";
import { keepLedger, type Ledger, leftOpen, nobodyAdmin, outOfOrder } from "../ledger.ts";
import { leftInState } from "../state.ts";
import { makeTrouble } from "../trouble.ts";

interface Size {
  readonly jobs: number;
  readonly crowd: number;
  readonly kills: number;
  readonly comfyuiKills: number;
  readonly runMs: number;
  readonly minLifeMs: number;
  readonly maxLifeMs: number;
  /** Calls that never end; the bot gives each up after a minute. */
  readonly hangs: number;
  /** How long the rest may take after the last kill. */
  readonly restMs: number;
}

const long: Size = {
  jobs: 1_000,
  crowd: 20,
  kills: 100,
  comfyuiKills: 20,
  runMs: 120,
  minLifeMs: 300,
  maxLifeMs: 4_500,
  hangs: Infinity,
  restMs: 420_000,
};
const short: Size = {
  ...long,
  jobs: 40,
  crowd: 5,
  kills: 4,
  comfyuiKills: 2,
  runMs: 60,
  minLifeMs: 1_000,
  maxLifeMs: 3_500,
  hangs: 0,
  restMs: 180_000,
};
/** How long ComfyUI is away when it dies. */
const maxAwayMs = 800;
/** How long the last messages may take to be taken away, when no call fails any more. */
const tidyMs = 60_000;
const shownErrors = 20;

const config = "queue: { max_size: 20000 }\n" +
  "comfyui: { poll_seconds: 0.5, retry_seconds: [0.2, 0.5] }\n";

export const kills: ChaosRow = {
  name: "kills",
  async run(options: ChaosOptions): Promise<readonly Finding[]> {
    const size = options.isShort ? short : long;
    const random = seededRandom(options.seed);
    await using stand = await openStand({
      crowd: size.crowd,
      config,
      env: nobodyAdmin,
      telegram: { random: seededRandom(options.seed + 1) },
      comfyui: { runMs: size.runMs },
    });
    const { stage, people } = stand;
    const ledger = keepLedger(stage);
    const found = countFound(stand);
    const lives = await trouble(stand, ledger, { size, random, options });
    // No person may be stuck: what they send now is answered like on any other day.
    const before = ledger.requests.length;
    const photo = await phonePhoto();
    for (const person of people) {
      ledger.add(await person.sendPhoto(photo, { caption: wordsOf(before) }));
    }
    await untilOrNot(stage, () => ledger.open().length === 0, size.restMs);
    await untilOrNot(stage, () => leftOpen(stage, people).length === 0, tidyMs);
    await stage.stop();
    for (const line of await errorsIn(stage, shownErrors)) options.tell(`kills: ${line}`);
    for (const { chat, message_id } of ledger.requests) {
      const { results } = ledger.endingOf({ chat, message_id });
      if (results.length < 2) continue;
      const sent = results.map(({ messageId, at }) =>
        `${messageId} at ${new Date(at).toISOString()}`
      );
      options.tell(`kills: message ${message_id} of ${chat.id} has the results ${sent.join(", ")}`);
    }
    return await findingsOf(stand, { size, ledger, lives, found: found() });
  },
};

interface TroubleOptions {
  readonly size: Size;
  readonly random: () => number;
  readonly options: ChaosOptions;
}

/** The time of troubles, to the end of what was asked in it. */
async function trouble(
  { stage, people }: Stand,
  ledger: Ledger,
  { size, random, options: { tell } }: TroubleOptions,
): Promise<Lives> {
  const photo = await phonePhoto();
  const sending: Promise<unknown>[] = [];
  let asked = 0;
  const ask = () => {
    const index = asked++;
    const person = people[index % people.length]!;
    sending.push(person.sendPhoto(photo, { caption: wordsOf(index) }).then(ledger.add));
  };
  const restarts: Promise<void>[] = [];
  const killComfyUI = async (awayMs: number) => {
    await stage.comfyui.kill();
    await pause(awayMs);
    await stage.comfyui.restart();
  };
  using troubles = makeTrouble(stage.telegram, size);
  const lives = await killAgainAndAgain(stage, {
    ...size,
    random,
    onLife({ index, lastsMs }) {
      const share = (of: number) => Math.round(of * (index + 1) / size.kills);
      const timers = Array.from(
        { length: share(size.jobs) - asked },
        () => setTimeout(ask, random() * lastsMs),
      );
      if (share(size.comfyuiKills) > restarts.length) {
        const atMs = random() * lastsMs;
        const awayMs = random() * maxAwayMs;
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        restarts.push(promise);
        setTimeout(() => killComfyUI(awayMs).then(resolve, reject), atMs);
      }
      if (index > 0 && index % 10 === 0) {
        tell(`kills: ${index} kills, ${asked} requests, ${ledger.open().length} open`);
      }
      return () => {
        timers.forEach(clearTimeout);
        while (asked < share(size.jobs)) ask();
      };
    },
  });
  await Promise.all([...sending, ...restarts]);
  tell(`kills: ${ledger.open().length} requests are open after the last kill`);
  await untilOrNot(stage, () => ledger.open().length === 0, size.restMs);
  tell(`kills: calls that failed: ${JSON.stringify(troubles.hits)}`);
  return lives;
}

/**
 * Counts the messages that the bot found where it looked for one that it may have sent already: each would have come twice
 * without the search.
 */
function countFound({ stage }: Stand): () => { results: number; statuses: number } {
  const results = new Set<string>();
  const statuses = new Set<string>();
  stage.telegram.onEvent((event) => {
    if (event.type !== "call" || event.call.endedAt === undefined) return;
    const { method, params, description = "" } = event.call;
    if (!/not modified/.test(description)) return;
    // A result is asked for by its caption; captions of previews have other buttons.
    const isStatus = JSON.stringify(params.reply_markup ?? "").includes("x:");
    const isQuestion = isStatus
      ? method === "editMessageReplyMarkup"
      : method === "editMessageCaption";
    if (isQuestion) (isStatus ? statuses : results).add(`${params.chat_id}:${params.message_id}`);
  });
  return () => ({ results: results.size, statuses: statuses.size });
}

async function findingsOf(
  stand: Stand,
  { size, ledger, lives, found }: {
    readonly size: Size;
    readonly ledger: Ledger;
    readonly lives: Lives;
    readonly found: { readonly results: number; readonly statuses: number };
  },
): Promise<readonly Finding[]> {
  const { stage, people } = stand;
  const open = ledger.open();
  const endings = ledger.requests.map(ledger.endingOf);
  const told = endings.filter(({ results }) => results.length === 0)
    .flatMap(({ sentences }) => sentences.slice(0, 1));
  const duplicates = endings.reduce((sum, { results }) => sum + Math.max(0, results.length - 1), 0);
  const both = endings.filter(({ results, sentences }) =>
    results.length > 0 && sentences.length > 0
  );
  // The search asks in a way that changes what is not sought.
  const bare = people.flatMap(({ privateChat }) => stage.telegram.messages(privateChat))
    .filter((message) => isResult(message) && message.reply_markup === undefined)
    .map(({ message_id, chat }) => `message ${message_id} of ${chat.id}`);
  const inState = await leftInState(stage.dir);
  const kills = `${size.kills} kills -9 of the bot, ${size.comfyuiKills} of ComfyUI, ` +
    "a tenth of all calls to Telegram failing";
  return [
    none(
      `${ledger.requests.length} jobs of ${size.crowd} people, ${kills}: jobs lost`,
      open.length,
      open.map(({ chat, message_id }) => `message ${message_id} of ${chat.id}`),
    ),
    noted("· told that ComfyUI failed it", `${told.length}${told[0] ? ` · ${told[0]}` : ""}`),
    none("· told both a result and a failure", both.length),
    promised(duplicates <= Math.ceil(size.kills / 10), "· results sent twice", {
      limit: "≤ 1 in ten kills",
      measured: `${duplicates}; without the search ${duplicates + found.results}`,
    }),
    none("· results of one person out of order", outOfOrder(ledger).length, outOfOrder(ledger)),
    none("· results without their buttons", bare.length, bare),
    none("· status messages left behind", leftOpen(stage, people).length),
    noted("· status messages that the search kept from being left behind", `${found.statuses}`),
    none("· jobs or updates stuck in the bot's state", inState.length, inState),
    none(
      "· other sentences than how a job ended",
      otherSentences(stand, ledger).length,
      otherSentences(stand, ledger),
    ),
    none("· lives that ended by themselves", lives.died.length, lives.died),
    noted("· rendered more than once", String(renderedTwice(stand))),
  ];
}

/** What the bot said that was no answer to a request: that something went wrong, say. */
function otherSentences(stand: Stand, ledger: Ledger): readonly string[] {
  const told = new Set(ledger.requests.flatMap((each) => ledger.endingOf(each).sentences));
  return othersOf(stand).filter((text) => !told.has(text));
}

function renderedTwice({ stage }: Stand): number {
  const runs = new Map<string, number>();
  for (const run of stage.comfyui.ran) {
    if (run.outcome === "lost") continue;
    const words = wordsOfRun(run) ?? run.promptId;
    runs.set(words, (runs.get(words) ?? 0) + 1);
  }
  return [...runs.values()].filter((count) => count > 1).length;
}
