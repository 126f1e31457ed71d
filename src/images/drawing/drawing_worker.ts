/** The Worker that draws: a task in, a picture out. drawing.ts owns when it starts and ends. */
import { messageOf } from "../../lib/mod.ts";
import { type Bitmap, pad, type Padding, resample, type Size } from "../pixels/mod.ts";
import { toChequered } from "./chequered.ts";
import { join, type Layout } from "./compare.ts";
import type { DayFigures } from "./daily_chart.ts";
import { drawDailyChart } from "./daily_chart.ts";
import { type PictureFile, readPicture } from "./decode.ts";
import { toFile } from "./heif_file.ts";
import { encodePng } from "./png_pixels.ts";
import { toJpeg } from "./shrink.ts";

/** What is to be done, and what comes of it. */
export interface DrawingTasks {
  /** A file to pixels, see {@linkcode readPicture}. */
  readonly read: { readonly ask: { file: PictureFile; box: Size }; readonly answer: Bitmap };
  /** A HEIC or AVIF as another file, see {@linkcode toFile}. */
  readonly file: { readonly ask: { file: PictureFile }; readonly answer: Uint8Array<ArrayBuffer> };
  /** Two pictures in one, see {@linkcode join}. */
  readonly join: {
    readonly ask: { layout: Layout; pictures: readonly [Bitmap, Bitmap] };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
  /** A picture as a JPEG, see {@linkcode toJpeg}. */
  readonly jpeg: {
    readonly ask: { picture: Bitmap };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
  /** What can be seen through on a ground of squares, as a JPEG; empty where nothing can; see {@linkcode toChequered}. */
  readonly chequered: {
    readonly ask: { file: PictureFile; box: Size };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
  /** A picture on a larger sheet as a PNG, see {@linkcode pad}. */
  readonly pad: {
    readonly ask: { padding: Padding; picture: Bitmap };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
  /** A picture in another size as a PNG, see {@linkcode resample}. */
  readonly resize: {
    readonly ask: { to: Size; picture: Bitmap };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
  /** The chart of the days, see {@linkcode drawDailyChart}. */
  readonly chart: {
    readonly ask: { tallies: readonly DayFigures[] };
    readonly answer: Uint8Array<ArrayBuffer>;
  };
}

/** One task by its name. */
export type DrawingTask<Name extends keyof DrawingTasks = keyof DrawingTasks> = {
  [Each in Name]: { readonly type: Each } & DrawingTasks[Each]["ask"];
}[Name];

/** The end of a task. */
export type DrawingAnswer<Name extends keyof DrawingTasks = keyof DrawingTasks> =
  | { readonly type: "done"; readonly made: DrawingTasks[Name]["answer"] }
  | { readonly type: "failed"; readonly error: string };

/** The Worker's global scope, which the types for windows do not have. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<DrawingTask>) => void;
  postMessage(answer: DrawingAnswer, transfer: Transferable[]): void;
};

scope.onmessage = async ({ data: task }) => {
  try {
    const made = await draw(task);
    scope.postMessage({ type: "done", made }, [("pixels" in made ? made.pixels : made).buffer]);
  } catch (error) {
    scope.postMessage({ type: "failed", error: messageOf(error) }, []);
  }
};

async function draw(task: DrawingTask): Promise<DrawingTasks[keyof DrawingTasks]["answer"]> {
  switch (task.type) {
    case "read":
      return await readPicture(task.file, task.box);
    case "file":
      return await toFile(task.file);
    case "join":
      return join(task.layout, task.pictures);
    case "jpeg":
      return toJpeg(task.picture);
    case "chequered":
      return await toChequered(task.file, task.box);
    case "pad":
      return await encodePng(pad(task.padding, task.picture), "up");
    case "resize":
      return await encodePng(resample(task.picture, task.to), "up");
    case "chart":
      return await drawDailyChart(task.tallies);
    default:
      return task satisfies never;
  }
}
