/** Work in the background, for which nobody waits: owns that its errors are in the log. */
import { getLogger } from "@logtape/logtape";
import { messageOf } from "./errors.ts";

const log = getLogger(["bot", "app"]);

/** To be given the error of work in the background: logs that one cannot `what`. */
export function logged(what: string): (error: unknown) => void {
  return (error) => log.warn("Cannot {what}: {error}", { what, error: messageOf(error) });
}
