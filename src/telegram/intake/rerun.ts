/** Runs a job again: the same text and pictures, with a new seed or with other parameters. */
import { type ChatUser, type Job } from "../../jobs/mod.ts";
import { drawSeeds, type ParamValues, randomSeed, specsOf } from "../../templates/mod.ts";
import { type BotContext, type ChatDeps, originOf } from "../api/mod.ts";
import { paramsOf, picturesFor, requestsFor, seedsOf } from "./batch_request.ts";
import type { ImageFetcher } from "./fetch_pictures.ts";
import type { Intake } from "./intake.ts";
import { permit, sayRefused } from "./permit.ts";

export interface RerunDeps extends Pick<ChatDeps, "policy" | "templates" | "random" | "queue"> {
  readonly intake: Intake;
  readonly imageFetcher: ImageFetcher;
}

/** What makes the new job another one. */
export interface Rerun {
  /** The new job's id: where it is there already, there is nothing to do. */
  readonly id: string;
  readonly changed?: ParamValues;
  /** How many of it, each with a seed of its own. Default 1. */
  readonly n?: number;
}

/**
 * Enqueues the job once more, if today's policy allows. A seed that is not among the changed values, or is 0 there, is drawn
 * anew. Answers the user and returns false where there is no new job.
 */
export async function rerunJob(
  ctx: BotContext,
  chatUser: ChatUser,
  job: Job,
  deps: RerunDeps,
  { id, changed = {}, n = 1 }: Rerun,
): Promise<boolean> {
  const { intake, imageFetcher, templates, random, queue } = deps;
  if (await queue.get(id)) return true;
  const template = templates().get(job.template);
  const specs = template ? specsOf(template) : {};
  const seeds = seedsOf(specs);
  const anew = Object.fromEntries(seeds.map((name) => [name, randomSeed]));
  const params = drawSeeds(specs, { ...job.params, ...anew, ...changed }, random);
  const { promptText } = job;
  const wish = permit({ promptText, template: job.template, params }, deps);
  if ("refused" in wish) {
    await sayRefused(ctx, chatUser, wish);
    return false;
  }
  const pictures = await imageFetcher.fetch(
    ctx,
    await imageFetcher.sourcesOf(job.pictures),
    template?.pictures.length,
  );
  if (!pictures) return false;
  const asked = { ...anew, ...changed };
  const parts = (await picturesFor(n, pictures, imageFetcher)).map((pictures, index) => ({
    pictures,
    params: n === 1 ? params : paramsOf(index, params, { specs, asked, random }),
  }));
  const requests = requestsFor({
    ...wish,
    id,
    origin: originOf(ctx, chatUser, job.origin.messageId),
    given: [
      ...new Set([
        ...job.given,
        ...Object.keys(changed).filter((name) => changed[name] !== job.params[name]),
      ]),
    ].filter((name) => !seeds.includes(name)),
    pictures: [...pictures],
    delivery: job.delivery,
    ...(job.task === undefined ? {} : { task: job.task }),
    ...(job.format === undefined ? {} : { format: job.format }),
    ...(job.sameSize === undefined ? {} : { sameSize: job.sameSize }),
    ...(job.rootId === undefined ? {} : { rootId: job.rootId }),
  }, parts);
  const isQueued = await intake.enqueue(ctx, ...requests);
  if (!isQueued) await imageFetcher.remove(parts.flatMap((part) => part.pictures));
  return isQueued;
}
