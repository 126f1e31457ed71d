/** `doctor` where the configuration or the host itself is broken in one way each, and how its report looks. */
import assert from "node:assert/strict";
import { openState } from "../../../src/kv/open.ts";
import { cli, type CliEnd, endOf, folder, spawnCli } from "../cli_fixture.ts";
import { allChecks, examine, examineWith, machine } from "./doctor_fixture.ts";

Deno.test("doctor says that DATA_DIR is a file", async () => {
  await using right = await machine();
  await right.home.write("data", "");
  const report = await examine(right);
  assert.deepEqual(report.troubles, ["DATA_DIR"]);
  assert.match(report.named("DATA_DIR").message, /\/data is a file, not a folder/);
});

Deno.test("doctor says that LOGS_DIR cannot be made, which the bot survives", async () => {
  await using right = await machine();
  await right.home.write("file", "");
  const report = await examine(right, { LOGS_DIR: "file/logs" });
  assert.deepEqual(report.troubles, ["LOGS_DIR"]);
  assert.equal(report.ok, true);
});

Deno.test("doctor shows where config.yaml is wrong and goes on with the rest", async () => {
  await using right = await machine();
  await right.home.write("config.yaml", "queue:\n  max_size: many\nimage:\n  max_size_mb: 0\n");
  const report = await examine(right);
  assert.deepEqual(report.troubles, ["config"]);
  const { status, message } = report.named("config");
  assert.equal(status, "fail");
  assert.match(message, /config\.yaml:2:13: .*\n.*config\.yaml:4:/);
});

Deno.test("doctor goes on with what is right in .env when a line of it is wrong", async () => {
  await using right = await machine();
  const { COMFYUI_PORT: port, ...env } = right.env;
  await right.home.write(".env", `COMFYUI_PORT=${port}\nTELEGRAM_BOT_TOKEN=your_bot_token_here\n`);
  const report = await examine({ home: right.home, env: { ...env, TELEGRAM_BOT_TOKEN: "" } });
  assert.deepEqual(report.troubles, ["config", "token", "clock"]);
  assert.match(report.named("config").message, /\.env:2: Cannot use TELEGRAM_BOT_TOKEN/);
  assert.doesNotMatch(report.named("config").message, /your_bot_token_here/);
});

Deno.test("doctor warns of a .env that every user may read, and of an empty ADMIN_USER_IDS", async () => {
  await using right = await machine();
  await Deno.chmod(`${right.home.path}/.env`, 0o644);
  const report = await examine(right, { ADMIN_USER_IDS: "" });
  assert.deepEqual(report.troubles, ["admins", ".env"]);
  assert.match(report.named(".env").todo ?? "", /^chmod o= .*\/\.env$/);
  assert.equal(report.ok, true);
});

Deno.test("doctor looks beside the file that --config names", async () => {
  await using right = await machine();
  await using elsewhere = await folder();
  await right.home.write("config.yaml", "queue: 1\n");
  const { code, out } = await cli(["doctor", "--config", `${right.home.path}/config.yaml`], {
    cwd: elsewhere.path,
    env: right.env,
  });
  assert.equal(code, 1);
  assert.match(out, /✗ config: .*config\.yaml:1:/);
});

Deno.test("doctor prints a line per check, in colours on a terminal unless NO_COLOR is set", async () => {
  await using right = await machine();
  const run = (env: Readonly<Record<string, string>>, isTerminal: boolean): Promise<CliEnd> =>
    cli(["doctor"], { cwd: right.home.path, env: { ...right.env, ...env }, isTerminal });
  const noToken = { TELEGRAM_BOT_TOKEN: "" };
  const plain = await run(noToken, false);
  const lines = plain.out.trimEnd().split("\n");
  const heads = lines.filter((line) => !line.startsWith("    "));
  assert.deepEqual(heads.map((line) => /^[✓⚠✗] ([^:]+):/.exec(line)?.[1]), allChecks);
  assert.match(
    plain.out,
    /^✗ token: TELEGRAM_BOT_TOKEN is missing or invalid — copy it from @BotFather/m,
  );
  assert.ok(!plain.out.includes("\x1b"));
  assert.match((await run(noToken, true)).out, /^.\[31m✗.\[0m token/m);
  assert.ok(!(await run({ ...noToken, NO_COLOR: "1" }, true)).out.includes("\x1b"));
});

Deno.test("doctor says that a bot runs with the same DATA_DIR", async () => {
  await using right = await machine();
  using _state = await openState(`${right.home.path}/data`);
  // A lock is held against other processes: flock(2) is asked by another one.
  const end = await endOf(spawnCli(["doctor"], { cwd: right.home.path, env: right.env }));
  assert.match(end.out, /^⚠ instance: a bot is running with this DATA_DIR/m);
  assert.equal(end.code, 0);
});

Deno.test("doctor() warns of a clock that is wrong and of a disk that is full", async () => {
  await using right = await machine();
  const checks = await examineWith(right, {
    now: () => Date.now() + 3_600_000,
    freeBytes: () => 512 * 1024 ** 2,
  });
  assert.equal(checks.get("clock")?.status, "warn");
  assert.match(checks.get("clock")?.message ?? "", /^3[56]\d\d s ahead of the clock of Telegram$/);
  assert.equal(checks.get("disk")?.status, "warn");
  assert.match(checks.get("disk")?.message ?? "", /only 0\.5 GB free/);
});
