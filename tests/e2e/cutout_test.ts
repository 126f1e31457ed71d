/**
 * Cut-out: a PNG that can be seen through, shown on a ground of squares before it; by an owner's own template, since ComfyUI has no
 * node for it. Offered only where that can run.
 *
 * Drives besides: src/telegram/result_tasks.ts, src/templates/tasks/cutouts.ts, src/images/drawing/chequered.ts,
 * src/telegram/intake/preset_actions.ts.
 */
import type { Message } from "grammy/types";
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import { addCutoutTemplate, cutoutClasses } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  openStage,
  said,
  type Stage,
  untilDone,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { dataOf, presetOf, untilButton } from "./menus.ts";

const photo = await gradientJpeg(160, 120);

/** A stage whose owner has added the template. */
async function openCutoutStage(): Promise<Stage> {
  const stage = await openStage({
    telegram: { limits: false },
    comfyui: { scale: true, objectInfo: cutoutClasses },
    config: "image: { scale_megapixels: 0.1 }\n",
    start: false,
  });
  await addCutoutTemplate(stage.dir);
  stage.start();
  return stage;
}

async function pictureOf(stage: Stage, { document, photo }: Message): Promise<Image> {
  const image = await decode(await stage.telegram.file((document ?? photo!.at(-1)!).file_id));
  assert.ok(image instanceof Image);
  return image;
}

/** Red, green, blue, alpha in the corner and in the middle. */
function colours(image: Image): readonly (readonly number[])[] {
  const at = (x: number, y: number) => [...Image.colorToRGBA(image.getPixelAt(x, y))];
  return [at(2, 2), at(image.width >> 1, image.height >> 1)];
}

Deno.test("the idea and the button cut out, over a restart, for their owner alone and once", async () => {
  await using stage = await openCutoutStage();
  const { ben, anna } = stage;
  await ben.sendPhoto(photo);
  const question = await untilSaid(stage, ben, "tap an idea");
  anna.sendText("/help");
  const annas = await untilSaid(stage, anna, "Без фона: ");
  const { data: idea } = dataOf(question, "✂️ Remove background");
  assert.equal(
    (await anna.press(annas, { data: idea })).text,
    "Эта кнопка для другого пользователя.",
  );
  await stage.restart();
  await ben.press(question, "✂️ Remove background");
  const [shown, file] = await untilResults(stage, ben, 2);
  assert.ok(shown?.photo && file?.document, "first what is seen, then the file");
  assert.equal(file.document.mime_type, "image/png");
  assert.match(file.caption ?? "", /^Remove the background\n/);
  assert.equal(shown.reply_markup, undefined);
  const [corner, middle] = colours(await pictureOf(stage, file));
  assert.deepEqual([corner?.[3], middle?.[3]], [0, 255]);
  const [ground] = colours(await pictureOf(stage, shown));
  assert.ok(ground!.slice(0, 3).every((value) => value > 195), `${ground}`);

  await untilDone(stage);
  assert.equal((await ben.press(question, { data: idea })).text, "This button is out of date.");
  assert.equal(
    (await ben.press(file, presetOf(file))).text,
    "This result has no text, so there is no idea to save.",
  );

  // A model would get what was there before it was cut out.
  await ben.press(file, "✨ More ›");
  const little = await untilButton(stage, file, "‹ Back");
  assert.deepEqual(buttons(little), [["‹ Back"]]);

  // From a result of an edit.
  await ben.sendPhoto(photo, { caption: "one steps=2" });
  const edited = (await untilResults(stage, ben, 3))[2]!;
  await ben.press(edited, "✨ More ›");
  const page = await untilButton(stage, edited, "✂️ Cut out");
  const { data } = dataOf(page, "✂️ Cut out");
  assert.equal((await anna.press(annas, { data })).text, "Эта кнопка для другого пользователя.");
  await ben.press(page, "✂️ Cut out");
  const all = await untilResults(stage, ben, 5);
  assert.ok(all[4]?.document);
  assert.equal(all[4].reply_to_message?.message_id, edited.message_id);
  assert.equal(stage.comfyui.ran.length, 3);
});

Deno.test("a kill while a cut-out is sent shows it once, and sends the file once", async () => {
  await using stage = await openCutoutStage();
  const { ben, telegram } = stage;
  telegram.faults.add({ method: "sendDocument", kind: "cut-after", times: 1 });
  await ben.sendPhoto(photo);
  await ben.press(await untilSaid(stage, ben, "tap an idea"), "✂️ Remove background");
  await untilResults(stage, ben, 2);
  await stage.restart();
  await untilDone(stage);
  const pictures = said(stage, ben).filter(({ photo, document }) => photo ?? document);
  assert.deepEqual(pictures.map(({ photo }) => photo !== undefined), [true, false]);
});

Deno.test("where nothing cuts out, the idea asks for a white background and no button is offered", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { ben } = stage;
  await ben.sendPhoto(photo);
  await ben.press(await untilSaid(stage, ben, "tap an idea"), "✂️ Remove background");
  const [result] = await untilResults(stage, ben);
  assert.match(result?.caption ?? "", /^Remove the background and replace it with plain white/);
  await ben.press(result!, "✨ More ›");
  const page = await untilButton(stage, result!, "‹ Back");
  assert.ok(!buttons(page).flat().includes("✂️ Cut out"));
  const data = dataOf(page, "‹ Back").data.replace("back", "cutout");
  assert.equal((await ben.press(page, { data })).text, "This button is out of date.");
});
