/**
 * Problems of the owner's files that the admins have been told of at a start. Owns that a restart does not tell them again,
 * and that what was mended and came back is told anew.
 */
import { z } from "zod";

/** Version 1. */
export const ToldProblems = z.object({ v: z.literal(1), problems: z.array(z.string()) });
export type ToldProblems = Readonly<z.infer<typeof ToldProblems>>;

/** Where they are kept over restarts. */
export interface ToldProblemsStore {
  load(): Promise<ToldProblems | undefined>;
  save(told: ToldProblems): Promise<void>;
}

/** What tells one problem from another; a record holds no more. */
const maxLength = 300;
const maxKept = 100;

/** Has those told that were not there at the last start, all of them together; rejects with what `tell` or the store does. */
export async function tellOnce(
  store: ToldProblemsStore,
  problems: readonly string[],
  tell: (added: readonly string[]) => Promise<void>,
): Promise<void> {
  const told = new Set((await store.load())?.problems);
  const added = problems.filter((problem) => !told.has(problem.slice(0, maxLength)));
  if (added.length > 0) await tell(added);
  const now = problems.slice(0, maxKept).map((problem) => problem.slice(0, maxLength));
  if (now.length !== told.size || added.length > 0) await store.save({ v: 1, problems: now });
}
