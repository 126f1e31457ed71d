/** What a kill -9, a crash of ComfyUI or an absence of either leaves: nothing lost, nothing rendered twice. */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  filesIn,
  holdRun,
  noDrafts,
  openStage,
  results,
  said,
  untilDone,
  untilReply,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";

const photo = await gradientJpeg(320, 240);

Deno.test("a kill while a job runs re-attaches to it by its promptId", async () => {
  await using stage = await openStage();
  using hold = holdRun(stage, { afterStep: 3 });
  await stage.ben.sendPhoto(photo, { caption: "slow one steps=10" });
  await untilShown(stage, stage.ben, /Step/);
  await stage.restart();
  hold.remove();
  await untilResults(stage, stage.ben);
  assert.equal(stage.comfyui.ran.length, 1);
  await stage.telegram.until(() => said(stage, stage.ben).length === 1, {
    what: "the status message is gone",
  });
});

Deno.test("a job that ended in ComfyUI while the bot was dead is collected, not rendered again", async () => {
  await using stage = await openStage();
  using hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "slow one steps=5" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  stage.bot.kill("SIGKILL");
  await stage.bot.status;
  hold.remove();
  await stage.comfyui.until(() => stage.comfyui.ran[0]?.outcome === "success", { what: "it ends" });
  stage.start();
  await untilResults(stage, stage.ben);
  assert.equal(stage.comfyui.ran.length, 1);
});

Deno.test("waiting jobs keep their order over a kill", async () => {
  await using stage = await openStage({ telegram: noDrafts, comfyui: { stepMs: 60 } });
  const captions = ["a", "b", "c", "d", "e"];
  for (const caption of captions) {
    await untilReply(stage, await stage.ben.sendPhoto(photo, { caption }));
  }
  await stage.restart();
  const delivered = await untilResults(stage, stage.ben, captions.length);
  assert.deepEqual(delivered.map(({ caption }) => caption?.split("\n")[0]), captions);
  assert.equal(stage.comfyui.ran.length, captions.length);
});

Deno.test("an update that was handed over but not dealt with makes its job after a kill", async () => {
  await using stage = await openStage();
  stage.telegram.faults.add({ method: "getFile", kind: "hang", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "not lost" });
  await stage.telegram.until(
    () =>
      stage.telegram.unconfirmed.length === 0 &&
      stage.telegram.calls.some(({ method }) => method === "getFile"),
    { what: "Telegram has forgotten the update, the bot hangs in getFile" },
  );
  await stage.restart();
  await untilResults(stage, stage.ben);
});

Deno.test("a kill after the result was sent does not send it twice when the store knows", async () => {
  await using stage = await openStage({ telegram: noDrafts });
  stage.telegram.faults.add({ method: "deleteMessage", kind: "hang" });
  using hold = holdRun(stage);
  await untilReply(stage, await stage.ben.sendPhoto(photo, { caption: "once" }));
  hold.remove();
  await stage.telegram.until(
    () => stage.telegram.calls.some(({ method }) => method === "deleteMessage"),
    { what: "the result is sent and stored, the status message is being deleted" },
  );
  stage.telegram.faults.clear();
  await stage.restart();
  await stage.telegram.until(() => said(stage, stage.ben).length === 1, {
    what: "the status message is gone",
  });
  assert.equal(results(stage, stage.ben).length, 1);
});

Deno.test("a kill between the sending of a result and its answer sends it once", async () => {
  await using stage = await openStage();
  stage.telegram.faults.add({ method: "sendPhoto", kind: "hang-after", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "once steps=2" });
  // The photo is in the chat, and its answer is held back.
  await untilResults(stage, stage.ben);
  await stage.restart();
  await untilDone(stage);
  assert.equal(said(stage, stage.ben).length, 1);
});

Deno.test("a connection cut after the result has arrived sends it once", async () => {
  await using stage = await openStage();
  stage.telegram.faults.add({ method: "sendPhoto", kind: "cut-after", times: 1 });
  stage.telegram.faults.add({ method: "sendPhoto", kind: "cut-before", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "once steps=2" });
  await untilDone(stage);
  assert.equal(said(stage, stage.ben).length, 1);
});

Deno.test("a restart of ComfyUI in mid-run renders the job again with the same seed", async () => {
  await using stage = await openStage();
  using _hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "twice steps=10" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  await stage.comfyui.restart();
  const [result] = await untilResults(stage, stage.ben);
  const seeds = stage.comfyui.ran.map(({ graph }) => graph["117"]?.inputs.value);
  assert.equal(seeds.length, 2);
  assert.equal(seeds[0], seeds[1]);
  assert.ok(result?.caption?.includes(`seed ${seeds[0]}`));
});

Deno.test("a job under which ComfyUI dies twice is failed and reported, and the next one goes on", async () => {
  await using stage = await openStage();
  // Each run gets somewhere else: what is shown tells which one the bot has seen.
  const [first, second] = [3, 5];
  using _first = holdRun(stage, { afterStep: first });
  using _second = holdRun(stage, { afterStep: second });
  await stage.ben.sendPhoto(photo, { caption: "poison steps=10" });
  for (const step of [first, second]) {
    await untilShown(stage, stage.ben, new RegExp(`Step ${step} of 10`));
    await stage.comfyui.restart();
  }
  await untilSaid(stage, stage.ben, "crashed twice on this job");
  assert.equal(stage.comfyui.ran.length, 2);
  await stage.ben.sendPhoto(photo, { caption: "fine steps=2" });
  await untilResults(stage, stage.ben);
});

Deno.test("while ComfyUI is away users are told, and jobs go on when it is back", async () => {
  await using stage = await openStage({
    config: "comfyui: { poll_seconds: 0.2, retry_seconds: [0.1, 0.1] }\n",
  });
  await stage.comfyui.kill();
  await stage.anna.sendPhoto(photo, { caption: "ночь" });
  await untilSaid(stage, stage.anna, "Сервер обработки сейчас не отвечает");
  await stage.comfyui.restart();
  await untilResults(stage, stage.anna);
});

Deno.test("SIGTERM ends the bot within its time, and the running job is re-attached", async () => {
  await using stage = await openStage();
  using hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "slow one steps=10" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  stage.bot.kill("SIGTERM");
  const status = await stage.bot.status;
  assert.equal(status.code, 0, stage.bot.output());
  stage.start();
  hold.remove();
  await untilResults(stage, stage.ben);
  assert.equal(stage.comfyui.ran.length, 1);
});

Deno.test("a second process on the same folder says so and exits with 75", async () => {
  await using stage = await openStage();
  await stage.telegram.until(() => stage.telegram.calls.length > 0, { what: "the first runs" });
  const first = stage.bot;
  const second = stage.start();
  const status = await second.status;
  assert.equal(status.code, 75);
  assert.match(second.output(), /another image-edit-bot uses it/);
  first.kill("SIGKILL");
  await first.status;
});

Deno.test("files of ended jobs are gone, results are kept", async () => {
  await using stage = await openStage();
  await stage.ben.sendPhoto(photo, { caption: "one steps=1" });
  await untilResults(stage, stage.ben);
  await stage.telegram.until(() => filesIn(stage, "input").length === 0, {
    what: "input is empty",
  });
  assert.equal(filesIn(stage, "output").length, 1);
  assert.equal(filesIn(stage, "temp").length, 0);
});

Deno.test("a kill while a result is sent leaves what else was sent to the chat as it was", async () => {
  await using stage = await openStage();
  await stage.ben.sendPhoto(photo, { caption: "first steps=1" });
  const [first] = await untilResults(stage, stage.ben);
  const hang = stage.telegram.faults.add({ method: "sendPhoto", kind: "hang", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "second steps=1" });
  await stage.telegram.until(() => hang.hits === 1, { what: "the second result is on its way" });
  await stage.ben.press(first!, "◐ Before / after");
  await stage.ben.press(first!, "📄 File");
  const others = [
    await untilSaid(stage, stage.ben, "Before · after"),
    await stage.telegram.until(() => said(stage, stage.ben).find(({ document }) => document), {
      what: "the file",
    }),
  ];
  stage.ben.sendText("/settings");
  others.push(await untilSaid(stage, stage.ben, "Settings for your next pictures"));
  await stage.restart();
  await untilResults(stage, stage.ben, 4);
  for (const before of others) {
    assert.deepEqual(stage.telegram.message(before.chat, before.message_id), before);
  }
  const asked = stage.telegram.calls.filter(({ method }) => method === "editMessageCaption")
    .map(({ params }) => Number(params.message_id));
  assert.ok(asked.length > 0, "the result was looked for");
  // The menu's number was perhaps not written down yet.
  for (const { message_id } of others.slice(0, 2)) assert.ok(!asked.includes(message_id));
});
