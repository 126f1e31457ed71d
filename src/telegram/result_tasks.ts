/**
 * What can be made of a result without words: a larger picture. Owns which template does it, and that nothing is offered
 * that none can do. Does not know the keyboard.
 */
import { stillOf } from "../images/mod.ts";
import { type ChatUser, type Job } from "../jobs/mod.ts";
import { type Template } from "../templates/mod.ts";
import { enlarge, factorsOf } from "../templates/tasks/mod.ts";
import { type UserSettings } from "../users/mod.ts";
import { type BotContext, type ChatDeps, type PressAnswer } from "./api/mod.ts";
import { type ImageFetcher, type Intake, isUnderway, jobIdOf, rootOf } from "./intake/mod.ts";
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
  if (bytes && !still) return { factors: [] };
  const factors = upscalersFor(user, deps).flatMap((template) => factorsOf(template, still));
  return { factors: [...new Set(factors)].sort((a, b) => a - b) };
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
