/**
 * Row: workers on other hosts die, and the bot too. Users send pictures while one of two workers is killed with -9 again and again and
 * started again at once, and then the bot, over Redis and over PostgreSQL. What was rendered is not to be rendered again.
 */
import { setTimeout as pause } from "node:timers/promises";
import { killAgainAndAgain, type Lives, untilOrNot } from "../../lab/load/lives.ts";
import { onQueue, openStand } from "../../lab/load/stand.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { type RemoteWorker, startWorker } from "../../lab/remote_worker.ts";
import { until } from "../../lab/until.ts";
import { atMost, type ChaosOptions, type ChaosRow, type Finding, none } from "../finding.ts";
import { keepLedger, type Ledger, nobodyAdmin } from "../ledger.ts";
import { askSteadily, onEachEngine, type QueueServer, renderedTwiceBy } from "./engines.ts";

interface Size {
  readonly workerKills: number;
  readonly botKills: number;
  readonly minLifeMs: number;
  readonly maxLifeMs: number;
}

const long: Size = { workerKills: 50, botKills: 50, minLifeMs: 1_000, maxLifeMs: 6_000 };
const short: Size = { ...long, workerKills: 1, botKills: 1, maxLifeMs: 3_000 };
const crowd = 6;
const runMs = 400;
/** How many requests are unanswered at a time. */
const inFlight = 6;
const restMs = 90_000;

export const workers: ChaosRow = {
  name: "workers",
  run: (options) => onEachEngine("workers", options, (server) => tryServer(server, options)),
};

async function tryServer(
  { engine, url }: QueueServer,
  { seed, isShort, tell }: ChaosOptions,
): Promise<readonly Finding[]> {
  const { workerKills, botKills, ...lives } = isShort ? short : long;
  const random = seededRandom(seed);
  const queue = onQueue(url);
  await using stand = await openStand({ crowd, ...queue, env: { ...nobodyAdmin, ...queue.env } });
  const { stage } = stand;
  await using one = await startWorker({ name: "one", url, comfyui: { runMs } });
  await using two = await startWorker({ name: "two", url, comfyui: { runMs } });
  const both = [one, two];
  for (const worker of both) await untilConnected(worker);
  const ledger = keepLedger(stage);
  await using asking = askSteadily(stand, ledger, { inFlight, patienceMs: restMs });

  for (let kill = 0; kill < workerKills; kill++) {
    const worker = both[Math.floor(random() * both.length)]!;
    await pause(lives.minLifeMs + random() * (lives.maxLifeMs - lives.minLifeMs));
    await worker.kill();
    worker.start();
    await untilConnected(worker);
    tell(`workers: ${worker.name} was killed (${kill + 1} of ${workerKills})`);
  }
  const killed: Lives = await killAgainAndAgain(stage, {
    ...lives,
    kills: botKills,
    random,
    onLife: () => () => {},
  });
  await asking.stop();
  await untilOrNot(stage, () => ledger.open().length === 0, restMs);
  return findingsOf(engine, { ledger, workers: both, killed, workerKills });
}

function findingsOf(
  engine: string,
  { ledger, workers, killed, workerKills }: {
    readonly ledger: Ledger;
    readonly workers: readonly RemoteWorker[];
    readonly killed: Lives;
    readonly workerKills: number;
  },
): readonly Finding[] {
  const endings = ledger.requests.map(ledger.endingOf);
  const twice = renderedTwiceBy(workers);
  const of = `workers over ${engine}`;
  const kills = workerKills + killed.killedAt.length;
  return [
    none(`${of}: requests that got neither a result nor a sentence`, ledger.open().length),
    atMost(`${of}: results sent twice`, {
      value: endings.reduce((sum, { results }) => sum + Math.max(0, results.length - 1), 0),
      limit: killed.killedAt.length,
      unit: "",
      of: `${killed.killedAt.length} kills of the bot, ${endings.length} jobs`,
    }),
    // One that dies again before it has taken its jobs back is away for longer than they wait for it, and another does them.
    atMost(`${of}: rendered twice`, {
      value: twice.length,
      limit: Math.ceil(kills / 20),
      unit: "",
      of: `${kills} kills${twice.map((words) => ` · ${words}`).join("")}`,
    }),
    none(`${of}: lives of the bot that ended by themselves`, killed.died.length, killed.died),
  ];
}

async function untilConnected({ life, name }: RemoteWorker): Promise<void> {
  await until(`${name} is connected`, () => life.output().includes("Connected to"));
}
