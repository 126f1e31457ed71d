/**
 * Warnings that come again and again while something is away or broken. A record with an `outage` field (what that is) says it at
 * once, then each minute, however many jobs and tries meet it; every other record passes. Owns how often; knows no sink.
 */
import type { LogRecord } from "@logtape/logtape";

/** How long those that say the same are left out. */
const everyMs = 60_000;
/** Warnings that are remembered; the oldest go first. */
const maxKept = 1_000;

/** Gives the record that is to be logged, with how many were left out since the last of its kind (`more`), or undefined. */
export type OutageFilter = (record: LogRecord) => LogRecord | undefined;

/** Goes by the records' own time. */
export function createOutageFilter(): OutageFilter {
  const said = new Map<string, { at: number; more: number }>();
  return (record) => {
    const { category, rawMessage, properties, timestamp } = record;
    const { outage } = properties;
    if (outage === undefined) return record;
    const kind = [...category, String(rawMessage), String(outage)].join("\n");
    const last = said.get(kind);
    // The host's clock may be set back.
    if (last && timestamp >= last.at && timestamp - last.at < everyMs) {
      last.more++;
      return undefined;
    }
    said.delete(kind);
    said.set(kind, { at: timestamp, more: 0 });
    if (said.size > maxKept) said.delete(said.keys().next().value!);
    return last && last.more > 0
      ? { ...record, properties: { ...properties, more: last.more } }
      : record;
  };
}
