/**
 * The owner's day in the chat: the panel, the modes over restarts, the queue, statistics, announcements, notices.
 *
 * Drives besides: src/telegram/admin/announcements.ts, src/telegram/admin/statistics.ts,
 * src/telegram/admin/panel.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  holdRun,
  noDrafts,
  openStage,
  results,
  said,
  type Stage,
  type StageOptions,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { inspectImage } from "../../src/images/inspect.ts";
import { pressUntil, untilButton } from "./menus.ts";

const photo = await gradientJpeg(160, 120);
const free = { telegram: { limits: false, ...noDrafts } } satisfies StageOptions;

async function openPanel(stage: Stage): Promise<Message> {
  const { message_id: asked } = stage.anna.sendText("/admin");
  return await stage.telegram.until(
    () =>
      said(stage, stage.anna).find(({ message_id, text }) =>
        message_id > asked && text?.includes("ComfyUI отвечает")
      ),
    { what: "the panel" },
  );
}

/** The panel as it stands, once it says so. */
function untilPanel(stage: Stage, panel: Message, words: RegExp): Promise<Message> {
  return stage.telegram.until(() => {
    const message = stage.telegram.message(panel.chat, panel.message_id);
    return message && words.test(message.text ?? "") && message;
  }, { what: `the panel says ${words}` });
}

/** Shows the queue's page and waits until it has a job with these words. */
async function untilQueued(stage: Stage, panel: Message, words: string): Promise<void> {
  await stage.telegram.until(async () => {
    await stage.anna.press(panel, { data: "m:queue:0" });
    const page = stage.telegram.message(panel.chat, panel.message_id)!;
    return buttons(page).flat().some((label) => label.includes(words));
  }, { what: `${words} in the queue` });
}

/** Presses the button whose label has these words. */
async function pressLabel(stage: Stage, panel: Message, words: string): Promise<void> {
  const page = await untilButton(stage, panel, new RegExp(RegExp.escape(words)));
  const label = buttons(page).flat().find((each) => each.includes(words))!;
  await stage.anna.press(page, label);
}

/** The words of each prompt that ComfyUI was given, in order. */
function wordsRun({ comfyui }: Stage): unknown[] {
  return comfyui.ran.map(({ graph }) => graph["119"]!.inputs.prompt);
}

Deno.test("/admin is for admins alone, in private, and so is every press", async () => {
  await using stage = await openStage(free);
  stage.ben.sendText("/admin");
  await untilSaid(stage, stage.ben, "I don't know this command.");
  const panel = await openPanel(stage);
  assert.equal(panel.text, "▶ Работает\n🗂 0 задач ждут, в работе 0\n🖥 ComfyUI отвечает");
  const mine = await untilSaid(stage, stage.ben, "I don't know this command.");
  for (const data of ["m:pause", "m:log", "m:queue:0", "m:send", "m:unload", "m:close"]) {
    const { text, show_alert } = await stage.ben.press(mine, { data });
    assert.deepEqual([text, show_alert], ["Only admins can do that.", true], data);
  }
  for (const data of ["m:explode", "m:send", "m:discard", "m:queue:x"]) {
    assert.equal((await stage.anna.press(panel, { data })).text, "Эта кнопка устарела.", data);
  }
  const group = stage.telegram.group({ id: -1_001_99, title: "Club", members: [stage.anna] });
  stage.anna.sendText("/admin", { chat: group });
  const elsewhere = await stage.telegram.until(
    () =>
      [...stage.telegram.messages(group), ...stage.telegram.ephemeral(group, stage.anna)]
        .find(({ text }) => text?.includes("только в личном чате со мной")),
    { what: "no panel in a group" },
  );
  const seen = await stage.anna.press(elsewhere, { data: "m:queue:0" });
  assert.equal(seen.text, "Эта кнопка устарела.");
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  await untilResults(stage, stage.ben);
  await stage.anna.press(panel, "✖ Закрыть");
  await stage.telegram.until(
    () => !stage.telegram.message(panel.chat, panel.message_id),
    { what: "the panel is gone" },
  );
});

Deno.test("a pause holds what comes over a restart and says so; resume lets it go", async () => {
  await using stage = await openStage(free);
  const panel = await openPanel(stage);
  await stage.anna.press(panel, "⏸ Пауза");
  await untilPanel(stage, panel, /^⏸ Пауза/);
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  await untilSaid(stage, stage.ben, /number 1\. The queue is paused/);
  stage.ben.sendText("/status");
  await untilSaid(stage, stage.ben, /number 1 in the queue\n[^]*The queue is paused/);
  await stage.restart();
  const again = await openPanel(stage);
  assert.match(again.text!, /^⏸ Пауза.*\n🗂 1 задача ждёт, в работе 0/);
  assert.equal(stage.comfyui.ran.length, 0);
  await stage.anna.press(again, "▶ Продолжить");
  await untilResults(stage, stage.ben);
});

Deno.test("a job that waits when the pause begins is told of it", async () => {
  await using stage = await openStage({
    ...free,
    config: "comfyui: { depth: 1 }\n",
  });
  const panel = await openPanel(stage);
  using hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "runs steps=20" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  await stage.ben.sendPhoto(photo, { caption: "waits steps=1" });
  await untilSaid(stage, stage.ben, /You are next|In the queue: number 1/);
  await stage.anna.press(panel, "⏸ Пауза");
  await untilSaid(stage, stage.ben, /number 1\. The queue is paused/);
  hold.remove();
  const [first] = await untilResults(stage, stage.ben);
  assert.match(first?.caption ?? "", /^runs/);
  assert.equal(stage.comfyui.ran.length, 1);
});

Deno.test("draining takes no job and renders those that wait, over a restart too", async () => {
  await using stage = await openStage(free);
  const panel = await openPanel(stage);
  using hold = holdRun(stage);
  for (const caption of ["one steps=4", "two steps=1", "three steps=1"]) {
    await stage.ben.sendPhoto(photo, { caption });
  }
  await untilQueued(stage, panel, "1. id 502: three");
  await pressLabel(stage, panel, "‹ Назад");
  await pressLabel(stage, panel, "⏏ Завершение");
  await untilPanel(stage, panel, /^⏏ Завершение/);
  await stage.restart();
  await stage.ben.sendPhoto(photo, { caption: "four steps=1" });
  await untilSaid(stage, stage.ben, "I am not taking new jobs right now");
  hold.remove();
  await untilResults(stage, stage.ben, 3);
  const again = await openPanel(stage);
  assert.match(again.text!, /^⏏ Завершение/);
  await pressUntil(stage, stage.anna, again, "▶ Продолжить", "⏏ Завершение");
  stage.ben.sendText("four steps=1");
  await untilResults(stage, stage.ben, 4);
  assert.equal(results(stage, stage.ben).length, 4);
});

Deno.test("the queue page moves a job to the front and cancels another's, who is told", async () => {
  await using stage = await openStage({
    ...free,
    config: "comfyui: { depth: 1 }\n",
  });
  const panel = await openPanel(stage);
  using _hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "one" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "one runs" });
  for (const caption of ["two steps=1", "three steps=1", "four steps=1"]) {
    await stage.ben.sendPhoto(photo, { caption });
  }
  await untilQueued(stage, panel, "3. id 502: four");

  await pressLabel(stage, panel, "3. id 502: four");
  const page = await untilButton(stage, panel, "⤒ В начало");
  assert.match(
    page.text!,
    /^⏳ «four»: 3-е место[^]*\nfour\n\nid 502 · .* назад\nqwen_.* · steps=1$/,
  );
  const forged = page.reply_markup!.inline_keyboard.flat().map((button) =>
    "callback_data" in button ? button.callback_data : ""
  );
  const [own] = said(stage, stage.ben);
  for (const data of forged) {
    assert.equal((await stage.ben.press(own!, { data })).text, "Only admins can do that.");
  }
  const moved = await stage.anna.press(page, "⤒ В начало");
  assert.equal(moved.text, "Теперь эта задача следующая.");
  await untilPanel(stage, panel, /«four»: 1-е место/);

  await pressLabel(stage, panel, "‹ Назад");
  await pressLabel(stage, panel, "3. id 502: three");
  await stage.anna.press(await untilButton(stage, panel, "✖ Отменить задачу"), "✖ Отменить задачу");
  await untilSaid(stage, stage.ben, "✖ Cancelled.");
  await pressLabel(stage, panel, "🎨 id 502: one");
  const running = await untilButton(stage, panel, "✖ Отменить задачу");
  await stage.anna.press(running, "✖ Отменить задачу");
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(wordsRun(stage), ["one", "four", "two"]);
  const late = await stage.anna.press(panel, { data: forged[0]! });
  assert.equal(late.text, "Эта задача уже не в очереди.");
});

Deno.test("the statistics come as a picture with the numbers under it", async () => {
  await using stage = await openStage(free);
  const panel = await openPanel(stage);
  for (const caption of ["one steps=2", "two steps=2"]) {
    await stage.ben.sendPhoto(photo, { caption });
  }
  await untilResults(stage, stage.ben, 2);
  stage.comfyui.faults.add({
    kind: "error",
    exceptionType: "RuntimeError",
    exceptionMessage: "no luck",
    times: 1,
  });
  await stage.ben.sendPhoto(photo, { caption: "three steps=2" });
  await untilSaid(stage, stage.ben, "could not finish this job");
  // It is answered when all that has ended is counted.
  await stage.anna.press(panel, "📊 Статистика");
  await stage.restart();
  await stage.anna.press(panel, "📊 Статистика");
  const [, chart] = await stage.telegram.until(() => {
    const charts = said(stage, stage.anna).filter(({ photo }) => photo);
    return charts.length >= 2 && charts;
  }, { what: "a chart after the restart" });
  assert.match(
    chart!.caption!,
    /^📊 .+ – .+\n🟩 готово 2 · 🟥 не удалось 1 · ⬜ отменено 0\n🟦 работа в среднем \d+ с · 🟧 ожидание \d+ с\nСегодня: готово 2, не удалось 1, отменено 0$/,
  );
  const bytes = await stage.telegram.file(chart!.photo!.at(-1)!.file_id);
  const inspected = inspectImage(bytes, { maxBytes: Infinity, allowedFormats: ["jpeg", "png"] });
  assert.ok(inspected.ok);
  assert.deepEqual([inspected.image.width, inspected.image.height], [1080, 760]);
});

Deno.test("backends are shown and freed, the log is shown, the files are read again", async () => {
  await using stage = await openStage(free);
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=1" });
  await untilResults(stage, stage.ben);
  const panel = await openPanel(stage);
  await stage.anna.press(panel, "🖥 Серверы");
  const before = await untilPanel(stage, panel, /ComfyUI 0\.33\.0/);
  assert.match(
    before.text!,
    /^✓ comfyui: ComfyUI 0\.33\.0\nв его очереди: выполняется 0, ожидает 0\nSimulated GPU: свободно [\d,]+ ГБ из 24,0 ГБ\nумеет: qwen_image_edit, [\w, ]+\n\n/,
  );
  // The simulated ComfyUI has the files of some templates: of the others each file is named, with where it is to be had.
  assert.match(
    before.text!,
    /✗ flux2_klein_4b\n(?:.*\n)*Node 70 .*"flux-2-klein-4b-fp8\.safetensors".*It is 3\.8 GB, belongs into models\/diffusion_models, is at https:/,
  );
  assert.doesNotMatch(before.text!, /✗ qwen_image_edit\b/);
  await stage.anna.press(panel, "🧹 Очистить память");
  await untilPanel(stage, panel, /^🧹 comfyui: освобождено [1-9]\d*,0 ГБ\./);
  await stage.anna.press(panel, "🧹 Очистить память");
  await untilPanel(stage, panel, /^🧹 comfyui: освобождать было нечего\./);
  await stage.comfyui.kill();
  await stage.telegram.until(async () => {
    await stage.anna.press(panel, "↻ Обновить"); // what was asked a moment ago is not asked again
    return stage.telegram.message(panel.chat, panel.message_id)?.text?.startsWith("✗ comfyui: ");
  }, { what: "it is away" });
  await stage.anna.press(panel, "‹ Назад");
  await untilPanel(stage, panel, /ComfyUI не отвечает$/);

  await stage.anna.press(panel, "📜 Журнал");
  const log = await untilPanel(stage, panel, /INFO \| bot/);
  assert.deepEqual(log.entities?.filter(({ type }) => type === "pre"), [
    { type: "pre", offset: 0, length: log.text!.length },
  ]);
  assert.ok(!log.text!.includes(stage.telegram.token));
  await stage.anna.press(panel, "‹ Назад");
  await pressLabel(stage, panel, "↻ Перечитать");
  await untilSaid(stage, stage.anna, "Ничего не изменилось.");
});

Deno.test("an announcement is asked for, shown, and sent once to each chat that waits, over restarts", async () => {
  await using stage = await openStage(free);
  const panel = await openPanel(stage);
  await pressLabel(stage, panel, "📣 Объявление");
  await untilSaid(stage, stage.anna, "Пришлите текст для всех");
  stage.anna.sendText("Скоро перерыв");
  await untilSaid(stage, stage.anna, "Сейчас ни одна задача не ждёт и не выполняется");

  await stage.anna.press(panel, "⏸ Пауза");
  for (const caption of ["one", "two"]) await stage.ben.sendPhoto(photo, { caption });
  await untilSaid(stage, stage.ben, /number 2\. The queue is paused/);
  await stage.anna.press(panel, "📣 Объявление");
  await untilSaid(stage, stage.anna, "Пришлите текст для всех");
  // The question stands in the chat before its number is written down: another press comes after that.
  await stage.anna.press(panel, { data: "m:nothing" });
  await stage.restart();
  stage.anna.sendText("я".repeat(3_501));
  await untilSaid(stage, stage.anna, "Слишком длинно: не больше 3500 знаков.");
  stage.anna.sendText("Back at *six* <b>");
  const preview = await untilSaid(stage, stage.anna, /Это уйдёт в 1 чат[^]*Back at \*six\* <b>$/);
  await stage.restart();
  const hang = stage.telegram.faults.add({ method: "editMessageText", kind: "hang", times: 1 });
  const sending = stage.anna.press(preview, "📣 Отправить");
  await stage.telegram.until(() => hang.hits === 1, { what: "it is about to be sent" });
  const twice = await stage.anna.press(preview, { data: "m:send" });
  assert.equal(twice.text, "Эта кнопка устарела.");
  stage.telegram.faults.clear();
  await sending;
  await untilSaid(stage, stage.ben, /^📣 Back at \*six\* <b>$/);
  await untilSaid(stage, stage.anna, /^✓ Отправлено в 1 чат\./);
  const again = await stage.anna.press(preview, { data: "m:send" });
  assert.equal(again.text, "Эта кнопка устарела.");
  assert.equal(said(stage, stage.ben).filter(({ text }) => text?.startsWith("📣")).length, 1);
});

Deno.test("a failure reaches the admins once for its cause, and that ComfyUI was away", async () => {
  await using stage = await openStage({ ...free, config: "comfyui: { retry_seconds: [0.1] }\n" });
  await openPanel(stage);
  using fault = stage.comfyui.faults.add({
    kind: "error",
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device",
  });
  for (const caption of ["one steps=1", "two steps=1", "three steps=1"]) {
    await stage.ben.sendPhoto(photo, { caption });
  }
  await stage.telegram.until(
    () =>
      said(stage, stage.ben).filter(({ text }) => text?.includes("ran out of memory")).length === 3,
    { what: "three failures" },
  );
  const told = await untilSaid(stage, stage.anna, "Задача не удалась");
  assert.match(
    told.text!,
    /^❌ Задача не удалась: не хватило видеопамяти\.\nCannot run node/,
  );
  fault.remove();
  await stage.comfyui.kill();
  await stage.ben.sendPhoto(photo, { caption: "four steps=1" });
  await untilSaid(stage, stage.anna, "🔌 ComfyUI (comfyui) не отвечает.");
  await stage.comfyui.restart();
  await untilSaid(stage, stage.anna, "🔌 ComfyUI (comfyui) снова отвечает.");
  await untilResults(stage, stage.ben);
  const notices = said(stage, stage.anna).filter(({ text }) => /^[❌🔌]/u.test(text ?? ""));
  assert.equal(notices.length, 3);
});
