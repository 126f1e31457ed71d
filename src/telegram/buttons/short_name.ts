/** Names and values in callback data: as they are where they fit, otherwise as a digest that is looked up on a press. */

/** Stands before the digest of a name that is too long. */
const digestMark = "~";

/** The name itself where it has at most `maxBytes` of UTF-8, else its digest (8 bytes at most). */
export function shorten(name: string, maxBytes: number): string {
  return bytesOf(name) <= maxBytes ? name : digest(name);
}

/** The one of `names` that a button means by `written`. */
export function named(written: string, names: readonly string[]): string | undefined {
  return names.find((name) => name === written) ??
    (written.startsWith(digestMark) ? names.find((name) => digest(name) === written) : undefined);
}

/** Bytes of UTF-8. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** `~` and up to 7 characters: FNV-1a of 32 bits, in base 36. */
function digest(name: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return digestMark + hash.toString(36);
}
