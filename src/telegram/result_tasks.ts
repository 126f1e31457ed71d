/**
 * What can be made of a result without words: a larger picture, one of another format. Owns which template does it, and that nothing is offered
 * that none can do. Does not know the keyboard.
 */
import { hasShape } from "../images/pixels/mod.ts";
import { stillOf } from "../images/mod.ts";
import { type ChatUser, type Format, formats, type Job } from "../jobs/mod.ts";
import { type Template } from "../templates/mod.ts";
import { enlarge, factorsOf, fillsIn, shapeOf } from "../templates/tasks/mod.ts";
import { type UserSettings } from "../users/mod.ts";
import { type BotContext, type ChatDeps, type PressAnswer, templateOf } from "./api/mod.ts";
import {
  formatProblem,
  type ImageFetcher,
  type Intake,
  isUnderway,
  jobIdOf,
  rootOf,
} from "./intake/mod.ts";
import { type Makeable } from "./status/mod.ts";

export interface ResultTaskDeps extends ChatDeps {
  readonly intake: Intake;
  readonly imageFetcher: ImageFetcher;
}

/** What can be made of the job's result by what ComfyUI can run now. */
export async function makeableOf(
  user: UserSettings,
  { resultFile }: Job,
  deps: ResultTaskDeps,
): Promise<Makeable> {
  const bytes = resultFile === undefined ? undefined : await deps.storage.readResult(resultFile);
  const still = bytes && stillOf(bytes);
  if (bytes && !still) return { factors: [], formats: [] };
  const factors = upscalersFor(user, deps).flatMap((template) => factorsOf(template, still));
  return {
    factors: [...new Set(factors)].sort((a, b) => a - b),
    formats: fillsIn(templateOf(deps, user))
      ? formats.filter((format) => !still || !hasShape(still, shapeOf(format)))
      : [],
  };
}

/** Those that can run: the user's own choice first, then the best. */
function upscalersFor(user: UserSettings, { offered }: ResultTaskDeps): readonly Template[] {
  const all = [...offered().values()].filter(({ kind }) => kind === "upscale");
  return all.sort((a, b) => Number(b.name === user.template) - Number(a.name === user.template));
}

/** Enqueues a job that makes the result `factor` times larger. */
export async function makeBigger(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  factor: number,
  deps: ResultTaskDeps,
): Promise<PressAnswer> {
  const { intake, imageFetcher, queue } = deps;
  const able = upscalersFor(ctx.user, deps).filter((each) => factorsOf(each).includes(factor));
  if (able.length === 0) return { text: ctx.text.stale };
  if (isUnderway(ctx, chatUser, queue)) return { text: ctx.text.underway };
  if (await queue.get(jobIdOf(ctx))) return {};
  const pictures = await imageFetcher.fetch(ctx, [{ type: "result", job }], 1);
  const [picture] = pictures ?? [];
  if (!pictures || !picture) return {};
  for (const template of able) {
    const params = enlarge(template, picture, factor);
    if (!params) continue;
    await intake.begin(ctx, chatUser, {
      words: ctx.text.bigger({ factor }),
      task: { kind: "bigger", template },
      params,
      pictures,
      messageId: ctx.msgId ?? 0,
      rootId: rootOf(job),
      isApart: true,
    });
    return {};
  }
  await imageFetcher.remove(pictures);
  return { text: ctx.text.tooLargeToEnlarge, isAlert: true };
}

/** Enqueues a job that gives the result another format. */
export async function reframe(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  format: Format,
  deps: ResultTaskDeps,
): Promise<PressAnswer> {
  const { intake, imageFetcher, queue } = deps;
  if (!fillsIn(templateOf(deps, ctx.user))) return { text: ctx.text.stale };
  if (isUnderway(ctx, chatUser, queue)) return { text: ctx.text.underway };
  if (await queue.get(jobIdOf(ctx))) return {};
  const pictures = await imageFetcher.fetch(ctx, [{ type: "result", job }], 1);
  const [picture] = pictures ?? [];
  if (!pictures || !picture) return {};
  const problem = formatProblem(ctx, picture, format);
  if (problem !== undefined) {
    await imageFetcher.remove(pictures);
    return { text: problem, isAlert: true };
  }
  await intake.begin(ctx, chatUser, {
    words: ctx.text.otherFormat({ format }),
    format,
    pictures,
    messageId: ctx.msgId ?? 0,
    rootId: rootOf(job),
    isApart: true,
  });
  return {};
}
