/**
 * Bad input: one clear sentence in the user's language, no file left behind, no job lost.
 *
 * Drives besides: src/telegram/api/flood_guard.ts, src/telegram/given_up.ts.
 */
import assert from "node:assert/strict";
import {
  animatedGif,
  apng,
  bombPng,
  gradientJpeg,
  gradientPng,
  HTML,
  PDF,
  SVG,
} from "../../lab/pictures.ts";
import {
  filesIn,
  holdRun,
  openStage,
  results,
  said,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);
const png = gradientPng(64, 48);

Deno.test("what is no usable picture gets one sentence and leaves no file", async () => {
  await using stage = await openStage({
    config: "image: { max_size_mb: 1, allowed_formats: [jpg, png] }\n",
    telegram: { limits: false },
  });
  const cases: readonly [Uint8Array, string, string][] = [
    [new Uint8Array(0), "a.png", "Этот файл пуст."],
    [new TextEncoder().encode("hello"), "a.png", "Этот файл — не картинка."],
    [SVG, "a.svg", "Этот файл — не картинка."],
    [HTML, "a.png", "Этот файл — не картинка."],
    [png.subarray(0, 40), "a.png", "повреждена или пришла не целиком"],
    [photo.subarray(0, 300), "a.jpg", "повреждена или пришла не целиком"],
    [animatedGif(), "a.jpg", "Я не читаю картинки GIF."],
    [apng(16, 16), "a.png", "Анимацию я менять не умею."],
    [bombPng(), "a.png", "Картинка слишком большая: 30000"],
    [new Uint8Array(1_200_000), "a.png", "Картинка слишком большая: 1,2 МБ."],
    [PDF, "a.pdf", "Я меняю только картинки"],
  ];
  for (const [bytes, filename, sentence] of cases) {
    const before = said(stage, stage.anna).length;
    stage.anna.sendDocument(bytes, { filename, caption: "сделай зиму" });
    const all = await stage.telegram.until(
      () => said(stage, stage.anna).length > before && said(stage, stage.anna),
      { what: `an answer to ${filename}: ${sentence}` },
    );
    assert.ok(all.at(-1)?.text?.includes(sentence), `${sentence} ← ${all.at(-1)?.text}`);
    assert.equal(all.length, before + 1);
  }
  const before = said(stage, stage.anna).length;
  await stage.anna.sendAlbum([
    { document: png, filename: "a.png", caption: "сделай зиму" },
    { document: SVG, filename: "b.svg" },
  ]);
  await stage.telegram.until(
    () => said(stage, stage.anna)[before]?.text?.includes("не картинка"),
    { what: "an answer to an album of which one is no picture" },
  );
  assert.deepEqual(filesIn(stage, "input"), []);
  assert.equal(stage.comfyui.ran.length, 0);
});

Deno.test("a caption with bad parameters starts no job and keeps the picture for better words", async () => {
  await using stage = await openStage();
  const cases = [
    ["winter steps=99", "steps: must be at most 50"],
    ["winter stepz=9", "There is no parameter “stepz”. Did you mean steps?"],
    ["winter cfg=abc", "cfg: “abc” is not a number"],
    ["winter sampler=linear/oiler", "linear/euler"],
    ['winter neg="blurry', "is not closed"],
    ["steps=4", "What should I change in this picture?"],
    [`winter ${"x".repeat(1000)}`, undefined],
  ] as const;
  for (const [caption, sentence] of cases) {
    await stage.ben.sendPhoto(photo, { caption });
    if (sentence) await untilSaid(stage, stage.ben, sentence);
  }
  await untilResults(stage, stage.ben);
  assert.equal(stage.comfyui.ran.length, 1);

  await stage.ben.sendPhoto(photo);
  await untilSaid(stage, stage.ben, "Write it, or tap an idea.");
  stage.ben.sendText("y".repeat(3500));
  await untilSaid(stage, stage.ben, "at most 3000 characters");
  stage.ben.sendText("autumn");
  await untilResults(stage, stage.ben, 2);
});

Deno.test("other media, unknown commands and words without a picture are answered", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  stage.ben.sendText("make it night");
  await untilSaid(stage, stage.ben, "Send me a picture first");
  stage.ben.sendText("/nonsense");
  await untilSaid(stage, stage.ben, "I don't know this command.");
  stage.ben.sendText("/cancel");
  await untilSaid(stage, stage.ben, "There is nothing to cancel.");
  stage.telegram.push({
    message: {
      message_id: 900,
      date: 1_700_000_000,
      chat: stage.ben.privateChat,
      from: stage.ben.user,
      sticker: {
        file_id: "s",
        file_unique_id: "s",
        type: "regular",
        width: 512,
        height: 512,
        is_animated: false,
        is_video: false,
      },
    },
  });
  await untilSaid(stage, stage.ben, "I can only edit pictures");
  // None that Telegram would send: the bot goes on.
  stage.telegram.push({ stopped_message_generation: { draft_id: 3 } as never });
  await stage.telegram.until(() => stage.bot.output().includes("Skipping update"), {
    what: "an update without its chat is left out",
  });
  await stage.ben.sendAlbum([{ photo }, { photo }, { photo }, { photo, caption: "too many" }]);
  await untilSaid(stage, stage.ben, "At most 3 pictures go into one edit, and these are 4.");
  assert.equal(filesIn(stage, "input").length, 4, "they wait for the choice");
});

Deno.test("a full queue says so and keeps the picture", async () => {
  await using stage = await openStage({
    config: "queue: { max_size: 1 }\ncomfyui: { depth: 1 }\n",
  });
  using hold = holdRun(stage);
  await stage.anna.sendPhoto(photo, { caption: "первая steps=8" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "the first runs" });
  await untilReply(stage, await stage.anna.sendPhoto(photo, { caption: "вторая steps=1" }));
  await stage.ben.sendPhoto(photo, { caption: "third steps=1" });
  await untilSaid(stage, stage.ben, "The queue is full (1 job waiting). I have kept your picture");
  hold.remove();
  await untilResults(stage, stage.anna, 2);
  stage.ben.sendText("third steps=1");
  await untilResults(stage, stage.ben);
});

Deno.test("what ComfyUI refuses or breaks on is told, and the next job goes on", async () => {
  await using stage = await openStage({
    telegram: { limits: false },
    config: "comfyui: { retry_seconds: [0.1, 0.1] }\n",
  });
  stage.comfyui.faults.add({
    kind: "error",
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device 0 would exceed allowed memory.",
    times: 1,
  });
  await stage.ben.sendPhoto(photo, { caption: "one" });
  await untilSaid(stage, stage.ben, "ran out of memory");
  stage.comfyui.faults.add({ kind: "http", path: /^\/prompt$/, answer: "rubbish", times: 2 });
  await stage.ben.sendPhoto(photo, { caption: "two" });
  await untilResults(stage, stage.ben);
  assert.equal(results(stage, stage.ben).length, 1);
});
