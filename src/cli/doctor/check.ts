/** What `doctor` found out about one thing. Owns how it is printed; knows nothing of what is looked at. */
import { type Paint } from "../core/mod.ts";

/** How it stands: `fail` keeps the bot from working, `warn` does not. */
export type CheckStatus = "ok" | "warn" | "fail";

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What is, in one line or several. */
  readonly message: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** A check of that name, with what was found. */
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

/** `✓ name: what is`, `✗ name: what is — what to do`; further lines of a message are indented. */
export function formatCheck({ name, status, message, todo }: Check, paint: Paint): string {
  const [mark, colour] = marks[status];
  const lines = message.split("\n");
  const body = lines.length === 1 ? ` ${message}` : ["", ...lines].join("\n    ");
  const advice = todo === undefined ? "" : lines.length === 1 ? ` — ${todo}` : `\n  — ${todo}`;
  return `${paint(colour, mark)} ${name}:${body}${advice}`;
}
