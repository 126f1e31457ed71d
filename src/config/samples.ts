/**
 * `init`: a folder's first `.env` and `config.yaml`, with every setting and what it means. Owns what is written and what is left
 * alone; what a setting may be is env.ts's. The texts are those of this program's own `.env.example` and `config.yaml`.
 */
import { join } from "node:path";
import { messageOf } from "../lib/mod.ts";
import { parseEnvSettings } from "./env.ts";

/** Settings for `.env`, as a person writes them; what is undefined stays as the example has it. */
export interface InitSettings {
  readonly token?: string | undefined;
  /** Telegram user ids. */
  readonly admins?: readonly string[];
  /** `HOST:PORT` or `HOST`. */
  readonly comfyui?: string | undefined;
}

/** The text of `.env`, or a sentence for each setting that cannot be. */
export type EnvText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/** What became of one file. */
export interface InitFile {
  readonly path: string;
  /** `kept`: it was there and is as it was; `failed`: it cannot be written, and why. */
  readonly outcome: "written" | "replaced" | "kept" | { readonly failed: string };
}

/** `.env` holds the token: for its owner alone. */
export const envFileMode = 0o600;

/** The documented sample: every key of config.yaml at its default. */
export function sampleConfig(): string {
  return Deno.readTextFileSync(new URL("../../config.yaml", import.meta.url));
}

/** The example `.env` with the settings filled in. Nothing in a problem holds the token. */
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
  const given = options.flatMap(([option, key, value]) =>
    value === undefined ? [] : [{ option, key, value }]
  );
  const problems = given.flatMap(({ option, key, value }) =>
    value === ""
      ? [`Cannot take ${option}: it is empty`]
      : parseEnvSettings({ [key]: value }, undefined, { tokenOptional: true }).problems.map(
        (problem) => problem.replace(/^.*?Cannot use \w+/, `Cannot take ${option}`),
      )
  );
  if (problems.length > 0) return { ok: false, problems };
  let text = Deno.readTextFileSync(new URL("../../.env.example", import.meta.url))
    .replace(/^# Copy to \.env .*?\. /, "# Settings of image-edit-bot. ");
  for (const { key, value } of given) {
    text = text.replace(new RegExp(`^${key}=.*$`, "m"), () => `${key}=${value}`);
  }
  return { ok: true, text };
}

/** Writes both files into `dir`, which is made where it is missing. A file that is there is replaced only with `force`. */
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
    const isThere = await Deno.lstat(path).then(() => true, isMissing);
    if (isThere && !force) return { path, outcome: "kept" };
    // Whoever may read the file that is replaced never sees the token: the new one has its mode from the start.
    const next = `${path}.new`;
    await Deno.remove(next).catch(isMissing);
    await Deno.writeTextFile(next, text, { createNew: true, mode });
    await Deno.chmod(next, mode); // whatever the umask
    await Deno.rename(next, path);
    return { path, outcome: isThere ? "replaced" : "written" };
  } catch (error) {
    return { path, outcome: { failed: messageOf(error) } };
  }
}

function isMissing(error: unknown): false {
  if (error instanceof Deno.errors.NotFound) return false;
  throw error;
}
