/** Telegram's own Stop button on a message draft: its press gives up the job that the draft shows. */
import type { MessageGenerationStopped } from "grammy/types";
import type { JobQueue } from "../jobs/queue.ts";
import type { Board } from "./status/status_updater.ts";

/**
 * Cancels the job whose draft was stopped. A draft's id is its job's `seq`, and only the chat's own person presses there
 * (the id of a private chat is its person's); an id that is none of their living jobs' is ignored.
 */
export async function pressStop(
  { chat, draft_id }: MessageGenerationStopped,
  { queue, board }: { readonly queue: JobQueue; readonly board: Board },
): Promise<void> {
  const job = queue.live(chat.id).find(({ seq, origin }) =>
    seq === draft_id && origin.chatId === chat.id
  );
  if (!job) return;
  const cancelled = await queue.cancel(job.id);
  if (cancelled.type === "cancelled") board.ended(cancelled.job);
}
