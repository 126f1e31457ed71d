/**
 * Whether DATA_DIR's disk has room for more. Owns when it counts as full: from below the floor until there is a tenth more
 * than it, so that one picture more or less does not change the answer each time. Callers decide what follows.
 */
import { getLogger } from "@logtape/logtape";
import { statfsSync } from "node:fs";
import { messageOf } from "./errors.ts";

const log = getLogger(["bot", "disk"]);

/** Bytes that this user may still write where the path is; Deno itself has no `statfs`. Throws what the system says. */
export function freeBytesAt(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

export interface DiskSpaceDeps {
  /** How much is free; may throw. */
  readonly freeBytes: () => number;
  /** The floor; 0 where there is none. Asked each time. */
  readonly minFreeBytes: () => number;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface DiskSpace {
  /** As it was when last looked at. */
  readonly isFull: boolean;
  /** Looks again every two seconds, until the signal aborts; calls back when the answer changes. Does not reject. */
  run(onChange: (isFull: boolean) => void, signal: AbortSignal): Promise<void>;
}

const lookMs = 2_000;

/** Looks at once. A disk that cannot be asked counts as having room: writing will tell. */
export function createDiskSpace({ freeBytes, minFreeBytes, wait }: DiskSpaceDeps): DiskSpace {
  let isFull = false;
  let isAsked = true;
  look();

  function look(): void {
    const floor = minFreeBytes();
    try {
      isFull = freeBytes() < (isFull ? floor * 1.1 : floor);
      isAsked = true;
    } catch (error) {
      if (isAsked) {
        log.warn("Cannot read the free disk space: {error}", { error: messageOf(error) });
      }
      [isFull, isAsked] = [false, false];
    }
  }

  return {
    get isFull() {
      return isFull;
    },
    async run(onChange, signal) {
      let told = false;
      while (!signal.aborted) {
        look();
        if (isFull !== told) {
          if (isFull) {
            log.error(
              "Free disk space is below storage.min_free_mb: no new pictures and jobs are accepted",
            );
          } else log.info("Enough disk space is free again: new pictures and jobs are accepted");
          onChange(told = isFull);
        }
        await wait(lookMs, signal).catch(() => {});
      }
    },
  };
}
