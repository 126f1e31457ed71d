/**
 * Environment variables of the process and of a `.env` file, with the place where each was set. Owns the file's grammar and the
 * schema of each variable. A message never quotes a value that may be a secret. Does not know what a variable is used for.
 *
 * Deno 2.6.10 has no `parseEnv` in `node:util` (denoland/deno#32141), and that one keeps no line numbers.
 */
import { z } from "zod";
import { ADDRESS, createRedactor, parseAddress, probableName, Secret } from "../lib/mod.ts";
import { type SourceText } from "../lib/yaml/mod.ts";

/** Variables by name; undefined and the empty string both mean that it is not set. */
export type EnvRecord = Readonly<Record<string, string | undefined>>;

interface EnvEntry {
  readonly value: string;
  /** Where it was set, for a message: `.env:3`, `environment`. */
  readonly where: string;
}

const LINE = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*)$/;

/**
 * Reads `KEY=value` lines: `export ` before and blanks around are ignored, `#` begins a comment at a line's start or
 * after a blank, quotes (' or ") keep a value as it is, the last of two equal keys counts. A line of any other kind
 * is a problem. Never throws.
 */
export function parseEnvText(
  { path, text }: SourceText,
): { readonly entries: ReadonlyMap<string, EnvEntry>; readonly problems: readonly string[] } {
  const entries = new Map<string, EnvEntry>();
  const problems: string[] = [];
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const where = `${path}:${index + 1}`;
    const [, key, rest = ""] = LINE.exec(line) ?? [];
    const value = unquote(rest);
    if (key === undefined) {
      problems.push(`${where}: Cannot read the line: it is not a setting (wanted KEY=value)`);
    } else if (value === undefined) {
      problems.push(
        `${where}: Cannot read ${key}: its quotes do not end on this line, or text follows them (wanted "value")`,
      );
    } else {
      entries.set(key, { value, where });
    }
  }
  return { entries, problems };
}

function unquote(rest: string): string | undefined {
  const quote = rest[0];
  if (quote !== '"' && quote !== "'") return rest.replace(/(^|\s+)#.*$/, "").trim();
  const [, inside] = (quote === '"' ? /^"([^"]*)"\s*(?:#.*)?$/ : /^'([^']*)'\s*(?:#.*)?$/)
    .exec(rest) ?? [];
  return inside;
}

const PORT = "a port from 1 to 65535";
const USER_IDS = "numeric Telegram user ids, separated by commas";

/** A TCP port number. */
export const portSchema = z.int({ error: PORT }).min(1, { error: PORT }).max(65_535, {
  error: PORT,
});

const HOST =
  "a host name or an address alone, without http:// and without a port; a whole address is COMFYUI_URL, or " +
  "url of a backend";
/** A host as it stands in a URL: an IPv6 address comes out in brackets. */
export const hostSchema = z.string({ error: HOST })
  .regex(/^(?:[A-Za-z0-9._-]+|\[?[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]?)$/, { error: HOST })
  .transform((host) => host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);

const TOKEN = "digits, a colon and letters, exactly as @BotFather gave it";
const API_ROOT = "a URL such as https://api.telegram.org or http://127.0.0.1:8081";

const ENDPOINT = "the address of an S3 server, such as https://minio.example.com:9000";

/** A value that may stand in an HTTP header and is never shown. */
const secret = (error: string) =>
  z.string().regex(/^[\x21-\x7e]+$/, { error }).transform((value) => new Secret(value)).optional();

/** Our variables: each takes the text as it was set, or undefined where it was not. */
const envSchema = z.object({
  TELEGRAM_BOT_TOKEN: z.string().regex(/^\d+:[A-Za-z0-9_-]{3,}$/, { error: TOKEN })
    .transform((token) => new Secret(token)).optional(),
  ADMIN_USER_IDS: z.string().regex(/^\s*[1-9]\d{0,14}(?:[\s,]+[1-9]\d{0,14})*[\s,]*$/, {
    error: USER_IDS,
  }).transform((ids) => [...new Set(ids.split(/[\s,]+/).filter((id) => id !== "").map(Number))])
    .default(() => []),
  COMFYUI_URL: z.string().refine((url) => parseAddress(url) !== undefined, { error: ADDRESS })
    .optional(),
  COMFYUI_HOST: hostSchema.default("127.0.0.1"),
  COMFYUI_PORT: z.string().regex(/^\d{1,5}$/, { error: PORT }).transform(Number).pipe(portSchema)
    .default(8188),
  DATA_DIR: z.string().default("./data"),
  LOGS_DIR: z.string().default("./logs"),
  AWS_ENDPOINT_URL: z.url({ protocol: /^https?$/, error: ENDPOINT })
    .transform((url) => url.replace(/\/+$/, "")).optional(),
  AWS_REGION: z.string().regex(/^[a-z0-9-]+$/, { error: "a region such as eu-central-1" })
    .default("us-east-1"),
  AWS_ACCESS_KEY_ID: secret("an access key, without spaces"),
  AWS_SECRET_ACCESS_KEY: secret("a secret key, without spaces"),
  HF_TOKEN: secret("an access token of huggingface.co, without spaces: hf_…"),
  TELEGRAM_API_ROOT: z.url({ protocol: /^https?$/, error: API_ROOT })
    .transform((url) => url.replace(/\/+$/, "")).default("https://api.telegram.org"),
});

/** Variables whose value is in no message. */
const secretKeys: readonly string[] = [
  "TELEGRAM_BOT_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "HF_TOKEN",
];

/** Names of the variables that we read. */
export const ENV_KEYS: readonly string[] = Object.keys(envSchema.shape);

/** Our variables, parsed. */
export type EnvSettings = Readonly<z.output<typeof envSchema>>;

/** What came of the variables; `settings` is undefined where there are problems. */
export interface EnvResult {
  readonly settings: EnvSettings | undefined;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Parses our variables; one that the process has wins over the file's. Never throws, never quotes a token.
 * A missing token is a problem unless `tokenOptional`.
 */
export function parseEnvSettings(
  env: EnvRecord,
  file: SourceText | undefined,
  { tokenOptional }: { readonly tokenOptional: boolean },
): EnvResult {
  const parsedFile = parseEnvText(file ?? { path: "", text: "" });
  const problems = [...parsedFile.problems];
  const warnings: string[] = [];

  for (const [key, { where }] of parsedFile.entries) {
    const meant = probableName(key, ENV_KEYS);
    if (meant !== undefined && meant !== key) {
      warnings.push(`${where}: ${key} is unknown; did you mean ${meant}?`);
    }
  }

  const set = new Map<string, EnvEntry>();
  for (const key of ENV_KEYS) {
    const own = env[key];
    const entry = own ? { value: own, where: "environment" } : parsedFile.entries.get(key);
    if (entry !== undefined && entry.value !== "") set.set(key, entry);
  }

  if (!tokenOptional && !set.has("TELEGRAM_BOT_TOKEN")) {
    problems.push(
      "Cannot start: TELEGRAM_BOT_TOKEN is not set (wanted the token that @BotFather in Telegram gives after /newbot, " +
        `as TELEGRAM_BOT_TOKEN=… in ${file?.path ?? ".env"})`,
    );
  }
  const redact = createRedactor();
  const result = envSchema.safeParse(
    Object.fromEntries([...set].map(([k, { value }]) => [k, value])),
  );
  for (const issue of result.error?.issues ?? []) {
    const key = String(issue.path[0]);
    const { value, where } = set.get(key) ?? { value: "", where: "environment" };
    const shown = secretKeys.includes(key)
      ? "its format is not that of a token"
      : redact(JSON.stringify(value));
    problems.push(`${where}: Cannot use ${key}: ${shown} (wanted ${issue.message})`);
  }
  return { settings: problems.length === 0 ? result.data : undefined, problems, warnings };
}
