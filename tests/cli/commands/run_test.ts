/** `run` as a process: what it logs first, and how it ends. */
import assert from "node:assert/strict";
import { startComfyUI } from "../../../lab/comfyui/mod.ts";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { until } from "../../../lab/until.ts";
import { version } from "../../../src/lib/version.ts";
import { endOf, folder, spawnCli } from "../cli_fixture.ts";

Deno.test("run ends with exit code 78 and the problems when the configuration is wrong", async () => {
  await using home = await folder({ "config.yaml": "queue: []\n" });
  const { code, out, err } = await endOf(spawnCli([], {
    cwd: home.path,
    env: { TELEGRAM_BOT_TOKEN: "1000:TEST" },
  }));
  assert.match(err, /^config\.yaml:1:8: .*\n$/);
  assert.equal(out, "");
  assert.equal(code, 78);
});

/** A bot that is started, for the tests of how it ends. */
async function start(options: { readonly token?: string } = {}) {
  await using parts = new AsyncDisposableStack();
  const telegram = parts.use(await startTelegram());
  const comfy = parts.use(await startComfyUI());
  const home = parts.use(await folder());
  const env = {
    TELEGRAM_BOT_TOKEN: options.token ?? telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    COMFYUI_PORT: String(comfy.port),
  };
  const kept = parts.move();
  return {
    telegram,
    home,
    spawn: () => spawnCli(["run"], { cwd: home.path, env }),
    log: () => Deno.readTextFile(`${home.path}/logs/bot.log`),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

Deno.test("run begins its log with what it works with, and ends with 0 at SIGTERM", async () => {
  await using bot = await start();
  const child = bot.spawn();
  await bot.telegram.until(() => bot.telegram.calls.some(({ method }) => method === "getUpdates"));
  await until(
    "the templates in the log",
    async () => /Templates qwen/.test(await bot.log().catch(() => "")),
  );
  child.kill("SIGTERM");
  const { code, err } = await endOf(child);
  assert.equal(code, 0, err);
  const [first, ...others] = (await bot.log()).split("\n");
  assert.match(first ?? "", / \| INFO \| bot \| image-edit-bot .* \(deno .*\): DATA_DIR /);
  assert.ok(first?.includes(version));
  assert.match(first ?? "", /ComfyUI http:\/\/127\.0\.0\.1:\d+ /);
  assert.match(others.join("\n"), / \| Templates qwen_image_2_1, qwen_image_2_1_turbo, /);
  assert.doesNotMatch(await bot.log() + err, /1000:TEST/);
});

Deno.test("run says where the token comes from when Telegram refuses it: exit code 78", async () => {
  await using bot = await start({ token: "1000:WRONG-TOKEN" });
  const { code, err } = await endOf(bot.spawn());
  assert.match(err, /CRITICAL \| bot \| .*TELEGRAM_BOT_TOKEN .*@BotFather/);
  assert.doesNotMatch(err, /WRONG-TOKEN|^ {4}at /m);
  assert.equal(code, 78);
});

Deno.test("run says that another process polls the same bot: exit code 75", async () => {
  await using bot = await start();
  bot.telegram.faults.add({
    kind: "refuse",
    code: 409,
    description: "Conflict: terminated by other getUpdates request",
    method: "getUpdates",
  });
  const { code, err } = await endOf(bot.spawn());
  assert.match(err, /another process polls this bot/);
  assert.equal(code, 75);
});

Deno.test("run says that DATA_DIR cannot be written: exit code 73", async () => {
  await using bot = await start();
  await bot.home.write("data", "");
  const { code, err } = await endOf(bot.spawn());
  assert.match(err, /CRITICAL \| bot \| Cannot write in .*\/data: /);
  assert.equal(code, 73);
});
