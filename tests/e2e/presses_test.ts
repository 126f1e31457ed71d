/**
 * Presses among messages: each is done when its turn comes, once, with what it was pressed on, and answered when it is done.
 *
 * Drives besides: src/telegram/line.ts, src/telegram/intake/preset_actions.ts, src/telegram/intake/drafts.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  holdRun,
  isCancellable,
  openStage,
  results,
  said,
  type Stage,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { dataOf } from "./menus.ts";

const limits = {
  telegram: { limits: false },
  // What a run has loaded is looked at there.
  config: "storage: { keep_in_comfyui: true }\n",
} as const;
const [first, second, third] = await Promise.all([
  gradientJpeg(160, 120),
  gradientJpeg(128, 96),
  gradientJpeg(96, 64),
]);

/** The bytes of the pictures that the run with these words has loaded. */
function inputsOf(stage: Stage, words: string): readonly Uint8Array[] {
  const run = stage.comfyui.ran.find(({ graph }) => JSON.stringify(graph).includes(words));
  assert.ok(run, `no run with ${words}`);
  return Object.values(run.graph).flatMap(({ inputs }) => {
    const bytes = typeof inputs.image === "string" &&
      stage.comfyui.file("input", "", inputs.image);
    return bytes ? [bytes] : [];
  });
}

/** The picture that the run with these words has saved. */
function outputOf(stage: Stage, words: string): Uint8Array {
  const run = stage.comfyui.ran.find(({ graph }) => JSON.stringify(graph).includes(words));
  const name = String(run?.graph["102"]?.inputs.filename);
  const bytes = stage.comfyui.file("output", "", `${name}.png`);
  assert.ok(bytes, `no ${name}`);
  return bytes;
}

/** The questions about pictures that stand in Ben's chat, the newest last. */
function questions(stage: Stage): readonly Message[] {
  return said(stage, stage.ben).filter(({ text }) => /^Got /.test(text ?? ""));
}

/** Sends a picture without words and waits for the question about it. */
async function ask(stage: Stage, photo: Uint8Array): Promise<Message> {
  const { message_id } = await stage.ben.sendPhoto(photo);
  return await stage.telegram.until(
    () => questions(stage).find((question) => question.message_id > message_id),
    { what: "a question" },
  );
}

/** A result whose buttons work. */
async function resultOf(stage: Stage, caption: string): Promise<Message> {
  const before = results(stage, stage.ben).length;
  await stage.ben.sendPhoto(first, { caption });
  const result = (await untilResults(stage, stage.ben, before + 1)).at(-1)!;
  await stage.telegram.until(() => said(stage, stage.ben).length === before + 1, {
    what: "the job is settled",
  });
  return result;
}

const clearing = "Remove the background";

for (const order of ["picture, press", "press, picture", "press, picture, kill"] as const) {
  Deno.test(`an idea edits the picture that it was asked about, while another comes: ${order}`, async () => {
    await using stage = await openStage(limits);
    const { ben, telegram } = stage;
    const question = await ask(stage, first);
    const idea = dataOf(question, /background/);
    telegram.faults.add({ method: "file", kind: "hang", ms: 700, times: 1 });
    let pressing;
    if (order === "picture, press") await ben.sendPhoto(second);
    else pressing = ben.press(question, idea);
    if (order !== "picture, press") await ben.sendPhoto(second);
    else pressing = ben.press(question, idea);
    if (order === "press, picture, kill") await stage.restart();
    await untilResults(stage, ben);
    assert.deepEqual(inputsOf(stage, clearing), [first]);
    // A question may come twice over a kill, a job never.
    await telegram.until(
      () => questions(stage).some(({ message_id }) => message_id > question.message_id),
      { what: "the other's question" },
    );
    ben.sendText("a blue sky steps=1");
    await untilResults(stage, ben, 2);
    assert.deepEqual(inputsOf(stage, "a blue sky"), [second]);
    await pressing;
    assert.equal(stage.comfyui.ran.length, 2);
  });
}

Deno.test("of several pictures each question edits its own, in any order, and words the last one", async () => {
  await using stage = await openStage(limits);
  const { ben } = stage;
  const asked = [
    await ask(stage, first),
    await ask(stage, second),
    await ask(stage, third),
  ];
  await ben.press(asked[1]!, dataOf(asked[1]!, /portrait/));
  await untilResults(stage, ben);
  ben.sendText("a blue sky steps=1");
  await untilResults(stage, ben, 2);
  await stage.restart();
  await ben.press(asked[0]!, dataOf(asked[0]!, /background/));
  await untilResults(stage, ben, 3);
  assert.deepEqual(inputsOf(stage, clearing), [first]);
  assert.deepEqual(inputsOf(stage, "portrait"), [second]);
  assert.deepEqual(inputsOf(stage, "a blue sky"), [third]);
  // Whose picture has its job asks no more.
  const data = dataOf(asked[2]!, /background/);
  assert.equal((await ben.press(asked[2]!, data)).text, "This button is out of date.");
  assert.equal(stage.comfyui.ran.length, 3);
});

for (const what of ["an idea", "an idea of one's own", "Again", "Start"] as const) {
  Deno.test(`two taps on ${what} make one job and one status message, over a kill`, async () => {
    await using stage = await openStage({ telegram: { limits: false, knows: { drafts: false } } });
    const { ben, telegram } = stage;
    const result = await resultOf(stage, "one steps=1");
    await ben.press(result, dataOf(result, /idea/));
    let at = result;
    let button = dataOf(result, /Again/);
    if (what === "Start") {
      await ben.press(result, dataOf(result, /Parameters/));
      at = await untilSaid(stage, ben, "Run again with");
      button = dataOf(at, /Start/);
    } else if (what !== "Again") {
      at = await ask(stage, second);
      button = dataOf(at, what === "an idea" ? /background/ : /⭐ one/);
    }
    using hold = holdRun(stage);
    const taps = [ben.press(at, button), ben.press(at, button)];
    const statuses = () => said(stage, ben).filter(isCancellable);
    await telegram.until(() => statuses().length > 0, { what: "a status message" });
    await Promise.all(taps);
    await stage.restart();
    const late = await ben.press(at, button);
    assert.match(late.text ?? "", /Already in progress/);
    assert.equal(statuses().length, 1);
    hold.remove();
    await untilResults(stage, ben, 2);
    // Whatever else was asked for would come before that.
    await ben.sendPhoto(third, { caption: "the last one steps=1" });
    const [, , last] = await untilResults(stage, ben, 3);
    assert.match(last?.caption ?? "", /^the last one/);
    assert.equal(results(stage, ben).length, 3);
  });
}

Deno.test("words that come right behind a press edit what it was pressed on", async () => {
  await using stage = await openStage(limits);
  const { ben, telegram } = stage;
  const one = await resultOf(stage, "one steps=1");
  await ben.sendPhoto(second, { caption: "two steps=1" });
  await untilResults(stage, ben, 2);
  ben.sendText("three steps=1");
  const [, , three] = await untilResults(stage, ben, 3);
  telegram.latencyMs = 150;
  const further = ben.press(one, dataOf(one, /further/));
  ben.sendText("four steps=1");
  await untilResults(stage, ben, 4);
  // It is on the second page of the keyboard.
  const { data } = dataOf(three!, /further/);
  const original = ben.press(three!, { data: data.replace("further", "original") });
  ben.sendText("five steps=1");
  await untilResults(stage, ben, 5);
  assert.deepEqual(inputsOf(stage, "four"), [outputOf(stage, "one")]);
  assert.deepEqual(inputsOf(stage, "five"), [second]);

  ben.sendText("/new");
  await untilSaid(stage, ben, "Send me the picture");
  await ben.sendPhoto(second);
  const more = await untilSaid(stage, ben, "Send another one");
  const done = ben.press(more, dataOf(more, /Done/));
  ben.sendText("six steps=1");
  await untilResults(stage, ben, 6);
  assert.deepEqual(inputsOf(stage, "six"), [second]);
  await Promise.all([further, original, done]);
});

Deno.test("an idea is there still when the words that came first could not be used", async () => {
  await using stage = await openStage(limits);
  const { ben } = stage;
  for (const words of ["steps=soon", "steps=2", `night ${"very ".repeat(700)}dark`]) {
    const question = await ask(stage, first);
    const before = said(stage, ben).length;
    ben.sendText(words);
    await stage.telegram.until(() => said(stage, ben).length > before, { what: "what is wrong" });
    const had = results(stage, ben).length;
    const { text } = await ben.press(question, dataOf(question, /background/));
    assert.equal(text, undefined, words);
    await untilResults(stage, ben, had + 1);
  }
});

Deno.test("a second tap on Edit further asks no second question", async () => {
  await using stage = await openStage(limits);
  const { ben } = stage;
  const result = await resultOf(stage, "one steps=1");
  const further = dataOf(result, /further/);
  const [tap, again] = await Promise.all([ben.press(result, further), ben.press(result, further)]);
  assert.equal(tap.text, undefined);
  assert.match(again.text ?? "", /What should I change/);
  assert.equal(questions(stage).length, 1);
});

Deno.test("a press that fails is answered with that, not before", async () => {
  await using stage = await openStage(limits);
  const { ben, telegram } = stage;
  const result = await resultOf(stage, "one steps=1");
  for (const button of [/File/, /Before/, /Parameters/, /further/, /Again/]) {
    const fault = telegram.faults.add({
      method: /^(sendMessage|sendPhoto|sendDocument)$/,
      kind: "refuse",
      description: "Bad Request: not enough rights",
    });
    using hold = holdRun(stage);
    const { text } = await ben.press(result, dataOf(result, button));
    if (/Again/.test(button.source)) assert.equal(text, undefined);
    else assert.match(text ?? "", /Something went wrong/, `${button}`);
    fault.remove();
    hold.remove();
  }
});

Deno.test("what fails when the press is too old for an answer is said in the chat", async () => {
  await using stage = await openStage({ telegram: { limits: false, queryTtlMs: 300 } });
  const { ben, telegram } = stage;
  const result = await resultOf(stage, "one steps=1");
  telegram.faults.add({ method: "sendDocument", kind: "refuse", times: 1 });
  telegram.latencyMs = 400;
  await ben.press(result, dataOf(result, /File/));
  await untilSaid(stage, ben, "Something went wrong");
});
