/**
 * Drawing in a Worker, so that it does not block the program. Owns the Worker's life: it starts with the first drawing and ends when idle,
 * after a failure, and after a large picture. One drawing at a time. Does not know what is drawn.
 */
import { getLogger } from "@logtape/logtape";
import { createChain, messageOf } from "../../lib/mod.ts";
import { padTo, type Size } from "../pixels/mod.ts";
import { chequeredSize } from "./chequered.ts";
import { layOut } from "./compare.ts";
import type { DayFigures } from "./daily_chart.ts";
import { type PictureFile, readable } from "./decode.ts";
import { shrunkSize } from "./shrink.ts";
import type { DrawingAnswer, DrawingTask, DrawingTasks } from "./drawing_worker.ts";

const log = getLogger(["bot", "drawing"]);

type Bytes = Uint8Array<ArrayBuffer>;

export interface Drawing {
  /**
   * Before and after (PNG, JPEG or WebP), as they are seen, beside or above each other, as a JPEG that Telegram shows as a
   * photo. `load` is called when it is their turn, so that waiting calls hold no pictures. Undefined where they cannot be compared.
   */
  compare(
    load: () => Promise<readonly [before: Bytes, after: Bytes] | undefined>,
  ): Promise<Bytes | undefined>;
  /**
   * The picture (PNG, JPEG or WebP) as a JPEG that Telegram takes as a photo; `load` as above. Undefined where it cannot be read.
   */
  shrink(load: () => Promise<Bytes | undefined>): Promise<Bytes | undefined>;
  /**
   * A HEIC or AVIF as a JPEG, or as a PNG where it can be seen through, of 12.5 megapixels at most; its bytes are gone then. Undefined
   * where it does not decode.
   */
  convert(file: PictureFile): Promise<Bytes | undefined>;
  /**
   * What can be seen through on a ground of squares, as a JPEG of 1280 pixels a side at most; `load` as above. Undefined where nothing of
   * it can be seen through, and where it cannot be read.
   */
  chequered(load: () => Promise<Bytes | undefined>): Promise<Bytes | undefined>;
  /**
   * The picture in the middle of the smallest sheet of that shape (width by height), which is grey around it, as a PNG of 4
   * megapixels at most; `load` as above. Undefined where it cannot be read.
   */
  pad(load: () => Promise<Bytes | undefined>, shape: number): Promise<Bytes | undefined>;
  /**
   * The picture as a PNG of another size, at most `maxResizedPixels`; what does not fit its shape is cut off; `load` as above. Undefined
   * where it cannot be read, or can be seen through.
   */
  resize(load: () => Promise<Bytes | undefined>, to: Size): Promise<Bytes | undefined>;
  /** The days as a PNG; see {@linkcode drawTallies}. Undefined where it failed. */
  chart(tallies: readonly DayFigures[]): Promise<Bytes | undefined>;
}

export interface DrawingOptions {
  /** An idle Worker ends after so long. */
  readonly idleMs?: number;
  /** A step that takes longer fails. */
  readonly maxMs?: number;
}

/** A Worker's codecs keep the memory of their largest picture: after one with more pixels than this, the Worker ends. */
const maxKeptPixels = 4_000_000;

/** Most pixels of a picture that is given another size, before and after. */
export const maxResizedPixels = 12_500_000;

/** A drawing failed. */
class DrawingFailed extends Error {}

/** Creates the drawing; the Worker starts with the first task, and ends when `signal` aborts. */
export function createDrawing(signal: AbortSignal, options: DrawingOptions = {}): Drawing {
  const { idleMs = 5_000, maxMs = 60_000 } = options;
  let worker: Worker | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  const chain = createChain();

  function end(): void {
    clearTimeout(idle);
    worker?.terminate();
    worker = undefined;
  }
  signal.addEventListener("abort", end, { once: true });

  /** The Worker's result of a task. The Worker is ended after a failure. */
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

  /** Draws after the drawings before it. */
  function inTurn(draw: () => Promise<Bytes | undefined>): Promise<Bytes | undefined> {
    return chain(async () => {
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
  }

  async function read(file: PictureFile, box: Size) {
    const picture = await ask({ type: "read", file, box }, [file.bytes.buffer]);
    endAfter(file.info);
    return picture;
  }

  function endAfter(size: Size): void {
    if (pixelsOf(size) > maxKeptPixels) end();
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
    shrink: (load) =>
      inTurn(async () => {
        const file = await fileOf(load);
        if (!file) return undefined;
        const picture = await read(file, shrunkSize(seenSize(file)));
        return await ask({ type: "jpeg", picture }, [picture.pixels.buffer]);
      }),
    convert: (file) =>
      inTurn(async () => {
        const made = await ask({ type: "file", file }, [file.bytes.buffer]);
        endAfter(file.info);
        return made;
      }),
    chequered: (load) =>
      inTurn(async () => {
        const file = await fileOf(load);
        if (!file?.info.hasAlpha) return undefined;
        const box = chequeredSize(seenSize(file));
        const made = await ask({ type: "chequered", file, box }, [file.bytes.buffer]);
        endAfter(file.info);
        return made.length === 0 ? undefined : made;
      }),
    pad: (load, shape) =>
      inTurn(async () => {
        const file = await fileOf(load);
        if (!file) return undefined;
        const padding = padTo(seenSize(file), shape);
        const picture = await read(file, padding.place);
        return await ask({ type: "pad", padding, picture }, [picture.pixels.buffer]);
      }),
    resize: (load, to) =>
      inTurn(async () => {
        const file = await fileOf(load);
        if (!file || file.info.hasAlpha) return undefined;
        const size = seenSize(file);
        if (pixelsOf(size) > maxResizedPixels || pixelsOf(to) > maxResizedPixels) return undefined;
        const picture = await read(file, size);
        const resized = await ask({ type: "resize", to, picture }, [picture.pixels.buffer]);
        endAfter(to);
        return resized;
      }),
    chart: (tallies) => inTurn(() => ask({ type: "chart", tallies }, [])),
  };
}

/** The one place that names the Worker's module; compile.ts names it for `deno compile`. */
function startWorker(): Worker {
  return new Worker(new URL("./drawing_worker.ts", import.meta.url), { type: "module" });
}

async function fileOf(load: () => Promise<Bytes | undefined>): Promise<PictureFile | undefined> {
  const loaded = await load();
  return loaded && readable(loaded);
}

function pixelsOf({ width, height }: Size): number {
  return width * height;
}

function seenSize({ info }: PictureFile): Size {
  return { width: info.displayWidth, height: info.displayHeight };
}
