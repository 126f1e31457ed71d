/**
 * A ComfyUI that has the files of only one template makes a working bot with no configuration but the token; and what is offered
 * follows the files.
 *
 * Drives besides: src/worker/catalog_poller.ts, src/templates/default_template.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { type ModelFiles, modelsOf2025 } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  openStage,
  results,
  said,
  type Stage,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { formatParam } from "../../src/templates/params.ts";
import type { Template } from "../../src/templates/template.ts";
import { openMenu, pressUntil, untilButton } from "./menus.ts";

const photo = await gradientJpeg(160, 120);
const { templates } = loadTemplates({ embedded: readEmbedded() });

function filesOf(...wanted: readonly Template[]): ModelFiles {
  const files: Record<string, string[]> = {};
  for (const { folder = "", file } of wanted.flatMap(({ modelFiles }) => modelFiles)) {
    (files[folder] ??= []).push(file);
  }
  return files;
}

function named(name: string): Template {
  const found = templates.get(name);
  assert.ok(found, name);
  return found;
}

/** What stands in the graph of the last run at the first input of a list of them. */
function ranWith({ comfyui }: Stage, [at]: Template["promptText"]): unknown {
  return comfyui.ran.at(-1)?.graph[at!.node]?.inputs[at!.input];
}

/** Opens Ben's menu again and again until it is about that template: ComfyUI is asked behind his back. */
function untilTemplate(stage: Stage, menu: Message, title: string): Promise<unknown> {
  const { ben } = stage;
  return stage.telegram.until(async () => {
    await ben.press(menu, { data: `s:${ben.id.toString(36)}:main` });
    const now = stage.telegram.message(menu.chat, menu.message_id);
    return now?.text?.includes(`Template: ${title}\n`);
  }, { what: `the template is ${title}` });
}

for (const [name, template] of templates) {
  Deno.test(`a ComfyUI with the files of ${name} alone gives a working bot`, async () => {
    // Of the two with one checkpoint, the other one is there where RES4LYF is not.
    const objectInfo = name === "qwen_image_edit_core" ? { ClownsharKSampler_Beta: null } : {};
    await using stage = await openStage({ comfyui: { models: filesOf(template), objectInfo } });
    const { ben } = stage;
    const isWordless = template.kind === "upscale";
    await ben.sendPhoto(photo, isWordless ? {} : { caption: "make it night seed=5" });
    const [result] = await untilResults(stage, ben);
    assert.match(
      result?.caption ?? "",
      isWordless ? new RegExp(`^${template.title.en}`) : /^make it night/,
    );
    for (
      const [file, at] of template.modelFiles.map(({ file, inputs }) => [file, inputs] as const)
    ) {
      assert.equal(ranWith(stage, at), file);
    }
    if (!isWordless) {
      assert.equal(ranWith(stage, template.promptText), "make it night");
      assert.equal(ranWith(stage, template.params["seed"]!.targets), 5);
    }

    // Its parameters are in place, and no other template is offered.
    const menu = await openMenu(stage, ben);
    const labels = buttons(menu).flat();
    for (const { spec } of Object.values(template.params)) {
      if (spec.kind !== "int" && spec.kind !== "float") continue;
      const value = formatParam(spec, spec.default);
      assert.ok(labels.some((label) => label.endsWith(`: ${value}`)), `${value} in ${labels}`);
    }
    const isAlone = name !== "qwen_image_edit";
    assert.equal(labels.some((label) => label.startsWith("Template:")), !isAlone);
    assert.match(
      menu.text ?? "",
      new RegExp(`Template: ${template.title.en.replace(/[.]/g, "\\.")}$`, "m"),
    );
  });
}

Deno.test("a picture for an upscaler needs no words, and with words nothing is lost", async () => {
  const files = filesOf(named("upscale_simple"), named("flux2_klein_4b"));
  await using stage = await openStage({ comfyui: { models: files } });
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  const list = await pressUntil(
    stage,
    ben,
    menu,
    "Template: FLUX.2 klein 4B ▸",
    "Real-ESRGAN upscale",
  );
  assert.ok(!buttons(list).flat().some((label) => /Qwen|SeedVR2/.test(label)), "they cannot run");
  await pressUntil(stage, ben, menu, "Real-ESRGAN upscale", /^Megapixels: 4\.0$/);

  await ben.sendPhoto(photo, { caption: "make it night" });
  await untilSaid(stage, ben, /needs no text/);
  assert.equal(stage.comfyui.ran.length, 0);

  await ben.sendPhoto(photo, { caption: "megapixels=2" });
  const [result] = await untilResults(stage, ben);
  assert.match(result?.caption ?? "", /^Real-ESRGAN upscale\n/);
  assert.equal(ranWith(stage, named("upscale_simple").params["megapixels"]!.targets), 2);
  assert.ok(!buttons(result!).flat().includes("⭐ Save as idea"), "there are no words to save");

  // The picture of before still waits: with a template that takes words it gets them.
  const again = await openMenu(stage, ben);
  await pressUntil(stage, ben, again, "Template: Real-ESRGAN upscale ▸", /^(✓ )?FLUX\.2 klein 4B$/);
  await pressUntil(stage, ben, again, "FLUX.2 klein 4B", "Steps: 4");
  await ben.press(result!, "✏️ Edit further");
  await untilSaid(stage, ben, "Got it. What should I change?");
});

Deno.test("a model file that is added while the bot runs is offered after /reload, and a choice is kept while it can run", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { anna, ben } = stage;
  const menu = await openMenu(stage, ben);
  assert.ok(buttons(menu).flat().includes("Template: Qwen Image Edit Rapid ▸"));
  await pressUntil(stage, ben, menu, "Template: Qwen Image Edit Rapid ▸", /2509 Lightning/);
  await pressUntil(stage, ben, menu, "Qwen Image Edit 2509 Lightning", "Steps: 4");

  const klein = filesOf(named("flux2_klein_4b"));
  const with21 = filesOf(named("qwen_image_2_1"));
  const join = (...all: readonly ModelFiles[]): ModelFiles => {
    const folders = new Set(all.flatMap((each) => Object.keys(each)));
    return Object.fromEntries([...folders].map((f) => [f, all.flatMap((each) => each[f] ?? [])]));
  };
  stage.comfyui.setModels(join(modelsOf2025, klein, with21));
  anna.sendText("/reload");
  await untilSaid(stage, anna, /./);
  await stage.telegram.until(async () => {
    await ben.press(menu, { data: `s:${ben.id.toString(36)}:templates` });
    const now = stage.telegram.message(menu.chat, menu.message_id);
    return now && buttons(now).flat().includes("Qwen-Image-2.1");
  }, { what: "the new templates are offered" });
  const list = await untilButton(stage, menu, "✓ Qwen Image Edit 2509 Lightning");
  assert.ok(buttons(list).flat().includes("FLUX.2 klein 4B"));
  const annas = await openMenu(stage, anna);
  assert.ok(
    buttons(annas).flat().includes("Шаблон: Qwen-Image-2.1 ▸"),
    "who chose none gets the best",
  );

  // The chosen one is gone: the default takes its place, and the choice comes back with the file.
  stage.comfyui.setModels(klein);
  anna.sendText("/reload");
  await untilTemplate(stage, menu, "FLUX.2 klein 4B");
  stage.comfyui.setModels(join(modelsOf2025, klein));
  anna.sendText("/reload");
  await untilTemplate(stage, menu, "Qwen Image Edit 2509 Lightning");
});

Deno.test("admins are told once that the configured default cannot run, over a restart, and users get the next", async () => {
  await using stage = await openStage({
    config: "workflow: { default_file: flux2_klein_4b }\n",
    telegram: { limits: false },
    start: false,
  });
  const { anna, ben } = stage;
  // Her language is known from her first message on: she is told after that.
  const unheard = stage.comfyui.faults.add({
    kind: "http",
    path: /^\/object_info/,
    answer: "hang",
  });
  anna.sendText("/start");
  stage.start();
  await untilSaid(stage, anna, "Пришлите картинку");
  unheard.remove();
  const notice = await untilSaid(stage, anna, /не может выполнить .* flux2_klein_4b/);
  assert.match(notice.text ?? "", /flux-2-klein-4b-fp8\.safetensors/);
  assert.match(notice.text ?? "", /пользователи получают qwen_image_edit\.$/);
  await ben.sendPhoto(photo, { caption: "make it night" });
  await untilResults(stage, ben);
  assert.equal(ranWith(stage, named("qwen_image_edit").promptText), "make it night");

  await stage.restart();
  await ben.sendPhoto(photo, { caption: "make it winter" });
  await untilResults(stage, ben, 2);
  const told = () =>
    said(stage, anna).filter(({ text }) => text?.includes("flux2_klein_4b")).length;
  assert.equal(told(), 1);
});

Deno.test("a job that came while ComfyUI was away runs with what that turns out to have", async () => {
  const template = named("qwen_image_edit");
  await using stage = await openStage({ start: false, comfyui: { models: filesOf(template) } });
  const { ben } = stage;
  await stage.comfyui.kill();
  stage.start();
  await ben.sendPhoto(photo, { caption: "make it night cfg=2" });
  // It is sent as it is when ComfyUI comes back, which then has to say why it refuses it.
  await until("a try", () => stage.bot.output().includes("Cannot submit, trying again"));
  assert.equal(results(stage, ben).length, 0);
  await stage.comfyui.restart();
  const [result] = await untilResults(stage, ben);
  assert.equal(ranWith(stage, template.promptText), "make it night");
  const value = (param: string) => ranWith(stage, template.params[param]!.targets);
  assert.ok(Number(value("seed")) > 0, `${value("seed")}`);
  // What was given stays; the defaults are those of the template that runs.
  assert.equal(value("cfg"), 2);
  assert.equal(value("steps"), 8);
  assert.match(result?.caption ?? "", /8 steps/);
});

Deno.test("a ComfyUI that can run nothing: one clear sentence, and the picture is edited when a file has come", async () => {
  await using stage = await openStage({ comfyui: { models: {} } });
  const { ben } = stage;
  await ben.sendPhoto(photo, { caption: "make it night" });
  await untilSaid(stage, ben, /not set up|rejected this job|cannot/i);
  const menu = await openMenu(stage, ben);
  stage.comfyui.setModels(modelsOf2025);
  stage.anna.sendText("/reload");
  await untilTemplate(stage, menu, "Qwen Image Edit Rapid");
  await ben.sendPhoto(photo, { caption: "make it night" });
  await untilResults(stage, ben);
});

Deno.test("a LoRA is chosen from a paged list of those that the filter lets through, its strength beside it", async () => {
  const styles = Array.from(
    { length: 20 },
    (_, i) => `style/${"a very long name of a style ".repeat(3)}${i + 10}.safetensors`,
  );
  const loras = [...modelsOf2025["loras"]!, "another/one.safetensors", ...styles];
  await using stage = await openStage({
    start: false,
    config: "workflow: { default_file: mine }\n",
    comfyui: { models: { ...modelsOf2025, loras } },
  });
  const { graph, manifest } = readEmbedded().find(({ name }) => name === "qwen_image_edit_2509")!;
  const [lightning] = modelsOf2025["loras"]!;
  await Deno.mkdir(`${stage.dir}/workflows`);
  await Deno.writeTextFile(`${stage.dir}/workflows/mine.json`, graph);
  await Deno.writeTextFile(
    `${stage.dir}/workflows/mine.yaml`,
    `${manifest}
  lora:
    kind: choice
    targets: 89.lora_name
    options_from: 89.lora_name
    filter: ["*lightning*", "style/*"]
    default: ${lightning}
  lora_strength: { kind: float, targets: 89.strength_model, default: 1, min: 0, max: 2, step: 0.1 }
`,
  );
  stage.start();
  const { ben } = stage;
  const menu = await openMenu(stage, ben);
  const main = buttons(menu).flat();
  const at = main.findIndex((label) => label.startsWith("LoRA: Qwen-Image-Edit-2509"));
  assert.equal(main[at + 2], "LoRA strength: 1.0", main.join(" | "));
  const first = await pressUntil(stage, ben, menu, main[at]!, `✓ ${lightning}`);
  const seen = new Set<string>();
  let page = first;
  for (let number = 1; number <= 3; number++) {
    page = await untilButton(stage, menu, `${number} / 3`);
    for (const label of buttons(page).flat()) {
      if (/safetensors$/.test(label)) seen.add(label.replace("✓ ", ""));
    }
    if (number < 3) await ben.press(menu, "›");
  }
  assert.deepEqual(seen, new Set([lightning, ...styles]));
  const last = styles.at(-1)!;
  await pressUntil(stage, ben, menu, last, /^LoRA: style\/a very long/);
  await ben.press(menu, { data: `s:${ben.id.toString(36)}:set:lora_strength:0.4` });
  await untilButton(stage, menu, "LoRA strength: 0.4");

  await ben.sendPhoto(photo, { caption: "make it night" });
  await untilResults(stage, ben);
  assert.equal(ranWith(stage, [{ node: "89", input: "lora_name" }]), last);
  assert.equal(ranWith(stage, [{ node: "89", input: "strength_model" }]), 0.4);
});
