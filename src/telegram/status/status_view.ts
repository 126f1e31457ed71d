/** One way to show a job's state in its chat: the port that the status message and the message draft both are. Types only. */
import { type Job } from "../../jobs/mod.ts";
import { type PictureBytes } from "../../worker/mod.ts";

/** What is shown of a job. */
export interface Status {
  readonly text: string;
  /** The picture as it forms. */
  readonly picture?: PictureBytes | undefined;
}

export interface StatusView {
  /**
   * Shows it in place of what the view has shown of the job before; costs no call where that is the same. False where
   * Telegram does not take it in this form, now and for the rest of the process. Rejects where the call fails, or when
   * the signal aborts; it may have taken effect all the same.
   */
  show(job: Job, status: Status, signal: AbortSignal): Promise<boolean>;
  /** Takes it away; never throws. */
  remove(job: Job): Promise<void>;
}
