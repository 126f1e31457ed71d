/**
 * A row: the bucket that holds the pictures is away for a minute while jobs run and wait, then restarted again and again. Jobs wait,
 * their users read so, new pictures are refused with a sentence, and all goes on by itself; also where a worker on another host has its
 * pictures through the bucket.
 */
import { setTimeout as pause } from "node:timers/promises";
import { type BucketServer, canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import type { SimulatedComfyUI } from "../../lab/comfyui/mod.ts";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { onQueue, openStand, type Stand, wordsOf } from "../../lab/load/stand.ts";
import { canServeRedis, startRedis } from "../../lab/servers/redis.ts";
import { startWorker, untilJoined } from "../../lab/remote_worker.ts";
import { noDrafts } from "../../lab/stage.ts";
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

const crowd = 6;
const runMs = 400;
const sizes = {
  long: { awayMs: 60_000, restarts: 20 },
  short: { awayMs: 4_000, restarts: 2 },
};
const endMs = 60_000;
const stopped = /Pictures can't be stored or read right now/;
const refused = /I can't store pictures right now/;

/** A bot with its pictures in the bucket, and the ComfyUI that renders for it. */
interface Site extends AsyncDisposable {
  readonly stand: Stand;
  readonly comfyui: SimulatedComfyUI;
  /** Appended to the row's name. */
  readonly where: string;
}

const storageOf = ({ url }: BucketServer) => `access: { mode: open }\nstorage: { url: "${url}" }\n`;
const telegram = { limits: false, ...noDrafts };

async function besideTheBot(server: BucketServer): Promise<Site> {
  const stand = await openStand({
    crowd,
    env: { ...nobodyAdmin, ...server.env },
    config: `${storageOf(server)}queue: { max_size: 1000 }\n`,
    telegram,
    comfyui: { runMs },
  });
  const { comfyui } = stand.stage;
  return {
    stand,
    comfyui,
    where: "",
    [Symbol.asyncDispose]: () => stand[Symbol.asyncDispose](),
  };
}

/** Its pictures travel through the bucket too. */
async function onWorker(server: BucketServer): Promise<Site> {
  await using parts = new AsyncDisposableStack();
  const url = parts.use(await startRedis()).database();
  const queue = onQueue(url);
  const stand = parts.use(
    await openStand({
      crowd,
      env: { ...nobodyAdmin, ...server.env, ...queue.env },
      config: storageOf(server) + queue.config,
      telegram,
    }),
  );
  const worker = await startWorker({ name: "one", url, comfyui: { runMs }, bucket: server });
  const { comfyui } = parts.use(worker);
  await untilJoined(stand.stage, worker);
  const kept = parts.move();
  return {
    stand,
    comfyui,
    where: ", over a worker on another host",
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export const bucket: ChaosRow = {
  name: "bucket",
  async run(options: ChaosOptions): Promise<readonly Finding[]> {
    if (!await canServeBucket()) return [noted("bucket", "not tried: versitygw is not installed")];
    const sites = await canServeRedis() ? [besideTheBot, onWorker] : [besideTheBot];
    // The short run takes turns: chance says which.
    const chosen = sites.filter((_, i) => !options.isShort || i === options.seed % sites.length);
    const findings: Finding[] = [];
    for (const openSite of chosen) findings.push(...await trySite(openSite, options));
    return findings;
  },
};

async function trySite(
  openSite: (server: BucketServer) => Promise<Site>,
  { seed, isShort, tell }: ChaosOptions,
): Promise<readonly Finding[]> {
  const { awayMs, restarts } = sizes[isShort ? "short" : "long"];
  const random = seededRandom(seed);
  const photo = await phonePhoto();
  await using server = await startBucket();
  await using site = await openSite(server);
  const { stand, comfyui, where } = site;
  const what = `the bucket of the pictures away for ${
    awayMs / 1000
  } s, and ${restarts} restarts${where}`;
  const { stage, people } = stand;
  const ledger = keepLedger(stage);
  let isTold = false;
  const refusals = new Set<string>();
  stage.telegram.onEvent((event) => {
    if (event.type !== "sent" && event.type !== "edited" || event.by !== "bot") return;
    const { text = "", message_id } = event.message;
    isTold ||= stopped.test(text);
    if (refused.test(text)) refusals.add(`${event.chatId}:${message_id}`);
  });
  const served = () =>
    ledger.requests.filter((each) => ledger.endingOf(each).results.length > 0).length;
  /** How many requests have neither a result nor a refusal. */
  const open = () => ledger.requests.length - served() - refusals.size;
  let sent = 0;
  const send = async (count: number) => {
    for (let i = 0; i < count; i++, sent++) {
      const caption = wordsOf(sent);
      ledger.add(await people[sent % crowd]!.sendPhoto(photo, { caption }));
    }
  };

  tell(`bucket: away for ${awayMs / 1000} s`);
  await send(3 * crowd);
  await comfyui.until(() => comfyui.ran.length >= 2, { what: "jobs run" });
  await server.stop();
  await untilOrNot(stage, () => isTold, endMs);
  await send(crowd);
  await pause(awayMs);
  await server.start();
  const from = Date.now();
  await untilOrNot(stage, () => open() === 0, endMs);
  const seconds = (Date.now() - from) / 1000;

  tell(`bucket: restarted ${restarts} times`);
  for (let restart = 0; restart < restarts; restart++) {
    await send(1 + Math.floor(random() * 3));
    await pause(random() * 1_000);
    await server.stop();
    await pause(random() * 1_000);
    await server.start();
  }
  await untilOrNot(stage, () => open() + leftOpen(stage, people).length === 0, endMs);
  await stage.stop();
  const endings = ledger.requests.map(ledger.endingOf);
  const wrong = endings.flatMap(({ sentences }) => sentences);
  const left = await leftInState(stage.dir);
  return [
    promised(
      open() === 0 && isTold,
      what,
      {
        limit: "no job lost, users are told, resumes by itself",
        measured: `${ledger.requests.length} requests: ${served()} results, ` +
          `${refusals.size} refused with a sentence, ${open()} lost; ` +
          `${isTold ? "told" : "not told"}, ${seconds.toFixed(1)} s after it is back`,
      },
    ),
    none(`· rendered twice${where}`, Math.max(0, comfyui.ran.length - served())),
    none(`· sent twice${where}`, endings.filter(({ results }) => results.length > 1).length),
    none(`· other sentences${where}`, wrong.length, wrong),
    none(`· jobs or updates stuck in the bot's state${where}`, left.length, left),
  ];
}
