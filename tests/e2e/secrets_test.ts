/** The bot's token is in nothing that the bot writes, shows or sends, whatever goes wrong. */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { everything, filesOfBot, placesOf, token } from "../../lab/secrets.ts";
import { openStage, untilMetrics, untilResults, untilSaid } from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(320, 240);
for (const format of ["text", "json"]) {
  Deno.test(`the token is in no log (${format}), metric, file or chat when everything fails`, async () => {
    await using stage = await openStage({
      telegram: { token },
      config: `logging: { level: DEBUG, format: ${format} }\n` +
        "metrics: { serve: true, port: 0 }\ncomfyui: { retry_seconds: [0.1] }\n",
    });
    const address = await untilMetrics(stage);
    const { faults } = stage.telegram;
    // A download's URL has the token in it, and so have the network errors of every other call.
    faults.add({ method: "file", kind: "cut-before", times: 3 });
    await stage.ben.sendPhoto(photo, { caption: "lost on the way steps=2" });
    await untilResults(stage, stage.ben);
    faults.add({ method: "sendPhoto", kind: "cut-before", times: 2 });
    faults.add({ method: "sendMessage", kind: "502html", times: 1 });
    faults.add({ method: "setMyCommands", kind: "refuse", description: `Bad token ${token}` });
    faults.add({ method: "answerCallbackQuery", kind: "cut-before" });
    stage.ben.sendText("/status");
    await untilSaid(stage, stage.ben, "The queue is empty");
    assert.deepEqual(placesOf(await everything(stage, address)), []);

    stage.comfyui.faults.add({
      kind: "error",
      exceptionType: "RuntimeError",
      exceptionMessage: `cannot reach ${stage.telegram.url}/file/bot${token}/photos/file_1.jpg`,
      times: 1,
    });
    await stage.ben.sendPhoto(photo, { caption: "ComfyUI knows too much steps=2" });
    await until("a failed job", () => /Job \S+ failed/.test(stage.bot.output()));
    await stage.anna.sendPhoto(photo, { caption: "хорошо steps=2" });
    await untilResults(stage, stage.anna);
    faults.add({ method: "getUpdates", kind: "cut-before", times: 2 });
    stage.ben.sendText("/help");
    await untilSaid(stage, stage.ben, "/settings");
    const texts = await everything(stage, address);
    // The record of a failed job keeps what ComfyUI said, to the letter, in the owner's own folder.
    assert.deepEqual(placesOf(texts).filter((place) => !place.startsWith("data/state.kv")), []);
    // The search finds it where it is: the log says that something was taken out, and where it was.
    assert.ok(texts.get("logs/bot.log")?.includes("[redacted]"), "nothing was there to be found");
    assert.deepEqual(placesOf(new Map([["here", `x${token}y`]])), ["here"]);

    await stage.stop();
    assert.deepEqual(placesOf(new Map([["its output", stage.bot.output()]])), []);
  });
}

Deno.test("a token that Telegram refuses is told of without the token", async () => {
  await using stage = await openStage({ start: false, env: { TELEGRAM_BOT_TOKEN: token } });
  const life = stage.start();
  await life.status;
  const texts = new Map([["its output", life.output()]]);
  for (const file of await filesOfBot(stage)) {
    const bytes = await Deno.readFile(`${stage.dir}/${file}`);
    texts.set(file, new TextDecoder("latin1").decode(bytes));
  }
  assert.match(life.output(), /401|token/i);
  assert.deepEqual(placesOf(texts), []);
});
