/** Row 2: a ComfyUI that is ill in every way that it has. Each job ends, or waits and its user knows why. */
import { setTimeout as pause } from "node:timers/promises";
import type { SimulatedComfyUI } from "../../lab/comfyui/mod.ts";
import { untilOrNot } from "../../lab/load/lives.ts";
import { phonePhoto } from "../../lab/load/photos.ts";
import { openStand, type Stand } from "../../lab/load/stand.ts";
import { type ChaosOptions, type ChaosRow, type Finding, promised } from "../finding.ts";
import { keepLedger, type Ledger, nobodyAdmin } from "../ledger.ts";
import { watchShown } from "../shown.ts";

/** One illness. */
interface Illness {
  readonly what: string;
  /** How the jobs end that meet it. */
  readonly end: "results" | "sentences";
  /** The text that every waiting user is to see while it lasts. */
  readonly told?: RegExp;
  /** Falls ill, and gets well when the returned function is called. */
  readonly fall: (comfyui: SimulatedComfyUI) => () => void;
  /** How long it lasts at least, for what is told takes its time; default: until the jobs have ended. */
  readonly lastsMs?: number;
}

const crowd = 3;
const isAway = /does not answer right now/;
/** Only some calls fail, so that ComfyUI seems to be back between two tries: who is not next sees their place in the line. */
const isAwayOrInLine = /does not answer right now|^⏳/u;
/** Runs of two seconds, of half a second in the short run. */
const words = { long: "winter steps=20", short: "winter steps=5" };
const stepMs = 100;
/** How long a job may take until something of it is shown. */
const shownMs = 5_000;
const timeoutSeconds = 6;
const awayMs = 26_000;
/** Longest time from the end of an illness to the end of its jobs: pauses between tries, and three runs. */
const endMs = 180_000;

const config = "comfyui: { poll_seconds: 0.5, retry_seconds: [0.2, 0.5] }\n" +
  `queue: { timeout_seconds: ${timeoutSeconds} }\n`;

type Fault = Parameters<SimulatedComfyUI["faults"]["add"]>[0];

function faults(...all: readonly Fault[]): Illness["fall"] {
  return (comfyui) => {
    const added = all.map((fault) => comfyui.faults.add(fault));
    return () => added.forEach((fault) => fault.remove());
  };
}

function illnesses(isShort: boolean): readonly Illness[] {
  const silentMs = isShort ? 5_000 : 60_000;
  const failingMs = isShort ? 6_000 : 8_000;
  return [
    {
      what: "socket silent for good",
      end: "results",
      fall(comfyui) {
        const timer = setInterval(() => comfyui.faults.add({ kind: "socket-silent" }).remove(), 50);
        return () => clearInterval(timer);
      },
    },
    {
      what: "socket cut each second",
      end: "results",
      fall: faults({ kind: "socket-cut-every", everyMs: 1_000 }),
    },
    {
      what: "no socket at all",
      end: "results",
      fall: faults({ kind: "socket-cut", refuse: true }),
    },
    {
      what: "/history empty for a moment after success",
      end: "results",
      fall: faults({ kind: "late-history", times: 6 }),
    },
    {
      what: "/history empty for ever",
      end: "sentences",
      fall: faults({ kind: "late-history" }),
    },
    {
      what: "unknown frames and half frames",
      end: "results",
      fall: faults({ kind: "unknown-frames" }, { kind: "half-frames" }),
    },
    {
      what: "half a JSON from /prompt, /history and /queue",
      end: "results",
      fall: faults(
        ...[/^\/prompt/, /^\/history/, /^\/queue/].map((path) =>
          ({ kind: "http", path, answer: "half-json", times: 2 }) as const
        ),
      ),
    },
    {
      what: "every answer 500",
      end: "results",
      told: isAway,
      fall: faults({ kind: "http", path: /./, answer: 500 }),
      lastsMs: failingMs,
    },
    {
      what: `${silentMs / 1000} s without an answer`,
      end: "results",
      ...isShort ? {} : { told: isAway },
      fall: faults({ kind: "http", path: /./, answer: "hang" }),
      lastsMs: silentMs,
    },
    {
      what: "restart in mid-job",
      end: "results",
      fall(comfyui) {
        const running = comfyui.until(() => comfyui.queue().running.length > 0, {
          what: "a run to die in",
        });
        running.then(() => comfyui.restart()).catch(() => {});
        return () => {};
      },
    },
    {
      // Longer than the bot looks for a running prompt before it calls ComfyUI away.
      what: `killed in mid-job, away for ${awayMs / 1000} s`,
      end: "results",
      told: isAway,
      fall(comfyui) {
        const running = comfyui.until(() => comfyui.queue().pending.length > 0, {
          what: "a run to die in, and a job behind it",
        });
        const killed = running.then(() => comfyui.kill()).then(() => true, () => false);
        let isWell = false;
        return () => {
          if (isWell) return;
          isWell = true;
          killed.then((wasRunning) => wasRunning ? comfyui.restart() : undefined).catch(() => {});
        };
      },
      lastsMs: awayMs,
    },
    {
      what: "its disk full: no upload taken",
      end: "results",
      told: isAwayOrInLine,
      fall: faults({ kind: "http", path: /^\/upload/, answer: 500 }),
      lastsMs: failingMs,
    },
    {
      what: "its disk full: the result cannot be saved",
      end: "sentences",
      fall: faults({
        kind: "error",
        exceptionType: "OSError",
        exceptionMessage: "[Errno 28] No space left on device",
      }),
    },
    {
      what: "out of VRAM",
      end: "sentences",
      fall: faults({
        kind: "error",
        exceptionType: "torch.OutOfMemoryError",
        exceptionMessage: "Allocation on device",
      }),
    },
    {
      what: `a run that is stuck (queue.timeout_seconds ${timeoutSeconds})`,
      end: "sentences",
      fall: faults({ kind: "stuck", afterStep: 3 }),
    },
  ];
}

export const comfyui: ChaosRow = {
  name: "comfyui",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    const findings: Finding[] = [];
    await using stand = await openStand({
      crowd,
      config,
      env: nobodyAdmin,
      comfyui: { stepMs },
    });
    const ledger = keepLedger(stand.stage);
    for (const illness of illnesses(isShort)) {
      // The short run meets each kind of end and of waiting once.
      if (isShort && !shortOnes.some((name) => illness.what.includes(name))) continue;
      tell(`comfyui: ${illness.what}`);
      const caption = words[isShort ? "short" : "long"];
      findings.push(await survive(stand, ledger, { ...illness, caption }));
    }
    return findings;
  },
};

const shortOnes = ["silent for good", "half a JSON", "answer 500", "without an answer", "of VRAM"];

/** Lets every user send a picture, and ComfyUI fall ill. */
async function survive(
  stand: Stand,
  ledger: Ledger,
  { what, end, told, fall, lastsMs, caption }: Illness & { readonly caption: string },
): Promise<Finding> {
  const { stage, people } = stand;
  const photo = await phonePhoto();
  const first = ledger.requests.length;
  const shown = watchShown(stage);
  const from = Date.now();
  const getWell = fall(stage.comfyui);
  const ran = stage.comfyui.ran.length;
  for (const [index, person] of people.entries()) {
    const isShown = () => shown.all.some(({ chatId }) => chatId === person.id);
    ledger.add(await person.sendPhoto(photo, { caption: `person ${index}, ${caption}` }));
    // Pictures are fetched side by side: whose is there first is not told by who has sent it first.
    await untilOrNot(stage, isShown, shownMs);
  }
  const toldOf = (words: RegExp) =>
    new Set(shown.all.filter(({ text }) => words.test(text)).map(({ chatId }) => chatId)).size;
  if (lastsMs !== undefined) {
    await pause(lastsMs);
    if (told) await untilOrNot(stage, () => toldOf(told) === crowd, endMs);
    getWell();
  }
  await untilOrNot(stage, () => ledger.open().length === 0, endMs);
  getWell();
  const tookMs = Date.now() - from;
  shown.stop();
  const waits = told && toldOf(told);
  const endings = ledger.requests.slice(first).map(ledger.endingOf);
  const results = endings.filter((ending) => ending.results.length === 1).length;
  const sentences = endings.flatMap((ending) => ending.sentences);
  const ended = end === "results" ? results : sentences.length;
  const order = orderOf(stage, ran);
  const isInOrder = end === "sentences" || order === people.map((_, index) => index).join(", ");
  return promised(
    ended === crowd && isInOrder && results + sentences.length === crowd &&
      (waits === undefined || waits === crowd),
    `ComfyUI: ${what}`,
    {
      limit: `${crowd} ${end}${end === "results" ? " in the queue's order" : ""}${
        told ? `, ${crowd} told that they wait` : ""
      }`,
      measured: `${results} results, ${sentences.length} sentences${
        told ? `, ${waits} told that they wait` : ""
      }${isInOrder ? "" : `, in the order ${order}`}, in ${(tookMs / 1000).toFixed(1)} s${
        sentences[0] ? ` · ${sentences[0]}` : ""
      }`,
    },
  );
}

/** Whose jobs ran to their end since so many runs, in that order; a run that was lost is another one's to make good. */
function orderOf({ comfyui }: Stand["stage"], ran: number): string {
  return comfyui.ran.slice(ran).filter(({ outcome }) => outcome === "success")
    .map(({ graph }) => /person (\d)/.exec(JSON.stringify(graph))?.[1])
    .filter((index, at, all) => all.indexOf(index) === at).join(", ");
}
