/**
 * The Backend port: one ComfyUI as the worker sees it. Knows neither HTTP nor frames nor Telegram.
 */
import { z } from "zod";
import { BackendFile } from "../jobs/mod.ts";
import { type ApiPrompt, type NodeCatalog } from "../templates/mod.ts";

/** A picture file on its way to or from a backend. */
export interface PictureBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** A MIME type: `image/png`, `image/jpeg`, `image/webp`. */
  readonly mime: string;
}

/** One prompt handed to a backend. */
export interface BackendRequest {
  /** Chosen by the caller and stored by it before the call (ComfyUI: `prompt_id`, a UUID). */
  readonly promptId: string;
  /**
   * Called once the pictures are known to the backend, with their names in its own input folder; gives the filled graph.
   * Not called when the prompt is found in the backend already (`run` after a restart attaches to it).
   */
  readonly fill: (pictureNames: readonly string[]) => ApiPrompt;
  /** Loads the pictures, in order; called at most once, and only where they must be uploaded. */
  readonly pictures: () => Promise<readonly PictureUpload[]>;
  /**
   * Awaited before the prompt is sent again after a try that failed: the backend may have restarted and lost what stood
   * before it. What it rejects with ends the run.
   */
  readonly beforeRetry?: () => Promise<void>;
  /**
   * The graph's node whose files are the result; its `temp` outputs only where it has no others. What other nodes save comes
   * after them.
   */
  readonly outputNode: string;
  /** True where previews are shown; else the backend need not make any. Default: false. */
  readonly previews?: boolean;
}

/** A picture with the name that it should have in the backend's input folder (`[A-Za-z0-9_.-]`, no folder). */
export interface PictureUpload extends PictureBytes {
  readonly name: string;
}

/** What happens to a prompt. `accepted` is first, `done` last; in between any number of the others, and `accepted` after `storage_away`. */
export type BackendEvent =
  /** It is in the backend's queue, with its pictures where those had to wait; `attached` when it was there already. */
  | { readonly type: "accepted"; readonly attached: boolean }
  /** It began to run. */
  | { readonly type: "started" }
  /** A node began; also every sign of life that has no number. */
  | {
    readonly type: "executing";
    readonly nodeId: string | undefined;
    readonly classType: string | undefined;
  }
  /** Step `value` of `max` of a node that reports steps (the sampler). */
  | { readonly type: "step"; readonly nodeId: string; readonly value: number; readonly max: number }
  /** The picture as it forms; of a ComfyUI older than December 2025 only where it runs with `--preview-method`. */
  | { readonly type: "preview"; readonly picture: PictureBytes }
  /** Its pictures cannot be stored or read on their way: it waits for that, however long. */
  | { readonly type: "storage_away" }
  /** One of several files that it saved beside the first one; they come in order, before `done`. */
  | { readonly type: "extra"; readonly picture: PictureBytes }
  /** It ended well. `picture` is the first picture of the output node, as the backend saved it (lossless). */
  | {
    readonly type: "done";
    readonly picture: PictureBytes;
    readonly cached: boolean;
    /** Everything that the prompt has written. */
    readonly saved?: readonly BackendFile[];
  };

/** True where the prompt waits in the backend, or for its pictures: nothing runs. */
export function isWaiting({ type }: BackendEvent): boolean {
  return type === "accepted" || type === "storage_away";
}

/** What a backend keeps of a prompt: the pictures that it was sent, what it has written, and its history. Version 1. */
export const PromptCopies = z.object({
  v: z.literal(1),
  promptId: z.string(),
  backend: z.string(),
  jobId: z.string(),
  files: z.array(BackendFile),
});
export type PromptCopies = Readonly<z.infer<typeof PromptCopies>>;

/** Where it is noted of which prompts that is to be removed. */
export interface CopyStore {
  list(): Promise<readonly PromptCopies[]>;
  put(copies: PromptCopies): Promise<void>;
  remove(copies: PromptCopies): Promise<void>;
}

/** Health of a backend, for /status, `doctor` and the admin panel. */
export interface BackendHealth {
  readonly version: string | undefined;
  readonly devices: readonly {
    readonly name: string;
    /** Bytes. */
    readonly vramTotal: number;
    /** Bytes. */
    readonly vramFree: number;
  }[];
  /** Ids of the prompts that run and wait in it, ours and others', in the order in which they run. */
  readonly running: readonly string[];
  readonly pending: readonly string[];
}

/** One ComfyUI. Every method rejects with ComfyUIConnectionError when it cannot be reached. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  /**
   * Runs one prompt to its end, or attaches to it where the backend knows `promptId` already (in history: `done` at once;
   * in its queue: watches). Several may run at a time: the backend keeps the rest in its own queue, first in first out.
   *
   * Throws WorkflowExecutionError (refused or failed; ResultGoneError: it ended well, and its file is gone: the same graph
   * may write none again, one with another file name does), WorkflowInterruptedError (stopped), PromptLostError (the backend
   * restarted and forgot it), ComfyUIConnectionError (unreachable while submitting, or for longer than it could be bridged).
   *
   * When `signal` aborts, the prompt is taken out of the queue or interrupted (that prompt only), and the iteration
   * throws the signal's reason. When the caller just stops iterating (`break`), the prompt goes on in the backend.
   */
  run(
    request: BackendRequest,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<BackendEvent>;
  /** Takes the prompt out of the queue, or interrupts it where it runs. Does nothing where it is neither. */
  interrupt(promptId: string, options: { readonly signal: AbortSignal }): Promise<void>;
  health(options: { readonly signal: AbortSignal }): Promise<BackendHealth>;
  /** What is installed: input definitions of the given node classes (all of them where none are named). */
  catalog(
    classTypes: readonly string[],
    options: { readonly signal: AbortSignal },
  ): Promise<NodeCatalog>;
  /**
   * Removes what it keeps of a prompt, as far as it can be: files that cannot be deleted are overwritten. False while the prompt
   * has not ended. Throws WorkflowExecutionError where it is refused.
   */
  erase(copies: PromptCopies, options: { readonly signal: AbortSignal }): Promise<boolean>;
  /** Unloads models, which frees VRAM. */
  free(options: { readonly signal: AbortSignal }): Promise<void>;
}
