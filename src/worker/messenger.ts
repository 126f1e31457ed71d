/** The Messenger port: the users, as a worker sees them. Knows no chat and no message. */
import { type Delivered, type Job, type JobEvent, type KeptReason } from "../jobs/mod.ts";

/** The outcome of a delivery. */
export type Delivery =
  | { readonly type: "delivered"; readonly delivered: Delivered }
  /** Telegram does not take it now: it is to be kept. */
  | { readonly type: "kept"; readonly reason: KeptReason };

/** Stores how far the delivery has come, for the next process; the next message is sent after that. */
export type NoteSending = (
  progress: Pick<Job, "sendMark" | "album" | "isShrunk" | "isPreviewed">,
) => Promise<unknown>;

/** Reads one of the result's files; undefined where it is gone. */
export type ReadResult = (file: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;

export interface Messenger {
  /** Tells the job's user; returns at once, never throws, and may drop what a later event overtakes. */
  notify(job: Job, event: JobEvent): void;
  /** Whether the picture of the job would be shown as it forms; false where that cannot be found out. Never rejects. */
  wantsPreviews(job: Job): Promise<boolean>;
  /**
   * Sends the result, however long Telegram takes, and says where it is. Before it goes out, `note` is given from where on
   * it can be searched for; a job that has such a mark may have been sent by a former process, and is searched for first. Of a
   * result of several files, `note` is given what has been sent of it.
   * Says why it is to be kept where Telegram does not take it; `note` is given no mark then, since nothing was sent. Rejects
   * only while the program stops.
   */
  deliver(
    job: Job,
    result: Uint8Array<ArrayBuffer>,
    note: NoteSending,
    read: ReadResult,
  ): Promise<Delivery>;
  /** The result has been sent: removes what showed the job's progress. Rejects only while the program stops. */
  clear(job: Job): Promise<void>;
  /** The job has failed or was cancelled: tells its user and settles it. Returns at once, never throws. */
  ended(job: Job): void;
}
