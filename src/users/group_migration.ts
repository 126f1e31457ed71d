/**
 * A group that becomes a supergroup has another id from then on. Owns that everything that is kept of it has the new one:
 * its role, what was begun in it, its jobs and the results that are kept for it, and the limits of those who speak for it.
 */
import { getLogger } from "@logtape/logtape";
import { type JobQueue } from "../jobs/mod.ts";
import type { Access } from "./access.ts";
import type { Settings } from "./settings.ts";

const log = getLogger(["bot", "access"]);

export interface GroupMoveDeps {
  readonly access: Pick<Access, "move">;
  readonly settings: Pick<Settings, "move">;
  readonly queue: Pick<JobQueue, "moveChat">;
}

/** Moves it all; done twice it changes nothing. Rejects with what the store throws, and is to be done again then. */
export async function moveGroup(
  { access, settings, queue }: GroupMoveDeps,
  from: number,
  to: number,
): Promise<void> {
  // The role first: a stranger's messages are not heard.
  await access.move(from, to);
  await settings.move(from, to);
  await queue.moveChat(from, to);
  log.info("What was kept of group {from} is kept of {to}", { audit: "access", from, to });
}
