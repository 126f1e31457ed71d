/**
 * Drawing beside the program: in a Worker, so that nobody waits for it but who asked. Owns the Worker's life, from the first
 * drawing to when there has been none for a while, and what happens where one fails. One drawing at a time, and one large
 * picture a Worker: memory is that of one.
 */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "../../lib/mod.ts";
import type { Size } from "./bitmap.ts";
import { layOut } from "./compare.ts";
import type { DayFigures } from "./daily_chart.ts";
import { type PictureFile, readable } from "./decode.ts";
import type { DrawingAnswer, DrawingTask, DrawingTasks } from "./drawing_worker.ts";

const log = getLogger(["bot", "drawing"]);

type Bytes = Uint8Array<ArrayBuffer>;

export interface Drawing {
  /**
   * Before and after (PNG, JPEG or WebP), as they are seen, beside or above each other, as a JPEG that Telegram shows as a
   * photo. `load` is called when it is their turn: who waits holds no pictures. Undefined where they cannot be compared.
   */
  compare(
    load: () => Promise<readonly [before: Bytes, after: Bytes] | undefined>,
  ): Promise<Bytes | undefined>;
  /** The days as a PNG; see {@linkcode drawTallies}. Undefined where it failed. */
  chart(tallies: readonly DayFigures[]): Promise<Bytes | undefined>;
}

export interface DrawingOptions {
  /** A Worker that had nothing to do for so long ends. */
  readonly idleMs?: number;
  /** A step that takes longer is given up. */
  readonly maxMs?: number;
}

/** A Worker's codecs keep the memory of the largest picture that they had: one that had more pixels than this ends. */
const maxKeptPixels = 4_000_000;

/** What a drawing ends with that cannot be drawn. */
class DrawingFailed extends Error {}

/** Makes the place to draw; nothing is started before the first drawing. `signal` ends it. */
export function createDrawing(signal: AbortSignal, options: DrawingOptions = {}): Drawing {
  const { idleMs = 5_000, maxMs = 60_000 } = options;
  let worker: Worker | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function end(): void {
    clearTimeout(idle);
    worker?.terminate();
    worker = undefined;
  }
  signal.addEventListener("abort", end, { once: true });

  /** What the Worker makes of a task. It does not outlive a failure. */
  async function ask<Name extends keyof DrawingTasks>(
    task: DrawingTask<Name>,
    transfer: readonly Transferable[],
  ): Promise<DrawingTasks[Name]["answer"]> {
    signal.throwIfAborted();
    const asked = worker ??= startWorker();
    const answered = Promise.withResolvers<DrawingAnswer<Name>>();
    const fail = (error: string) => answered.resolve({ type: "failed", error });
    asked.onmessage = ({ data }: MessageEvent<DrawingAnswer<Name>>) => answered.resolve(data);
    asked.onerror = (event) => {
      event.preventDefault();
      fail(event.message);
    };
    const late = setTimeout(() => fail(`it takes longer than ${maxMs} ms`), maxMs);
    const stop = () => fail("the program ends");
    signal.addEventListener("abort", stop, { once: true });
    try {
      asked.postMessage(task, [...transfer]);
      const answer = await answered.promise;
      if (answer.type === "done") return answer.made;
      end();
      throw new DrawingFailed(answer.error);
    } finally {
      clearTimeout(late);
      signal.removeEventListener("abort", stop);
    }
  }

  /** Draws when those before it are through. */
  function inTurn(draw: () => Promise<Bytes | undefined>): Promise<Bytes | undefined> {
    const mine = turn.then(async () => {
      clearTimeout(idle);
      try {
        return await draw();
      } catch (error) {
        if (!(error instanceof DrawingFailed)) throw error;
        log.warn("Cannot draw: {error}", { error: messageOf(error) });
        return undefined;
      } finally {
        idle = setTimeout(end, idleMs);
        Deno.unrefTimer(idle);
      }
    });
    turn = mine.catch(() => {});
    return mine;
  }

  async function read(file: PictureFile, box: Size) {
    const picture = await ask({ type: "read", file, box }, [file.bytes.buffer]);
    if (file.info.width * file.info.height > maxKeptPixels) end();
    return picture;
  }

  return {
    compare: (load) =>
      inTurn(async () => {
        const [before, after] = (await load())?.map(readable) ?? [];
        if (!before || !after) return undefined;
        const layout = layOut(seenSize(before), seenSize(after));
        const pictures = [
          await read(before, layout.places[0]),
          await read(after, layout.places[1]),
        ] as const;
        return await ask(
          { type: "join", layout, pictures },
          pictures.map(({ pixels }) => pixels.buffer),
        );
      }),
    chart: (tallies) => inTurn(() => ask({ type: "chart", tallies }, [])),
  };
}

/** The one place that names the Worker's module: `deno compile` is told of it in compile.ts. */
function startWorker(): Worker {
  return new Worker(new URL("./drawing_worker.ts", import.meta.url), { type: "module" });
}

function seenSize({ info }: PictureFile): Size {
  return { width: info.displayWidth, height: info.displayHeight };
}
