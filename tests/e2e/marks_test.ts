/**
 * "Circle it": words about what is drawn on a picture reach a model that understands marks with its manifest's sentence, by
 * themselves and by a button; and a user is told once that one can draw.
 *
 * Drives besides: src/telegram/status/hints.ts, src/templates/tasks/marks.ts, src/telegram/intake/drafts.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { modelsOf2025 } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  openStage,
  said,
  type Stage,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";

const qwen = loadTemplates({ embedded: readEmbedded() }).templates.get("qwen_image_2_1")!;
const files: Record<string, string[]> = {};
for (const { folder = "", file } of qwen.modelFiles) (files[folder] ??= []).push(file);
const photo = await gradientJpeg(96, 64);
const label = "⭕ What I circled: …";

/** The words that run number `run` was given. */
function wordsOf({ comfyui }: Stage, run: number): string {
  const [{ node, input } = { node: "", input: "" }] = qwen.promptText;
  return String(comfyui.ran[run]?.graph[node]?.inputs[input]);
}

function press(stage: Stage, message: Message): ReturnType<Stage["ben"]["press"]> {
  return stage.ben.press(message, label);
}

Deno.test("what is circled is asked about, over a restart, and the model is told what the marks mean", async () => {
  await using stage = await openStage({ telegram: { limits: false }, comfyui: { models: files } });
  const { ben, anna } = stage;
  await ben.sendPhoto(photo, { caption: "change the jacket in the red circle" });
  const [first] = await untilResults(stage, ben);
  assert.match(first?.caption ?? "", /^change the jacket in the red circle\n\nseed/);
  assert.equal(wordsOf(stage, 0), `change the jacket in the red circle\n${qwen.marks}`);
  await anna.sendPhoto(photo, { caption: "сделай ночь" });
  await untilSaid(stage, anna, "На фото можно рисовать");

  await ben.sendPhoto(photo);
  const question = await untilSaid(stage, ben, "tap an idea");
  assert.equal(buttons(question)[0]?.[0], label);
  const { callback_data: data } = question.reply_markup!.inline_keyboard[0]![0] as {
    callback_data: string;
  };
  anna.sendText("/help");
  const annas = await untilSaid(stage, anna, "Обведите: ");
  assert.equal((await anna.press(annas, { data })).text, "Эта кнопка для другого пользователя.");
  await press(stage, question);
  await untilSaid(stage, ben, "What should I do with what you have circled?");
  assert.ok((await ben.press(question, { data })).answered, "a second tap");
  await stage.restart();
  // A text that makes no job keeps what was chosen.
  ben.sendText("make it blue steps=999");
  await untilSaid(stage, ben, "No job was started");
  ben.sendText("make it blue");
  const second = (await untilResults(stage, ben, 2))[1];
  assert.match(second?.caption ?? "", /^What I circled: make it blue\n/);
  assert.equal(wordsOf(stage, 2), `What I circled: make it blue\n${qwen.marks}`);
  assert.equal((await ben.press(question, { data })).text, "This button is out of date.");

  // Words about nothing drawn go as they are.
  await ben.press(second!, "🔁 Again");
  await untilResults(stage, ben, 3);
  assert.equal(wordsOf(stage, 3), wordsOf(stage, 2));
  ben.sendText("make it night");
  await untilResults(stage, ben, 4);
  assert.equal(wordsOf(stage, 4), "make it night");
  // Answers go out in their order, behind the results: after this one there is no hint on its way.
  ben.sendText("/help");
  await untilSaid(stage, ben, "Circle it: ");
  const hints = (of: Person, words: string) =>
    said(stage, of).filter(({ text }) => text?.includes(words)).length;
  assert.equal(hints(ben, "draw on a photo"), 0, "he has drawn");
  await anna.sendPhoto(photo, { caption: "сделай зиму" });
  await untilResults(stage, anna, 2);
  anna.sendText("/status");
  await untilSaid(stage, anna, "задач");
  assert.equal(hints(anna, "можно рисовать"), 1);
});

Deno.test("a question that was overtaken can still be about what is circled, in a group too", async () => {
  await using stage = await openStage({ telegram: { limits: false }, comfyui: { models: files } });
  const { ben } = stage;
  const group = stage.telegram.group({ id: -1_001_234, title: "Club", members: [ben] });
  const start = await untilReply(stage, ben.sendText("/start@test_bot", { chat: group }));
  const asked: Message[] = [];
  for (let i = 0; i < 2; i++) {
    const sent = await ben.sendPhoto(photo, { chat: group, replyTo: start });
    asked.push(await untilReply(stage, sent));
  }
  await press(stage, asked[0]!);
  ben.sendText("@test_bot remove it", { chat: group });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  assert.match(wordsOf(stage, 0), /^What I circled: remove it\n/);
  const inGroup = () =>
    stage.telegram.messages(group).filter(({ from, caption }) => from?.is_bot && caption);
  await stage.telegram.until(() => inGroup().length === 1, { what: "the result" });
  assert.ok(!stage.telegram.messages(group).some(({ text }) => text?.includes("draw on a photo")));
});

Deno.test("a template that does not document marks is not asked to understand any", async () => {
  await using stage = await openStage({
    telegram: { limits: false },
    comfyui: { models: modelsOf2025 },
  });
  const { ben } = stage;
  await ben.sendPhoto(photo);
  const question = await untilSaid(stage, ben, "tap an idea");
  assert.ok(!buttons(question).flat().includes(label));
  const { callback_data: data } = question.reply_markup!.inline_keyboard[0]![0] as {
    callback_data: string;
  };
  const forged = data.replace(/^p:(\w+):\d+:/, "pm:$1:");
  assert.equal((await ben.press(question, { data: forged })).text, "This button is out of date.");
  ben.sendText("what is in the red circle should go steps=2");
  await untilResults(stage, ben);
  assert.ok(!JSON.stringify(stage.comfyui.ran[0]?.graph).includes("drawn by hand"));
});
