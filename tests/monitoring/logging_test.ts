import { getLogger } from "@logtape/logtape";
import fc from "fast-check";
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { defaultConfig, type LoggingConfig } from "../../src/config/config.ts";
import { createRedactor, Secret } from "../../src/lib/secret.ts";
import { openLogFile } from "../../src/monitoring/log_file.ts";
import { formatJournal, formatJson, formatText } from "../../src/monitoring/log_format.ts";
import { setUpLogging } from "../../src/monitoring/logging.ts";

const TOKEN = "987654321:AAtest-token_of_thirty_five_letters";
const LOGGING = defaultConfig("/srv/bot").logging;

/** A stderr that keeps what is written, a few bytes at a time as a pipe may. */
function fakeStderr() {
  const decoder = new TextDecoder();
  let text = "";
  return {
    writeSync(bytes: Uint8Array): number {
      const part = bytes.subarray(0, 7);
      text += decoder.decode(part, { stream: true });
      return part.length;
    },
    text: () => text,
  };
}

async function withLogsDir(test: (logsDir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function record(message: string, properties: Record<string, unknown> = {}, timestamp = 0) {
  const parts = message.split(/\{(\w+)\}/).map((part, i) => i % 2 === 0 ? part : properties[part]);
  return {
    category: ["bot", "worker"],
    level: "error" as const,
    message: parts,
    rawMessage: message,
    timestamp,
    properties,
  };
}

Deno.test("setUpLogging() writes the seed's format to stderr and bot.log", async () => {
  await withLogsDir(async (dir) => {
    const stderr = fakeStderr();
    const logsDir = `${dir}/made/logs`;
    {
      await using _ = await setUpLogging(LOGGING, { logsDir, stderr });
      const log = getLogger(["bot", "worker"]);
      log.info("Job {jobId} is done", { jobId: "j1", elapsedMs: 1200, words: "делай ночь" });
      log.debug("not at this level");
      log.fatal("The end");
    }
    getLogger(["bot"]).error("after the end");
    const text = await Deno.readTextFile(`${logsDir}/bot.log`);
    assert.equal(stderr.text(), text);
    const lines = text.split("\n");
    assert.match(
      lines[0] ?? "",
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \| INFO \| bot\.worker \| Job j1 is done elapsedMs=1200 words="делай ночь"$/,
    );
    assert.match(lines[1] ?? "", / \| CRITICAL \| bot\.worker \| The end$/);
    assert.deepEqual(lines.slice(2), [""]);
  });
});

Deno.test("setUpLogging() writes JSON lines to bot.log and priorities to the journal", async () => {
  await withLogsDir(async (logsDir) => {
    const stderr = fakeStderr();
    {
      const config: LoggingConfig = { ...LOGGING, format: "json", level: "debug" };
      await using _ = await setUpLogging(config, { logsDir, stderr, journal: true });
      const error = new Error("no route", { cause: new TypeError("deep") });
      getLogger(["bot", "comfyui"]).error("Cannot reach {backend}", { backend: "gpu", error });
      getLogger(["bot"]).debug("small talk");
    }
    const [first, second, end] = (await Deno.readTextFile(`${logsDir}/bot.log`)).split("\n");
    const { message, logger, level, properties } = JSON.parse(first ?? "");
    assert.deepEqual([message, logger, level], ["Cannot reach gpu", "bot.comfyui", "ERROR"]);
    assert.equal(properties.error.cause.message, "deep");
    assert.equal(JSON.parse(second ?? "").message, "small talk");
    assert.equal(end, "");

    const journal = stderr.text().trimEnd().split("\n");
    assert.equal(journal[0], "<3>ERROR | bot.comfyui | Cannot reach gpu");
    assert.equal(journal[1], "<3>    Error: no route");
    assert.ok(
      journal.some((line) => /^<3> {4,}\[cause\]: TypeError: deep$/.test(line)),
      stderr.text(),
    );
    assert.equal(journal.at(-1), "<7>DEBUG | bot | small talk");
  });
});

Deno.test("setUpLogging() lets no token out, in whatever it is hidden", async () => {
  await withLogsDir(async (logsDir) => {
    const short = "42:short-token";
    for (const format of ["text", "json"] as const) {
      const stderr = fakeStderr();
      {
        await using _ = await setUpLogging({ ...LOGGING, format }, {
          logsDir,
          stderr,
          secrets: [new Secret(short)],
        });
        const log = getLogger(["bot"]);
        const url = `https://api.telegram.org/file/bot${TOKEN}/photos/1.jpg`;
        log.info(`GET ${url}`);
        log.info("{url} and {short}", { url, short, encoded: encodeURIComponent(TOKEN) });
        log.info("half", {
          half: short.slice(3),
          list: ["x".repeat(90) + TOKEN],
          token: new Secret(TOKEN),
        });
        log.error("failed", {
          error: new Error(`GET ${url}`, { cause: new Error(encodeURIComponent(short)) }),
        });
      }
      const out = stderr.text() + await Deno.readTextFile(`${logsDir}/bot.log`);
      assert.match(out, /GET https:\/\/api\.telegram\.org\/file\/bot\[redacted\]\/photos\/1\.jpg/);
      for (const leak of ["AAtest", "short-token"]) assert.ok(!out.includes(leak), out);
    }
  });
});

Deno.test("setUpLogging() warns once and goes on when the logs folder cannot be made", async () => {
  await withLogsDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/file`, "");
    const stderr = fakeStderr();
    {
      await using _ = await setUpLogging(LOGGING, { logsDir: `${dir}/file/logs`, stderr });
      getLogger(["bot"]).info("alive");
    }
    const lines = stderr.text().trimEnd().split("\n");
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /WARNING \| bot\.log \| Cannot write logs to .*\/file\/logs: /);
    assert.match(lines[1] ?? "", /INFO \| bot \| alive$/);
  });
});

Deno.test("setUpLogging() replaces an earlier one, whose end then changes nothing", async () => {
  await withLogsDir(async (dir) => {
    const stderr = fakeStderr();
    const first = await setUpLogging(LOGGING, { logsDir: `${dir}/a`, stderr });
    await using _ = await setUpLogging({ ...LOGGING, level: "error" }, {
      logsDir: `${dir}/b`,
      stderr,
    });
    await first[Symbol.asyncDispose]();
    getLogger(["bot"]).info("too low");
    getLogger(["bot"]).error("heard");
    assert.match(stderr.text(), /^[^\n]* heard\n$/);
  });
});

Deno.test("setUpLogging() goes on writing when bot.log was deleted under it before a rotation", async () => {
  await withLogsDir(async (logsDir) => {
    const stderr = fakeStderr();
    {
      await using _ = await setUpLogging({ ...LOGGING, rotationBytes: 300 }, { logsDir, stderr });
      const log = getLogger(["bot"]);
      log.info("first {text}", { text: "x".repeat(200) });
      await until("the first line", () => Deno.statSync(`${logsDir}/bot.log`).size > 200);
      await Deno.remove(`${logsDir}/bot.log`);
      log.info("lost {text}", { text: "y".repeat(200) }); // the rotation that cannot rename
      await until("the failure", () => stderr.text().includes("flush failed"));
      log.info("found");
    }
    assert.match(await Deno.readTextFile(`${logsDir}/bot.log`), / found\n$/);
  });
});

Deno.test("openLogFile() rotates by size and deletes rotated files by age", async () => {
  await withLogsDir(async (dir) => {
    const day = 86_400_000;
    const now = Date.now();
    for (
      const [name, ageDays] of [["bot.log.1", 2], ["bot.log.2", 9], ["other.log.3", 9]] as const
    ) {
      await Deno.writeTextFile(`${dir}/${name}`, name);
      await Deno.utime(`${dir}/${name}`, now / 1000, (now - ageDays * day) / 1000);
    }
    {
      await using file = openLogFile(`${dir}/bot.log`, {
        format: ({ rawMessage }) => `${rawMessage}\n`,
        rotationBytes: 10,
        retentionMs: 7 * day,
      });
      file.write(record("one", {}, now)); // prunes: it is the first
      assert.deepEqual(names(dir), ["bot.log", "bot.log.1", "other.log.3"]);
      await until("the first", () => Deno.readTextFileSync(`${dir}/bot.log`) === "one\n");
      file.write(record("two-two-two", {}, now));
      await until(
        "the second",
        () => Deno.readTextFileSync(`${dir}/bot.log`) === "two-two-two\n",
      );
      assert.equal(Deno.readTextFileSync(`${dir}/bot.log.1`), "one\n");
      assert.equal(Deno.readTextFileSync(`${dir}/bot.log.2`), "bot.log.1");
      file.write(record("three", {}, now + 6 * day)); // the file of two days ago is eight days old
    }
    const files = names(dir).map((name) => [name, Deno.readTextFileSync(`${dir}/${name}`)]);
    assert.deepEqual(files, [
      ["bot.log", "three\n"],
      ["bot.log.1", "two-two-two\n"],
      ["bot.log.2", "one\n"],
      ["other.log.3", "other.log.3"],
    ]);
  });
});

Deno.test("log formats show values plainly and let nothing forge a line", () => {
  assert.match(
    formatText(
      record("Cannot read {what}", { what: "a\nb", n: 1, list: ["x", 2], gone: undefined }),
    ),
    / \| ERROR \| bot\.worker \| Cannot read a\\u000ab n=1 list=\[ "x", 2 \]\n$/,
  );
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.anything(), (text, value) => {
    const made = record("a {text} b", { text, value, error: new Error(text) });
    const [first, ...rest] = formatText(made).split("\n");
    assert.match(first ?? "", /^\d{4}-\d\d-\d\d .* \| ERROR \| bot\.worker \| a /);
    assert.equal(rest.pop(), "");
    for (const line of rest) assert.match(line, /^ {4}/);
    for (const line of formatJournal(made).trimEnd().split("\n")) assert.match(line, /^<3>/);
    assert.equal(formatJson(made).split("\n").length, 2);
    JSON.parse(formatJson(made));
  }));
});

Deno.test("createRedactor() takes a token out of any text around it", () => {
  const redact = createRedactor([new Secret(TOKEN)]);
  fc.assert(fc.property(fc.string(), fc.string(), fc.nat(2), (before, after, form) => {
    const hidden = [TOKEN, encodeURIComponent(TOKEN), TOKEN.slice(10)][form];
    const clean = redact(`${before}${hidden}${after}`);
    assert.ok(!clean.includes("AAtest"), clean);
    assert.equal(redact(clean), clean);
  }));
  assert.equal(redact("bot is a word, 12:30 a time"), "bot is a word, 12:30 a time");
});

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}
