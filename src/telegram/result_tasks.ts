/**
 * What can be made of a result without words: a larger picture, one of another format, one without its background. Owns which template
 * does it, and that nothing is offered that none can do. Does not know the keyboard.
 */
import { stillOf } from "../images/mod.ts";
import { hasShape } from "../images/pixels/mod.ts";
import { type ChatUser, type Format, formats, type Job, type Picture } from "../jobs/mod.ts";
import { type Template } from "../templates/mod.ts";
import { cutsOut, enlarge, factorsOf, fillsIn, shapeOf } from "../templates/tasks/mod.ts";
import { type BotContext, type ChatDeps, type PressAnswer, templateOf } from "./api/mod.ts";
import {
  type Edit,
  formatProblem,
  type ImageFetcher,
  type Intake,
  isUnderway,
  jobIdOf,
  offeredFor,
  rootOf,
} from "./intake/mod.ts";
import { type Makeable } from "./status/mod.ts";

export interface ResultTaskDeps extends ChatDeps {
  readonly intake: Intake;
  readonly imageFetcher: ImageFetcher;
}

/** What can be made of the job's result by what ComfyUI can run now. */
export async function makeableOf(
  ctx: BotContext,
  { resultFile }: Job,
  deps: ResultTaskDeps,
): Promise<Makeable> {
  const bytes = resultFile === undefined ? undefined : await deps.storage.readResult(resultFile);
  const still = bytes && stillOf(bytes);
  // What is no picture; and of what can be seen through, models get what was there before.
  if (bytes && (!still || still.hasAlpha)) return { factors: [], formats: [], isCutOut: false };
  const offered = offeredFor(ctx, deps);
  const factors = offered.flatMap((template) => factorsOf(template, still));
  return {
    factors: [...new Set(factors)].sort((a, b) => a - b),
    formats: fillsIn(templateOf(deps, ctx.user))
      ? formats.filter((format) => !still || !hasShape(still, shapeOf(format)))
      : [],
    isCutOut: offered.some(cutsOut),
  };
}

/** Enqueues a job that makes the result `factor` times larger. */
export function makeBigger(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  factor: number,
  deps: ResultTaskDeps,
): Promise<PressAnswer> {
  const able = offeredFor(ctx, deps).filter((each) => factorsOf(each).includes(factor));
  return begin(ctx, chatUser, job, able, deps, (picture) => {
    for (const template of able) {
      const params = enlarge(template, picture, factor);
      const words = ctx.text.bigger({ factor });
      if (params) return { words, params, task: { kind: "bigger", template } };
    }
    return ctx.text.tooLargeToEnlarge;
  });
}

/** Enqueues a job that gives the result another format. */
export function reframe(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  format: Format,
  deps: ResultTaskDeps,
): Promise<PressAnswer> {
  const able = [templateOf(deps, ctx.user)].filter(fillsIn);
  return begin(
    ctx,
    chatUser,
    job,
    able,
    deps,
    (picture) =>
      formatProblem(ctx, picture, format) ?? { words: ctx.text.otherFormat({ format }), format },
  );
}

/** Enqueues a job that takes the result's background away. */
export function cutOut(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  deps: ResultTaskDeps,
): Promise<PressAnswer> {
  const able = offeredFor(ctx, deps).filter(cutsOut);
  return begin(ctx, chatUser, job, able, deps, () => ({
    words: ctx.text.cutOut,
    task: { kind: "cutout", template: able[0]! },
  }));
}

/** Fetches the result and begins what `editOf` says of it, once for each press; a text is why that cannot be. */
async function begin(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  able: readonly Template[],
  { intake, imageFetcher, queue }: ResultTaskDeps,
  editOf: (picture: Picture) => Pick<Edit, "words" | "params" | "task" | "format"> | string,
): Promise<PressAnswer> {
  if (able.length === 0) return { text: ctx.text.stale };
  if (isUnderway(ctx, chatUser, queue)) return { text: ctx.text.underway };
  if (await queue.get(jobIdOf(ctx))) return {};
  const pictures = await imageFetcher.fetch(ctx, [{ type: "result", job }], 1);
  const [picture] = pictures ?? [];
  if (!pictures || !picture) return {};
  const edit = editOf(picture);
  if (typeof edit === "string") {
    await imageFetcher.remove(pictures);
    return { text: edit, isAlert: true };
  }
  const messageId = ctx.msgId ?? 0;
  await intake.begin(ctx, chatUser, {
    ...edit,
    pictures,
    messageId,
    rootId: rootOf(job),
    isApart: true,
  });
  return {};
}
