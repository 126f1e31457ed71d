/** A real S3 server for tests, versitygw on a folder: started, stopped and started again at the same address. */
import { join } from "node:path";
import { filesUnder } from "../files.ts";
import { findInstalled, freePort, type InstalledServer, startServer } from "./installed_server.ts";

const program = "versitygw";
const region = "us-east-1";

export interface BucketServer extends InstalledServer {
  /** `s3://pictures/bot`, for `storage.url`. */
  readonly url: string;
  /** Address and keys, as .env has them. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the objects, sorted: `bot/input/a.png`. */
  names(): Promise<readonly string[]>;
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
  const server = await startServer({
    name: "the bucket",
    dir,
    command: new Deno.Command(program, {
      args: ["--port", address, "--region", region, "--quiet", "posix", "--nometa", dir],
      env: {
        ROOT_ACCESS_KEY: keys.AWS_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: keys.AWS_SECRET_ACCESS_KEY,
      },
      stdout: "null",
      stderr: "null",
    }),
    answers: () =>
      fetch(endpoint).then(async ({ body }) => {
        await body?.cancel();
        return true;
      }, () => false),
  });
  return {
    ...server,
    url: "s3://pictures/bot",
    env: { ...keys, AWS_REGION: region, AWS_ENDPOINT_URL: endpoint },
    names: () => filesUnder(bucket),
  };
}
