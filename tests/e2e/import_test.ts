/**
 * An admin sends a workflow to the bot: it becomes a template, is tried with one picture, and is taken back; with kills between the
 * steps. Others' files, and other files, mean what they meant.
 *
 * Drives besides: src/telegram/admin/imports.ts, src/telegram/admin/import_file.ts, src/images/drawing/sample.ts,
 * src/templates/backend_check.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg, PDF } from "../../lab/pictures.ts";
import {
  buttons,
  noDrafts,
  openStage,
  said,
  type Stage,
  type StageOptions,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { png } from "../templates/import/text_png.ts";
import { checkpoint, webEdit } from "../templates/import/web_edit.ts";

const free = {
  telegram: { limits: false, ...noDrafts },
  comfyui: { release: "0.33" },
} satisfies StageOptions;
const photo = await gradientJpeg(160, 120);
const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const sample = "▶ Попробовать на примере";
const picture = "🖼 Попробовать на моей картинке";
const back = "↩ Отменить импорт";

function send(stage: Stage, filename: string, json: unknown = webEdit()) {
  return stage.anna.sendDocument(bytesOf(json), { filename, mime: "application/json" });
}

/** The files in `workflows/`; none where there is no such folder. */
function files(stage: Stage): readonly string[] {
  try {
    return [...Deno.readDirSync(`${stage.dir}/workflows`)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function untilTemplate(stage: Stage, name: string): Promise<Message> {
  return untilSaid(stage, stage.anna, new RegExp(`шаблон ${name}\\.`));
}

/** Has the bot ask for a picture; an older question is none. */
async function askForPicture(stage: Stage, told: Message): Promise<void> {
  const last = Math.max(...stage.telegram.messages(told.chat).map(({ message_id }) => message_id));
  await stage.anna.press(told, picture);
  await stage.telegram.until(
    () =>
      said(stage, stage.anna).some(({ message_id, text }) =>
        message_id > last && text?.startsWith("Пришлите картинку для пробы.")
      ),
    { what: "the question for a picture" },
  );
}

/** The words of the prompts that ComfyUI was given of this workflow. */
function wordsRun({ comfyui }: Stage): readonly unknown[] {
  return comfyui.ran.flatMap(({ graph }) => {
    const node = graph["24:8"];
    return node ? [node.inputs.prompt] : [];
  });
}

Deno.test("a workflow from an admin becomes a template, runs with the sample over a kill, and is taken back", async () => {
  await using stage = await openStage(free);
  send(stage, "Ночная правка.json");
  const told = await untilTemplate(stage, "Nochnaya_pravka");
  assert.match(told.text!, /^📥 Импортировано как шаблон Nochnaya_pravka\./);
  assert.match(told.text!, /Картинок: от 1 до 2\. Параметры: steps, cfg, strength, seed, /);
  assert.match(told.text!, /✓ В ComfyUI есть всё/);
  assert.match(told.text!, /Проверьте:\n.*node 26 \(ImageCompare\)/);
  assert.deepEqual(buttons(told), [[sample], [picture], [back]]);
  assert.deepEqual(files(stage), ["Nochnaya_pravka.json", "Nochnaya_pravka.yaml"]);

  await stage.restart();
  await stage.anna.press(told, sample);
  await untilResults(stage, stage.anna);
  assert.deepEqual(wordsRun(stage), ["Turn the blue sky into a red sunset"]);
  const [{ graph }] = stage.comfyui.ran as [(typeof stage.comfyui.ran)[number]];
  assert.deepEqual(Object.keys(graph).filter((id) => /^2\d$/.test(id)), ["20", "25"]);

  await stage.restart();
  await stage.anna.press(told, back);
  await untilSaid(stage, stage.anna, "Импорт отменён: шаблон удалён.");
  assert.deepEqual(files(stage), []);
  const gone = { data: "i:sample:Nochnaya_pravka" };
  assert.equal((await stage.anna.press(told, gone)).text, "Этого шаблона больше нет.");
});

Deno.test("an imported template is tried with the next picture and its caption, or with the workflow's own words", async () => {
  await using stage = await openStage(free);
  send(stage, "mine.json");
  const told = await untilTemplate(stage, "mine");
  await askForPicture(stage, told);
  await stage.restart();
  await stage.anna.sendPhoto(photo, { caption: "сделай зиму" });
  await untilResults(stage, stage.anna);
  await askForPicture(stage, told);
  await stage.anna.sendPhoto(photo);
  await untilResults(stage, stage.anna, 2);
  assert.deepEqual(wordsRun(stage), ["сделай зиму", "make it night"]);
  // The question is answered: the next picture is an ordinary one.
  await stage.anna.sendPhoto(photo);
  await untilSaid(stage, stage.anna, "Картинка получена.");
  assert.equal(wordsRun(stage).length, 2);
});

Deno.test("a picture with a workflow keeps its meaning, and the bot asks whether to import it", async () => {
  await using stage = await openStage(free);
  const sent = stage.anna.sendDocument(
    png(["tEXt", `workflow\0${JSON.stringify(webEdit())}`]),
    { filename: "night.png", mime: "image/png" },
  );
  await untilSaid(stage, stage.anna, "Картинка получена.");
  const offer = await untilSaid(stage, stage.anna, "В этой картинке есть граф ComfyUI.");
  assert.equal(offer.reply_to_message?.message_id, sent.message_id);
  assert.deepEqual(files(stage), []);
  await stage.restart();
  await stage.anna.press(offer, "📥 Импортировать как шаблон");
  await untilTemplate(stage, "night");
  assert.deepEqual(files(stage), ["night.json", "night.yaml"]);
  stage.anna.sendText("сделай ночь steps=1");
  await untilResults(stage, stage.anna);
  assert.deepEqual(wordsRun(stage), []);

  // Without a workflow, and with words, nothing is asked.
  const before = said(stage, stage.anna).length;
  stage.anna.sendDocument(png(), { filename: "plain.png", mime: "image/png" });
  stage.anna.sendDocument(png(["tEXt", `workflow\0${JSON.stringify(webEdit())}`]), {
    filename: "night.png",
    mime: "image/png",
    caption: "сделай зиму steps=1",
  });
  await untilResults(stage, stage.anna, 2);
  const later = said(stage, stage.anna).slice(before);
  assert.ok(later.every(({ text }) => !text?.includes("граф ComfyUI")));
});

Deno.test("the same workflow is imported once, another one of the same name gets a number", async () => {
  await using stage = await openStage(free);
  send(stage, "mine.json");
  await untilTemplate(stage, "mine");
  send(stage, "mine.json");
  await untilSaid(stage, stage.anna, "Такой граф уже есть, это шаблон mine.");
  send(stage, "mine.json", webEdit(["make it day", 1, checkpoint.name]));
  const second = await untilTemplate(stage, "mine_2");
  // A name of a built-in template is taken too.
  send(stage, "qwen_image_edit.json", webEdit(["make it red", 1, checkpoint.name]));
  await untilTemplate(stage, "qwen_image_edit_2");
  assert.deepEqual(files(stage).filter((file) => file.endsWith(".yaml")), [
    "mine.yaml",
    "mine_2.yaml",
    "qwen_image_edit_2.yaml",
  ]);

  // What its owner has changed since is the owner's.
  await Deno.writeTextFile(`${stage.dir}/workflows/mine_2.yaml`, "\n# mine\n", { append: true });
  await stage.anna.press(second, back);
  await untilSaid(stage, stage.anna, "Его файлы изменились после импорта.");
  assert.ok(files(stage).includes("mine_2.yaml"));
});

Deno.test("what ComfyUI lacks for a workflow is said, and such a template is not tried", async () => {
  await using stage = await openStage(free);
  send(stage, "mine.json", webEdit(["make it night", 1, "nowhere.safetensors"]));
  const told = await untilTemplate(stage, "mine");
  assert.match(told.text!, /⚠ ComfyUI пока не может его запустить:\n.*nowhere\.safetensors/);
  assert.deepEqual(buttons(told), [[back]]);
});

Deno.test("what cannot be imported gets one sentence and leaves no file", async () => {
  await using stage = await openStage(free);
  const one = (node: object) => ({ nodes: [{ id: 1, type: "LoadImage" }, node], links: [] });
  for (
    const [filename, json, words] of [
      ["a.json", { hello: "world" }, /✗ Не импортировано\.\na\.json:1:/],
      ["b.json", one({ id: 2, type: "Nowhere" }), /✗ Не импортировано\..*nothing in it saves/s],
      ["c.json", "{".repeat(9), /✗ Не импортировано\./],
    ] as const
  ) {
    send(stage, filename, json);
    await untilSaid(stage, stage.anna, words);
  }
  stage.anna.sendDocument(new Uint8Array(9 << 20), { filename: "d.json" });
  await untilSaid(stage, stage.anna, "Файл слишком большой: граф может занимать не больше 8 МБ.");
  assert.deepEqual(files(stage), []);
  // A file stands where the folder should be: nobody can write there.
  await Deno.writeTextFile(`${stage.dir}/workflows`, "");
  send(stage, "e.json");
  await untilSaid(stage, stage.anna, /✗ Не могу записать в папку .*workflows \(/);
});

Deno.test("files of others, in groups, and of other kinds mean what they meant", async () => {
  await using stage = await openStage(free);
  stage.ben.sendDocument(bytesOf(webEdit()), {
    filename: "mine.json",
    mime: "application/json",
  });
  const refusal = await untilSaid(stage, stage.ben, "I can only edit pictures");
  const withWorkflow = png(["tEXt", `workflow\0${JSON.stringify(webEdit())}`]);
  stage.ben.sendDocument(withWorkflow, { filename: "a.png", mime: "image/png" });
  await untilSaid(stage, stage.ben, /What should I/);
  for (const data of ["i:file", "i:sample:mine", "i:back:mine:00000000"]) {
    const { text, show_alert } = await stage.ben.press(refusal, { data });
    assert.deepEqual([text, show_alert], ["Only admins can do that.", true], data);
  }
  for (const data of ["i:back:mine:xyz", "i:sample:a/b", "i:explode:mine"]) {
    assert.match(
      (await stage.ben.press(refusal, { data })).text!,
      /out of date/,
    );
  }
  stage.anna.sendDocument(PDF, { filename: "a.pdf", mime: "application/pdf" });
  await untilSaid(stage, stage.anna, "Я меняю только картинки");
  const group = stage.telegram.group({ id: -1_001_77, title: "Club", members: [stage.anna] });
  stage.anna.sendDocument(bytesOf(webEdit()), {
    filename: "mine.json",
    mime: "application/json",
    chat: group,
    caption: `@${stage.telegram.bot.username}`,
  });
  await until(
    "an answer in the group",
    () =>
      [...stage.telegram.messages(group), ...stage.telegram.ephemeral(group, stage.anna)]
        .some(({ text }) => text?.includes("Я меняю только картинки")),
  );
  assert.deepEqual(files(stage), []);
});
