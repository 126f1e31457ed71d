/**
 * A row: the bucket that holds the pictures is away for a minute while jobs run and wait, then restarted again and again. Jobs wait,
 * their users read so, new pictures are refused with a sentence, and all goes on by itself.
 */
import { canServeBucket, startBucket } from "../../lab/bucket.ts";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { seededRandom } from "../../lab/load/statistics.ts";
import { openStand, wordsOf } from "../../lab/load/stand.ts";
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

export const bucket: ChaosRow = {
  name: "bucket",
  async run({ seed, isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const { awayMs, restarts } = sizes[isShort ? "short" : "long"];
    const what = `the bucket of the pictures away for ${awayMs / 1000} s, and ${restarts} restarts`;
    if (!await canServeBucket()) return [noted(what, "not tried: versitygw is not installed")];
    const random = seededRandom(seed);
    const photo = await phonePhoto();
    await using server = await startBucket();
    await using stand = await openStand({
      crowd,
      env: { ...nobodyAdmin, ...server.env },
      config:
        `access: { mode: open }\nqueue: { max_size: 1000 }\nstorage: { url: "${server.url}" }\n`,
      telegram: { limits: false, ...noDrafts },
      comfyui: { runMs },
    });
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
    const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

    tell(`bucket: away for ${awayMs / 1000} s`);
    await send(3 * crowd);
    await stage.comfyui.until(() => stage.comfyui.ran.length >= 2, { what: "jobs run" });
    await server.stop();
    await untilOrNot(stage, () => isTold, endMs);
    await send(crowd);
    await pass(awayMs);
    await server.start();
    const from = Date.now();
    await untilOrNot(stage, () => open() === 0, endMs);
    const seconds = (Date.now() - from) / 1000;

    tell(`bucket: restarted ${restarts} times`);
    for (let restart = 0; restart < restarts; restart++) {
      await send(1 + Math.floor(random() * 3));
      await pass(random() * 1_000);
      await server.stop();
      await pass(random() * 1_000);
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
      none("· rendered twice", Math.max(0, stage.comfyui.ran.length - served())),
      none("· sent twice", endings.filter(({ results }) => results.length > 1).length),
      none("· other sentences", wrong.length, wrong),
      none("· jobs or updates stuck in the bot's state", left.length, left),
    ];
  },
};
