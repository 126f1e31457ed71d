/**
 * What must never be printed: a wrapper that prints as redacted, and a redactor for outgoing text.
 * Knows the shape of a bot token, not what it is for.
 */

const REDACTED = "[redacted]";

/** A value that prints as `[redacted]` wherever it is logged, inspected or serialised. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  /** True where there is none. */
  get isEmpty(): boolean {
    return this.#value === "";
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }
}

/** A bot token anywhere: digits, a colon (plain or as in a URL), 30 or more of base64url. */
const TOKEN = /\d{6,}(?::|%3A)[A-Za-z0-9_-]{30,}/gi;
/** The path part in which the Bot API takes a token, of any length: `/bot<token>/`. */
const TOKEN_PATH = /\/bot\d+(?::|%3A)[^\s/"'`)\]}>\\]*/gi;
/** A name and a password in an address: `//name:password@`. */
const USERINFO = /(?<=:\/\/)[^\s\/@"']+(?=@)/g;
/** A shorter part of a token is too likely to be an innocent word. */
const MIN_PART_LENGTH = 8;

/**
 * A function that takes every bot token and every password in an address out of a text: whatever has such a shape, and each of `secrets` in any
 * form, whole, URL-encoded, or only the half behind its colon. Idempotent.
 */
export function createRedactor(secrets: readonly Secret[] = []): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const value = secret.reveal();
    const half = value.slice(value.indexOf(":") + 1);
    for (const form of [value, encodeURIComponent(value), half, encodeURIComponent(half)]) {
      if (form.length >= MIN_PART_LENGTH) forms.add(form);
    }
  }
  // Longest first: a half must not be cut out of a whole and leave the rest behind.
  const known = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of known) clean = clean.replaceAll(form, REDACTED);
    return clean.replaceAll(USERINFO, REDACTED).replaceAll(TOKEN_PATH, `/bot${REDACTED}`)
      .replaceAll(TOKEN, REDACTED);
  };
}
