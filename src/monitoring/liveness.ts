/**
 * Whether the program still works and does not merely run: its loops give a sign each time they turn, and one that gives none
 * for too long is named. Owns who was heard when; what follows from silence is the asker's.
 */

/** One loop that gives signs of life; disposing ends its being watched. */
export interface Pulse extends Disposable {
  beat(): void;
}

/** A part that was not heard for longer than it may be silent. */
export interface SilentPart {
  readonly part: string;
  readonly silentMs: number;
}

export interface Liveness {
  /** Watches a part from now on: it must beat at least once in `maxSilenceMs`, the first time counted from here. */
  watch(part: string, maxSilenceMs: number): Pulse;
  /** The parts that are silent for too long; none where all is well. */
  silent(): readonly SilentPart[];
}

/** `now`: milliseconds of a clock that nobody sets, such as `performance.now`. */
export function createLiveness(now: () => number): Liveness {
  const watched = new Set<{ part: string; maxSilenceMs: number; heardAt: number }>();
  return {
    watch(part, maxSilenceMs) {
      const entry = { part, maxSilenceMs, heardAt: now() };
      watched.add(entry);
      return {
        beat() {
          entry.heardAt = now();
        },
        [Symbol.dispose]: () => void watched.delete(entry),
      };
    },
    silent: () =>
      [...watched].flatMap(({ part, maxSilenceMs, heardAt }) => {
        const silentMs = now() - heardAt;
        return silentMs > maxSilenceMs ? [{ part, silentMs }] : [];
      }),
  };
}
