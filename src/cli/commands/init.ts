/** `init`: arguments and output. Does not know what the files contain: that is config/samples.ts's. */
import { relative, resolve } from "node:path";
import { type InitFile, type InitSettings, sampleEnv, writeSamples } from "../../config/mod.ts";
import { exitCode, type Io, print } from "../core/mod.ts";

export interface InitOptions extends InitSettings {
  /** Relative to the current folder. */
  readonly dir: string;
  /** Overwrites existing files. */
  readonly force: boolean;
}

/** Writes the files and prints the next steps; returns the exit code. */
export async function init(
  io: Pick<Io, "cwd" | "stdout" | "stderr">,
  options: InitOptions,
): Promise<number> {
  const env = sampleEnv(options);
  if (!env.ok) {
    print(io.stderr, ...env.problems);
    return exitCode.dataErr;
  }
  const dir = resolve(io.cwd, options.dir);
  const files = await writeSamples(dir, { envText: env.text, force: options.force });
  const shown = (path: string) => shownFrom(io.cwd, path);
  for (const { path, outcome } of files) {
    if (typeof outcome === "object") {
      print(io.stderr, `Cannot write ${shown(path)}: ${outcome.failed}`);
    } else print(io.stdout, `${outcomes[outcome]} ${shown(path)}`);
  }
  if (files.some(({ outcome }) => typeof outcome === "object")) return exitCode.cantCreate;

  const ignored = ignoredOptions(files, options);
  if (ignored.length > 0) {
    print(
      io.stderr,
      `Cannot use ${ignored.join(" and ")}: ${shown(files[0]!.path)} exists already ` +
        "(wanted --force to replace it, or edit it)",
    );
    return exitCode.cantCreate;
  }
  print(io.stdout, "", "Next:", ...nextSteps(io.cwd, dir, options));
  return exitCode.ok;
}

const outcomes = {
  written: "wrote",
  replaced: "replaced",
  kept: "kept existing",
} as const;

/** Options that have no effect because `.env` was kept. */
function ignoredOptions([env]: readonly InitFile[], options: InitOptions): string[] {
  if (env?.outcome !== "kept") return [];
  return [
    ...(options.token === undefined ? [] : ["--token"]),
    ...(options.admins?.length ? ["--admin"] : []),
    ...(options.comfyui === undefined ? [] : ["--comfyui"]),
  ];
}

function nextSteps(cwd: string, dir: string, { token, admins = [] }: InitOptions): string[] {
  const missing = [
    ...(token === undefined ? ["TELEGRAM_BOT_TOKEN"] : []),
    ...(admins.length === 0 ? ["ADMIN_USER_IDS"] : []),
  ];
  return [
    ...(dir === cwd ? [] : [`cd ${shownFrom(cwd, dir)}`]),
    ...(missing.length === 0 ? [] : [`edit .env: ${missing.join(", ")}`]),
    "image-edit-bot doctor   shows what is still missing",
    "image-edit-bot run      starts the bot here; sudo image-edit-bot install makes it a service",
  ].map((step, i) => `  ${i + 1}. ${step}`);
}

/** Relative where it is below the current folder. */
function shownFrom(cwd: string, path: string): string {
  const way = relative(cwd, path);
  return way.startsWith("..") ? path : way;
}
