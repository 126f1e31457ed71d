/** /settings: all nine parameters through buttons, kept over a restart, and used by the next job. */
import assert from "node:assert/strict";
import type { Message } from "grammy/types";
import type { Person } from "../../demo/telegram/mod.ts";
import { gradientJpeg } from "../pictures.ts";
import { buttons, openStage, type Stage, untilResults, untilSaid } from "./stage.ts";

const photo = await gradientJpeg(160, 120);

/** The menu as it stands when one of its buttons has this label. */
function untilButton(stage: Stage, menu: Message, label: string | RegExp): Promise<Message> {
  return stage.telegram.until(() => {
    const message = stage.telegram.message(menu.chat, menu.message_id);
    const has = (text: string) => typeof label === "string" ? text === label : label.test(text);
    return message && buttons(message).flat().some(has) && message;
  }, { what: `a button ${label}` });
}

async function openMenu(stage: Stage, person: Person): Promise<Message> {
  person.sendText("/settings");
  return await untilSaid(stage, person, /Settings for your next|Настройки для следующих/);
}

Deno.test("/settings sets every parameter, over a restart, and the next job has them", async () => {
  await using stage = await openStage();
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  assert.deepEqual(buttons(menu).slice(0, -1).map((row) => row.join(" ")), [
    "− Steps: 8 +",
    "− CFG: 1.0 +",
    "− Strength: 0.5 +",
    "Seed: random 🎲 Random",
    "Sampler: linear/euler ▸",
    "Scheduler: simple ▸",
    "− Eta: 0.5 +",
    "− Denoise: 1.0 +",
    "✏️ Not wanted: nothing",
  ]);
  const press = async (label: string, after: string | RegExp) => {
    await ben.press(menu, label);
    await untilButton(stage, menu, after);
  };
  const type = async (label: string, value: string, after: string) => {
    await ben.press(menu, label);
    const ask = await untilSaid(stage, ben, "Send the value for");
    ben.sendText(value, { replyTo: ask });
    await untilButton(stage, menu, after);
  };
  await type("Steps: 8", "3", "Steps: 3");
  await type("CFG: 1.0", "2,5", "CFG: 2.5");
  await type("Strength: 0.5", "0.25", "Strength: 0.25");
  await type("Seed: random", "77", "Seed: 77");
  await type("Eta: 0.5", "0.3", "Eta: 0.3");
  await type("Denoise: 1.0", "0.8", "Denoise: 0.8");
  await type("✏️ Not wanted: nothing", "blurry", "✏️ Not wanted: blurry");
  await press("Sampler: linear/euler ▸", "multistep/res_2m");
  await press("multistep/res_2m", "Sampler: multistep/res_2m ▸");
  await press("Scheduler: simple ▸", "beta");
  await press("›", "beta57");
  await press("beta57", "Scheduler: beta57 ▸");

  await stage.restart();
  await ben.sendPhoto(photo, { caption: "pink sky" });
  await untilResults(stage, ben);
  const graph = stage.comfyui.ran[0]?.graph as Record<string, { inputs: Record<string, unknown> }>;
  const { sampler_name, scheduler, cfg, eta, denoise } = graph["121"]!.inputs;
  assert.deepEqual({ sampler_name, scheduler, cfg, eta, denoise }, {
    sampler_name: "multistep/res_2m",
    scheduler: "beta57",
    cfg: 2.5,
    eta: 0.3,
    denoise: 0.4,
  });
  assert.equal(graph["115"]!.inputs.value, 3);
  assert.equal(graph["117"]!.inputs.value, 77);
  assert.equal(graph["77"]!.inputs.prompt, "blurry");

  await press("↺ Reset", "Steps: 8");
  await ben.press(menu, "✓ Done");
  await stage.telegram.until(() => !stage.telegram.message(menu.chat, menu.message_id), {
    what: "the menu is gone",
  });
});

Deno.test("a value out of range is refused in the person's language and asked for again", async () => {
  await using stage = await openStage();
  const menu = await openMenu(stage, stage.anna);
  await stage.anna.press(menu, "Шаги: 8");
  await untilSaid(stage, stage.anna, "Пришлите значение для «Шаги» (от 1 до 50).");
  stage.anna.sendText("сто");
  await untilSaid(stage, stage.anna, "Шаги: «сто» — не число");
  stage.anna.sendText("99");
  await untilSaid(stage, stage.anna, "Шаги: допустимо не больше 50");
  stage.anna.sendText("12");
  await untilButton(stage, menu, "Шаги: 12");
});

Deno.test("a forged, stale or foreign button changes nothing and is answered", async () => {
  await using stage = await openStage();
  const menu = await openMenu(stage, stage.ben);
  const mine = (502).toString(36);
  const cases = [
    [`s:${(501).toString(36)}:set:steps:50`, "These are somebody else's settings."],
    [`s:${mine}:set:steps:5000`, "out of date"],
    [`s:${mine}:set:nothing:1`, "out of date"],
    [`s:${mine}:set:sampler:no/such`, "out of date"],
    [`s:${mine}:boom`, "out of date"],
    ["s:", "These are somebody else's settings."],
    ["zzz", "This button is out of date."],
  ] as const;
  for (const [data, words] of cases) {
    const press = await stage.ben.press(menu, { data });
    assert.ok(press.text?.includes(words), `${data}: ${press.text}`);
  }
  const again = await openMenu(stage, stage.ben);
  assert.deepEqual(buttons(again), buttons(menu));
});
