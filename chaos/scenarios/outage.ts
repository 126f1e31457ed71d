/**
 * Row 1, calmer: Telegram is away altogether for a while, and comes back. What was under way then, a picture that was just
 * being fetched, a result, a failure, a press, reaches its end, even where the bot is stopped and started meanwhile.
 */
import { setTimeout as pause } from "node:timers/promises";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand, othersOf, type Stand, wordsOf } from "../../lab/load/stand.ts";
import {
  atMost,
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  promised,
} from "../finding.ts";
import { keepLedger, type Ledger, leftOpen, nobodyAdmin } from "../ledger.ts";
import { leftInState } from "../state.ts";

const crowd = 4;
const runMs = 400;
const awayMs = { long: 20_000, short: 4_000 };
/** The longest pause between two tries, and what is to be done then. */
const endMs = 180_000;
/** How long a stop may take: systemd's patience is longer. */
const maxStopMs = 20_000;
/** The words of the job that ComfyUI fails. */
const doomed = wordsOf(2);

export const outage: ChaosRow = {
  name: "outage",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const lastsMs = awayMs[isShort ? "short" : "long"];
    await using stand = await openStand({ crowd, env: nobodyAdmin, comfyui: { runMs } });
    const { stage, people } = stand;
    const ledger = keepLedger(stage);
    stage.comfyui.faults.add({
      kind: "error",
      exceptionType: "RuntimeError",
      exceptionMessage: "no",
      match: ({ graph }) => JSON.stringify(graph).includes(`"${doomed}"`),
    });
    tell(`outage: ${lastsMs / 1000} s`);
    const stopMs = await goThrough(stand, ledger, lastsMs);
    const from = Date.now();
    await untilOrNot(stage, () => ledger.open().length === 0, endMs);
    await untilOrNot(stage, () => leftOpen(stage, people).length === 0, endMs);
    const seconds = (Date.now() - from) / 1000;

    // A press whose answer is lost does what its button says all the same.
    const results = () => ledger.requests.flatMap((each) => ledger.endingOf(each).results);
    const before = results().length;
    const first = ledger.requests[0]!;
    const resultId = ledger.endingOf(first).results[0]?.messageId;
    stage.telegram.faults.add({ method: "answerCallbackQuery", kind: "500", times: 1 });
    const pressing = resultId === undefined
      ? undefined
      : people[0]!.press({ chat: first.chat, message_id: resultId }, "🔁 Again");
    await untilOrNot(stage, () => results().length > before, endMs);
    const after = results().length;
    stage.bot.kill("SIGTERM");
    await Promise.all([stage.bot.status, pressing]);
    const endings = ledger.requests.map(ledger.endingOf);
    const sentences = endings.flatMap((ending) => ending.sentences);
    const others = othersOf(stand).filter((text) => !sentences.includes(text));
    const left = await leftInState(stage.dir);
    return [
      promised(
        before === crowd && sentences.length === 1 && ledger.open().length === 0,
        `Telegram is away for ${lastsMs / 1000} s, the bot is stopped and started meanwhile`,
        {
          limit: `${crowd} results, 1 told of a failure`,
          measured: `${before} results, ${sentences.length} told, ${
            seconds.toFixed(1)
          } s after it is back`,
        },
      ),
      atMost("· stopped in the middle of it (SIGTERM)", {
        value: stopMs,
        limit: maxStopMs,
        unit: "ms",
      }),
      none("· other sentences, status messages left behind", others.length, others),
      promised(after === before + 1, "· a press whose answer is lost", {
        limit: "does what the button says",
        measured: after === before + 1 ? "a result" : `${after - before} results`,
      }),
      none("· jobs or updates stuck in the bot's state", left.length, left),
    ];
  },
};

/** From the first request to Telegram's return; gives how long the bot took to stop in the middle, in milliseconds. */
async function goThrough(
  { stage, people }: Stand,
  ledger: Ledger,
  lastsMs: number,
): Promise<number> {
  const { telegram } = stage;
  const photo = await phonePhoto();
  const send = async (index: number) =>
    ledger.add(await people[index % crowd]!.sendPhoto(photo, { caption: wordsOf(index) }));
  const gone = Promise.withResolvers<void>();
  let fetched = 0;
  const stopListening = telegram.onEvent((event) => {
    if (event.type !== "call" || event.call.endedAt !== undefined) return;
    // The last picture is just being fetched: this very call fails already.
    if (event.call.method !== "getFile" || ++fetched < crowd) return;
    telegram.faults.add({ method: /./, kind: "cut-before" });
    gone.resolve();
  });
  for (let index = 0; index < crowd; index++) await send(index);
  await gone.promise;
  stopListening();
  await pause(lastsMs / 2);
  await send(crowd);
  const from = Date.now();
  await stage.stop();
  const stopMs = Date.now() - from;
  stage.start();
  await pause(lastsMs / 2);
  telegram.faults.clear();
  return stopMs;
}
