/**
 * Row: the server with the queue of the workers restarts again and again while they render, and is away for a while. Jobs wait, their
 * users read so, and what was rendered meanwhile arrives.
 */
import { setTimeout as pause } from "node:timers/promises";
import { untilOrNot, watchLife } from "../../lab/load/lives.ts";
import { onQueue, openStand } from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { startWorker, untilJoined } from "../../lab/remote_worker.ts";
import { noDrafts, type Stage } from "../../lab/stage.ts";
import type { MessageRef } from "../../lab/telegram/mod.ts";
import { textIn } from "../../src/i18n/text.ts";
import {
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  noted,
  promised,
} from "../finding.ts";
import { keepLedger, leftOpen, nobodyAdmin } from "../ledger.ts";
import { leftInState } from "../state.ts";
import { askSteadily, onEachEngine, type QueueServer, renderedTwiceBy } from "./engines.ts";

const crowd = 6;
const runMs = 400;
const sizes = {
  long: { restarts: 20, awayMs: 60_000 },
  short: { restarts: 1, awayMs: 6_000 },
};
/** Between two restarts, and while the server is down in one, at most. */
const pauseMs = 4_000;
const downMs = 1_500;
const restMs = 90_000;
const { queue: { stalled } } = textIn("en");

export const queue: ChaosRow = {
  name: "queue",
  run: (options) => onEachEngine("queue", options, (server) => tryServer(server, options)),
};

async function tryServer(
  { engine, server, url }: QueueServer,
  { seed, isShort, tell }: ChaosOptions,
): Promise<readonly Finding[]> {
  const { restarts, awayMs } = sizes[isShort ? "short" : "long"];
  const random = seededRandom(seed);
  const queue = onQueue(url);
  await using stand = await openStand({
    crowd,
    ...queue,
    env: { ...nobodyAdmin, ...queue.env },
    telegram: noDrafts,
  });
  const { stage, people } = stand;
  await using one = await startWorker({ name: "one", url, comfyui: { runMs } });
  await using two = await startWorker({ name: "two", url, comfyui: { runMs } });
  await untilJoined(stage, one, two);
  const life = watchLife(stage);
  const ledger = keepLedger(stage);
  await using asking = askSteadily(stand, ledger, { inFlight: crowd, patienceMs: restMs });

  for (let restart = 0; restart < restarts; restart++) {
    await pause(random() * pauseMs);
    await server.stop();
    await pause(random() * downMs);
    await server.start();
  }
  tell(`queue: ${engine} was restarted ${restarts} times`);
  await server.stop();
  const areTold = await untilOrNot(
    stage,
    () => ledger.open().length > 0 && ledger.open().every((request) => isTold(stage, request)),
    restMs,
  );
  await pause(awayMs);
  await asking.stop();
  await server.start();
  const from = Date.now();
  await untilOrNot(stage, () => ledger.open().length === 0, restMs);
  const seconds = (Date.now() - from) / 1000;
  await untilOrNot(stage, () => leftOpen(stage, people).length === 0, restMs);
  const { lastWords } = life;
  if (lastWords === undefined) await stage.stop();

  const endings = ledger.requests.map(ledger.endingOf);
  const twice = renderedTwiceBy([one, two]);
  const sentences = endings.flatMap((ending) => ending.sentences);
  const left = await leftInState(stage.dir);
  const lost = endings.filter(({ results }) => results.length === 0).length;
  const of = `queue on ${engine}`;
  return [
    none(
      `${of} restarted ${restarts} times, and away for ${
        awayMs / 1000
      } s: of ${endings.length} jobs lost`,
      lost,
      sentences,
    ),
    none(`${of}: sent twice`, endings.filter(({ results }) => results.length > 1).length),
    none(`${of}: rendered twice`, twice.length, twice),
    promised(areTold, `${of}: users whose jobs wait read so`, {
      limit: "all",
      measured: areTold ? "all" : "not all",
    }),
    promised(lastWords === undefined, `${of}: the process`, {
      limit: "lives",
      measured: lastWords ?? "lives",
    }),
    noted(`${of}: the last result after the return`, `${seconds.toFixed(1)} s`),
    none(`${of}: jobs or updates stuck in the bot's state`, left.length, left),
  ];
}

/** True where the status of a request says that its job waits. */
function isTold({ telegram }: Stage, { chat, message_id }: MessageRef): boolean {
  return telegram.messages(chat).some(({ reply_to_message, text }) =>
    reply_to_message?.message_id === message_id && text?.includes(stalled)
  );
}
