/** What the bot died of is handled alone, and then left out with a sentence: no update ends it a third time. */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { openState } from "../../src/kv/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { openStage, said, type Stage, untilResults, untilSaid } from "../../lab/stage.ts";

const photo = await gradientJpeg(320, 240);
const limits = { telegram: { limits: false } } as const;

/** Ends this life of the bot as soon as it is in the middle of what asks Telegram for `method`. */
async function die(stage: Stage, signal: Deno.Signal, method = "getFile"): Promise<void> {
  const hang = stage.telegram.faults.add({ method, kind: "hang" });
  await stage.telegram.until(() => hang.hits > 0, { what: `the bot asks for ${method}` });
  stage.bot.kill(signal);
  await stage.bot.status;
  stage.telegram.faults.clear();
}

Deno.test("a message that two lives died of is left out, and its user and the log are told", async () => {
  await using stage = await openStage(limits);
  const dead = die(stage, "SIGKILL");
  await stage.anna.sendPhoto(photo, { caption: "зима steps=1" });
  await dead;
  stage.ben.sendText("/help");
  stage.start();
  await die(stage, "SIGKILL");
  stage.start();
  await untilSaid(stage, stage.anna, "дважды привело к сбою");
  await untilSaid(stage, stage.ben, "Send a photo");
  await until(
    "the log line",
    () => /Skipping update \d+: the process crashed on it twice/.test(stage.bot.output()),
  );
  await stage.restart();
  await stage.anna.sendPhoto(photo, { caption: "весна steps=1" });
  await untilResults(stage, stage.anna);
  assert.equal(said(stage, stage.anna).filter(({ text }) => text?.includes("дважды")).length, 1);
});

Deno.test("a press that two lives died of is left out", async () => {
  await using stage = await openStage(limits);
  await stage.ben.sendPhoto(photo, { caption: "winter steps=1" });
  const [result] = await untilResults(stage, stage.ben);
  const dead = die(stage, "SIGKILL");
  stage.ben.press(result!, "◐ Before / after").catch(() => {});
  await dead;
  stage.start();
  await die(stage, "SIGKILL");
  stage.start();
  await untilSaid(stage, stage.ben, "This button made me crash twice");
});

Deno.test("one death is held against nobody, and neither is a stop", async () => {
  await using stage = await openStage(limits);
  const dead = die(stage, "SIGKILL");
  await stage.ben.sendPhoto(photo, { caption: "winter steps=1" });
  await dead;
  for (let stop = 0; stop < 2; stop++) {
    stage.start();
    await die(stage, "SIGTERM");
  }
  stage.start();
  await untilResults(stage, stage.ben);
});

Deno.test("a message that had made its job before two lives died of it is not told of", async () => {
  await using stage = await openStage(limits);
  const sent = await stage.ben.sendPhoto(photo, { caption: "winter steps=1" });
  await untilResults(stage, stage.ben);
  await stage.stop();
  {
    using state = await openState(`${stage.dir}/data`);
    const [job] = await Array.fromAsync(state.kv.list<{ id: string }>({ prefix: ["job"] }));
    const update_id = parseInt(job!.value.id, 36);
    const update = { update_id, message: stage.telegram.message(sent.chat, sent.message_id) };
    const json = new TextEncoder().encode(JSON.stringify(update));
    await state.kv.set(["inbox", update_id], { json, left: 2, begun: 2, alone: true });
  }
  stage.start();
  await until("it is left out", () => /Skipping update \d+: the process/.test(stage.bot.output()));
  stage.ben.sendText("/help");
  await untilSaid(stage, stage.ben, "Send a photo");
  assert.ok(!said(stage, stage.ben).some(({ text }) => text?.includes("crash")));
});
