/** One job in a list: its words, cut, and where it stands. */
import type { Job } from "../../jobs/job.ts";
import { cut, type Text } from "../../i18n/text.ts";
import type { ChatDeps } from "../api/context.ts";

/** Most characters of a job's words in a list or on a button. */
export const wordsInList = 40;

/** The job as it is now, in a line. */
export function jobLine(
  text: Text,
  job: Job,
  { queue, waitMs }: Pick<ChatDeps, "queue" | "waitMs">,
): string {
  const words = cut(job.promptText, wordsInList);
  const position = queue.position(job.id);
  if (position !== undefined) {
    const expectedMs = queue.paused ? undefined : waitMs(position);
    return text.status.waiting({ words, position, waitMs: expectedMs });
  }
  return job.state === "delivering"
    ? text.status.sending({ words })
    : text.status.running({ words });
}
