/**
 * The owner edits files while the bot works: what is good is in force for the next job, what is bad is told and changes nothing.
 *
 * Drives besides: src/telegram/admin/reload.ts, src/monitoring/told_problems.ts.
 */
import assert from "node:assert/strict";
import { replaceFile } from "../../lab/files.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  holdRun,
  openStage,
  results,
  said,
  type Stage,
  type StageOptions,
  startQuickComfyUI,
  untilReply,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { readEmbedded } from "../../src/templates/loader.ts";
import { startAuthProxy } from "../comfyui/auth_proxy.ts";

const photo = await gradientJpeg(160, 120);
const free = { telegram: { limits: false } } satisfies StageOptions;
const access = "access: { mode: open }\n";

/** A stage whose admin can be written to, and whose bot has taken its first job to the end: it watches its files by then. */
async function openBusyStage(options: StageOptions = {}): Promise<Stage> {
  const stage = await openStage({ ...free, ...options });
  await openChat(stage);
  await stage.ben.sendPhoto(photo, { caption: "first steps=1" });
  await untilResults(stage, stage.ben);
  return stage;
}

/** No bot can begin a conversation. */
async function openChat(stage: Stage): Promise<void> {
  stage.anna.sendText("/start");
  await untilSaid(stage, stage.anna, "Пришлите картинку");
}

function write(stage: Stage, file: string, text: string): Promise<void> {
  return replaceFile(`${stage.dir}/${file}`, text);
}

/** Waits for a line in the log. */
function untilLogged(stage: Stage, words: string | RegExp, count = 1): Promise<boolean> {
  return until(
    `${words} in the log`,
    () => stage.bot.output().split("\n").filter((line) => line.match(words)).length >= count,
  );
}

/** The steps of each prompt that ComfyUI was given, in order. */
function stepsRun({ comfyui }: Stage): unknown[] {
  return comfyui.ran.map(({ graph }) => graph["115"]!.inputs.value);
}

Deno.test("ComfyUI is asked once what it has when the files are as they were at the start", async () => {
  await using comfyui = await startQuickComfyUI();
  await using proxy = startAuthProxy({ to: comfyui.url, path: "", headers: {} });
  const { hostname, port } = new URL(proxy.url);
  await using stage = await openStage({ env: { COMFYUI_HOST: hostname, COMFYUI_PORT: port } });
  // By then its files were looked at again.
  await until("the first backup", () => stage.bot.output().includes("Backed up the state"));
  const asked = proxy.passed.filter((request) => request.startsWith("GET /object_info"));
  assert.ok(asked.length > 0);
  assert.deepEqual(asked.toSorted(), [...new Set(asked)].sort());
});

Deno.test("a new default is in force for the next job, and the running one keeps its own", async () => {
  await using stage = await openBusyStage();
  using hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "slow" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 2, { what: "it runs" });
  await write(stage, "config.yaml", `${access}workflow: { defaults: { steps: 3 } }\n`);
  await untilLogged(stage, "Reloaded, for the next job: workflow.defaults.steps");
  assert.equal(stage.comfyui.ran[1]?.outcome, "running");
  hold.remove();
  await stage.ben.sendPhoto(photo, { caption: "quick" });
  const captions = (await untilResults(stage, stage.ben, 3)).map(({ caption }) => caption);
  assert.deepEqual(stepsRun(stage), [1, 8, 3]);
  assert.match(captions[1]!, /^slow\n\nseed \d+ · 8 steps/);
  assert.match(captions[2]!, /^quick\n\nseed \d+ · 3 steps/);
});

Deno.test("a broken config.yaml is told to the admins once, with its place, and the old one stays", async () => {
  await using stage = await openBusyStage({ config: "workflow: { defaults: { steps: 2 } }\n" });
  const bad = `${access}workflow:\n  defaults:\n    steps: many\n`;
  await write(stage, "config.yaml", bad);
  const told = await untilSaid(stage, stage.anna, "Не применено; действуют прежние настройки:");
  assert.match(told.text!, /config\.yaml:4:12: Cannot use workflow\.defaults\.steps: "many" /);
  await untilLogged(stage, /ERROR .*config\.yaml:4:12/);
  await write(stage, "config.yaml", `${bad}queue: { max_size: 5 }\n`);
  await stage.ben.sendPhoto(photo, { caption: "still two" });
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(stepsRun(stage), [1, 2]);

  await write(stage, "config.yaml", bad.replace("many", "4"));
  await untilSaid(stage, stage.anna, "Действует со следующей задачи:\nworkflow.defaults.steps");
  const refusals = said(stage, stage.anna).filter(({ text }) => text?.includes("Не применено"));
  assert.equal(refusals.length, 1);
  await stage.ben.sendPhoto(photo, { caption: "now four" });
  await untilResults(stage, stage.ben, 3);
  assert.deepEqual(stepsRun(stage), [1, 2, 4]);
});

/** The seed's template under another name, with other steps. */
const seed = readEmbedded().find(({ name }) => name === "qwen_image_edit");
const mine = {
  graph: seed!.graph,
  manifest: seed!.manifest.replaceAll("Qwen Image Edit Rapid", "Fresh")
    .replace("default: 8", "default: 5"),
};

Deno.test("a template that is dropped into the folder is in the menu, and gone when it is removed", async () => {
  await using stage = await openBusyStage();
  await Deno.mkdir(`${stage.dir}/workflows`);
  await write(stage, "workflows/fresh.json", mine.graph);
  await write(stage, "workflows/fresh.yaml", mine.manifest);
  await untilLogged(stage, /Reloaded, for the next job: .*\+workflows\/fresh/);
  const owner = stage.ben.id.toString(36);
  stage.ben.sendText("/settings");
  const menu = await untilSaid(stage, stage.ben, "Settings for your next");
  await stage.ben.press(menu, "Template: Qwen Image Edit Rapid ▸");
  const list = await stage.telegram.until(() => {
    const shown = stage.telegram.message(menu.chat, menu.message_id)!;
    return buttons(shown).flat().some((label) => label.includes("Fresh")) && shown;
  }, { what: "Fresh among the templates" });
  await stage.ben.press(list, { data: `s:${owner}:use:fresh` });
  await stage.ben.sendPhoto(photo, { caption: "with the fresh one" });
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(stepsRun(stage), [1, 5]);

  await write(stage, "workflows/fresh.yaml", "title: [\n");
  const told = await untilSaid(stage, stage.anna, "workflows/fresh.yaml:");
  assert.match(told.text!, /Не применено.*\n.*fresh\.yaml:\d+:\d+: Cannot read the YAML/);
  await stage.ben.sendPhoto(photo, { caption: "the last good one stays" });
  await untilResults(stage, stage.ben, 3);

  await Deno.remove(`${stage.dir}/workflows`, { recursive: true });
  await untilLogged(stage, /Reloaded, for the next job: .*-workflows\/fresh/);
  await stage.ben.sendPhoto(photo, { caption: "as configured" });
  await untilResults(stage, stage.ben, 4);
  assert.deepEqual(stepsRun(stage), [1, 5, 5, 8]);
});

Deno.test("a job whose template is gone when its turn comes fails with a sentence that says so", async () => {
  await using stage = await openStage({ ...free, start: false });
  using hold = holdRun(stage);
  await Deno.mkdir(`${stage.dir}/workflows`);
  await write(stage, "workflows/fresh.json", mine.graph);
  await write(stage, "workflows/fresh.yaml", mine.manifest);
  await write(
    stage,
    "config.yaml",
    `${access}comfyui: { depth: 1 }\nworkflow: { default_file: fresh }\n`,
  );
  stage.start();
  await openChat(stage);
  await stage.ben.sendPhoto(photo, { caption: "runs steps=2" });
  await untilShown(stage, stage.ben, /^🎨 Starting/);
  await untilReply(stage, await stage.ben.sendPhoto(photo, { caption: "waits steps=2" }));
  await Deno.remove(`${stage.dir}/workflows`, { recursive: true });
  await untilSaid(stage, stage.anna, 'workflow.default_file: There is no template "fresh"');
  hold.remove();
  await untilSaid(stage, stage.ben, "The owner has removed this job's template.");
  const [result] = await untilResults(stage, stage.ben);
  assert.match(result?.caption ?? "", /^runs/);
});

Deno.test("a template that wants what ComfyUI does not have is taken, and the admins are told", async () => {
  await using stage = await openBusyStage();
  await Deno.mkdir(`${stage.dir}/workflows`);
  await write(stage, "workflows/odd.json", mine.graph.replaceAll('"VAEDecode"', '"NoSuchNode"'));
  await write(stage, "workflows/odd.yaml", mine.manifest);
  const told = await untilSaid(stage, stage.anna, "В ComfyUI не хватает");
  assert.match(told.text!, /odd: Node 8 is a "NoSuchNode", which this ComfyUI does not know/);
  assert.doesNotMatch(told.text!, /qwen_image_edit/);
});

Deno.test("/reload and SIGHUP read a change that the watcher missed; only admins have it", async () => {
  await using stage = await openStage({ ...free, start: false });
  const config = `${stage.dir}/config.yaml`;
  const target = `${stage.dir}/elsewhere/config.yaml`; // behind a link, where changes are not noticed
  await Deno.mkdir(`${stage.dir}/elsewhere`);
  await Deno.copyFile(config, target); // a file that was moved may still be noticed in its old folder
  await Deno.remove(config);
  await Deno.symlink(target, config);
  stage.start();
  await stage.ben.sendPhoto(photo, { caption: "first steps=1" });
  await untilResults(stage, stage.ben);
  stage.ben.sendText("/reload");
  await untilSaid(stage, stage.ben, "I don't know this command.");
  stage.anna.sendText("/reload");
  await untilSaid(stage, stage.anna, "Ничего не изменилось.");

  await Deno.writeTextFile(
    target,
    `${access}image: { max_size_mb: 5 }\nlogging: { level: DEBUG }\ncomfyui: { poll_seconds: 1 }\n`,
  );
  stage.anna.sendText("/reload");
  const applied = await untilSaid(stage, stage.anna, "Действует со следующей задачи");
  assert.equal(
    applied.text,
    "✓ Действует со следующей задачи:\nimage.max_size_mb\nlogging.level\n\n" +
      "↻ Вступит в силу только после перезапуска:\ncomfyui.poll_seconds",
  );
  await Deno.writeTextFile(target, `${access}queue: { max_size: none }\n`);
  stage.anna.sendText("/reload");
  await untilSaid(stage, stage.anna, /^✗ Не применено; .*\nconfig\.yaml:2:20: Cannot use queue/);

  await Deno.writeTextFile(target, `${access}workflow: { defaults: { steps: 3 } }\n`);
  stage.bot.kill("SIGHUP");
  await untilLogged(stage, /Reloaded, for the next job: .*workflow\.defaults\.steps/);
  await stage.ben.sendPhoto(photo, { caption: "three" });
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(stepsRun(stage), [1, 3]);
});

Deno.test("no job is lost while the files change under load", async () => {
  await using stage = await openBusyStage({ comfyui: { stepMs: 5 } });
  const jobs = 10;
  const versions = Array.from({ length: 8 }, (_, i) => `queue: { max_size: ${50 + i} }\n`);
  const editing = (async () => {
    for (const [i, text] of versions.entries()) {
      await write(stage, "config.yaml", access + text);
      await untilLogged(stage, "Reloaded, for the next job: queue.max_size", i + 1);
      await write(stage, "config.yaml", `${access}${text}nonsense: ${i}\n`);
      await untilLogged(stage, /ERROR .*unknown key/, i + 1);
    }
  })();
  for (let i = 0; i < jobs; i++) {
    await stage.ben.sendPhoto(photo, { caption: `job ${i}` });
  }
  await Promise.all([editing, untilResults(stage, stage.ben, jobs + 1)]);
  const words = results(stage, stage.ben).map(({ caption }) => caption?.split("\n")[0]);
  assert.equal(new Set(words).size, jobs + 1);
  assert.equal(words.length, jobs + 1);
});

Deno.test("a template that nothing completes is refused before a job is taken, in the user's words, until it is mended", async () => {
  await using stage = await openBusyStage();
  const { graph: shipped, manifest } = readEmbedded().find(({ name }) =>
    name === "qwen_image_edit"
  )!;
  // No other one can run in its place.
  stage.comfyui.setModels({ checkpoints: ["mine.safetensors"] });
  const graph = shipped.replace("Qwen-Rapid-AIO-NSFW-v11.4.safetensors", "mine.safetensors");
  await Deno.mkdir(`${stage.dir}/workflows`);
  await write(stage, "workflows/mine.yaml", manifest);
  await write(stage, "workflows/mine.json", graph.replace(/"upscale_method": "lanczos",/, ""));
  await write(stage, "config.yaml", `${access}workflow: { default_file: mine }\n`);
  await untilLogged(stage, /Reloaded.*workflow\.default_file/);
  await untilLogged(stage, /mine: Node 93 .*needs the input "upscale_method"/);
  await untilLogged(stage, /ComfyUI can run none of them/); // it has been asked since its models went
  await stage.ben.sendPhoto(photo, { caption: "one steps=2" });
  const told = await untilSaid(stage, stage.ben, "cannot run the template mine");
  assert.match(told.text!, /node 93 \(ImageScaleToTotalPixels\) needs the input “upscale_method”/);
  assert.equal(stage.comfyui.ran.length, 1);

  await write(stage, "workflows/mine.json", graph);
  await untilLogged(stage, "Reloaded, for the next job: workflows/mine");
  await stage.ben.sendText("one steps=2"); // its picture was kept
  await untilResults(stage, stage.ben, 2);
  assert.deepEqual(stepsRun(stage), [1, 2]);
});

for (
  const [what, files, expected] of [
    [
      "a graph that is no JSON",
      { [`${seed!.name}.json`]: seed!.graph.slice(0, -20) },
      new RegExp(
        `${seed!.name}\\.json:[^]*Вместо них работают встроенные шаблоны: ${seed!.name}\\.$`,
      ),
    ],
    [
      "a manifest that names a node that is not there",
      {
        [`${seed!.name}.yaml`]: seed!.manifest.replace(/^output: \d+/m, "output: 4711"),
      },
      new RegExp(`${seed!.name}\\.yaml:[^]*встроенные шаблоны: ${seed!.name}\\.$`),
    ],
    [
      "a template of the owner's own",
      { "own.json": mine.graph, "own.yaml": "title: [\n" },
      /own\.yaml:(?![^]*встроенные)/,
    ],
  ] as const
) {
  Deno.test(`${what} is told to the admins at the start, once over restarts`, async () => {
    await using stage = await openStage(free);
    await openChat(stage);
    await stage.stop();
    await Deno.mkdir(`${stage.dir}/workflows`);
    for (const [file, text] of Object.entries(files)) {
      await write(stage, `workflows/${file}`, text);
    }
    const told = () =>
      said(stage, stage.anna).filter(({ text }) => text?.startsWith("✗ Эти файлы шаблонов"));
    const untilTold = (count: number) =>
      stage.telegram.until(() => told().length === count, { what: `told ${count} times` });
    stage.start();
    await untilTold(1);
    assert.match(told()[0]?.text ?? "", expected);
    for (const count of [1, 2]) {
      await stage.ben.sendPhoto(photo, { caption: "night steps=1" });
      await untilResults(stage, stage.ben, count);
      assert.equal(told().length, 1, "a restart is no news");
      if (count === 1) await stage.restart();
    }

    // Mended, then broken again: that is news.
    await stage.stop();
    for (const file of Object.keys(files)) await Deno.remove(`${stage.dir}/workflows/${file}`);
    stage.start();
    await stage.ben.sendPhoto(photo, { caption: "day steps=1" });
    await untilResults(stage, stage.ben, 3);
    await stage.stop();
    for (const [file, text] of Object.entries(files)) {
      await write(stage, `workflows/${file}`, text);
    }
    stage.start();
    await untilTold(2);
  });
}
