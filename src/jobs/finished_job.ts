/**
 * A job that is over, as the history keeps it. Owns what of a job is kept, and that the words of its user are left out unless the owner
 * wants them. Does not know where it is kept.
 */
import { z } from "zod";
import { FailReason, type Job, KeptReason, resultFilesOf } from "./job.ts";

/** Who, when, where, with what, and how it ended. Version 1. Times are milliseconds since 1970. */
export const FinishedJob = z.object({
  v: z.literal(1),
  id: z.string(),
  /** Place in the order of arrival. */
  seq: z.number(),
  userId: z.number(),
  chatId: z.number(),
  threadId: z.number().optional(),
  isPrivate: z.boolean(),
  template: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  promptText: z.string().optional(),
  /** How many pictures it was made of, and how many it became. */
  pictures: z.number(),
  results: z.number(),
  backend: z.string().optional(),
  outcome: z.enum(["done", "failed", "cancelled"]),
  failure: FailReason.optional(),
  kept: KeptReason.optional(),
  createdAt: z.number(),
  submittedAt: z.number().optional(),
  startedAt: z.number().optional(),
  renderedAt: z.number().optional(),
  endedAt: z.number(),
  /** How often a backend died under it. */
  crashes: z.number(),
});
export type FinishedJob = Readonly<z.infer<typeof FinishedJob>>;

/** What the owner wants to be kept. */
export interface FinishedJobOptions {
  /** True where what its user wrote is kept. */
  readonly words: boolean;
  /** True for a parameter that is one of the template's choices: its text is none of the user's. */
  readonly isChoice: (param: string) => boolean;
}

/** Undefined for a job that is not over. */
export function finishedJob(
  job: Job,
  { words, isChoice }: FinishedJobOptions,
): FinishedJob | undefined {
  const { state: outcome, origin } = job;
  if (outcome !== "done" && outcome !== "failed" && outcome !== "cancelled") return undefined;
  const { backend, failure, kept, submittedAt, startedAt, renderedAt } = job;
  const { threadId } = origin;
  const params = Object.entries(job.params)
    .filter(([name, value]) => words || typeof value === "number" || isChoice(name));
  return {
    v: 1,
    id: job.id,
    seq: job.seq,
    userId: origin.userId,
    chatId: origin.chatId,
    ...threadId === undefined ? {} : { threadId },
    isPrivate: origin.isPrivate,
    template: job.template,
    params: Object.fromEntries(params),
    ...words ? { promptText: job.promptText } : {},
    pictures: job.pictures.length,
    results: resultFilesOf(job).length,
    ...backend === undefined ? {} : { backend },
    outcome,
    ...failure === undefined ? {} : { failure },
    ...kept === undefined ? {} : { kept },
    createdAt: job.createdAt,
    ...submittedAt === undefined ? {} : { submittedAt },
    ...startedAt === undefined ? {} : { startedAt },
    ...renderedAt === undefined ? {} : { renderedAt },
    endedAt: job.endedAt ?? job.createdAt,
    crashes: job.crashes,
  };
}

/** Jobs that are over and not in the history yet. They are noted in the commit in which they end. */
export interface HistoryOutbox {
  /** Some of them, `max` at most; none where all are written. */
  next(max: number): Promise<FinishedJobs>;
}

export interface FinishedJobs {
  readonly jobs: readonly FinishedJob[];
  /** Takes them out, but for those that were noted anew meanwhile. */
  done(): Promise<void>;
}
