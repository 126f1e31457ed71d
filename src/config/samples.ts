/**
 * `init`: writes a first `.env` and `config.yaml`, which are this program's own `.env.example` and `config.yaml`. Owns which files are
 * written. Does not know which values are valid: that is env.ts's.
 */
import { join } from "node:path";
import { messageOf } from "../lib/mod.ts";
import { parseEnvSettings } from "./env.ts";

/** Settings for `.env` as text; undefined keeps the line of the example. */
export interface InitSettings {
  readonly token?: string | undefined;
  /** Telegram user ids. */
  readonly admins?: readonly string[];
  /** `HOST:PORT` or `HOST`. */
  readonly comfyui?: string | undefined;
}

/** The text of `.env`, or a sentence for each invalid setting. */
export type EnvText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The outcome for one file. */
export interface InitFile {
  readonly path: string;
  /** `kept`: it existed and was not changed; `failed`: why it could not be written. */
  readonly outcome: "written" | "replaced" | "kept" | { readonly failed: string };
}

/** `.env` contains the token: only its owner may read it. */
const envFileMode = 0o600;

/** The documented sample: every key of config.yaml at its default. */
export function sampleConfig(): string {
  return Deno.readTextFileSync(new URL("../../config.yaml", import.meta.url));
}

/** The example `.env` with the settings filled in. No problem quotes the token. */
export function sampleEnv({ token, admins = [], comfyui }: InitSettings): EnvText {
  const isUrl = comfyui !== undefined && /^https?:/i.test(comfyui);
  const [, host, port] = comfyui === undefined || isUrl
    ? []
    : /^(.*?)(?::(\d+))?$/.exec(comfyui) ?? [];
  const options: readonly (readonly [string, string, string | undefined])[] = [
    ["--token", "TELEGRAM_BOT_TOKEN", token],
    ["--admin", "ADMIN_USER_IDS", admins.length > 0 ? admins.join(",") : undefined],
    ["--comfyui", "COMFYUI_URL", isUrl ? comfyui : undefined],
    ["--comfyui", "COMFYUI_HOST", host],
    ["--comfyui", "COMFYUI_PORT", port],
  ];
  const set = options.flatMap(([option, key, value]) =>
    value === undefined ? [] : [{ option, key, value }]
  );
  const problems = set.flatMap(({ option, key, value }) =>
    value === ""
      ? [`Cannot use ${option}: it is empty`]
      : parseEnvSettings({ [key]: value }, undefined, { tokenOptional: true }).problems.map(
        (problem) => problem.replace(/^.*?Cannot use \w+/, `Cannot use ${option}`),
      )
  );
  if (problems.length > 0) return { ok: false, problems };
  let text = Deno.readTextFileSync(new URL("../../.env.example", import.meta.url))
    .replace(/^# Copy to \.env .*?\. /, "# Settings of image-edit-bot. ");
  for (const { key, value } of set) {
    text = text.replace(new RegExp(`^${key}=.*$`, "m"), () => `${key}=${value}`);
  }
  return { ok: true, text };
}

/** Writes both files into `dir`, which is created if needed. An existing file is replaced only with `force`. */
export async function writeSamples(
  dir: string,
  { envText, force }: { readonly envText: string; readonly force: boolean },
): Promise<readonly InitFile[]> {
  return [
    await place(join(dir, ".env"), envText, { mode: envFileMode, force }),
    await place(join(dir, "config.yaml"), sampleConfig(), { mode: 0o644, force }),
  ];
}

async function place(
  path: string,
  text: string,
  { mode, force }: { readonly mode: number; readonly force: boolean },
): Promise<InitFile> {
  try {
    await Deno.mkdir(join(path, ".."), { recursive: true });
    const exists = await Deno.lstat(path).then(() => true, isMissing);
    if (exists && !force) return { path, outcome: "kept" };
    // A new file with its mode from the start: no user who could read the old one ever sees the token.
    const next = `${path}.new`;
    await Deno.remove(next).catch(isMissing);
    await Deno.writeTextFile(next, text, { createNew: true, mode });
    await Deno.chmod(next, mode); // whatever the umask
    await Deno.rename(next, path);
    return { path, outcome: exists ? "replaced" : "written" };
  } catch (error) {
    return { path, outcome: { failed: messageOf(error) } };
  }
}

function isMissing(error: unknown): false {
  if (error instanceof Deno.errors.NotFound) return false;
  throw error;
}
