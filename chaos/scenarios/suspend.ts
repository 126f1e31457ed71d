/**
 * Row 3, second half: the bot is suspended (SIGSTOP, a frozen machine) for longer than a run may be silent, while Telegram
 * and ComfyUI go on: for ten minutes; in the short run everything is scaled.
 */
import { setTimeout as pause } from "node:timers/promises";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand } from "../../lab/load/stand.ts";
import { holdRun } from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";
import {
  atMost,
  type ChaosOptions,
  type ChaosRow,
  type Finding,
  none,
  promised,
} from "../finding.ts";
import { keepLedger } from "../ledger.ts";
import { maxCallsPerSecond, peakOfCalls } from "../pace.ts";

const crowd = 6;
const stepMs = 100;
/** Runs of two seconds. */
const words = "winter steps=20";
const endMs = 180_000;

export const suspend: ChaosRow = {
  name: "suspend",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const sleepMs = isShort ? 12_000 : 600_000;
    const timeoutSeconds = isShort ? 8 : 300;
    tell(`suspend: ${sleepMs / 1000} s`);
    await using stand = await openStand({
      crowd,
      config: `queue: { timeout_seconds: ${timeoutSeconds} }\ncomfyui: { poll_seconds: 0.5 }\n`,
      comfyui: { stepMs },
    });
    const { stage, people } = stand;
    const ledger = keepLedger(stage);
    const photo = await phonePhoto();
    const send = async (from: number, to: number) => {
      for (const person of people.slice(from, to)) {
        ledger.add(await person.sendPhoto(photo, { caption: words }));
      }
    };
    using hold = holdRun(stage, { afterStep: 5 });
    await send(0, 3);
    // Pictures are fetched side by side: whose is there first runs first.
    const isPainted = ({ privateChat }: Person) =>
      stage.telegram.draft(privateChat)?.text.includes("Step");
    await stage.telegram.until(() => people.some(isPainted), { what: "a run is shown" });
    // What a socket has kept for the sleeper would hide that it takes its own sleep for ComfyUI's silence.
    stage.comfyui.faults.add({ kind: "socket-silent" });
    stage.bot.kill("SIGSTOP");
    hold.remove();
    await send(3, crowd);
    await pause(sleepMs);
    const woken = Date.now();
    stage.bot.kill("SIGCONT");
    await untilOrNot(stage, () => ledger.open().length === 0, endMs);
    const endings = ledger.requests.map(ledger.endingOf);
    const results = endings.filter((ending) => ending.results.length === 1).length;
    const sentences = endings.flatMap((ending) => ending.sentences);
    const { perSecond, mostly } = peakOfCalls(stage, woken);
    return [
      promised(
        results === crowd,
        `the bot is suspended for ${sleepMs / 1000} s (queue.timeout_seconds ${timeoutSeconds})`,
        {
          limit: `${crowd} results`,
          measured: `${results} in ${((Date.now() - woken) / 1000).toFixed(1)} s after it${
            sentences[0] ? ` · ${sentences[0]}` : ""
          }`,
        },
      ),
      none(
        "· results sent twice",
        endings.filter((ending) => ending.results.length > 1).length,
      ),
      atMost("· calls to Telegram in the busiest second after it", {
        value: perSecond,
        limit: maxCallsPerSecond,
        unit: "",
        of: `mostly ${mostly}`,
      }),
      none("· rendered twice", stage.comfyui.ran.length - crowd),
    ];
  },
};
