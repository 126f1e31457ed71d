/** The history in PostgreSQL: does the server answer, and are its tables there or can they be made? Changes nothing. */
import { messageOf } from "../../lib/mod.ts";
import { type HistoryProbe } from "../../postgres/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

export async function checkHistory(probe: () => Promise<HistoryProbe>): Promise<Finding> {
  try {
    const { jobs, mayCreate } = await probe();
    if (jobs !== undefined) return ok(`in PostgreSQL, ${jobs} jobs`);
    return mayCreate ? ok("in PostgreSQL; the bot makes its tables when it runs") : fail(
      "the user of history.url may not make tables",
      "as the database's owner: grant create on database NAME to USER",
    );
  } catch (error) {
    return fail(
      messageOf(error),
      "check history.url in config.yaml and its password in .env; jobs wait in the state meanwhile",
    );
  }
}
