/**
 * The last step of an intake: a job, or a batch, goes into the queue and is shown. Owns what is said where the queue does not take
 * it. Does not know what becomes of its pictures then.
 */
import { type JobRequest, type Picture } from "../../jobs/mod.ts";
import { type BotContext, type ChatDeps, refuse } from "../api/mod.ts";
import { type StatusUpdater } from "../status/mod.ts";
import type { ImageFetcher } from "./fetch_pictures.ts";
import type { Permitted } from "./permit.ts";

export interface EnqueueDeps extends Pick<ChatDeps, "queue" | "erasure" | "lacking"> {
  readonly statusUpdater: StatusUpdater;
  readonly imageFetcher: Pick<ImageFetcher, "remove">;
}

/** Puts a job, or a batch, into the queue and shows it. False where the queue is full and the like; that is said. */
export type Enqueue = (
  ctx: BotContext,
  ...requests: readonly [Permitted<JobRequest>, ...Permitted<JobRequest>[]]
) => Promise<boolean>;

export function createEnqueue(deps: EnqueueDeps): {
  readonly enqueue: Enqueue;
  /** True where its user has asked to be forgotten since; nothing is kept of it. */
  readonly isErased: (ctx: BotContext, pictures: readonly Picture[]) => Promise<boolean>;
} {
  const { queue, statusUpdater, imageFetcher } = deps;

  async function isErased(ctx: BotContext, pictures: readonly Picture[]): Promise<boolean> {
    if (!deps.erasure.isErased(ctx.sender, ctx.update.update_id)) return false;
    await imageFetcher.remove(pictures);
    ctx.goesUnanswered = true;
    return true;
  }

  const enqueue: Enqueue = async (ctx, ...requests) => {
    const [request, ...others] = requests;
    const lacking = deps.lacking(request.template);
    if (lacking) {
      await refuse(ctx, ctx.text.queue.lacking({ ...lacking, template: request.template }));
      return false;
    }
    if (await isErased(ctx, requests.flatMap(({ pictures }) => pictures))) return true;
    const { noticeId: statusMessageId } = ctx;
    const pressed = ctx.callbackQuery?.data;
    const pressedOn = pressed === undefined ? {} : { pressedOn: pressed };
    const enqueued = await queue.enqueue(
      { ...request, ...pressedOn, ...(statusMessageId === undefined ? {} : { statusMessageId }) },
      ...others.map((other) => ({ ...other, ...pressedOn })),
    );
    const jobs = requests.length;
    switch (enqueued.type) {
      case "full": {
        const max = enqueued.maxSize;
        const { queue, batch } = ctx.text;
        await refuse(ctx, jobs > 1 ? batch.full({ jobs, max }) : queue.full({ max }));
        return false;
      }
      case "too_large":
        await refuse(ctx, ctx.text.tooMuchText);
        return false;
      case "closed":
        await refuse(ctx, ctx.text.queue.closed(enqueued.reason));
        return false;
      case "limit":
        await refuse(
          ctx,
          jobs > 1 ? ctx.text.batch.limit({ ...enqueued, jobs }) : ctx.text.queue.limit(enqueued),
        );
        return false;
      case "queued":
        ctx.acknowledge("seen");
        statusUpdater.open(enqueued.job);
        return true;
      case "duplicate":
        return true;
      default:
        return enqueued satisfies never;
    }
  };

  return { enqueue, isErased };
}
