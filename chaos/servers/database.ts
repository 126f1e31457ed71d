/**
 * The database of the state restarts again and again while jobs run, and is away for a while. Running jobs reach their end, what is sent
 * meanwhile waits at Telegram, and who has sent it is told.
 */
import { setTimeout as pause } from "node:timers/promises";
import { untilOrNot, watchLife } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import {
  onPostgres,
  openStand,
  othersOf,
  renderedTwice,
  type Stand,
  wordsOf,
} from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import {
  canServePostgres,
  type PostgresServer,
  startPostgres,
} from "../../lab/servers/postgres.ts";
import { textIn } from "../../src/i18n/text.ts";
import {
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  noted,
  promised,
} from "../finding.ts";
import { keepLedger, type Ledger, leftOpen, nobodyAdmin, outOfOrder } from "../ledger.ts";
import { leftInDatabase } from "../state.ts";

const crowd = 4;
const runMs = 600;
const sizes = {
  long: { restarts: 10, awayMs: 60_000 },
  short: { restarts: 1, awayMs: 6_000 },
};
/** Between two restarts, at most. */
const pauseMs = 2_000;
const restMs = 90_000;
const { heldUp, queue: { storageAway } } = textIn("en");

export const database: ChaosRow = {
  name: "database",
  async run({ seed, isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { restarts, awayMs } = sizes[isShort ? "short" : "long"];
    const what = `PostgreSQL with the state restarts ${restarts} times, and is away for ${
      awayMs / 1000
    } s`;
    if (!await canServePostgres()) return [noted(what, "not tried: it is not installed")];
    await using server = await startPostgres();
    const url = await server.database();
    const shared = onPostgres(url);
    await using stand = await openStand({
      crowd,
      comfyui: { runMs },
      ...shared,
      env: { ...nobodyAdmin, ...shared.env },
    });
    const { stage, people } = stand;
    const life = watchLife(stage);
    const ledger = keepLedger(stage);
    const shown = countShown(stand);
    const send = await sender(ledger);

    const random = seededRandom(seed);
    for (let i = 0; i < restarts; i++) {
      await Promise.all(people.map(send));
      await pause(random() * pauseMs);
      await server.stop();
      await server.start();
    }
    const isOver = await untilOrNot(stage, () => ledger.open().length === 0, restMs);
    tell(`database: ${restarts} restarts, ${isOver ? "all" : "not all"} requests have ended`);
    const told = await away(stand, { server, awayMs, send });
    const from = Date.now();
    await untilOrNot(stage, () => ledger.open().length === 0, restMs);
    const seconds = (Date.now() - from) / 1000;
    await untilOrNot(stage, () => leftOpen(stage, people).length === 0, restMs);
    const { lastWords } = life;
    if (lastWords === undefined) await stage.stop();

    const endings = ledger.requests.map(ledger.endingOf);
    const twice = endings.filter(({ results }) => results.length > 1).length;
    const without = endings.filter(({ results }) => results.length === 0).length;
    const rendered = renderedTwice(stage.comfyui.ran).length;
    const others = othersOf(stand).filter((text) => text !== heldUp);
    const left = await leftInDatabase(url);
    return [
      none(`${what}: of ${ledger.requests.length} jobs lost`, without),
      none("· results sent twice", twice),
      none("· rendered twice", rendered),
      none("· results of one person out of order", outOfOrder(ledger).length, outOfOrder(ledger)),
      promised(told === crowd, "· told that what they have sent waits", {
        limit: `${crowd} of ${crowd}`,
        measured: `${told} of ${crowd}`,
      }),
      noted("· jobs whose status said that nothing can be stored", String(shown())),
      promised(lastWords === undefined, "· the process", {
        limit: "lives",
        measured: lastWords ?? "lives",
      }),
      noted("· the last result after the return", `${seconds.toFixed(1)} s`),
      none("· other sentences left in the chats", others.length, others),
      none("· jobs or updates stuck in the bot's state", left.length, left),
    ];
  },
};

type Send = (person: Stand["people"][number]) => Promise<void>;

async function sender(ledger: Ledger): Promise<Send> {
  const photo = await phonePhoto();
  let asked = 0;
  return async (person) => ledger.add(await person.sendPhoto(photo, { caption: wordsOf(asked++) }));
}

/** Takes the server away while a job of each runs or waits, and has everybody send another; gives how many were told that it waits. */
async function away(
  { stage, people }: Stand,
  { server, awayMs, send }: {
    readonly server: PostgresServer;
    readonly awayMs: number;
    readonly send: Send;
  },
): Promise<number> {
  const ran = stage.comfyui.ran.length;
  await Promise.all(people.map(send));
  await untilOrNot(stage, () => stage.comfyui.ran.length > ran, restMs);
  await server.stop();
  const gone = pause(awayMs);
  await Promise.all(people.map(send));
  const told = () =>
    people.filter(({ privateChat }) =>
      stage.telegram.messages(privateChat).filter(({ text }) => text === heldUp).length === 1
    ).length;
  await untilOrNot(stage, () => told() === people.length, restMs);
  await gone;
  await server.start();
  return told();
}

/** Counts the jobs whose status message said that it waits for the store. */
function countShown({ stage }: Stand): () => number {
  const shown = new Set<string>();
  stage.telegram.onEvent((event) => {
    if (event.type !== "call") return;
    const { chat_id, message_id, text, caption } = event.call.params;
    if (String(text ?? caption).includes(storageAway)) shown.add(`${chat_id}:${message_id}`);
  });
  return () => shown.size;
}
