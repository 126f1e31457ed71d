/**
 * The health of the backends, for the admins' panel and monitoring, and unloading their models on request. Owns the one probe
 * of each backend and what counts as idle; knows neither ComfyUI's protocol nor the chat.
 */
import { setTimeout as pause } from "node:timers/promises";
import {
  BotError,
  ComfyUIConnectionError,
  InvalidParametersError,
  joinSignals,
  messageOf,
} from "../lib/mod.ts";
import type { Backend, BackendHealth } from "./backend.ts";

import { type FailReason, failReasonOf } from "../jobs/mod.ts";

/** What came of freeing one backend's memory. */
export type Freed =
  /** `bytes` is what it gained; 0 where nothing was there to unload. */
  | { readonly type: "freed"; readonly name: string; readonly bytes: number }
  /** It runs something, ours or not: nothing was done. */
  | { readonly type: "busy"; readonly name: string }
  | { readonly type: "away"; readonly name: string; readonly reason: string };

export interface BackendMonitor {
  /** How each one is, in their order. Never rejects; takes some seconds where one does not answer. */
  look(): Promise<readonly BackendAnswer[]>;
  /** Has each idle one unload its models. Never rejects. */
  free(): Promise<readonly Freed[]>;
}

/** What of a backend is needed here. */
interface MonitoredBackend extends Pick<Backend, "name" | "health"> {
  free(options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface BackendMonitorDeps {
  /** Those that there are now. */
  readonly backends: () => readonly MonitoredBackend[];
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. Default: the host's clock. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** ComfyUI unloads models after its answer, when its queue's thread comes round: asked so often, so far apart. */
const looksAfter = 10;
const lookMs = 300;

/** `signal` ends every wait. */
export function createBackendMonitor(
  { backends, now, wait = pause }: BackendMonitorDeps,
  signal: AbortSignal,
): BackendMonitor {
  const probes = new WeakMap<MonitoredBackend, () => Promise<BackendAnswer>>();

  function probeOf(backend: MonitoredBackend): () => Promise<BackendAnswer> {
    const probe = probes.get(backend) ?? createBackendProbe({ backend, now, signal });
    probes.set(backend, probe);
    return probe;
  }

  async function free(backend: MonitoredBackend): Promise<Freed> {
    const { name } = backend;
    try {
      const before = await backend.health({ signal });
      if (before.running.length + before.pending.length > 0) return { type: "busy", name };
      await backend.free({ signal });
      let bytes = 0;
      for (let looks = 0; looks < looksAfter && bytes === 0 && !signal.aborted; looks++) {
        if (looks > 0) await wait(lookMs);
        bytes = Math.max(0, freeBytes(await backend.health({ signal })) - freeBytes(before));
      }
      return { type: "freed", name, bytes };
    } catch (error) {
      return { type: "away", name, reason: messageOf(error) };
    }
  }

  return {
    look: () => Promise.all(backends().map((backend) => probeOf(backend)())),
    free: () => Promise.all(backends().map(free)),
  };
}

function freeBytes({ devices }: BackendHealth): number {
  return devices.reduce((sum, { vramFree }) => sum + vramFree, 0);
}

/** What failed in a backend or in the connection to it. */
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

/** The same backend; `onError` is called with the kind of each error before it is thrown. */
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

/** Longest time for an answer; a scrape has 10 s. */
const answerMs = 5_000;

/** An answer is reused for this long. */
const freshMs = 1_000;

/** Makes a function that asks a backend for its health; it never rejects. `signal` ends every wait. */
export function createBackendProbe(
  { backend, now, signal }: {
    readonly backend: Pick<Backend, "name" | "health">;
    /** Milliseconds of a clock that is never set. */
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
