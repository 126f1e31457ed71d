/** Sizes and time spans as written in config.yaml: "100 MB", "7 days". Owns the spellings. */

/** KB, MB and GB count by 1024, as Telegram shows a file's size; KiB, MiB, GiB are the same. */
const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
};

const HOUR_MS = 3_600_000;
/** A month has 30 days, a year 365. */
const MS_BY_UNIT: Readonly<Record<string, number>> = {
  minute: 60_000,
  hour: HOUR_MS,
  day: 24 * HOUR_MS,
  week: 7 * 24 * HOUR_MS,
  month: 30 * 24 * HOUR_MS,
  year: 365 * 24 * HOUR_MS,
};

/**
 * Bytes in a text such as `100 MB`, `1.5GB`, `512 KiB`; undefined where it is none, is not positive or is no whole
 * number of bytes that a double holds exactly.
 */
export function parseBytes(text: string): number | undefined {
  return parseQuantity(text, (unit) => BYTES_BY_UNIT[unit.replace(/^([kmg])ib$/, "$1b")]);
}

/** `9.5 GB`, `120 MB`, `3 KB`: as parseBytes counts, rounded. */
export function formatBytes(bytes: number): string {
  const { kb, mb, gb } = BYTES_BY_UNIT as Readonly<Record<"kb" | "mb" | "gb", number>>;
  if (bytes >= gb) return `${(bytes / gb).toFixed(1)} GB`;
  return bytes >= mb ? `${Math.round(bytes / mb)} MB` : `${Math.round(bytes / kb)} KB`;
}

/** Milliseconds in a text such as `7 days`, `12 hours`, `1 week`; undefined where it is none or is not positive. */
export function parseSpanMs(text: string): number | undefined {
  return parseQuantity(text, (unit) => MS_BY_UNIT[unit.replace(/s$/, "")]);
}

function parseQuantity(
  text: string,
  factorOf: (unit: string) => number | undefined,
): number | undefined {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : factorOf(unit.toLowerCase());
  if (factor === undefined) return undefined;
  const quantity = Math.round(Number(amount) * factor);
  return quantity > 0 && Number.isSafeInteger(quantity) ? quantity : undefined;
}
