/** Progress of an edit on a stream: one line that is redrawn on a terminal, elsewhere a line per 10 %. Does not compute it. */
import type { Progress } from "../../worker/mod.ts";
import { print, type Stream, write } from "./terminal.ts";

export interface ProgressBar extends Disposable {
  /** Shows a few words before the first step; on a terminal only. */
  wait(words: string): void;
  /** `note` is shown on a terminal, after the percentage. */
  show(progress: Progress & { readonly note?: string }): void;
}

const cells = 24;
/** ECMA-48: carriage return, erase the line. */
const clearLine = "\r\x1b[2K";

/** Says a span of milliseconds in words. */
type DurationWords = (ms: number) => string;

/** Disposing erases the line. */
export function createProgressBar(stream: Stream, duration: DurationWords): ProgressBar {
  return stream.isTerminal() ? redrawn(stream, duration) : inSteps(stream);
}

function redrawn(stream: Stream, duration: DurationWords): ProgressBar {
  return {
    wait: (words) => write(stream, clearLine + words),
    show({ fraction, step, leftMs, note }) {
      const full = Math.round(fraction * cells);
      const parts = [
        `${"█".repeat(full)}${"░".repeat(cells - full)} ${percentOf(fraction).padStart(5)}`,
        ...(note === undefined ? [] : [note]),
        ...(step ? [`step ${step.value} of ${step.max}`] : []),
        ...(leftMs === undefined || fraction === 1 ? [] : [`about ${duration(leftMs)} left`]),
      ];
      write(stream, clearLine + parts.join("  "));
    },
    [Symbol.dispose]: () => write(stream, clearLine),
  };
}

function inSteps(stream: Stream): ProgressBar {
  let shownTenths = 0;
  return {
    wait() {},
    show({ fraction }) {
      const tenths = Math.floor(fraction * 10);
      if (tenths <= shownTenths) return;
      shownTenths = tenths;
      print(stream, percentOf(tenths / 10));
    },
    [Symbol.dispose]() {},
  };
}

function percentOf(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`;
}
