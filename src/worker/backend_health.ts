/**
 * The backends as the owner sees them: how each is, and its memory given back where it has nothing to do. Owns what counts
 * as idle; knows neither ComfyUI's protocol nor the chat.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Backend, BackendHealth } from "./backend.ts";
import { type BackendAnswer, createBackendProbe } from "./backend_watch.ts";
import { messageOf } from "../lib/errors.ts";

/** What came of freeing one backend's memory. */
export type Freed =
  /** `bytes` is what it gained; 0 where nothing was there to unload. */
  | { readonly type: "freed"; readonly name: string; readonly bytes: number }
  /** It runs something, ours or not: nothing was done. */
  | { readonly type: "busy"; readonly name: string }
  | { readonly type: "away"; readonly name: string; readonly reason: string };

export interface BackendDesk {
  /** How each one is, in the configuration's order. Never rejects; takes some seconds where one does not answer. */
  look(): Promise<readonly BackendAnswer[]>;
  /** Has each idle one unload its models. Never rejects. */
  free(): Promise<readonly Freed[]>;
}

/** What of a backend is needed here. */
interface DeskBackend extends Pick<Backend, "name" | "health"> {
  free(options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface BackendDeskDeps {
  readonly backends: readonly DeskBackend[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. Default: the clock of the machine. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** ComfyUI unloads models after its answer, when its queue's thread comes round: asked so often, so far apart. */
const looksAfter = 10;
const lookMs = 300;

/** `signal` ends every wait. */
export function createBackendDesk(
  { backends, now, wait = pause }: BackendDeskDeps,
  signal: AbortSignal,
): BackendDesk {
  const probes = backends.map((backend) => createBackendProbe({ backend, now, signal }));

  async function free(backend: DeskBackend): Promise<Freed> {
    const { name } = backend;
    try {
      const before = await backend.health({ signal });
      if (before.queueRunning + before.queuePending > 0) return { type: "busy", name };
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
    look: () => Promise.all(probes.map((probe) => probe())),
    free: () => Promise.all(backends.map(free)),
  };
}

function freeBytes({ devices }: BackendHealth): number {
  return devices.reduce((sum, { vramFree }) => sum + vramFree, 0);
}
