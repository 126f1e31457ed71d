/**
 * A result of several files: albums, then the buttons, once each.
 *
 * Drives besides: src/telegram/status/album.ts, src/telegram/status/result_form.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { type Release, releases } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  filesIn,
  holdRun,
  openStage,
  results,
  said,
  type Stage,
  untilDone,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { readEmbedded } from "../../src/templates/loader.ts";

const photo = await gradientJpeg(160, 120);
const core = readEmbedded().find(({ name }) => name === "qwen_image_edit_core")!;

/** The core template with a batch of `batch` pictures in its saver, and `savers` more savers of one each. */
function graphOf({ batch, savers }: { readonly batch: number; readonly savers: number }): string {
  const graph = JSON.parse(core.graph);
  graph["300"] = { class_type: "ImageInvert", inputs: { image: ["8", 0] } };
  let last = ["8", 0];
  for (let i = 1; i < batch; i++) {
    const id = String(400 + i);
    graph[id] = { class_type: "ImageBatch", inputs: { image1: last, image2: ["300", 0] } };
    last = [id, 0];
  }
  graph["102"].inputs.images = last;
  for (let i = 0; i < savers; i++) {
    graph[String(500 + i)] = {
      class_type: "SaveImage",
      inputs: { images: ["300", 0], filename_prefix: `also_${i}` },
    };
  }
  return JSON.stringify(graph);
}

async function openSeveral(
  outputs: { readonly batch: number; readonly savers: number },
  { release }: { readonly release?: Release } = {},
): Promise<Stage> {
  const stage = await openStage({
    telegram: { limits: false },
    comfyui: { scale: true, ...(release ? { release } : {}) },
    config: "workflow: { default_file: several }\nimage: { scale_megapixels: 0.05 }\n",
    start: false,
  });
  await Deno.mkdir(`${stage.dir}/workflows`);
  await Deno.writeTextFile(`${stage.dir}/workflows/several.json`, graphOf(outputs));
  await Deno.writeTextFile(`${stage.dir}/workflows/several.yaml`, core.manifest);
  stage.start();
  return stage;
}

/** How many messages each album has; one that is alone is 1. */
function albumsOf(messages: readonly Message[]): readonly number[] {
  const groups = Map.groupBy(messages, (each) => each.media_group_id ?? each.message_id);
  return [...groups.values()].map((album) => album.length);
}

function untilButtons(stage: Stage): Promise<Message> {
  return untilSaid(stage, stage.ben, /^What next with these \d+ results\?/);
}

for (
  const [outputs, albums] of [
    [{ batch: 2, savers: 0 }, [2]],
    [{ batch: 1, savers: 2 }, [3]],
    [{ batch: 9, savers: 2 }, [10, 1]],
  ] as const
) {
  const count = outputs.batch + outputs.savers;
  Deno.test(`${outputs.batch} pictures of one saver and ${outputs.savers} of others are albums of ${albums}, with each ComfyUI`, async () => {
    await Promise.all(releases.map(async (release) => {
      await using stage = await openSeveral(outputs, { release });
      const asked = await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
      const keyboard = await untilButtons(stage);
      const sent = results(stage, stage.ben);
      assert.deepEqual(albumsOf(sent), albums, release);
      assert.ok(sent.every((message) => message.photo && !message.reply_markup));
      assert.match(sent[0]?.caption ?? "", /^make it night\n\nseed \d+ · 1 step · /);
      assert.equal(sent[0]?.reply_to_message?.message_id, asked.message_id);
      assert.equal(sent[1]?.caption, undefined, "the caption stands once");
      if (albums.length > 1) assert.match(sent.at(-1)?.caption ?? "", /^11–11 \/ 11\n\nmake it/);
      assert.equal(keyboard.reply_to_message?.message_id, sent[0]?.message_id);
      assert.ok(buttons(keyboard).flat().includes("🔁 Again"));
      assert.ok(keyboard.message_id > sent.at(-1)!.message_id);
      await stage.telegram.until(() => said(stage, stage.ben).length === count + 1, {
        what: "nothing else is left of it",
      });
      assert.equal(filesIn(stage, "output").length, count);
    }));
  });
}

Deno.test("the buttons of an album give all files, take a reply to one of them, and delete them all", async () => {
  await using stage = await openSeveral({ batch: 2, savers: 1 });
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  const keyboard = await untilButtons(stage);
  const [first, second] = results(stage, stage.ben);
  await stage.ben.press(keyboard, "📄 File");
  await untilResults(stage, stage.ben, 6);
  const files = results(stage, stage.ben).filter(({ document }) => document);
  assert.deepEqual(files.map(({ document }) => document?.mime_type), Array(3).fill("image/png"));

  // A reply to the second one edits that one, from its lossless file.
  const kept = filesIn(stage, "output");
  // ComfyUI has its source for as long as it runs.
  using hold = holdRun(stage);
  stage.ben.sendText("now day steps=1", { replyTo: second! });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 2, { what: "it is edited" });
  const inverted = await Deno.readFile(`${stage.dir}/data/output/${kept[1]}`);
  const [{ image }] = Object.values(stage.comfyui.ran[1]!.graph)
    .map((node) => (node as { inputs: { image?: unknown } }).inputs)
    .filter(({ image }) => typeof image === "string" && image.endsWith("-0.png")) as [
      { image: string },
    ];
  assert.deepEqual(stage.comfyui.file("input", "", image), inverted);
  hold.remove();
  await stage.telegram.until(() => results(stage, stage.ben).length === 9, { what: "the next" });

  await stage.ben.press(keyboard, "🗑 Delete");
  await stage.telegram.until(
    () =>
      [first!, second!, keyboard].every(({ chat, message_id }) =>
        stage.telegram.message(chat, message_id) === undefined
      ),
    { what: "all of them are gone" },
  );
  assert.ok(kept.every((file) => !filesIn(stage, "output").includes(file)));
});

for (
  const [what, method, outputs, albums] of [
    ["the album", "sendMediaGroup", { batch: 2, savers: 1 }, [3]],
    ["the single one after it", "sendPhoto", { batch: 9, savers: 2 }, [10, 1]],
    ["the buttons", "sendMessage", { batch: 2, savers: 0 }, [2]],
  ] as const
) {
  Deno.test(`nothing comes twice when ${what} gets no answer, over a kill of the bot, too`, async () => {
    await Promise.all([false, true].map(async (isKilled) => {
      await using stage = await openSeveral(outputs);
      const cut = stage.telegram.faults.add({ method, kind: "cut-after", times: 1 });
      await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
      await stage.telegram.until(() => cut.hits === 1, { what: "the answer is lost" });
      if (isKilled) await stage.restart();
      await untilButtons(stage);
      await untilDone(stage);
      assert.deepEqual(albumsOf(results(stage, stage.ben)), albums, `killed: ${isKilled}`);
      const left = outputs.batch + outputs.savers + 1;
      await stage.telegram.until(() => said(stage, stage.ben).length === left, {
        what: `${left} messages, and nothing else`,
      });
    }));
  });
}

Deno.test("nothing comes twice when the bot is killed between the album and its buttons", async () => {
  await using stage = await openSeveral({ batch: 2, savers: 1 });
  const hang = stage.telegram.faults.add({ method: "sendMessage", kind: "hang", times: 1 });
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  await stage.telegram.until(() => hang.hits === 1, { what: "the buttons are on their way" });
  await stage.restart();
  const keyboard = await untilButtons(stage);
  assert.deepEqual(albumsOf(results(stage, stage.ben)), [3]);
  await stage.telegram.until(() => said(stage, stage.ben).length === 4, { what: "nothing else" });
  await stage.ben.press(keyboard, "🔁 Again");
  await stage.telegram.until(() => results(stage, stage.ben).length === 6, { what: "once more" });
});

Deno.test("an album that Telegram refuses as photos comes as files", async () => {
  await using stage = await openSeveral({ batch: 3, savers: 0 });
  const description = "Bad Request: IMAGE_PROCESS_FAILED";
  stage.telegram.faults.add({ method: "sendMediaGroup", kind: "refuse", times: 1, description });
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  await untilButtons(stage);
  const sent = results(stage, stage.ben);
  assert.deepEqual(albumsOf(sent), [3]);
  assert.ok(sent.every(({ document }) => document));
});

Deno.test("an album that is kept for its user is sent when they are back", async () => {
  await using stage = await openSeveral({ batch: 2, savers: 1 });
  using hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  stage.ben.block();
  hold.remove();
  await until("it is kept", () => /Job \w+ failed: /.test(stage.bot.output()));
  assert.equal(filesIn(stage, "output").length, 3);
  stage.ben.unblock();
  stage.ben.sendText("/start");
  await untilButtons(stage);
  const sent = results(stage, stage.ben);
  assert.deepEqual(albumsOf(sent), [3]);
  assert.ok(sent.every(({ edit_date }) => edit_date === undefined), "nothing has touched them");
});
