/**
 * Commits to Deno KV within its limits. Owns the limits: independent changes are split over several commits, changes that belong
 * together are refused before anything is written. Knows no record.
 */
import { RecordTooLargeError } from "../lib/mod.ts";
import { type KeyValueStore } from "./key_value.ts";

/** Limits of a commit and a record: beyond them Deno KV throws a TypeError (2.6, measured). */
const maxMutations = 1_000;
const maxChecks = 100;
/** Keys and values together. */
const maxCommitBytes = 800 * 1024;
/** As V8 serializes it: a string with one letter beyond Latin-1 takes two bytes a character. */
const maxValueBytes = 64 * 1024;
const maxKeyBytes = 2 * 1024;

/** Parts of our keys; those of a user id or a time sort as numbers. */
export type Key = readonly (string | number)[];

/** A record to write, or to delete where it has no value. */
export interface Change {
  readonly key: Deno.KvKey;
  readonly value?: unknown;
  /** Of key and value, as they count. */
  readonly bytes: number;
}

/** Writes the record. Throws RecordTooLargeError where Deno KV takes no key or value of that size. */
export function set(key: Key, value: unknown): Change {
  const [keyBytes, valueBytes] = [sizeOfKey(key), sizeOfValue(value)];
  if (valueBytes > maxValueBytes) throw tooLarge(key, valueBytes, maxValueBytes);
  return { key: [...key], value, bytes: keyBytes + valueBytes };
}

/** Deletes the record, where there is one. */
export function remove(key: Key): Change {
  return { key: [...key], bytes: sizeOfKey(key) };
}

/**
 * Writes all changes at once or none; false where a checked record has changed since it was read. Throws
 * RecordTooLargeError where they are more than one commit takes.
 */
export async function commit(
  kv: KeyValueStore,
  changes: readonly Change[],
  checks: readonly Deno.AtomicCheck[] = [],
): Promise<boolean> {
  const bytes = sizeOfAll(changes);
  const key = changes[0]?.key ?? [];
  if (changes.length > maxMutations) throw tooMany(key, `${changes.length} changes`, maxMutations);
  if (checks.length > maxChecks) throw tooMany(key, `${checks.length} checks`, maxChecks);
  if (bytes > maxCommitBytes) throw tooLarge(key, bytes, maxCommitBytes);
  const atomic = kv.atomic().check(...checks);
  for (const change of changes) {
    if ("value" in change) atomic.set(change.key, change.value);
    else atomic.delete(change.key);
  }
  return (await atomic.commit()).ok;
}

/**
 * Writes groups of changes in order, in as few commits as possible; each group is atomic. After a kill the first ones are written:
 * the call can be repeated.
 */
export async function commitInParts(
  kv: KeyValueStore,
  groups: Iterable<readonly Change[]> | AsyncIterable<readonly Change[]>,
): Promise<void> {
  let part: Change[] = [];
  let bytes = 0;
  for await (const group of groups) {
    const groupBytes = sizeOfAll(group);
    if (part.length + group.length > maxMutations || bytes + groupBytes > maxCommitBytes) {
      if (part.length > 0) await commit(kv, part);
      part = [];
      bytes = 0;
    }
    part.push(...group);
    bytes += groupBytes;
  }
  if (part.length > 0) await commit(kv, part);
}

/** True where a record may hold the value, and so many bytes more. */
export function fits(value: unknown, spareBytes = 0): boolean {
  return sizeOfValue(value) + spareBytes <= maxValueBytes;
}

/** True where one commit takes them all. */
export function fitTogether(changes: readonly Change[]): boolean {
  return changes.length <= maxMutations && sizeOfAll(changes) <= maxCommitBytes;
}

function sizeOfAll(changes: readonly Change[]): number {
  return changes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes are stored as they are, everything else as V8 serializes it: two bytes of a version come first. */
function sizeOfValue(value: unknown): number {
  return value instanceof Uint8Array ? value.length : 2 + serializedSize(value);
}

/**
 * The bytes of V8's own format for the kinds of values that records have (value-serializer.cc). Counted and not serialized:
 * the buffers of `node:v8` stay in memory for long.
 */
function serializedSize(value: unknown): number {
  switch (typeof value) {
    case "string":
      return sizeOfString(value);
    case "number": // a double: an integer may be one too, beside fractions or where an object like it held one
      return 9;
    case "object":
      break;
    default: // a tag: undefined, true, false
      return 1;
  }
  if (value === null) return 1;
  if (value instanceof Uint8Array) return 16 + value.length;
  if (Array.isArray(value)) {
    const items = value.reduce<number>((sum, item) => sum + serializedSize(item), 0);
    return 3 + 2 * sizeOfVarint(value.length) + items;
  }
  const entries = Object.entries(value);
  return entries.reduce(
    (sum, [key, item]) => sum + sizeOfString(key) + serializedSize(item),
    2 + sizeOfVarint(entries.length),
  );
}

/** One byte a character in Latin-1, else two, which begin at an even place. */
function sizeOfString(text: string): number {
  // deno-lint-ignore no-control-regex
  const bytes = /^[\u0000-\u00ff]*$/.test(text) ? text.length : 2 * text.length;
  return 1 + sizeOfVarint(bytes) + bytes + (bytes > text.length ? 1 : 0);
}

/** Seven bits a byte. */
function sizeOfVarint(n: number): number {
  let bytes = 1;
  for (let rest = n; rest >= 128; rest /= 128) bytes++;
  return bytes;
}

/** Each part has a byte for its type; a string one more for its end, and one for each NUL in it. */
function sizeOfKey(key: Key): number {
  const bytes = key.reduce<number>((sum, part) => {
    if (typeof part === "number") return sum + 9;
    const utf8 = new TextEncoder().encode(part);
    return sum + 2 + utf8.length + utf8.filter((byte) => byte === 0).length;
  }, 0);
  if (bytes > maxKeyBytes) throw tooLarge(key, bytes, maxKeyBytes);
  return bytes;
}

/** Shows only the first part of a key: the rest may be long, or identify a user. */
function tooLarge(key: Deno.KvKey, bytes: number, max: number): RecordTooLargeError {
  return new RecordTooLargeError(
    `Cannot store a record under ${String(key[0])}: ${bytes} bytes (wanted at most ${max})`,
  );
}

function tooMany(key: Deno.KvKey, what: string, max: number): RecordTooLargeError {
  return new RecordTooLargeError(
    `Cannot store records under ${String(key[0])} at once: ${what} (wanted at most ${max})`,
  );
}
