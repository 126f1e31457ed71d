/**
 * /settings: every parameter through buttons, kept over a restart, and used by the next job; the rest of the menu.
 *
 * Drives besides: src/telegram/settings/actions.ts, src/telegram/settings/menu_message.ts,
 * src/telegram/settings/language.ts, src/telegram/settings/menu.ts, src/telegram/settings/forget.ts,
 * src/telegram/intake/preset_keyboard.ts, src/telegram/intake/preset_actions.ts, src/users/presets.ts.
 */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { buttons, openStage, untilResults, untilSaid } from "../../lab/stage.ts";
import { openList, openMenu, pressUntil, set, untilButton } from "./menus.ts";

const photo = await gradientJpeg(160, 120);

Deno.test("/settings sets every parameter, over a restart, and the next job has them", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  assert.deepEqual(buttons(menu), [
    ["−", "Steps: 8", "+"],
    ["−", "CFG: 1.0", "+"],
    ["−", "Strength: 0.5", "+"],
    ["Seed: random", "🎲 Random"],
    ["Sampler: linear/euler ▸"],
    ["Scheduler: simple ▸"],
    ["−", "Eta: 0.5", "+"],
    ["−", "Denoise: 1.0", "+"],
    ["✏️ Negative prompt: nothing"],
    ["Template: Qwen Image Edit Rapid ▸"],
    ["Result: as sent", "More ▸"],
    ["↺ Reset", "✓ Done"],
  ]);
  await openList(stage, ben, menu, "sampler");
  const [sampler, shown] = ["diag_implicit/crouzeix_2s", "Sampler: diag_implicit/crouzeix_2s ▸"];
  await pressUntil(stage, ben, menu, sampler, shown);
  await Promise.all([
    set(ben, menu, "steps", "3"),
    set(ben, menu, "cfg", "2.5"),
    set(ben, menu, "strength", "0.2"),
    set(ben, menu, "seed", "77"),
    set(ben, menu, "scheduler", "beta57"),
    set(ben, menu, "eta", "0.3"),
    set(ben, menu, "denoise", "0.8"),
    set(ben, menu, "negative_prompt", "blurry"),
  ]);
  const complete = await untilButton(stage, menu, "✏️ Negative prompt: blurry");
  assert.deepEqual(
    buttons(complete).slice(0, 9).map((row) => row.find((label) => label.length > 1)),
    [
      "Steps: 3",
      "CFG: 2.5",
      "Strength: 0.2",
      "Seed: 77",
      shown,
      "Scheduler: beta57 ▸",
      "Eta: 0.3",
      "Denoise: 0.8",
      "✏️ Negative prompt: blurry",
    ],
  );

  await stage.restart();
  await ben.sendPhoto(photo, { caption: "pink sky" });
  await untilResults(stage, ben);
  const graph = stage.comfyui.ran[0]!.graph;
  const { sampler_name, scheduler, cfg, eta, denoise } = graph["121"]!.inputs;
  assert.deepEqual({ sampler_name, scheduler, cfg, eta, denoise }, {
    sampler_name: sampler,
    scheduler: "beta57",
    cfg: 2.5,
    eta: 0.3,
    denoise: 0.32,
  });
  assert.equal(graph["115"]!.inputs.value, 3);
  assert.equal(graph["117"]!.inputs.value, 77);
  assert.equal(graph["77"]!.inputs.prompt, "blurry");

  assert.equal((await ben.press(menu, "↺ Reset")).text, "Reset.");
  await untilButton(stage, menu, "Steps: 8");
  await ben.press(menu, "✓ Done");
  await stage.telegram.until(() => !stage.telegram.message(menu.chat, menu.message_id), {
    what: "the menu is gone",
  });
});

Deno.test("a parameter's page says what it does and has every way to set it", async () => {
  await using stage = await openStage();
  const { anna } = stage;
  const menu = await openMenu(stage, anna);
  const page = await pressUntil(stage, anna, menu, "Шаги: 8", "✎ Ввести значение");
  assert.equal(
    page.text,
    "Шаги: 8\n\nСколько проходов делает сэмплер; больше — дольше и подробнее.\n\nот 1 до 50",
  );
  assert.deepEqual(buttons(page), [
    ["−", "+"],
    ["✎ Ввести значение"],
    ["↺ По умолчанию (8)"],
    ["‹ Назад"],
  ]);
  await anna.press(menu, "+");
  await stage.telegram.until(
    () => stage.telegram.message(menu.chat, menu.message_id)?.text?.startsWith("Шаги: 9\n"),
    { what: "the page with 9" },
  );
  await pressUntil(stage, anna, menu, "‹ Назад", "Шаги: 9");
  // Unset from any age of the menu: the page shows what is so now.
  await anna.press(menu, { data: `s:${anna.id.toString(36)}:unset:steps` });
  await stage.telegram.until(
    () => stage.telegram.message(menu.chat, menu.message_id)?.text?.startsWith("Шаги: 8\n"),
    { what: "the page with the default" },
  );
});

Deno.test("a long list opens at the present value and turns its pages", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  await openList(stage, ben, menu, "scheduler");
  await set(ben, menu, "scheduler", "beta57");
  await untilButton(stage, menu, "Scheduler: beta57 ▸");
  const list = await pressUntil(stage, ben, menu, "Scheduler: beta57 ▸", "✓ beta57");
  const [place] = buttons(list).flat().filter((label) => / \/ /.test(label));
  assert.match(place ?? "", /^2 \/ \d+$/);
  await pressUntil(stage, ben, menu, "‹", "simple");
  await pressUntil(stage, ben, menu, "simple", "Scheduler: simple ▸");
});

Deno.test("rapid presses are answered before they are drawn, and drawn together", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  const before = stage.telegram.calls.length;
  stage.telegram.faults.add({ method: "editMessageText", kind: "hang" });
  const presses = [];
  for (let steps = 9; steps <= 28; steps++) {
    presses.push(
      ben.press(menu, { data: `s:${ben.id.toString(36)}:set:steps:${steps}` }),
    );
  }
  for (const { answered } of await Promise.all(presses)) assert.ok(answered);
  stage.telegram.faults.clear();
  await untilButton(stage, menu, "Steps: 28");
  const edits = stage.telegram.calls.slice(before).filter(({ method }) => /^edit/i.test(method));
  assert.equal(edits.length, 2, "the first of 20, and all that came while it was drawn");
});

Deno.test("template, kind of result, preview and language are set in the menu, and values stay", async () => {
  await using stage = await openStage({ comfyui: { scale: true } });
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  await set(ben, menu, "steps", "5");
  await pressUntil(stage, ben, menu, "Template: Qwen Image Edit Rapid ▸", "‹ Back");
  const core = /core/i;
  const templates = await untilButton(stage, menu, core);
  const title = buttons(templates).flat().find((label) => core.test(label))!;
  const main = await pressUntil(stage, ben, menu, title, "Steps: 5");
  assert.ok(!buttons(main).flat().some((label) => label.startsWith("Eta")), "core has no eta");
  await ben.press(menu, "Result: as sent");
  await untilButton(stage, menu, "Result: photo");
  assert.equal((await ben.press(menu, "Result: photo")).text, "Results come as lossless files.");
  await untilButton(stage, menu, "Result: file");

  await pressUntil(stage, ben, menu, "More ▸", "Live preview: on");
  await pressUntil(stage, ben, menu, "Live preview: on", "Live preview: off");
  await pressUntil(stage, ben, menu, "Language: Same as Telegram ▸", "✓ Same as Telegram");
  const spoken = await ben.press(menu, "Русский");
  assert.equal(spoken.text, "Теперь я говорю по-русски.");
  await untilButton(stage, menu, "Предпросмотр: выключен");

  await ben.sendPhoto(photo, { caption: "pink sky" });
  const [result] = await untilResults(stage, ben);
  assert.equal(result?.document?.mime_type, "image/png");
  assert.match(result.caption ?? "", /5 шагов/);

  await ben.press(menu, { data: `s:${ben.id.toString(36)}:reset` });
  await untilButton(stage, menu, "Шаги: 8");
  await ben.press(menu, { data: `s:${ben.id.toString(36)}:more` });
  await untilButton(stage, menu, "Предпросмотр: включён");
});

Deno.test("ideas of one's own are saved under a result, read and deleted in the menu", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  await ben.sendPhoto(photo, { caption: "pink sky steps=2" });
  const [result] = await untilResults(stage, ben);
  await ben.press(result!, "⭐ Save as idea");
  const menu = await openMenu(stage, ben);
  await pressUntil(stage, ben, menu, "More ▸", "Ideas: 1 ▸");
  await pressUntil(stage, ben, menu, "Ideas: 1 ▸", "⭐ pink sky");
  const shown = await ben.press(menu, "⭐ pink sky");
  assert.deepEqual([shown.text, shown.show_alert], ["pink sky\nsteps=2", true]);
  await ben.press(menu, "🗑");
  await untilSaid(stage, ben, "You have no ideas of your own yet.");
  await ben.press(menu, { data: `s:${ben.id.toString(36)}:main` });
  await untilButton(stage, menu, "↺ Reset");
});

Deno.test("a forged, stale or foreign button changes nothing and is answered", async () => {
  await using stage = await openStage();
  const menu = await openMenu(stage, stage.ben);
  const mine = (502).toString(36);
  const cases = [
    [`s:${(501).toString(36)}:set:steps:50`, "These are another user's settings."],
    [`j:${(501).toString(36)}:x:start`, "These are another user's settings."],
    [`j:${mine}:nosuchjob:set:steps:50`, "out of date"],
    [`s:${mine}:set:steps:5000`, "out of date"],
    [`s:${mine}:set:steps`, "out of date"],
    [`s:${mine}:set:nothing:1`, "out of date"],
    [`s:${mine}:set:constructor:1`, "out of date"],
    [`s:${mine}:set:sampler:no/such`, "out of date"],
    [`s:${mine}:param:nothing`, "out of date"],
    [`s:${mine}:use:nothing`, "out of date"],
    [`s:${mine}:as:video`, "out of date"],
    [`s:${mine}:speak:fr`, "out of date"],
    [`s:${mine}:start`, "out of date"],
    [`s:${mine}:boom`, "out of date"],
    ["s:", "These are another user's settings."],
    ["zzz", "This button is out of date."],
  ] as const;
  for (const [data, words] of cases) {
    const press = await stage.ben.press(menu, { data });
    assert.ok(press.text?.includes(words), `${data}: ${press.text}`);
  }
  const again = await openMenu(stage, stage.ben);
  assert.deepEqual(buttons(again), buttons(menu));
});
