/**
 * What the page shows of the simulated ComfyUI: what runs, how far it is, what waits, what was. Follows the frames that
 * ComfyUI sends to its sockets. Knows nothing of the page's HTTP.
 */
import { z } from "zod";
import type { RunRecord, SimulatedComfyUI } from "../../lab/comfyui/mod.ts";

/** One execution. Times are milliseconds since 1970. */
export interface RunView {
  readonly promptId: string;
  /** The person's words, as the graph carries them; empty where none were found. */
  readonly words: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: RunRecord["outcome"];
}

export interface BackendView {
  readonly url: string;
  readonly sockets: number;
  readonly running: (RunView & { readonly value: number; readonly max: number }) | null;
  /** Prompt ids in their order. */
  readonly waiting: readonly string[];
  /** The latest that ended, newest first. */
  readonly ended: readonly RunView[];
}

const SHOWN_RUNS = 5;

const ProgressFrame = z.object({ value: z.number(), max: z.number(), prompt_id: z.string() });

/** Watches ComfyUI and calls `onChange` when something may have changed, often. */
export function watchBackend(comfyui: SimulatedComfyUI, onChange: () => void) {
  let step: z.infer<typeof ProgressFrame> | undefined;
  const frames = comfyui.onFrame(({ type, data }) => {
    if (type === "preview") return;
    if (type === "progress") step = ProgressFrame.safeParse(data).data ?? step;
    onChange();
  });
  return {
    get view(): BackendView {
      const queue = comfyui.queue();
      const running = comfyui.ran.findLast((run) => run.outcome === "running");
      return {
        url: comfyui.url,
        sockets: comfyui.sockets,
        running: running === undefined ? null : {
          ...viewOf(running),
          ...(step?.prompt_id === running.promptId
            ? { value: step.value, max: step.max }
            : { value: 0, max: 0 }),
        },
        waiting: queue.pending,
        ended: comfyui.ran.filter((run) => run.outcome !== "running").slice(-SHOWN_RUNS)
          .reverse().map(viewOf),
      };
    },
    [Symbol.dispose]: () => frames[Symbol.dispose](),
  };
}

function viewOf(run: RunRecord): RunView {
  return {
    promptId: run.promptId,
    words: wordsOf(run.graph),
    startedAt: run.startedAt,
    endedAt: run.endedAt ?? null,
    outcome: run.outcome,
  };
}

const Node = z.object({
  class_type: z.string(),
  inputs: z.object({ prompt: z.string().optional(), text: z.string().optional() }),
});

/** The longest text that a text encoder of the graph is given: the positive one. */
function wordsOf(graph: RunRecord["graph"]): string {
  return Object.values(graph)
    .map((node) => Node.safeParse(node).data)
    .filter((node) => node?.class_type.includes("TextEncode"))
    .map((node) => node?.inputs.prompt ?? node?.inputs.text ?? "")
    .reduce((longest, words) => words.length > longest.length ? words : longest, "");
}
