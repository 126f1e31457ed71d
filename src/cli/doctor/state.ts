/** The state in PostgreSQL: does the server answer, and is the state there? Changes nothing. */
import { type KeyValueStore } from "../../kv/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

/** Reads the version of the state's format. */
export async function checkState(kv: Pick<KeyValueStore, "get">): Promise<Finding> {
  try {
    const { value } = await kv.get(["version"]);
    return ok(`in PostgreSQL, format ${value}`);
  } catch (error) {
    return fail(
      messageOf(error),
      "check state.url in config.yaml; on a new database, start the bot once: it makes its tables",
    );
  }
}
