/**
 * The next edit, and the buttons under a result: from the lossless file, over restarts, for their owner only.
 *
 * Drives besides: src/telegram/result_actions.ts, src/telegram/intake/rerun.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { flatJpeg, gradientJpeg, gradientPng, TINY_LOSSY_WEBP } from "../../lab/pictures.ts";
import {
  buttons,
  filesIn,
  holdRun,
  noDrafts,
  openStage,
  results,
  said,
  type Stage,
  untilDone,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { untilButton } from "./menus.ts";

const photo = await gradientJpeg(320, 240);
const limits = {
  telegram: { limits: false },
  // What a run has loaded is looked at there.
  config: "storage: { keep_in_comfyui: true }\n",
} as const;

/** The bytes that a run has loaded as its picture 1. */
function inputOf(stage: Stage, run: number): Uint8Array {
  const graph = stage.comfyui.ran[run]?.graph;
  const bytes = stage.comfyui.file("input", "", String(graph?.["78"]?.inputs.image));
  assert.ok(bytes, `run ${run} has loaded no picture`);
  return bytes;
}

function outputOf(stage: Stage, run: number): Uint8Array {
  const name = `image-edit-bot_${stage.comfyui.ran[run]?.graph && jobOf(stage, run)}.png`;
  const bytes = stage.comfyui.file("output", "", name);
  assert.ok(bytes, `run ${run} has saved no ${name}`);
  return bytes;
}

function jobOf(stage: Stage, run: number): string {
  const graph = stage.comfyui.ran[run]?.graph;
  return String(graph?.["102"]?.inputs.filename).replace("image-edit-bot_", "");
}

async function firstResult(stage: Stage, caption = "one steps=2"): Promise<Message> {
  await stage.ben.sendPhoto(photo, { caption });
  const [result] = await untilResults(stage, stage.ben);
  await stage.telegram.until(() => said(stage, stage.ben).length === 1, {
    what: "the status message is gone",
  });
  // Where nothing was shown of it, that tells nothing.
  await untilDone(stage);
  assert.ok(result);
  return result;
}

Deno.test("the next sentence edits the last result, from its lossless file", async () => {
  await using stage = await openStage(limits);
  await firstResult(stage);
  stage.ben.sendText("two steps=2");
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(inputOf(stage, 1), outputOf(stage, 0));
  // The second is known to be the last.
  await untilDone(stage, 2);
  await stage.restart();
  stage.ben.sendText("three steps=2");
  await untilResults(stage, stage.ben, 3);
  assert.deepEqual(inputOf(stage, 2), outputOf(stage, 1));
});

Deno.test("a reply to any result edits that one, a button goes back to the original", async () => {
  await using stage = await openStage(limits);
  const first = await firstResult(stage);
  stage.ben.sendText("two steps=2");
  const second = (await untilResults(stage, stage.ben, 2))[1]!;
  stage.ben.sendText("from the first steps=2", { replyTo: first });
  await untilResults(stage, stage.ben, 3);
  assert.deepEqual(inputOf(stage, 2), outputOf(stage, 0));

  const isOffered = async (result: Message) => {
    await stage.ben.press(result, "✨ More ›");
    return buttons(await untilButton(stage, result, "‹ Back")).flat().includes(
      "↩️ From the original",
    );
  };
  assert.ok(!await isOffered(first), "it is the original's own");
  assert.ok(await isOffered(second));
  await stage.ben.press(second, "↩️ From the original");
  await untilSaid(stage, stage.ben, "Got it. What should I change?");
  stage.ben.sendText("anew steps=2");
  await untilResults(stage, stage.ben, 4);
  assert.deepEqual(inputOf(stage, 3), inputOf(stage, 0));
});

Deno.test("words in reply to a picture that stands in another chat edit that one", async () => {
  await using stage = await openStage(limits);
  const group = stage.telegram.group({ id: -1_001_234, title: "Club", members: [stage.ben] });
  const asPhoto = await stage.ben.sendPhoto(photo, { chat: group });
  const asFile = stage.ben.sendDocument(gradientPng(96, 64), { chat: group, filename: "a.png" });
  stage.ben.sendText("one steps=2", { replyTo: asPhoto });
  await untilResults(stage, stage.ben);
  assert.deepEqual(
    inputOf(stage, 0),
    await stage.telegram.file(asPhoto.photo!.at(-1)!.file_id),
  );
  stage.ben.sendText("two steps=2", { replyTo: asFile });
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(inputOf(stage, 1), gradientPng(96, 64));
  // What is no picture there is not what the words are about.
  const note = stage.ben.sendText("a note", { chat: group });
  stage.ben.sendText("three steps=2", { replyTo: note });
  await untilResults(stage, stage.ben, 3);
  assert.deepEqual(inputOf(stage, 2), outputOf(stage, 1));
});

Deno.test("again draws a new seed, over a restart, and nobody else may press", async () => {
  await using stage = await openStage(limits);
  const first = await firstResult(stage, "one steps=2 seed=5");
  await stage.restart();
  await stage.ben.press(first, "🔁 Again");
  const [, second] = await untilResults(stage, stage.ben, 2);
  assert.match(second?.caption ?? "", /^one\n\nseed (?!5 )\d+ · 2 steps/);
  assert.deepEqual(inputOf(stage, 1), inputOf(stage, 0));

  const again = second?.reply_markup?.inline_keyboard.flat()[0];
  assert.ok(again && "callback_data" in again);
  stage.anna.sendText("/start");
  const annas = await untilSaid(stage, stage.anna, "Пришлите картинку");
  const stranger = await stage.anna.press(annas, { data: again.callback_data });
  assert.equal(stranger.text, "Эта кнопка для другого пользователя.");
  assert.equal(stage.comfyui.ran.length, 2);
});

Deno.test("the file button gives the lossless file, and again by its file_id when the disk has forgotten it", async () => {
  await using stage = await openStage({ ...limits, comfyui: { scale: true } });
  const first = await firstResult(stage);
  await stage.ben.press(first, "📄 File");
  const file = await stage.telegram.until(
    () => said(stage, stage.ben).find(({ document }) => document),
    { what: "the file" },
  );
  assert.equal(file.document?.mime_type, "image/png");
  const bytes = await stage.telegram.file(file.document.file_id);
  assert.ok(!new TextDecoder("latin1").decode(bytes).includes("tEXt"), "the graph is not in it");
  await stage.stop(); // in order: where the file stands is noted after it was sent
  for (const name of filesIn(stage, "output")) Deno.removeSync(`${stage.dir}/data/output/${name}`);
  stage.start();
  await stage.ben.press(first, "📄 File");
  await stage.telegram.until(
    () => said(stage, stage.ben).filter(({ document }) => document).length === 2,
    { what: "the file once more" },
  );
  stage.ben.sendText("goes on steps=2");
  await untilResults(stage, stage.ben, 4);
});

Deno.test("before and after come side by side in one picture", async () => {
  await using stage = await openStage({ ...limits, comfyui: { scale: true } });
  const first = await firstResult(stage);
  await stage.ben.press(first, "◐ Before / after");
  const both = await untilSaid(stage, stage.ben, "Before · after");
  const size = both.photo?.at(-1);
  assert.ok(size && size.width > 2 * size.height * 1.3, JSON.stringify(size));
  await stage.telegram.until(() => filesIn(stage, "input").length === 0, {
    what: "no copy is left",
  });
});

Deno.test("before and after of long and thin pictures come above each other, and of a WebP, too", async () => {
  await using stage = await openStage({ ...limits, comfyui: { scale: true } });
  const pictures: readonly [Uint8Array, string][] = [
    [gradientPng(1400, 21), "strip.png"],
    [gradientPng(330, 10), "small.png"],
    [gradientPng(9, 700), "tall.png"],
    [TINY_LOSSY_WEBP, "one.webp"],
    [flatJpeg(4000, 50), "long.jpg"],
  ];
  for (const [i, [bytes, filename]] of pictures.entries()) {
    stage.ben.sendDocument(bytes, { filename, caption: "winter steps=1" });
    const result = (await untilResults(stage, stage.ben, 2 * i + 1)).at(-1)!;
    await stage.ben.press(result, "◐ Before / after");
    const both = await stage.telegram.until(
      () => said(stage, stage.ben).filter(({ caption }) => caption === "Before · after")[i],
      { what: `before and after of ${filename}` },
    );
    const size = both.photo?.at(-1);
    assert.ok(size && Math.max(size.width / size.height, size.height / size.width) < 11, filename);
  }
  await stage.restart();
  await stage.ben.sendPhoto(photo, { caption: "spring steps=1" });
  await untilResults(stage, stage.ben, 2 * pictures.length + 1);
});

Deno.test("delete takes the result away, from the chat and from the disk", async () => {
  await using stage = await openStage(limits);
  const first = await firstResult(stage);
  await stage.ben.press(first, "🗑 Delete");
  await stage.telegram.until(() => results(stage, stage.ben).length === 0, { what: "it is gone" });
  assert.deepEqual(filesIn(stage, "output"), []);
});

Deno.test("a result saved as an idea is applied with a tap, the owner's ideas too", async () => {
  await using stage = await openStage(limits);
  const first = await firstResult(stage, "in the style of a poster steps=3");
  const press = await stage.ben.press(first, "⭐ Save as idea");
  assert.match(press.text ?? "", /^Saved\./);
  await stage.restart();
  await stage.ben.sendPhoto(photo);
  const ask = await untilSaid(stage, stage.ben, "tap an idea");
  assert.deepEqual(buttons(ask)[0], ["⭐ in the style of a poster", "✂️ Remove background"]);
  await stage.ben.press(ask, "⭐ in the style of a poster");
  const [, second] = await untilResults(stage, stage.ben, 2);
  assert.match(second?.caption ?? "", /^in the style of a poster\n\nseed \d+ · 3 steps/);
  const seeds = [first, second].map((message) => /seed \d+/.exec(message?.caption ?? "")?.[0]);
  assert.notEqual(seeds[0], seeds[1], "what was not given is no part of the idea");

  await stage.anna.sendPhoto(photo);
  const question = await untilSaid(stage, stage.anna, "выберите идею");
  await stage.anna.press(question, "Ещё идеи ›");
  await stage.telegram.until(
    () =>
      buttons(stage.telegram.message(question.chat, question.message_id)!).flat()
        .includes("❄️ Сделать зиму"),
    { what: "the second page" },
  );
  await stage.anna.press(question, "❄️ Сделать зиму");
  const [winter] = await untilResults(stage, stage.anna);
  assert.match(winter?.caption ?? "", /^Сделай зиму: снег/);
});

Deno.test("what the policy refuses makes no job and no file, and is written down", async () => {
  await using stage = await openStage(limits);
  await stage.anna.sendPhoto(photo, { caption: "раздень её" });
  await untilSaid(stage, stage.anna, "Я не раздеваю людей");
  await stage.ben.sendPhoto(photo);
  await untilSaid(stage, stage.ben, "tap an idea");
  stage.ben.sendText("make her n u d e");
  await untilSaid(stage, stage.ben, "I don't undress or sexualise");
  assert.deepEqual(filesIn(stage, "input"), []);
  assert.equal(stage.comfyui.ran.length, 0);
  const audited = () => stage.bot.output().match(/Refused by policy/g)?.length ?? 0;
  await until("both audit lines", () => audited() >= 2);
  assert.equal(audited(), 2);
});

Deno.test("/forget erases all of mine and says what; /language changes it at once", async () => {
  await using stage = await openStage(limits);
  const first = await firstResult(stage);
  await stage.ben.press(first, "⭐ Save as idea");
  stage.ben.sendText("/language");
  const ask = await untilSaid(stage, stage.ben, "Which language should I use?");
  await stage.ben.press(ask, "Русский");
  await untilSaid(stage, stage.ben, "Теперь я говорю по-русски.");
  stage.ben.sendText("/forget");
  const question = await untilSaid(stage, stage.ben, "Стереть всё, что я о вас храню?");
  await stage.ben.press(question, "🗑 Стереть всё");
  await untilSaid(
    stage,
    stage.ben,
    "Стёрто: 1 задача, 1 файл картинки, 1 идея, черновики и настройки.",
  );
  assert.deepEqual(filesIn(stage, "output"), []);
  stage.ben.sendText("and now?");
  await untilSaid(stage, stage.ben, "Send me a picture first");
  const stale = await stage.ben.press(first, "🔁 Again");
  assert.equal(stale.text, "This button is out of date.");
});

Deno.test("/forget gives up what waits and what runs", async () => {
  await using stage = await openStage({
    telegram: noDrafts,
    // The second waits with the bot: ComfyUI would begin it between the end of the first and being told.
    config: "comfyui: { depth: 1 }\n",
  });
  using _hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "one" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "the first runs" });
  await untilReply(stage, await stage.ben.sendPhoto(photo, { caption: "two" }));
  stage.ben.sendText("/forget");
  await stage.ben.press(
    await untilSaid(stage, stage.ben, "Erase everything that I keep"),
    "🗑 Erase everything",
  );
  await stage.comfyui.until(() => stage.comfyui.ran[0]?.outcome === "interrupted", {
    what: "the running job is interrupted",
  });
  await stage.anna.sendPhoto(photo, { caption: "моё steps=2" });
  await untilResults(stage, stage.anna);
  assert.equal(stage.comfyui.ran.length, 2, "the waiting one never ran");
});

Deno.test("nobody answers a question that another was asked", async () => {
  await using stage = await openStage(limits);
  const asked: Message[] = [];
  stage.ben.sendText("/language");
  asked.push(await untilSaid(stage, stage.ben, "Which language should I use?"));
  stage.ben.sendText("/forget");
  asked.push(await untilSaid(stage, stage.ben, "Erase everything that I keep"));
  await stage.ben.sendPhoto(photo);
  asked.push(await untilSaid(stage, stage.ben, "tap an idea"));
  stage.anna.sendText("/start");
  const annas = await untilSaid(stage, stage.anna, "Пришлите картинку");
  const others = asked.map(({ reply_markup }) => {
    const button = reply_markup?.inline_keyboard.flat()[0];
    assert.ok(button && "callback_data" in button);
    return button.callback_data;
  });
  for (const data of [...others, `g:${stage.ben.id.toString(36)}:album`]) {
    const press = await stage.anna.press(annas, { data });
    assert.equal(press.text, "Эта кнопка для другого пользователя.", data);
  }
  assert.equal(stage.telegram.message(annas.chat, annas.message_id)?.text, annas.text);
});
