/** Seeds as users meet them: none in a template, and some that no JavaScript number holds. */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { buttons, openStage, said, type Stage, untilResults } from "../../lab/stage.ts";
import { untilButton } from "./menus.ts";
import { readEmbedded } from "../../src/templates/loader.ts";

const photo = await gradientJpeg(160, 120);

/** A stage whose template is a shipped one without the parameter that chance begins with. */
async function openSeedlessStage(): Promise<Stage> {
  const { graph, manifest } = readEmbedded().find(({ name }) => name === "qwen_image_edit_core")!;
  const stage = await openStage({
    telegram: { limits: false },
    config: "workflow: { default_file: workflows/still.json }\n",
    start: false,
  });
  await Deno.mkdir(`${stage.dir}/workflows`);
  await Deno.writeTextFile(`${stage.dir}/workflows/still.json`, graph);
  const seedless = manifest.replace(/^ {2}seed:\n(?: {4}.*\n)+/m, "");
  assert.notEqual(seedless, manifest);
  await Deno.writeTextFile(`${stage.dir}/workflows/still.yaml`, seedless);
  stage.start();
  return stage;
}

Deno.test("a template without a seed has no Again under its results, and an old button says why", async () => {
  await using stage = await openSeedlessStage();
  await stage.ben.sendPhoto(photo, { caption: "make it night" });
  const [result] = await untilResults(stage, stage.ben);
  assert.ok(result);
  await stage.telegram.until(() => said(stage, stage.ben).length === 1, { what: "it is settled" });
  assert.deepEqual(buttons(result)[0], ["✏️ Edit further", "⚙️ Parameters"]);
  assert.ok(!buttons(result).flat().includes("🔁 Again"));
  await stage.ben.press(result, "✨ More ›");
  const page = await untilButton(stage, result, "‹ Back");
  assert.ok(!buttons(page).flat().some((label) => label.startsWith("🎲")));
  const further = result.reply_markup?.inline_keyboard[0]?.[0];
  assert.ok(further && "callback_data" in further);
  const data = further.callback_data.replace("further", "again");
  const answer = await stage.ben.press(result, { data });
  assert.match(answer.text ?? "", /^This template has no seed/);
  assert.equal(stage.comfyui.ran.length, 1);
});

Deno.test("a seed of 63 bits is taken from the words, shown and copied to its last digit", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const seed = "9223372036854775807";
  await stage.ben.sendPhoto(photo, { caption: `make it night steps=1 seed=${seed}` });
  const [result] = await untilResults(stage, stage.ben);
  assert.match(result?.caption ?? "", new RegExp(`seed ${seed} · 1 step`));
  await stage.ben.press(result!, "✨ More ›");
  const page = await untilButton(stage, result!, "‹ Back");
  const copy = page.reply_markup?.inline_keyboard.flat().find((button) => "copy_text" in button);
  assert.ok(copy && "copy_text" in copy);
  assert.equal(copy.copy_text.text, seed);
  assert.equal(copy.text, `🎲 ${seed}`);
});
