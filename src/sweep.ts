/** Which pictures in DATA_DIR are still of use: those of jobs that are not settled, and of drafts. The rest goes when it is old. */
import { getLogger } from "@logtape/logtape";
import type { JobQueue } from "./jobs/queue.ts";
import type { Settings } from "./users/settings.ts";
import type { Storage } from "./images/file_store.ts";

const log = getLogger(["bot", "app"]);

export interface SweepDeps {
  readonly queue: Pick<JobQueue, "unsettled">;
  readonly settings: Pick<Settings, "drafts">;
  readonly storage: Pick<Storage, "sweep">;
}

/** Removes the files that are older than `maxAgeMs` and of no use to anybody. `now`: milliseconds since 1970. */
export async function sweepDataDir(
  { queue, settings, storage }: SweepDeps,
  { maxAgeMs, now }: { readonly maxAgeMs: number; readonly now: number },
): Promise<void> {
  const ofJobs = queue.unsettled().flatMap(({ pictures, resultFile }) => [
    ...pictures.map(({ file }) => file),
    ...resultFile ? [resultFile] : [],
  ]);
  const ofDrafts = (await settings.drafts()).flatMap(({ draft }) =>
    draft.kind === "pictures" ? draft.pictures.map(({ file }) => file) : []
  );
  const removed = await storage.sweep({
    inUse: new Set([...ofJobs, ...ofDrafts]),
    maxAgeMs,
    now,
  });
  if (removed > 0) log.info("Removed {removed} old files", { removed });
}
