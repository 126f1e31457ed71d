/** Warnings that come again and again while something is away. */
import { getLogger, type LogRecord } from "@logtape/logtape";
import assert from "node:assert/strict";
import { defaultConfig } from "../../src/config/config.ts";
import { setUpLogging } from "../../src/monitoring/logging.ts";
import { createOutageFilter } from "../../src/monitoring/outage_filter.ts";

function record(
  rawMessage: string,
  properties: Record<string, unknown>,
  timestamp: number,
  category = ["bot", "worker"],
): LogRecord {
  return { category, level: "warning", message: [rawMessage], rawMessage, properties, timestamp };
}

Deno.test("createOutageFilter() passes the first, then one each minute with how many there were", () => {
  const filter = createOutageFilter();
  const passed = [];
  for (let second = 0; second <= 150; second++) {
    for (const jobId of ["a", "b"]) {
      const made = record("Job {jobId} waits", { jobId, outage: "gpu" }, second * 1_000);
      const properties = filter(made)?.properties;
      if (properties) passed.push([second, properties["jobId"], properties["more"]]);
    }
  }
  assert.deepEqual(passed, [[0, "a", undefined], [60, "a", 119], [120, "a", 119]]);
});

Deno.test("createOutageFilter() keeps apart what is another message, another outage, another part", () => {
  const filter = createOutageFilter();
  const records = [
    record("It waits", { outage: "gpu" }, 0),
    record("It waits", { outage: "second" }, 0),
    record("It is lost", { outage: "gpu" }, 0),
    record("It waits", { outage: "gpu" }, 0, ["bot", "comfyui"]),
  ];
  for (const each of records) assert.equal(filter(each), each);
  for (const each of records) assert.equal(filter(each), undefined);
});

Deno.test("createOutageFilter() passes all that is of no outage, and goes on when the clock is set back", () => {
  const filter = createOutageFilter();
  for (const jobId of ["a", "b", "c"]) {
    const failed = record("Job {jobId} failed", { jobId }, 0);
    assert.equal(filter(failed), failed);
  }
  const at = (timestamp: number) => filter(record("It waits", { outage: "gpu" }, timestamp));
  assert.ok(at(3_600_000));
  assert.ok(at(1_000), "an hour back");
  assert.equal(at(2_000), undefined);
});

Deno.test("setUpLogging() writes a warning of an outage once, on stderr and in the file", async () => {
  const logsDir = await Deno.makeTempDir();
  let stderr = "";
  {
    const write = (bytes: Uint8Array) => (stderr += new TextDecoder().decode(bytes), bytes.length);
    await using _log = await setUpLogging(defaultConfig("/srv/bot").logging, {
      logsDir,
      stderr: { writeSync: write },
    });
    const log = getLogger(["bot", "worker"]);
    for (let i = 0; i < 50; i++) {
      log.warn("It waits for {backend}", { backend: "gpu", outage: "gpu" });
    }
    for (let i = 0; i < 3; i++) log.warn("It failed", { i });
  }
  const file = await Deno.readTextFile(`${logsDir}/bot.log`);
  await Deno.remove(logsDir, { recursive: true });
  for (const text of [stderr, file]) {
    assert.equal(text.split("It waits for gpu").length - 1, 1);
    assert.equal(text.split("It failed").length - 1, 3);
  }
});
