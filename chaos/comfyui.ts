/** Row 2: a ComfyUI that is ill in every way that it has. Each job ends, or waits and its person knows why. */
import { untilOrNot } from "../bench/lives.ts";
import { phonePhoto } from "../bench/pictures.ts";
import { openStand, type Stand } from "../bench/stand.ts";
import type { SimulatedComfyUI } from "../demo/comfyui/mod.ts";
import { type ChaosOptions, type ChaosRow, type Finding, promised } from "./finding.ts";
import { keepLedger, type Ledger, nobodyAdmin } from "./ledger.ts";

/** One illness. */
interface Illness {
  readonly what: string;
  /** How the jobs end that meet it. */
  readonly end: "results" | "sentences";
  /** True where people are to be told, while it lasts, that they wait for ComfyUI. */
  readonly isTold?: boolean;
  /** Falls ill, and gets well when the returned function is called. */
  readonly fall: (comfyui: SimulatedComfyUI) => () => void;
  /** How long it lasts; default: until the jobs have ended. */
  readonly lastsMs?: number;
}

const crowd = 3;
/** A run of two seconds. */
const words = "winter steps=20";
const stepMs = 100;
const timeoutSeconds = 6;
/** Longest time from the end of an illness to the end of its jobs: pauses between tries, and three runs. */
const endMs = 45_000;

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
  const silentMs = isShort ? 10_000 : 60_000;
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
      isTold: true,
      fall: faults({ kind: "http", path: /./, answer: 500 }),
      lastsMs: 8_000,
    },
    {
      what: `${silentMs / 1000} s without an answer`,
      end: "results",
      isTold: !isShort,
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
      what: "its disk full: no upload taken",
      end: "results",
      isTold: true,
      fall: faults({ kind: "http", path: /^\/upload/, answer: 500 }),
      lastsMs: 8_000,
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
      findings.push(await survive(stand, ledger, illness));
    }
    return findings;
  },
};

const shortOnes = ["silent for good", "half a JSON", "answer 500", "without an answer", "of VRAM"];

/** Lets everybody send a picture, and ComfyUI fall ill. */
async function survive(stand: Stand, ledger: Ledger, illness: Illness): Promise<Finding> {
  const { stage, people } = stand;
  const { what, end, isTold = false, fall, lastsMs } = illness;
  const photo = await phonePhoto();
  const first = ledger.requests.length;
  const waits = watchWaits(stand);
  const from = Date.now();
  const getWell = fall(stage.comfyui);
  for (const person of people) ledger.add(await person.sendPhoto(photo, { caption: words }));
  if (lastsMs !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, lastsMs));
    getWell();
  }
  await untilOrNot(stage, () => ledger.open().length === 0, endMs);
  getWell();
  const tookMs = Date.now() - from;
  waits.stop();
  const endings = ledger.requests.slice(first).map(ledger.endingOf);
  const results = endings.filter((ending) => ending.results.length === 1).length;
  const sentences = endings.flatMap((ending) => ending.sentences);
  const ended = end === "results" ? results : sentences.length;
  const told = isTold ? `, ${waits.count()} told that they wait` : "";
  return promised(
    ended === crowd && results + sentences.length === crowd &&
      (!isTold || waits.count() === crowd),
    `ComfyUI: ${what}`,
    {
      limit: `${crowd} ${end}${isTold ? `, ${crowd} told that they wait` : ""}`,
      measured: `${results} results, ${sentences.length} sentences${told}, in ${
        (tookMs / 1000).toFixed(1)
      } s${sentences[0] ? ` · ${sentences[0]}` : ""}`,
    },
  );
}

/** Counts the chats in which it was said that ComfyUI does not answer. */
function watchWaits({ stage }: Stand): { count(): number; stop(): void } {
  const chats = new Set<number>();
  const stop = stage.telegram.onEvent((event) => {
    if (event.type !== "sent" && event.type !== "edited" && event.type !== "draft") return;
    const text = event.type === "draft" ? event.draft?.text : event.message.text;
    if (text?.includes("does not answer right now")) chats.add(event.chatId);
  });
  return { count: () => chats.size, stop };
}
