/** A real Redis for tests: a server of its own on a free port, stopped and started again at the same address. */
import {
  findInstalled,
  freePort,
  type InstalledServer,
  serverOfFile,
  startServer,
} from "./installed_server.ts";

export interface RedisServer extends InstalledServer {
  /** `redis://HOST:PORT/N`, another empty database at each call; 16 at most. */
  database(): string;
}

/** Debian's Redis, or a Valkey. */
const programs = ["redis-server", "valkey-server"];

let found: string | undefined;

/** True where Redis is installed; says so once where it is not. */
export async function canServeRedis(): Promise<boolean> {
  found = await findInstalled(programs, "Redis");
  return found !== undefined;
}

/** A server on a free port of `host`, without a password unless `args` set one, that keeps every write in its folder. */
export async function startRedis(
  args: readonly string[] = ["--appendonly", "yes"],
  host = "127.0.0.1",
): Promise<RedisServer> {
  const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-redis-" });
  const port = freePort();
  const server = await startServer({
    name: "Redis",
    dir,
    command: new Deno.Command(found ?? programs[0]!, {
      args: ["--port", String(port), "--bind", host, "--dir", dir, "--save", "", ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }),
    answers: () => answers(host, port),
  });
  let databases = 0;
  return { ...server, database: () => `redis://${host}:${port}/${databases++}` };
}

/** A server for all tests of a file, which ends with them; undefined where Redis is not installed. */
export function redisOfFile(): Promise<RedisServer | undefined> {
  return serverOfFile(canServeRedis, startRedis);
}

/** True where it answers a PING, or asks for a password. */
async function answers(hostname: string, port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname, port });
    await connection.write(new TextEncoder().encode("PING\r\n"));
    const answer = new Uint8Array(16);
    const length = await connection.read(answer);
    return /^(\+PONG|-NOAUTH)/.test(new TextDecoder().decode(answer.subarray(0, length ?? 0)));
  } catch {
    return false;
  }
}
