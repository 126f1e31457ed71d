/** The rest of a job request, besides pictures and text: id, place in a chain of edits, parameters. Pure. */
import { type ChatUser, type Job, type JobQueue } from "../../jobs/mod.ts";
import { type Template } from "../../templates/mod.ts";
import { type BotContext, type ChatDeps } from "../api/mod.ts";

/** A job's id, made from the update that asked for it: the same update makes the same job. */
export function jobIdOf(ctx: { readonly update: { readonly update_id: number } }): string {
  return ctx.update.update_id.toString(36);
}

/** Whether the update that the id is made from came after the other's: Telegram counts them upwards. */
export function isLater(id: string, other: string): boolean {
  return parseInt(id, 36) > parseInt(other, 36);
}

/**
 * True where the button that was pressed has a job under way already: that of another tap, not of this very press. A job whose
 * result is being sent is not under way, for its user may have it.
 */
export function isUnderway(
  ctx: BotContext,
  { userId }: ChatUser,
  queue: Pick<JobQueue, "live">,
): boolean {
  return queue.live(userId).some(({ id, pressedOn, state }) =>
    pressedOn !== undefined && pressedOn === ctx.callbackQuery?.data && id !== jobIdOf(ctx) &&
    state !== "delivering"
  );
}

/** The job that began the chain of edits of which this job's result is the latest link. */
export function rootOf(job: Job): string {
  return job.rootId ?? job.id;
}

/** The templates that the user may choose: their own choice first, then the best. */
export function offeredFor(
  { user }: BotContext,
  { offered }: Pick<ChatDeps, "offered">,
): readonly Template[] {
  return [...offered().values()].sort((a, b) =>
    Number(b.name === user.template) - Number(a.name === user.template)
  );
}
