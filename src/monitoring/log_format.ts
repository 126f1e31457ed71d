/**
 * One log record as text: for bot.log, for the journal, or as a JSON line. Pure; every format ends in a line feed.
 * Knows nothing of where the text goes. Nothing that a user wrote can forge a line: control characters are escaped.
 */
import { getJsonLinesFormatter, type LogRecord } from "@logtape/logtape";

/** LogTape's levels as the log spells them, and syslog's priorities of them (sd-daemon(3)). */
const LEVELS: Readonly<Record<LogRecord["level"], readonly [name: string, priority: number]>> = {
  trace: ["TRACE", 7],
  debug: ["DEBUG", 7],
  info: ["INFO", 6],
  warning: ["WARNING", 4],
  error: ["ERROR", 3],
  fatal: ["CRITICAL", 2],
};

/** `YYYY-MM-DD HH:mm:ss | LEVEL | category | message key=value`, local time; errors follow, indented by four. */
export function formatText(record: LogRecord): string {
  return `${localTime(record.timestamp)} | ${formatBody(record).join("\n")}\n`;
}

/** As formatText without the time, which the journal has itself, and with a priority (`<3>`) before each line. */
export function formatJournal(record: LogRecord): string {
  const [, priority] = LEVELS[record.level];
  return formatBody(record).map((line) => `<${priority}>${line}\n`).join("");
}

const formatJsonLine = getJsonLinesFormatter({ lineEnding: "lf" });

/** `{"@timestamp", "level", "message", "logger", "properties"}` on one line. */
export function formatJson(record: LogRecord): string {
  return formatJsonLine({ ...record, message: [messageText(record)] });
}

function formatBody(record: LogRecord): readonly string[] {
  const [level] = LEVELS[record.level];
  const inMessage = new Set(record.message.filter((_, i) => i % 2 === 1));
  const fields = Object.entries(record.properties)
    .filter(([, value]) =>
      value !== undefined && !(value instanceof Error) && !inMessage.has(value)
    )
    .map(([key, value]) => ` ${key}=${fieldText(value)}`);
  const errors = new Set(
    [...inMessage, ...Object.values(record.properties)].filter((value) => value instanceof Error),
  );
  const line = `${level} | ${record.category.join(".")} | ${messageText(record)}${fields.join("")}`;
  return [
    escapeControls(line),
    ...[...errors].flatMap((error) => Deno.inspect(error, WHOLE).split("\n"))
      .map((errorLine) => `    ${escapeControls(errorLine)}`),
  ];
}

function messageText(record: LogRecord): string {
  return record.message.map((part, i) => i % 2 === 0 ? String(part) : valueText(part)).join("");
}

function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Error ? value.message : inspect(value);
}

/** Quoted where it could be mistaken for another field. */
function fieldText(value: unknown): string {
  if (typeof value !== "string") return inspect(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/** No string is shortened: half a token could not be recognised and taken out. */
const WHOLE = { depth: 5, strAbbreviateSize: Infinity } as const;

function inspect(value: unknown): string {
  return Deno.inspect(value, { ...WHOLE, breakLength: Infinity, compact: true });
}

function escapeControls(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function localTime(timestampMs: number): string {
  const time = new Date(timestampMs);
  const two = (number: number) => String(number).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
