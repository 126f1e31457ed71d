/**
 * The main job, whole: a picture and words in, the edited picture out.
 *
 * Drives besides: src/app.ts, src/telegram/bot.ts, src/telegram/intake/intake.ts,
 * src/telegram/intake/job_request.ts, src/telegram/intake/fetch_pictures.ts, src/telegram/api/download.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { releases } from "../../lab/comfyui/mod.ts";
import { gradientJpeg, gradientPng } from "../../lab/pictures.ts";
import {
  buttons,
  filesIn,
  holdRun,
  noDrafts,
  openStage,
  results,
  said,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";

const photo = await gradientJpeg(320, 240);

for (const release of releases) {
  Deno.test(`a photo with a caption comes back edited when nothing else is said, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ comfyui: { release } });
    const request = await stage.anna.sendPhoto(photo, { caption: "сделай ночь steps=3 seed=42" });
    const [result] = await untilResults(stage, stage.anna);
    assert.equal(result?.reply_to_message?.message_id, request.message_id);
    assert.match(result.caption ?? "", /^сделай ночь\n\nсид 42 · 3 шага · \d+ с$/);
    assert.ok(result.photo);
    await stage.telegram.until(
      () => said(stage, stage.anna).length === 1 && filesIn(stage, "input").length === 0,
      { what: "only the result is left: no status message, no source picture" },
    );
  });
}

for (const release of releases) {
  Deno.test(`the seed's own graph is sent, with every parameter in place, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ comfyui: { release } });
    const parameters = "steps=3 cfg=2.5 sampler=exponential/res_2s scheduler=beta57 seed=7 " +
      'strength=0.25 eta=0.3 denoise=0.8 neg="blurry, old"';
    await stage.ben.sendPhoto(photo, { caption: `pink sky ${parameters}` });
    await untilResults(stage, stage.ben);
    const graph = stage.comfyui.ran[0]!.graph;
    assert.deepEqual(
      Object.keys(graph).sort(),
      ["102", "115", "117", "118", "119", "121", "77", "78", "8", "88", "93"],
    );
    const { steps, sampler_name, scheduler, cfg, eta, denoise, seed } = graph["121"]!.inputs;
    assert.deepEqual({ steps, sampler_name, scheduler, cfg, eta, denoise, seed }, {
      steps: ["115", 0],
      sampler_name: "exponential/res_2s",
      scheduler: "beta57",
      cfg: 2.5,
      eta: 0.3,
      denoise: 0.4,
      seed: ["117", 0],
    });
    assert.equal(graph["115"]!.inputs.value, 3);
    assert.equal(graph["117"]!.inputs.value, 7);
    assert.equal(graph["119"]!.inputs.prompt, "pink sky");
    assert.equal(graph["77"]!.inputs.prompt, "blurry, old");
  });
}

Deno.test("a photo alone is asked about, and the next words start it, over a kill in between", async () => {
  await using stage = await openStage();
  await stage.ben.sendPhoto(photo);
  await untilSaid(stage, stage.ben, "What should I change?");
  await stage.restart();
  stage.ben.sendText("make it winter");
  const [result] = await untilResults(stage, stage.ben);
  assert.match(result?.caption ?? "", /^make it winter\n\nseed \d+ · 8 steps · \d+ s$/);
});

for (const release of releases) {
  Deno.test(`a file comes back as a file, without the graph in it, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ comfyui: { release, scale: true } });
    stage.ben.sendDocument(gradientPng(64, 48), { filename: "a.png", caption: "colder" });
    const [result] = await untilResults(stage, stage.ben);
    assert.equal(result?.document?.mime_type, "image/png");
    const bytes = await stage.telegram.file(result.document.file_id);
    assert.ok(!new TextDecoder("latin1").decode(bytes).includes("tEXt"), "no text chunk is left");
  });
}

Deno.test("a reply to any picture with words edits that picture", async () => {
  await using stage = await openStage();
  const forwarded = await stage.anna.sendPhoto(photo);
  await untilSaid(stage, stage.anna, "Что изменить?");
  stage.anna.sendText("/cancel");
  await untilSaid(stage, stage.anna, "Черновик удалён.");
  const request = stage.anna.sendText("зима", { replyTo: forwarded });
  const [result] = await untilResults(stage, stage.anna);
  assert.equal(result?.reply_to_message?.message_id, request.message_id);
});

for (const release of releases) {
  Deno.test(`an album whose caption names its pictures is one edit of all, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ comfyui: { release } });
    await stage.ben.sendAlbum([{ photo }, { photo, caption: "put Picture 1 beside Picture 2" }]);
    await untilResults(stage, stage.ben);
    const graph = stage.comfyui.ran[0]!.graph;
    assert.deepEqual(graph["119"]!.inputs.image2, ["79", 0]);
    assert.equal(graph["119"]!.inputs.image3, undefined);
    assert.equal(stage.comfyui.ran.length, 1);
  });
}

Deno.test("/new walks through it", async () => {
  await using stage = await openStage();
  stage.anna.sendText("/new");
  await untilSaid(stage, stage.anna, "Пришлите картинку, которую нужно изменить");
  await stage.anna.sendPhoto(photo);
  const first = await untilSaid(
    stage,
    stage.anna,
    "Картинка 1 получена. Пришлите ещё (всего до 3)",
  );
  await stage.anna.sendPhoto(photo);
  await untilSaid(stage, stage.anna, "Картинка 2 получена.");
  await stage.anna.press(first, "✓ Готово");
  await untilSaid(stage, stage.anna, "Получено: 2 картинки, от Picture 1 до Picture 2.");
  stage.anna.sendText("сделай зиму");
  await untilResults(stage, stage.anna);
  assert.ok(stage.comfyui.ran[0]?.graph["79"], "the graph has both pictures");
});

Deno.test("/start and /help answer in the user's language", async () => {
  await using stage = await openStage();
  stage.anna.sendText("/start");
  stage.ben.sendText("/help");
  await untilSaid(stage, stage.anna, "Пришлите картинку и напишите");
  const help = await untilSaid(stage, stage.ben, "steps, cfg, strength");
  for (const command of stage.telegram.commands(stage.ben)) {
    assert.ok(help.text?.includes(`/${command.command} — ${command.description}`), command.command);
  }
  await stage.telegram.until(
    () => /Что умеет бот/.test(stage.telegram.commands(stage.anna)[0]?.description ?? ""),
    { what: "the menu in Russian" },
  );
});

Deno.test("the status message shows the place, then the bar, and moves up while others end", async () => {
  await using stage = await openStage({ telegram: noDrafts });
  using first = holdRun(stage, { words: "one" });
  using third = holdRun(stage, { words: "three" });
  using mine = holdRun(stage, { words: "моё", afterStep: 10 });
  const send = async (person: Person, caption: string) =>
    await untilReply(stage, await person.sendPhoto(photo, { caption }));
  const untilIt = ({ chat, message_id }: Message, words: RegExp) =>
    stage.telegram.until(
      () => words.test(stage.telegram.message(chat, message_id)?.text ?? ""),
      { what: `the status message says ${words}` },
    );
  await send(stage.ben, "one");
  const bens = [await send(stage.ben, "two"), await send(stage.ben, "three")];
  const annas = await send(stage.anna, "моё steps=20");
  await untilIt(bens[0]!, /^⏳ You are next/);
  await untilIt(bens[1]!, /^⏳ In the queue: number 2/);
  await untilIt(annas, /^⏳ В очереди: 3-е место/);
  first.remove();
  await untilIt(annas, /^⏳ Вы следующие/);
  third.remove();
  await untilIt(annas, /^🎨 ▓▓▓▓▓░░░░░ 5\d %\nШаг 10 из 20/);
  mine.remove();
  await untilResults(stage, stage.anna);
});

for (const release of releases) {
  Deno.test(`/status lists my jobs, and both ways to cancel stop exactly mine, ComfyUI ${release}`, async () => {
    await using stage = await openStage({ telegram: noDrafts, comfyui: { release } });
    using _hold = holdRun(stage);
    const first = await stage.ben.sendPhoto(photo, { caption: "first" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "the first runs" });
    const second = await stage.anna.sendPhoto(photo, { caption: "вторая" });
    const third = await stage.anna.sendPhoto(photo, { caption: "третья" });
    const status = await untilReply(stage, third);
    await untilReply(stage, second);
    stage.anna.sendText("/status");
    await untilSaid(stage, stage.anna, /У вас 2 задачи:[^]*«третья»: \d-е место в очереди/);

    const annas = status.reply_markup?.inline_keyboard[0]?.[0];
    assert.ok(annas && "callback_data" in annas);
    const forged = { data: annas.callback_data };
    const stranger = await stage.ben.press(await untilReply(stage, first), forged);
    assert.equal(stranger.text, "This is another user's job.");
    await stage.anna.press(status, "✖ Отменить");
    await stage.telegram.until(
      () => stage.telegram.message(status.chat, status.message_id)?.text === "✖ Отменено.",
      { what: "the waiting job is cancelled" },
    );
    const none = { data: annas.callback_data.replace("x:", "r:again:") };
    assert.equal((await stage.anna.press(status, none)).text, "Эта кнопка устарела.");
    const late = await stage.anna.press(status, { data: "x:nosuchjob" });
    assert.equal(late.text, "Эта кнопка устарела.");

    stage.ben.sendText("/cancel");
    await untilSaid(stage, stage.ben, "Cancelled: 1 job.");
    await stage.comfyui.until(() => stage.comfyui.ran[0]?.outcome === "interrupted", {
      what: "the running job is interrupted",
    });
    await untilResults(stage, stage.anna);
    assert.equal(results(stage, stage.ben).length, 0);
  });
}

Deno.test("/cancel asks which one when several jobs are mine", async () => {
  await using stage = await openStage({ telegram: noDrafts });
  using _hold = holdRun(stage);
  for (const caption of ["one", "two", "three"]) {
    await untilReply(stage, await stage.ben.sendPhoto(photo, { caption }));
  }
  stage.ben.sendText("/cancel");
  const menu = await untilSaid(stage, stage.ben, "What should I cancel?");
  assert.deepEqual(buttons(menu), [["✖ one"], ["✖ two"], ["✖ three"], ["All of them"]]);
  await stage.ben.press(menu, "All of them");
  await stage.telegram.until(
    () => said(stage, stage.ben).filter(({ text }) => text === "✖ Cancelled.").length === 3,
    { what: "all three are cancelled" },
  );
});
