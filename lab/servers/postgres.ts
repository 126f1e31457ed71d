/** A real PostgreSQL for tests: a server of its own in a temporary folder, stopped and started again at the same address. */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import {
  findInstalled,
  freePort,
  type InstalledServer,
  serverOfFile,
  startServer,
} from "./installed_server.ts";

export interface PostgresServer extends InstalledServer {
  /** `postgres://…`, of a new empty database at each call. */
  database(): Promise<string>;
}

/** Debian keeps the programs of each major version apart. */
const folders = [
  "",
  ...[18, 17, 16, 15, 14, 13].map((major) => `/usr/lib/postgresql/${major}/bin/`),
];

let found: string | undefined;

/** True where PostgreSQL is installed; says so once where it is not. */
export async function canServePostgres(): Promise<boolean> {
  const program = await findInstalled(folders.map((folder) => `${folder}pg_ctl`), "PostgreSQL");
  found = program?.slice(0, -"pg_ctl".length);
  return found !== undefined;
}

/** A server on a free port of `host`, without passwords. */
export async function startPostgres(host = "127.0.0.1"): Promise<PostgresServer> {
  await removeLeft();
  const memory = await roomInMemory();
  const dir = await Deno.makeTempDir({
    prefix: `${folderPrefix}${Deno.pid}-`,
    ...(memory !== undefined && { dir: memory }),
  });
  const data = join(dir, "data");
  // The server refuses to run as root: it gets the user that Debian's package makes.
  const asRoot = Deno.uid() === 0;
  const command = (program: string, ...args: string[]) => {
    const [path = "", ...rest] = [
      ...asRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [],
      `${found}${program}`,
      ...args,
    ];
    return new Deno.Command(path, {
      args: rest,
      cwd: dir,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
  };
  const run = async (program: string, ...args: string[]) =>
    (await command(program, ...args).output()).success;
  if (asRoot) {
    const { uid, gid } = await idsOf("postgres");
    await Deno.chown(dir, uid, gid);
  }
  await run("initdb", "--auth=trust", "--no-sync", "--encoding=UTF8", "--username=postgres", data);
  await Deno.writeTextFile(join(data, "pg_hba.conf"), "host all all all trust\n");
  const port = String(freePort());
  const address = ["-h", host, "-p", port];
  // Shared memory in its folder goes with that: what a killed server has elsewhere stays for good.
  const settings = ["-c", "fsync=off", "-c", "dynamic_shared_memory_type=mmap"];
  const server = await startServer({
    name: "PostgreSQL",
    dir,
    command: command("postgres", "-D", data, ...address, "-k", dir, ...settings),
    answers: () => run("pg_isready", ...address),
    stopSignal: "SIGQUIT",
  });
  let databases = 0;
  return {
    ...server,
    async database() {
      const name = `bot_${++databases}`;
      if (!await run("createdb", ...address, "-U", "postgres", name)) {
        throw new Error(`Cannot create the database ${name}`);
      }
      return `postgres://postgres@${host}:${port}/${name}`;
    },
  };
}

/** A server for all tests of a file, which ends with them; undefined where PostgreSQL is not installed. */
export function postgresOfFile(): Promise<PostgresServer | undefined> {
  return serverOfFile(canServePostgres, startPostgres);
}

/** Free bytes that a server is to have at its start. */
const roomBytes = 2 ** 30;

/** Linux's folder in memory. */
const memoryFolder = "/dev/shm";

/** The process that made a folder comes next: nobody else knows when it is done with it. */
const folderPrefix = "image-edit-bot-postgres-";

/** Removes from memory what processes left there that were killed. A server that outlived its own ends without its folder. */
async function removeLeft(): Promise<void> {
  const folders = await Array.fromAsync(Deno.readDir(memoryFolder)).catch(() => []);
  for (const { name } of folders) {
    const pid = name.startsWith(folderPrefix) && /^(\d+)-/.exec(name.slice(folderPrefix.length));
    if (!pid || await isRunning(Number(pid[1]))) continue;
    await Deno.remove(join(memoryFolder, name), { recursive: true }).catch(() => {}); // another may be at it
  }
}

function isRunning(pid: number): Promise<boolean> {
  return Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}

/** The folder in memory, where it has room: a database is some 300 files, which costs a disk ten times the processor. */
async function roomInMemory(): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(memoryFolder);
    return bavail * bsize >= roomBytes ? memoryFolder : undefined;
  } catch {
    return undefined; // another system
  }
}

async function idsOf(user: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const line = (await Deno.readTextFile("/etc/passwd")).split("\n")
    .find((each) => each.startsWith(`${user}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}
