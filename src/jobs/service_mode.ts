/**
 * How the owner has the bot work: as usual, paused, or draining. Owns the mode and that it outlives a restart; what each
 * mode means is whoever listens'.
 *
 *   running ⇄ paused ⇄ draining ⇄ running: an admin may go from each to each
 */
import { z } from "zod";

/**
 * `running`: jobs are taken and rendered. `paused`: they are taken and wait. `draining`: none is taken, those that wait are
 * rendered.
 */
export const Mode = z.enum(["running", "paused", "draining"]);
export type Mode = z.infer<typeof Mode>;

/** What is kept of it. Version 1. */
export const ControlRecord = z.object({ v: z.literal(1), mode: Mode });
export type ControlRecord = Readonly<z.infer<typeof ControlRecord>>;

/** Where the mode is kept over restarts. */
export interface ControlStore {
  load(): Promise<ControlRecord | undefined>;
  save(record: ControlRecord): Promise<void>;
}

export interface Control {
  readonly mode: Mode;
  /** Resolves when it is stored and in force; rejects with what the store throws, and nothing has changed then. */
  set(mode: Mode): Promise<void>;
  /** Calls back at once with the mode as it is, then after each change, until the signal aborts. */
  listen(listener: (mode: Mode) => void, signal: AbortSignal): void;
}

/** Goes on in the mode of the last start; the first time it is `running`. */
export async function openControl(store: ControlStore): Promise<Control> {
  let mode = (await store.load())?.mode ?? "running";
  let turn: Promise<unknown> = Promise.resolve();
  const listeners = new Set<(mode: Mode) => void>();

  async function change(wanted: Mode): Promise<void> {
    await store.save({ v: 1, mode: wanted });
    mode = wanted;
    for (const listener of listeners) listener(mode);
  }

  return {
    get mode() {
      return mode;
    },
    set(wanted) {
      const changed = turn.then(() => change(wanted));
      turn = changed.catch(() => {});
      return changed;
    },
    listen(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
      listener(mode);
    },
  };
}
