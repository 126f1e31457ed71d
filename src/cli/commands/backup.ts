/** `backup` and `restore`: what the owner reads of them. The work is backup.ts's. */
import { resolve } from "node:path";
import { backUp, restore } from "../../kv/mod.ts";
import { type Context, exitCode, print } from "../core/mod.ts";

type BackupContext = Pick<Context, "io" | "call" | "load">;

/** `backup FILE`, beside a running bot. Throws as backUp does. */
export async function backUpCommand({ io, call, load }: BackupContext): Promise<number> {
  if (call.argument === undefined) {
    print(io.stderr, "Cannot back up: no FILE is named (wanted a new file's name)");
    return exitCode.usage;
  }
  const { config } = await load({ tokenOptional: true });
  const file = resolve(io.cwd, call.argument);
  await backUp(config.paths.dataDir, file);
  print(
    io.stdout,
    `The state is in ${file}: people, settings and jobs.`,
    `Pictures are not: they are in ${config.paths.dataDir}/input and output.`,
  );
  return exitCode.ok;
}

/** `restore FILE`, while no bot runs. Throws as restore does. */
export async function restoreCommand({ io, call, load }: BackupContext): Promise<number> {
  if (call.argument === undefined) {
    print(io.stderr, "Cannot restore: no FILE is named (wanted a backup)");
    return exitCode.usage;
  }
  const { config } = await load({ tokenOptional: true });
  const file = resolve(io.cwd, call.argument);
  const { before } = await restore(config.paths.dataDir, file, Date.now());
  print(
    io.stdout,
    `The state is as it was in ${file}.`,
    ...before === undefined ? [] : [`What it was before is kept as ${before}.`],
  );
  return exitCode.ok;
}
