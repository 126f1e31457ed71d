/**
 * A group that becomes a supergroup gets a new id. Owns that everything stored for it moves there: its role, drafts, jobs, kept results,
 * and the limits of its anonymous admins. Does not know how Telegram announces the new id.
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

/** Moves everything; idempotent. Rejects with the store's error; call it again then. */
export async function moveGroup(
  { access, settings, queue }: GroupMoveDeps,
  from: number,
  to: number,
): Promise<void> {
  // The role first: messages of a group without one are ignored.
  await access.move(from, to);
  await settings.move(from, to);
  await queue.moveChat(from, to);
  log.info("Group {from} moved to {to}", { audit: "access", from, to });
}
