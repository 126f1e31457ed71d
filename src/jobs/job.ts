/**
 * A job: one edit that a user asked for, from the request to the delivered picture.
 * Owns the stored record, its version, and which state may follow which. Knows neither the store nor Telegram's API.
 *
 *   queued ──claim──▶ submitted ──started──▶ running ──collected──▶ delivering ──sent──▶ done
 *     ▲  │               │  │                  │  │
 *     │  └──cancel──┐    │  └──cancel──┐       │  └──cancel──▶ cancelled
 *     └──requeue────┼────┴─────────────┼───────┘
 *                   ▼                  ▼            any of the four may become: failed
 *                cancelled          cancelled
 *
 * A result that Telegram did not take is kept with the failed job; `failed` becomes `done` when its user has fetched it.
 *
 * `submitted` is written with its promptId before the prompt is sent to a backend, `delivering` with the result's file
 * before the first message is sent: after a kill the record says what may have happened outside.
 */
import { z } from "zod";
import { languages } from "../lib/mod.ts";

/** Where a job stands. `done`, `failed` and `cancelled` are its ends. */
export const JobState = z.enum([
  "queued",
  "submitted",
  "running",
  "delivering",
  "done",
  "failed",
  "cancelled",
]);
export type JobState = z.infer<typeof JobState>;

/** How the result is wanted: as a photo, as a lossless file, or as the source came. */
export const Delivery = z.enum(["auto", "photo", "file"]);
export type Delivery = z.infer<typeof Delivery>;

/**
 * What a button asks for without words of the user's: a larger picture, or one without its background.
 */
export const Task = z.enum(["bigger", "cutout"]);
export type Task = z.infer<typeof Task>;

/** Width by height, as people write it. */
export const formats = ["1:1", "4:5", "3:4", "16:9", "9:16"] as const;
export const Format = z.enum(formats);
export type Format = z.infer<typeof Format>;

/** A source picture: the copy in DATA_DIR/input, and where to get it again when that is gone. */
export const Picture = z.object({
  /** File name in DATA_DIR/input. */
  file: z.string(),
  /** Telegram's `file_id`, valid for ever for this bot; absent for a picture made here. */
  fileId: z.string().optional(),
  mime: z.string(),
  /** Pixels, as shown (after EXIF orientation). */
  width: z.number(),
  height: z.number(),
  /** True when it was sent as a file: then the result goes back as a file. */
  asFile: z.boolean(),
  /** The job whose result this is: its lossless file is better than what `fileId` gives. */
  resultOf: z.string().optional(),
  /** True for the one that the program brings. */
  isSample: z.boolean().optional(),
});
export type Picture = Readonly<z.infer<typeof Picture>>;

/** Who asked, and where the answer goes. */
export const JobOrigin = z.object({
  userId: z.number(),
  chatId: z.number(),
  /** True for a private chat: other limits and other ways to show progress. */
  isPrivate: z.boolean(),
  /** The forum topic, in groups that have them. */
  threadId: z.number().optional(),
  /** The message that asked; the result replies to it. 0 where it has stayed in a group's old chat. */
  messageId: z.number(),
  language: z.enum(languages),
});
export type JobOrigin = Readonly<z.infer<typeof JobOrigin>>;

/** A job's place in its batch: see batch.ts. */
export const Batch = z.object({
  /** The id of its first job. */
  id: z.string(),
  /** From 0. */
  index: z.number(),
  /** How many jobs it has. */
  of: z.number(),
});
export type Batch = Readonly<z.infer<typeof Batch>>;

/** Checks as a z.union of records would, in a fifth of the time: a start reads tens of thousands of them. */
function areParams(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === "number" || typeof each === "string");
}

/** What a user asked for: everything that a job is made of. Seeds are drawn already. */
export const JobRequest = z.object({
  /**
   * Unique, at most 16 characters of [a-z0-9]: made from the update, or from the button where that makes a single job. So the
   * same update, and the same button, make the same job.
   */
  id: z.string(),
  origin: JobOrigin,
  promptText: z.string(),
  template: z.string(),
  /** True where nobody chose the template: another takes its place where the backend cannot run it. */
  isDefault: z.boolean().optional(),
  params: z.custom<Readonly<Record<string, number | string>>>(areParams),
  pictures: z.array(Picture),
  delivery: Delivery,
  /** Names of the parameters that were given in the words: shown with the job. */
  given: z.array(z.string()),
  /** The first job of the chain of edits of which this one is a link: its pictures are the original. */
  rootId: z.string().optional(),
  /** Absent where words say what to change. */
  task: Task.optional(),
  /** Its picture is to have that shape: what is around it is filled in. */
  format: Format.optional(),
  /** Its result is to have as many pixels as its picture. */
  sameSize: z.boolean().optional(),
  /** The button that asked for it, by its callback data. */
  pressedOn: z.string().optional(),
  /** The batch that it is a part of. */
  batch: Batch.optional(),
  /**
   * The message that shows how it stands; a question that has become one is there from the beginning. A batch has one, which
   * its first job knows.
   */
  statusMessageId: z.number().optional(),
});
export type JobRequest = Readonly<z.infer<typeof JobRequest>>;

/** As Telegram keeps a picture, for ever. */
const FileIds = z.object({
  photoFileId: z.string().optional(),
  documentFileId: z.string().optional(),
});
export type FileIds = Readonly<z.infer<typeof FileIds>>;

/** Messages of an album, each with the name of its file in DATA_DIR/output; one that was found, not sent, has no ids. */
const AlbumItems = z.array(FileIds.extend({ id: z.number(), file: z.string() }));
export type AlbumItems = Readonly<z.infer<typeof AlbumItems>>;

/** What has been sent of a result of several files; its buttons come in a message of their own, at the end. */
export const Album = z.object({ chatId: z.number(), items: AlbumItems });
export type Album = Readonly<z.infer<typeof Album>>;

/** The result as Telegram keeps it: enough to send it again, or as a file, for ever. */
export const Delivered = FileIds.extend({
  /** The message with the buttons: the picture, or the one that comes after an album. */
  messageId: z.number(),
  album: AlbumItems.optional(),
  /** The chat where it is, where that is not the one that asked. */
  chatId: z.number().optional(),
});
export type Delivered = Readonly<z.infer<typeof Delivered>>;

/** Where in the order of message ids a message may be that was perhaps sent: after the chat's, after all private chats'. */
export const SendMark = z.object({
  chat: z.number(),
  privates: z.number(),
  /** The chat that it went to, where that is not the one that asked. */
  chatId: z.number().optional(),
});
export type SendMark = Readonly<z.infer<typeof SendMark>>;

/** Why a job failed, for the sentence that its user reads. */
export const FailReason = z.enum([
  /** The backend does not take the graph: a node or a model is missing. */
  "refused",
  "execution",
  "out_of_memory",
  "timeout",
  /** The backend died under it twice. */
  "crashed",
  "picture_gone",
  /** The owner has removed the template while the job waited. */
  "template_gone",
  /** It was stopped in the backend itself. */
  "interrupted",
  "undeliverable",
]);
export type FailReason = z.infer<typeof FailReason>;

/** Why a rendered result was not delivered. */
export const KeptReason = z.enum([
  /** They have blocked the bot, or have never written to it: it comes when they are back. */
  "person",
  /** The group does not take it, nor does its user's private chat. */
  "place",
  /** Telegram takes it in no form: it is larger than a file may be. */
  "form",
]);
export type KeptReason = z.infer<typeof KeptReason>;

/** A file that a backend has written; `folder` is its output or temp folder, or the input folder with what it was sent. */
export const BackendFile = z.object({
  name: z.string(),
  subfolder: z.string(),
  folder: z.string(),
});
export type BackendFile = Readonly<z.infer<typeof BackendFile>>;

/** The stored record of a job, version 1. */
export const Job = JobRequest.extend({
  v: z.literal(1),
  /** Place in the order of arrival: grows by one a job, never the clock. */
  seq: z.number(),
  state: JobState,
  /**
   * Place in the order of claims, from the first one on: jobs that come back to the queue are claimed again in that order,
   * for the fair order is another one by then.
   */
  claim: z.number().optional(),
  /** Milliseconds since 1970, as are all the others. */
  createdAt: z.number(),
  /** Set by a cancel in `submitted` or `running`: the worker that holds the job lets it go. */
  cancelRequestedAt: z.number().optional(),
  backend: z.string().optional(),
  /** ComfyUI's `prompt_id`, chosen by us and kept over restarts. */
  promptId: z.string().optional(),
  submittedAt: z.number().optional(),
  startedAt: z.number().optional(),
  /** When ComfyUI was done with it. */
  renderedAt: z.number().optional(),
  endedAt: z.number().optional(),
  /** How often a backend died under it. */
  crashes: z.number(),
  /** What the backend has written of it. */
  saved: z.array(BackendFile).optional(),
  /** The result's file name in DATA_DIR/output. */
  resultFile: z.string().optional(),
  /** Those of its further files, where the backend has saved several. */
  moreFiles: z.array(z.string()).optional(),
  /** Written before the status message is sent. */
  statusMark: SendMark.optional(),
  /** Written before the result, or the next part of it, is sent for the first time. */
  sendMark: SendMark.optional(),
  album: Album.optional(),
  /** Telegram does not take it as large as it is: what it has is smaller. */
  isShrunk: z.boolean().optional(),
  /** It was shown on a ground of squares before it was sent, for it can be seen through. */
  isPreviewed: z.boolean().optional(),
  delivered: Delivered.optional(),
  /** Why the result was kept when it was to be sent; it may have been fetched since (`delivered`). */
  kept: KeptReason.optional(),
  /** When its user was notified that it is kept, once. */
  offeredAt: z.number().optional(),
  /** Why it failed, for its user. */
  failure: FailReason.optional(),
  /** Why it failed, in English, for the log. */
  error: z.string().optional(),
  /** An admin has moved it to the front. */
  first: z.boolean().optional(),
  /** Every state it was in, and since when. */
  history: z.array(z.object({ state: JobState, at: z.number() })),
  /** At an end, and its user knows: nothing is left to do. */
  settled: z.boolean(),
});
export type Job = Readonly<z.infer<typeof Job>>;

/** True for the states that nothing follows. */
export function isEnd(state: JobState): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

const following: Readonly<Record<JobState, readonly JobState[]>> = {
  queued: ["submitted", "cancelled", "failed"],
  submitted: ["running", "delivering", "queued", "cancelled", "failed"],
  running: ["delivering", "queued", "cancelled", "failed"],
  delivering: ["done", "failed"],
  done: [],
  failed: [],
  cancelled: [],
};

/** True where `to` may follow `from`. A state may always be written again (other fields change). */
export function mayFollow(from: JobState, to: JobState): boolean {
  return from === to || following[from].includes(to);
}

/** True where its result is rendered, and its user does not have it. */
export function isKept({ kept, delivered, resultFile }: Job): boolean {
  return kept !== undefined && !delivered && resultFile !== undefined;
}

/**
 * The job as it is when the group `from` has the id `to`. Its messages have stayed in the old group, where they can neither be
 * replied to nor changed; a result that is there already stays there.
 */
export function movedJob(job: Job, from: number, to: number): Job {
  const { threadId: _thread, ...origin } = job.origin;
  const { statusMessageId: _status, statusMark: _statusMark, sendMark, album, ...rest } = job;
  const isThere = origin.chatId === from;
  /** A result on its way to its user alone has not moved. */
  const isApart = (part: { readonly chatId?: number | undefined } | undefined) =>
    part?.chatId !== undefined && part.chatId !== from;
  return {
    ...(isThere
      ? {
        ...rest,
        ...(isApart(sendMark) ? { sendMark } : {}),
        ...(isApart(album) ? { album } : {}),
      }
      : job),
    origin: {
      ...(isThere ? { ...origin, chatId: to, messageId: 0 } : job.origin),
      userId: origin.userId === from ? to : origin.userId,
    },
    ...(job.delivered && isThere ? { delivered: { chatId: from, ...job.delivered } } : {}),
  };
}

/** Names of the result's files in DATA_DIR/output, in order. */
export function resultFilesOf(
  { resultFile, moreFiles = [] }: Pick<Job, "resultFile" | "moreFiles">,
): readonly string[] {
  return resultFile === undefined ? [] : [resultFile, ...moreFiles];
}

/** The job with that message's picture as its result, where its result is an album. */
export function resultAt(job: Job, messageId: number): Job {
  const { delivered } = job;
  const item = delivered?.album?.find(({ id }) => id === messageId);
  if (!item || !delivered || item.file === job.resultFile) return job;
  const { photoFileId: _photo, documentFileId: _document, ...rest } = delivered;
  return { ...job, resultFile: item.file, delivered: { ...rest, ...fileIdsOf(item) } };
}

/** The ids that are there. */
export function fileIdsOf({ photoFileId, documentFileId }: FileIds): FileIds {
  return {
    ...(photoFileId === undefined ? {} : { photoFileId }),
    ...(documentFileId === undefined ? {} : { documentFileId }),
  };
}

/** The job without what its user has said and sent: what is left to be done with one that was cancelled needs none of it. */
export function erasedJob({ rootId: _root, error: _error, ...job }: Job): Job {
  return {
    ...job,
    promptText: "",
    params: {},
    given: [],
    pictures: job.pictures.map(({ fileId: _file, resultOf: _job, ...picture }) => picture),
  };
}

/** The chat that the result is in. */
export function resultChatOf({ origin, delivered }: Job): number {
  return delivered?.chatId ?? origin.chatId;
}

/** A new job: waiting, at the given place. */
export function newJob(request: JobRequest, seq: number, now: number): Job {
  return {
    ...request,
    v: 1,
    seq,
    state: "queued",
    createdAt: now,
    crashes: 0,
    history: [],
    settled: false,
  };
}

/** The record with its present state at the end of its history; the oldest entries of an endless one are dropped. */
export function withHistory(job: Job, before: Job | undefined, now: number): Job {
  if (before?.state === job.state) return job;
  return { ...job, history: [...job.history, { state: job.state, at: now }].slice(-maxHistory) };
}

/** A job that is tried again and again must not outgrow its record. */
const maxHistory = 50;

/** What happens to a job while it is rendered, for its status message. How it ended is in its record. */
export type JobEvent =
  | {
    readonly type: "progress";
    /** 0–1. */
    readonly fraction: number;
    readonly step?: { readonly value: number; readonly max: number };
    readonly leftMs: number | undefined;
  }
  | { readonly type: "preview"; readonly bytes: Uint8Array<ArrayBuffer>; readonly mime: string }
  /** ComfyUI has it: where it has waited for its pictures, it does so no more. */
  | { readonly type: "accepted" }
  /** Its pictures cannot be written or read; it waits until they can. */
  | { readonly type: "storage_away" };

/** A user in a chat: drafts in one chat are not those in another. */
export interface ChatUser {
  readonly userId: number;
  readonly chatId: number;
}
