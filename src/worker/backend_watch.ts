/**
 * Looks on at a Backend: counts what it throws, by kind, and asks how it is. Neither the backend nor the worker knows of it.
 */
import { joinSignals } from "../lib/abort.ts";
import type { Backend, BackendHealth } from "./backend.ts";
import {
  BotError,
  ComfyUIConnectionError,
  InvalidParametersError,
  messageOf,
} from "../lib/errors.ts";
import { failReasonOf } from "../jobs/failure.ts";
import type { FailReason } from "../jobs/job.ts";

/** What went wrong in or on the way to a backend. */
export type BackendErrorKind = "connection" | Exclude<FailReason, "picture_gone" | "undeliverable">;

/** Every kind, so that each can be shown with 0 before it happens. */
export const backendErrorKinds = [
  "connection",
  "refused",
  "execution",
  "out_of_memory",
  "timeout",
  "crashed",
  "interrupted",
] as const satisfies readonly BackendErrorKind[];

/** The kind of an error that a backend threw; undefined for what is not the backend's: a cancel, a stop, a lost picture. */
export function backendErrorKind(error: unknown): BackendErrorKind | undefined {
  if (error instanceof ComfyUIConnectionError) return "connection";
  if (!(error instanceof BotError) || error instanceof InvalidParametersError) return undefined;
  const reason = failReasonOf(error);
  return backendErrorKinds.find((kind) => kind === reason);
}

/** The same backend; `onError` hears of each error before its caller does. */
export function watchBackend(
  backend: Backend,
  onError: (kind: BackendErrorKind) => void,
): Backend {
  function heard(error: unknown): unknown {
    const kind = backendErrorKind(error);
    if (kind !== undefined) onError(kind);
    return error;
  }
  return {
    ...backend,
    async *run(request, options) {
      try {
        yield* backend.run(request, options);
      } catch (error) {
        throw heard(error);
      }
    },
    async health(options) {
      try {
        return await backend.health(options);
      } catch (error) {
        throw heard(error);
      }
    },
    async catalog(classTypes, options) {
      try {
        return await backend.catalog(classTypes, options);
      } catch (error) {
        throw heard(error);
      }
    },
  };
}

/** What a backend answered, or why it did not. */
export type BackendAnswer =
  | { readonly ok: true; readonly name: string; readonly health: BackendHealth }
  | { readonly ok: false; readonly name: string; readonly reason: string };

/** How long a backend may take to say how it is; a scrape has 10 s. */
const answerMs = 5_000;
/** An answer is good for everybody who asks within this time. */
const freshMs = 1_000;

/** Makes a function that asks a backend how it is; it never rejects. `signal` ends every wait. */
export function createBackendProbe(
  { backend, now, signal }: {
    readonly backend: Pick<Backend, "name" | "health">;
    /** Milliseconds since 1970. */
    readonly now: () => number;
    readonly signal: AbortSignal;
  },
): () => Promise<BackendAnswer> {
  const { name } = backend;
  let last: { readonly at: number; readonly answer: Promise<BackendAnswer> } | undefined;

  async function ask(): Promise<BackendAnswer> {
    const deadline = new AbortController();
    const late = new ComfyUIConnectionError(`Cannot ask ComfyUI: no answer in ${answerMs} ms`);
    const timer = setTimeout(() => deadline.abort(late), answerMs);
    using either = joinSignals(signal, deadline.signal);
    try {
      return { ok: true, name, health: await backend.health(either) };
    } catch (error) {
      return { ok: false, name, reason: messageOf(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  return () => {
    if (!last || now() - last.at >= freshMs) last = { at: now(), answer: ask() };
    return last.answer;
  };
}
