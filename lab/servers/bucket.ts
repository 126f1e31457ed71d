/** A real S3 server for tests, versitygw on a folder: started, stopped and started again at the same address. */
import { join } from "node:path";
import { filesUnder } from "../files.ts";
import { findInstalled, freePort } from "./installed_server.ts";
import { until } from "../until.ts";

const program = "versitygw";
const region = "us-east-1";

export interface BucketServer extends AsyncDisposable {
  /** `s3://pictures/bot`, for `storage.url`. */
  readonly url: string;
  /** Address and keys, as .env has them. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the objects, sorted: `bot/input/a.png`. */
  names(): Promise<readonly string[]>;
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** Kills it; what was written stays. */
  stop(): Promise<void>;
}

/** True where the server is installed; says so once where it is not. */
export async function canServeBucket(): Promise<boolean> {
  return await findInstalled([program], `buckets (${program})`) !== undefined;
}

/** A server with the empty bucket `pictures`. */
export async function startBucket(): Promise<BucketServer> {
  const dir = await Deno.makeTempDir({ prefix: "image-edit-bot-bucket-" });
  const bucket = join(dir, "pictures");
  await Deno.mkdir(bucket);
  const address = `127.0.0.1:${freePort()}`;
  const endpoint = `http://${address}`;
  const keys = { AWS_ACCESS_KEY_ID: "test-key", AWS_SECRET_ACCESS_KEY: "test-secret-key" };
  let running: Deno.ChildProcess | undefined;

  async function start(): Promise<void> {
    running = new Deno.Command(program, {
      args: ["--port", address, "--region", region, "--quiet", "posix", "--nometa", dir],
      env: {
        ROOT_ACCESS_KEY: keys.AWS_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: keys.AWS_SECRET_ACCESS_KEY,
      },
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until("the bucket answers", () =>
      fetch(endpoint).then(async ({ body }) => {
        await body?.cancel();
        return true;
      }, () => false));
  }

  async function stop(): Promise<void> {
    running?.kill("SIGKILL");
    await running?.status;
    running = undefined;
  }

  await start();
  return {
    url: "s3://pictures/bot",
    env: { ...keys, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint },
    names: () => filesUnder(bucket),
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
