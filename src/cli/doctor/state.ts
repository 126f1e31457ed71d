/** The state in PostgreSQL. Does not know SQL. */
import { messageOf } from "../../lib/mod.ts";
import { type StateProbe } from "../../postgres/mod.ts";
import { fail, type Finding, ok } from "./check.ts";

/** Asks for the state's version; changes nothing. */
export async function checkState(probe: () => Promise<StateProbe>): Promise<Finding> {
  try {
    const { format, mayCreate } = await probe();
    if (format !== undefined) return ok(`in PostgreSQL, format ${format}`);
    return mayCreate ? ok("in PostgreSQL; the bot makes its tables when it runs") : fail(
      "the user of state.url may not make tables",
      "as the database's owner: grant create on database NAME to USER",
    );
  } catch (error) {
    return fail(messageOf(error), "check state.url in config.yaml and its password in .env");
  }
}
