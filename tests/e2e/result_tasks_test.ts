/**
 * What is made of a result without words: larger, of another format; and in the size of its picture. Offered only where a template
 * can, for its owner alone, once for each press, over a restart, and as a file where Telegram would make it small again.
 *
 * Drives besides: src/telegram/result_tasks.ts, src/telegram/status/job_keyboards.ts, src/templates/tasks/formats.ts,
 * src/templates/tasks/pictures.ts, src/telegram/intake/format_problem.ts, src/telegram/intake/preset_keyboard.ts.
 */
import type { Message } from "grammy/types";
import { decode, Image } from "imagescript";
import assert from "node:assert/strict";
import { modelsOf2025 } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  holdRun,
  openStage,
  type Stage,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { inspectImage } from "../../src/images/inspect.ts";
import { dataOf, openMenu, presetOf, pressUntil, untilButton } from "./menus.ts";

const upscaler = { upscale_models: ["RealESRGAN_x4plus.safetensors"] };
const models = { ...modelsOf2025, ...upscaler };
const limits = {
  telegram: { limits: false },
  // What a run has loaded is looked at there.
  config: "image: { scale_megapixels: 0.1 }\nstorage: { keep_in_comfyui: true }\n",
} as const;

/** Opens the second page under a result. */
async function more(stage: Stage, result: Message): Promise<Message> {
  await stage.ben.press(result, "✨ More ›");
  return await untilButton(stage, result, "‹ Back");
}

/** How much of the picture's edges is the grey of a sheet. */
async function greyShare(stage: Stage, { document, photo }: Message): Promise<number> {
  const image = await decode(await stage.telegram.file((document ?? photo!.at(-1)!).file_id));
  assert.ok(image instanceof Image);
  const edges = Array.from(
    { length: image.height },
    (_, y) => [1, image.width].map((x) => image.getPixelAt(x, y + 1)),
  ).flat();
  const grey = edges.filter((pixel) =>
    Image.colorToRGBA(pixel).slice(0, 3).every((value) => Math.abs(value - 128) < 3)
  );
  return grey.length / edges.length;
}

/** Width and height of the picture that a run has loaded. */
async function inputSize({ comfyui }: Stage, run: number): Promise<[number, number]> {
  const name = Object.values(comfyui.ran[run]?.graph ?? {}).map(({ inputs }) => inputs.image)
    .find((image) => typeof image === "string");
  const image = await decode(comfyui.file("input", "", String(name))!);
  assert.ok(image instanceof Image);
  return [image.width, image.height];
}

function jobOf(result: Message): string {
  return dataOf(result, "🗑 Delete").data.split(":").at(-1)!;
}

async function sizeOf(stage: Stage, { document, photo }: Message): Promise<[number, number]> {
  const bytes = await stage.telegram.file((document ?? photo!.at(-1)!).file_id);
  const inspected = inspectImage(bytes, { maxBytes: Infinity, allowedFormats: ["png", "jpeg"] });
  assert.ok(inspected.ok);
  return [inspected.image.width, inspected.image.height];
}

Deno.test("a result is made twice as large, and of that one again, over a restart", async () => {
  await using stage = await openStage({ ...limits, comfyui: { models, scale: true } });
  const { ben } = stage;
  await ben.sendPhoto(await gradientJpeg(480, 120), { caption: "one steps=2" });
  const [first] = await untilResults(stage, ben);
  const [width, height] = await sizeOf(stage, first!);
  const page = await more(stage, first!);
  assert.deepEqual(buttons(page)[0], ["🔍 2×", "🔍 4×"]);
  await ben.press(page, "‹ Back");
  await untilButton(stage, first!, "🗑 Delete");

  await stage.restart();
  const page2 = await more(stage, first!);
  await ben.press(page2, "🔍 2×");
  const second = (await untilResults(stage, ben, 2))[1]!;
  assert.match(second.caption ?? "", /^Enlarge 2×\n/);
  assert.deepEqual(await sizeOf(stage, second), [2 * width, 2 * height]);
  assert.ok(second.photo, "Telegram shows it as large as it is");

  await ben.press(await more(stage, second), "🔍 4×");
  const third = (await untilResults(stage, ben, 3))[2]!;
  assert.deepEqual(await sizeOf(stage, third), [8 * width, 8 * height]);
  assert.ok(third.document, "a photo would be 2560 pixels wide");
  assert.equal(
    (await ben.press(third, presetOf(third))).text,
    "This result has no text, so there is no idea to save.",
  );

  // What would be too large is not offered, and refused where it was.
  assert.ok(!buttons(await more(stage, third)).flat().includes("🔍 4×"));
  const { data } = dataOf(page2, "🔍 4×");
  const refused = await ben.press(third, { data: data.replace(/[^:]+$/, jobOf(third)) });
  assert.equal(refused.text, "This picture is too large to be enlarged that much.");
  assert.equal(stage.comfyui.ran.length, 3);
});

Deno.test("a picture and a result get another format, over a restart, and the rest is filled in", async () => {
  await using stage = await openStage({ ...limits, comfyui: { scale: true } });
  const { ben, anna } = stage;
  await ben.sendPhoto(await gradientJpeg(400, 200));
  const question = await untilSaid(stage, ben, "tap an idea");
  assert.deepEqual(buttons(question).at(-2), ["1:1", "4:5", "3:4", "16:9", "9:16"]);
  assert.ok(buttons(question).length <= 4);
  anna.sendText("/help");
  const annas = await untilSaid(stage, anna, "Другой формат: ");
  const { data } = dataOf(question, "1:1");
  assert.equal((await anna.press(annas, { data })).text, "Эта кнопка для другого пользователя.");
  await stage.restart();
  await ben.press(question, "1:1");
  const [square] = await untilResults(stage, ben);
  assert.match(square!.caption ?? "", /^Another format: 1:1\n\nseed/);
  const [width, height] = await sizeOf(stage, square!);
  assert.equal(width, height);
  await ben.press(question, { data });
  assert.equal(stage.comfyui.ran.length, 1, "a second tap");
  assert.match(JSON.stringify(stage.comfyui.ran[0]?.graph), /plain grey areas at the edges/);

  assert.deepEqual(await inputSize(stage, 0), [400, 400]);

  const page = await more(stage, square!);
  assert.deepEqual(buttons(page)[0], ["4:5", "3:4", "16:9", "9:16"]);
  const hold = holdRun(stage);
  await ben.press(page, "16:9");
  await stage.comfyui.until(() => stage.comfyui.ran.length === 2, { what: "it runs" });
  assert.equal((await ben.press(page, "16:9")).text, "Already in progress.");
  await stage.restart();
  hold.remove();
  const wide = (await untilResults(stage, ben, 2))[1]!;
  const [across, down] = await sizeOf(stage, wide);
  assert.ok(Math.abs(across / down - 16 / 9) < 0.02, `${across} × ${down}`);
  assert.equal(await greyShare(stage, wide), 0, "all is filled in");
  const same = await ben.press(wide, {
    data: dataOf(page, "16:9").data.replace(/[^:]+$/, jobOf(wide)),
  });
  assert.equal(same.text, "This picture has that format already.");

  const [padded, high] = await inputSize(stage, 1);
  assert.equal(padded, Math.round(high * 16 / 9));

  // The same again: the picture is padded anew.
  await ben.press(wide, "🔁 Again");
  const again = (await untilResults(stage, ben, 3))[2]!;
  assert.match(again.caption ?? "", /^Another format: 16:9\n/);
  assert.deepEqual(await sizeOf(stage, again), [across, down]);
  assert.deepEqual(await inputSize(stage, stage.comfyui.ran.length - 1), [padded, high]);
  assert.equal(
    (await ben.press(again, presetOf(again))).text,
    "This result has no text, so there is no idea to save.",
  );
});

Deno.test("four at once get another format, too, each with a seed of its own", async () => {
  await using stage = await openStage({ ...limits, comfyui: { scale: true } });
  const { ben } = stage;
  await ben.sendPhoto(await gradientJpeg(200, 100));
  const question = await untilSaid(stage, ben, "tap an idea");
  await ben.press(question, "🎲 Four at once");
  await ben.press(await untilButton(stage, question, "✓ 🎲 Four at once"), "3:4");
  const four = await untilResults(stage, ben, 4);
  for (const result of four) {
    const [width, height] = await sizeOf(stage, result);
    assert.ok(Math.abs(width / height - 3 / 4) < 0.02, `${width} × ${height}`);
    assert.equal(await greyShare(stage, result), 0);
  }
  assert.equal(new Set(stage.comfyui.ran.map(({ graph }) => JSON.stringify(graph))).size, 4);
});

Deno.test("a result has the pixels of its picture where its user wants that, also in another format", async () => {
  await using stage = await openStage({ ...limits, comfyui: { scale: true } });
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  await pressUntil(stage, ben, menu, "More ▸", "Same size as my picture: off");
  await pressUntil(stage, ben, menu, "Same size as my picture: off", "Same size as my picture: on");
  await ben.sendPhoto(await gradientJpeg(703, 401), { caption: "one steps=2" });
  const [result] = await untilResults(stage, ben);
  assert.deepEqual(await sizeOf(stage, result!), [703, 401]);
  ben.sendDocument(await gradientJpeg(2800, 300), { filename: "wide.jpg", caption: "two steps=2" });
  const wide = (await untilResults(stage, ben, 2))[1]!;
  assert.deepEqual(await sizeOf(stage, wide), [2800, 300]);
  assert.ok(wide.document);
  await ben.press(await more(stage, result!), "1:1");
  const square = (await untilResults(stage, ben, 3))[2]!;
  assert.deepEqual(await sizeOf(stage, square), [703, 703]);
  // A reset forgets it.
  await pressUntil(stage, ben, await openMenu(stage, ben), "↺ Reset", /^Steps: 8/);
  await ben.sendPhoto(await gradientJpeg(703, 401), { caption: "three steps=2" });
  const last = (await untilResults(stage, ben, 4))[3]!;
  assert.notDeepEqual(await sizeOf(stage, last), [703, 401]);
});

Deno.test("in a group the result comes to the group, for who asked alone, and counts for the limits", async () => {
  const config = `${limits.config}limits: { per_hour: 3, admins_exempt: false }\n`;
  await using stage = await openStage({ ...limits, config, comfyui: { models } });
  const { ben, anna, telegram } = stage;
  const group = telegram.group({ id: -1_001_234, title: "Club", members: [ben, anna] });
  const results = () =>
    telegram.messages(group).filter(({ from, photo, document }) =>
      from?.is_bot && (photo ?? document)
    );
  const untilCount = (count: number) =>
    telegram.until(() => results().length === count && results(), { what: `${count} results` });
  await ben.sendPhoto(await gradientJpeg(96, 64), {
    chat: group,
    caption: "@test_bot one steps=2",
  });
  const [first] = await untilCount(1);
  const page = await more(stage, first!);
  for (const label of ["🔍 2×", "1:1"]) {
    assert.equal((await anna.press(page, label)).text, "Эта кнопка для другого пользователя.");
  }
  await ben.press(page, "🔍 2×");
  const [, second] = await untilCount(2);
  assert.equal(second?.reply_to_message?.message_id, first!.message_id);
  await ben.press(page, "1:1");
  await untilCount(3);
  await ben.press(page, "16:9");
  await telegram.until(
    () =>
      telegram.messages(group).some(({ text }) => text?.includes("The limit is 3 jobs an hour")),
    { what: "the limit is said" },
  );
  assert.equal(stage.comfyui.ran.length, 3);
});

Deno.test("the button makes one job for two taps, and none for a stranger", async () => {
  await using stage = await openStage({ ...limits, comfyui: { models } });
  const { ben, anna } = stage;
  await ben.sendPhoto(await gradientJpeg(96, 64), { caption: "one steps=2" });
  const [result] = await untilResults(stage, ben);
  const page = await more(stage, result!);
  anna.sendText("/help");
  const annas = await untilSaid(stage, anna, "Крупнее: ");
  for (const label of ["🔍 2×", "‹ Back"]) {
    const { data } = dataOf(page, label);
    assert.equal((await anna.press(annas, { data })).text, "Эта кнопка для другого пользователя.");
  }
  // There is no sampler in it.
  const hold = stage.comfyui.faults.add({ kind: "stuck", times: 1, node: "SaveImage" });
  await ben.press(page, "🔍 2×");
  await stage.comfyui.until(() => stage.comfyui.ran.length === 2, { what: "it runs" });
  assert.equal((await ben.press(page, "🔍 2×")).text, "Already in progress.");
  hold.remove();
  await untilResults(stage, ben, 2);
  assert.equal(stage.comfyui.ran.length, 2);
});

Deno.test("where no template enlarges, nothing offers it", async () => {
  await using stage = await openStage(limits);
  const { ben } = stage;
  await ben.sendPhoto(await gradientJpeg(96, 64), { caption: "one steps=2" });
  const [result] = await untilResults(stage, ben);
  const page = await more(stage, result!);
  assert.ok(!buttons(page).flat().some((label) => label.startsWith("🔍")));
  const job = dataOf(page, "‹ Back").data.split(":").at(-1);
  assert.equal((await ben.press(page, { data: `b:2:${job}` })).text, "This button is out of date.");
  assert.equal((await ben.press(page, { data: `b:3:${job}` })).text, "This button is out of date.");
  ben.sendText("/help");
  assert.ok(!(await untilSaid(stage, ben, "/status")).text?.includes("Larger"));
});
