/**
 * The service mode: running, paused or draining. Owns the mode and that it survives a restart; the listeners decide what a mode
 * means.
 *
 *   running ⇄ paused ⇄ draining ⇄ running: an admin may go from each to each
 */
import { z } from "zod";
import { createChain } from "../lib/mod.ts";

/**
 * `running`: jobs are accepted and rendered. `paused`: they are accepted and wait. `draining`: none is accepted, the waiting
 * ones are rendered.
 */
export const ServiceMode = z.enum(["running", "paused", "draining"]);
export type ServiceMode = z.infer<typeof ServiceMode>;

/** What is kept of it. Version 1. */
export const ServiceModeRecord = z.object({ v: z.literal(1), mode: ServiceMode });
export type ServiceModeRecord = Readonly<z.infer<typeof ServiceModeRecord>>;

/** Where the mode is kept over restarts. */
export interface ServiceModeStore {
  load(): Promise<ServiceModeRecord | undefined>;
  save(record: ServiceModeRecord): Promise<void>;
}

export interface ServiceModeControl {
  readonly mode: ServiceMode;
  /** Resolves when it is stored and in force; rejects with what the store throws, and nothing has changed then. */
  set(mode: ServiceMode): Promise<void>;
  /** Calls back at once with the mode as it is, then after each change, until the signal aborts. */
  listen(listener: (mode: ServiceMode) => void, signal: AbortSignal): void;
}

/** Continues in the stored mode; the first time it is `running`. */
export async function openServiceMode(store: ServiceModeStore): Promise<ServiceModeControl> {
  let mode = (await store.load())?.mode ?? "running";
  const serialize = createChain();
  const listeners = new Set<(mode: ServiceMode) => void>();

  async function change(wanted: ServiceMode): Promise<void> {
    await store.save({ v: 1, mode: wanted });
    mode = wanted;
    for (const listener of listeners) listener(mode);
  }

  return {
    get mode() {
      return mode;
    },
    set: (wanted) => serialize(() => change(wanted)),
    listen(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
      listener(mode);
    },
  };
}
