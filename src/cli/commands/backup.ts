/** `backup` and `restore`: arguments and output. Does not know how a state is copied: that is kv/backup.ts's. */
import { resolve } from "node:path";
import { backUp, restore } from "../../kv/mod.ts";
import { ConfigError } from "../../lib/mod.ts";
import { type Context, exitCode, print } from "../core/mod.ts";

type BackupContext = Pick<Context, "io" | "args" | "load">;

/** `backup FILE`; the bot may be running. Throws as backUp does. */
export async function backUpCommand({ io, args, load }: BackupContext): Promise<number> {
  if (args.argument === undefined) {
    print(io.stderr, "Cannot back up: FILE is missing (wanted a path for the backup)");
    return exitCode.usage;
  }
  const { config } = await load({ tokenOptional: true });
  if (config.state.url) throw inPostgres("back up", "pg_dump");
  const file = resolve(io.cwd, args.argument);
  await backUp(config.paths.dataDir, file);
  print(
    io.stdout,
    `Wrote ${file}: users, settings and jobs.`,
    `Pictures are not in it: they are in ${config.paths.dataDir}/input and output.`,
  );
  return exitCode.ok;
}

/** `restore FILE`; the bot must be stopped. Throws as restore does. */
export async function restoreCommand({ io, args, load }: BackupContext): Promise<number> {
  if (args.argument === undefined) {
    print(io.stderr, "Cannot restore: FILE is missing (wanted the path of a backup)");
    return exitCode.usage;
  }
  const { config } = await load({ tokenOptional: true });
  if (config.state.url) throw inPostgres("restore", "pg_restore");
  const file = resolve(io.cwd, args.argument);
  const { before } = await restore(config.paths.dataDir, file, Date.now());
  print(
    io.stdout,
    `Restored the state from ${file}.`,
    ...before === undefined ? [] : [`The state from before is kept as ${before}.`],
  );
  return exitCode.ok;
}

function inPostgres(what: string, program: string): ConfigError {
  return new ConfigError(
    `Cannot ${what}: the state is in PostgreSQL, see state.url (wanted ${program})`,
  );
}
