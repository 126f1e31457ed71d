/** The queue for workers on other hosts: does its server answer, does it keep what it is given, and who is connected? */
import { messageOf } from "../../lib/mod.ts";
import { type QueueInspection } from "../../remote/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

/** `look` rejects where the server does not answer. */
export async function checkQueue(look: () => Promise<QueueInspection>): Promise<Finding> {
  try {
    const { where, workers, problems } = await look();
    const who = workers.length === 0 ? "no worker is connected" : `workers ${workers.join(", ")}`;
    const what = `${where} answers; ${who}`;
    return problems.length === 0 ? ok(what) : warn([what, ...problems].join("\n"));
  } catch (error) {
    return fail(
      messageOf(error),
      "check queue.url in config.yaml, its password in .env, and that this host may reach the server",
    );
  }
}
