/**
 * HistoryOutbox in the state: a job that is over is at `["finished", userId, id]`, written in the commit in which it ends
 * (jobs.ts), until it is in the history.
 */
import { getLogger } from "@logtape/logtape";
import { FinishedJob, type HistoryOutbox } from "../jobs/mod.ts";
import { commit, remove } from "./commit.ts";
import { type FoundEntry, type KeyValueStore } from "./key_value.ts";

const log = getLogger(["bot", "kv"]);

export const historyKey = (userId: number, id: string) => ["finished", userId, id] as const;

/** The outbox in an open state file. A record that cannot be read is taken out, with a line in the log. */
export function createKvHistoryOutbox(kv: KeyValueStore): HistoryOutbox {
  /** Not the one that was written again since it was read. */
  async function drop({ key, versionstamp }: FoundEntry): Promise<void> {
    await commit(kv, [remove(key as (string | number)[])], [{ key, versionstamp }]);
  }

  return {
    async next(max) {
      const entries: FoundEntry[] = [];
      const jobs: FinishedJob[] = [];
      for await (const entry of kv.list({ prefix: ["finished"] }, { limit: max })) {
        entries.push(entry);
        const { data, error } = FinishedJob.safeParse(entry.value);
        if (data) jobs.push(data);
        else {
          log.error("Cannot keep job {jobId} in the history: its record has an unknown shape", {
            jobId: String(entry.key.at(-1)),
            problem: error.message,
          });
        }
      }
      return {
        jobs,
        async done() {
          const changes = entries.map(({ key }) => remove(key as (string | number)[]));
          if (entries.length === 0 || await commit(kv, changes, entries)) return;
          for (const entry of entries) await drop(entry);
        },
      };
    },
  };
}
