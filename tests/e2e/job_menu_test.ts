/** The button "Parameters" under a result: the same job once more, with other values. */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { buttons, openStage, said, type Stage, untilResults, untilSaid } from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";
import { dataOf, untilButton } from "./menus.ts";

const photo = await gradientJpeg(160, 120);

/** A job that is done, and the menu of its parameters. */
async function openJobMenu(
  stage: Stage,
  person: Person,
  caption: string,
): Promise<{ result: Message; menu: Message }> {
  await person.sendPhoto(photo, { caption });
  const [result] = await untilResults(stage, person);
  assert.ok(result);
  const label = buttons(result).flat().find((label) => label.startsWith("⚙️"))!;
  // The result is seen a moment before the bot has written down where it is.
  await stage.telegram.until(async () => (await person.press(result, label)).text === undefined, {
    what: "the result's buttons",
  });
  const menu = await untilSaid(stage, person, /Run again with|Ещё раз, с другими/);
  return { result, menu };
}

Deno.test("a result's parameters can be changed, over a restart, and the job is made again with them", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  const { result, menu } = await openJobMenu(stage, ben, "make it night steps=3 seed=42");
  assert.equal(menu.reply_to_message?.message_id, result.message_id);
  assert.match(menu.text ?? "", /“make it night”/);
  assert.deepEqual(buttons(menu), [
    ["−", "Steps: 3", "+"],
    ["−", "CFG: 1.0", "+"],
    ["−", "Strength: 0.5", "+"],
    ["Seed: 42", "🎲 Random"],
    ["Sampler: linear/euler ▸"],
    ["Scheduler: simple ▸"],
    ["−", "Eta: 0.5", "+"],
    ["−", "Denoise: 1.0", "+"],
    ["✏️ Negative prompt: nothing"],
    ["▶ Start"],
    ["↺ Reset", "✕ Close"],
  ]);
  await ben.press(menu, "+");
  await untilButton(stage, menu, "Steps: 4");
  await ben.press(menu, "CFG: 1.0");
  await untilButton(stage, menu, "↺ As it was (1.0)");
  await ben.press(menu, "✎ Type a value");
  const ask = await untilSaid(stage, ben, "Send a value for “CFG”");
  ben.sendText("2.5", { replyTo: ask });
  await untilButton(stage, menu, "CFG: 2.5");
  await stage.restart();
  await ben.press(menu, "▶ Start");
  const [, second] = await untilResults(stage, ben, 2);
  assert.match(second?.caption ?? "", /^make it night\n\nseed 42 · 4 steps/);
  const graph = stage.comfyui.ran.at(-1)!.graph;
  assert.equal(graph["121"]!.inputs.cfg, 2.5);
  await stage.telegram.until(
    () =>
      said(stage, ben).every(({ message_id, photo }) => photo && message_id !== menu.message_id),
    { what: "menu, question and status are gone" },
  );

  ben.sendText("/settings");
  const own = await untilSaid(stage, ben, "Settings for your next");
  assert.ok(buttons(own).flat().includes("Steps: 8"), "the person's own values are as they were");
  await ben.press(result, "⚙️ Parameters");
  const anew = await untilSaid(stage, ben, "Run again with");
  assert.ok(buttons(anew).flat().includes("Steps: 3"), "what was changed is forgotten");
  await ben.press(anew, "+");
  await untilButton(stage, anew, "Steps: 4");
  await ben.press(anew, "✕ Close");
  await stage.telegram.until(() => !stage.telegram.message(anew.chat, anew.message_id), {
    what: "the menu is closed",
  });
  await ben.press(result, "⚙️ Parameters");
  const closed = await untilSaid(stage, ben, "Run again with");
  assert.ok(buttons(closed).flat().includes("Steps: 3"), "so it is when the menu is closed");
});

Deno.test("two taps on Start make one job, and a random seed is drawn anew", async () => {
  await using stage = await openStage({ comfyui: { stepMs: 60 } });
  const { anna } = stage;
  const { menu } = await openJobMenu(stage, anna, "сделай ночь steps=3 seed=42");
  await anna.press(menu, "🎲 Случайный");
  await untilButton(stage, menu, "Сид: случайный");
  const start = dataOf(menu, "▶ Начать");
  await Promise.all([anna.press(menu, start), anna.press(menu, start)]);
  const [, second] = await untilResults(stage, anna, 2);
  assert.match(second?.caption ?? "", /^сделай ночь\n\nсид (?!42 )\d+ · 3 шага/);
  await anna.sendPhoto(photo, { caption: "сделай зиму steps=2" });
  const [, , third] = await untilResults(stage, anna, 3);
  assert.match(third?.caption ?? "", /^сделай зиму/);
  assert.equal(stage.comfyui.ran.length, 3);
});

Deno.test("a job's menu is its user's, has no settings in it, and ends with /forget", async () => {
  await using stage = await openStage();
  const { anna, ben } = stage;
  const { menu } = await openJobMenu(stage, ben, "pink sky steps=2");
  const { data: start } = dataOf(menu, "▶ Start");
  const stolen = start.replace(`:${ben.id.toString(36)}:`, `:${anna.id.toString(36)}:`);
  anna.sendText("/settings");
  const own = await untilSaid(stage, anna, "Настройки для следующих");
  for (const data of [start, stolen]) {
    const { text } = await anna.press(own, { data });
    assert.match(text ?? "", /Это настройки другого пользователя|Это меню устарело/);
  }
  const prefix = start.slice(0, -"start".length);
  for (
    const act of ["more", "use:qwen_image_edit", "speak:ru", "as:file", "set:steps:51", "boom"]
  ) {
    const { text } = await ben.press(menu, { data: prefix + act });
    assert.match(text ?? "", /out of date/, act);
  }
  assert.equal(stage.comfyui.ran.length, 1);

  await ben.press(menu, "+");
  ben.sendText("/forget");
  await ben.press(await untilSaid(stage, ben, "Erase everything"), "🗑 Erase everything");
  await untilSaid(stage, ben, "Erased:");
  const { text } = await ben.press(menu, { data: start });
  assert.match(text ?? "", /out of date/);
});
