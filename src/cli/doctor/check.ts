/** The result of one check and how it is printed. Does not know what is checked. */
import { type Paint } from "../core/mod.ts";

/** `fail` keeps the bot from working, `warn` does not. */
export type CheckStatus = "ok" | "warn" | "fail";

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, in one line or several. */
  readonly message: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** A check without its name. */
export type Finding = Omit<Check, "name">;

export function ok(message: string): Finding {
  return { status: "ok", message };
}

export function warn(message: string, todo?: string): Finding {
  return { status: "warn", message, ...(todo === undefined ? {} : { todo }) };
}

export function fail(message: string, todo?: string): Finding {
  return { status: "fail", message, ...(todo === undefined ? {} : { todo }) };
}

const marks = {
  ok: ["✓", "green"],
  warn: ["⚠", "yellow"],
  fail: ["✗", "red"],
} as const;

/** `✓ name: finding`, `✗ name: finding — advice`; a message of several lines is indented. */
export function formatCheck({ name, status, message, todo }: Check, paint: Paint): string {
  const [mark, colour] = marks[status];
  const lines = message.split("\n");
  const body = lines.length === 1 ? ` ${message}` : ["", ...lines].join("\n    ");
  const advice = todo === undefined ? "" : lines.length === 1 ? ` — ${todo}` : `\n  — ${todo}`;
  return `${paint(colour, mark)} ${name}:${body}${advice}`;
}
