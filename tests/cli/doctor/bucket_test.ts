/** `doctor` with a bucket: one that works, and one that is broken in one way each. */
import assert from "node:assert/strict";
import { canServeBucket, startBucket } from "../../../lab/servers/bucket.ts";
import { examine, machine } from "./doctor_fixture.ts";

const options = { ignore: !await canServeBucket() };

Deno.test("doctor writes, reads and deletes a picture in the bucket", options, async () => {
  await using server = await startBucket();
  await using right = await machine();
  await right.home.write("config.yaml", `storage: { url: "${server.url}" }\n`);
  const report = await examine(right, server.env);
  assert.deepEqual(report.troubles, []);
  assert.match(
    report.named("bucket").message,
    /^pictures\/bot on 127\.0\.0\.1:\d+ takes pictures/,
  );
  assert.deepEqual(await server.names(), []);
});

Deno.test("doctor says what is wrong with the bucket, and never a key", options, async () => {
  await using server = await startBucket();
  await using right = await machine();
  const cases = [
    ["s3://no-such-bucket", {}, /in the bucket no-such-bucket: ./],
    [
      server.url,
      { AWS_SECRET_ACCESS_KEY: "TEST-SECRET" },
      /in the bucket pictures: S3 returned 403/,
    ],
    [server.url, { AWS_ENDPOINT_URL: "http://127.0.0.1:2" }, /in the bucket pictures: ./],
  ] as const;
  for (const [url, env, words] of cases) {
    await right.home.write("config.yaml", `storage: { url: "${url}" }\n`);
    const report = await examine(right, { ...server.env, ...env });
    assert.deepEqual(report.troubles, ["bucket"]);
    assert.match(report.named("bucket").message, words);
    assert.match(
      report.named("bucket").todo ?? "",
      /^check storage\.url in config\.yaml, AWS_ENDPOINT_URL/,
    );
  }
});

Deno.test("a bucket without keys, and a URL that is none, are faults of the configuration", async () => {
  await using right = await machine();
  const cases = [
    [
      "s3://pictures",
      {},
      /^Cannot use storage\.url: AWS_ACCESS_KEY_ID is not set \(wanted the keys/m,
    ],
    ["s3://pictures", { AWS_ACCESS_KEY_ID: "key" }, /AWS_SECRET_ACCESS_KEY is not set/],
    ["https://s3.example.com/pictures", {}, /config\.yaml:1:17: .*wanted s3:\/\/BUCKET/],
    ["s3://Pictures_/x", {}, /config\.yaml:1:17: .*wanted s3:\/\/BUCKET/],
  ] as const;
  for (const [url, env, words] of cases) {
    await right.home.write("config.yaml", `storage: { url: "${url}" }\n`);
    const report = await examine(right, env);
    assert.deepEqual(report.troubles, ["config"]);
    assert.match(report.named("config").message, words);
  }
});
