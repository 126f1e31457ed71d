/** The configuration of a bucket, for tests. */
import assert from "node:assert/strict";
import { type BucketConfig, parseConfig } from "../../src/config/mod.ts";

export interface BucketPlace {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A bucket as the configuration names it. */
export function bucketConfigOf({ url, env }: BucketPlace): BucketConfig {
  const yaml = { path: "config.yaml", text: `storage: { url: "${url}" }` };
  const result = parseConfig({ env, yaml, cwd: "/", tokenOptional: true });
  assert.ok(result.ok, JSON.stringify(result));
  return result.config.storage.bucket!;
}
