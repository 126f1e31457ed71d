/**
 * The same words for many pictures, four seeds at once: one status, albums in order, buttons that choose one, limits that count each.
 *
 * Drives besides: src/telegram/intake/batch_request.ts, src/telegram/intake/enqueue.ts, src/telegram/intake/preset_keyboard.ts,
 * src/telegram/status/batch_status.ts, src/telegram/status/job_keyboards.ts, src/jobs/batch.ts, src/i18n/en_batch.ts,
 * src/i18n/ru_batch.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import type { RunRecord } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  filesIn,
  holdRun,
  isCancellable,
  openStage,
  results,
  said,
  type Stage,
  untilDone,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);
const photos = await Promise.all([96, 112, 128, 144, 160].map((width) => gradientJpeg(width, 96)));
const limits = { telegram: { limits: false } } as const;

const seedsOf = (stage: Stage) =>
  stage.comfyui.ran.map(({ graph }) => Object.values(graph["117"]?.inputs ?? {})[0]);
const picturesOf = ({ graph }: RunRecord) =>
  Object.values(graph).filter(({ inputs }) => typeof inputs.image === "string").length;

/** Waits for the message with the numbers of so many results. */
function untilNumbers(
  stage: Stage,
  chat: Parameters<Stage["telegram"]["messages"]>[0],
  numbers: readonly string[],
): Promise<Message> {
  return stage.telegram.until(
    () =>
      stage.telegram.messages(chat).findLast((message) =>
        message.text === "Which one shall I go on with?" &&
        numbers.every((number) => buttons(message).flat().includes(number))
      ),
    { what: `the numbers ${numbers}` },
  );
}

const album = (count: number, caption?: string) =>
  Array.from({ length: count }, (_, i) => ({
    photo: photos[i % photos.length]!,
    ...(i === 0 && caption !== undefined ? { caption } : {}),
  }));

const askedMode = /Shall I make one picture of all of them/;

/** The message as it stands now. */
const now = (stage: Stage, { chat, message_id }: Message) =>
  stage.telegram.message(chat, message_id)!;

Deno.test("n=4 is one album of four seeds, whose numbers choose one, over a restart, for their user alone", async () => {
  await using stage = await openStage(limits);
  const { ben, anna } = stage;
  const asked = await ben.sendPhoto(photo, { caption: "make it night steps=2 n=4" });
  const numbers = await untilNumbers(stage, ben.privateChat, ["1", "2", "3", "4"]);
  const sent = results(stage, ben);
  assert.equal(sent.length, 4);
  assert.equal(new Set(sent.map((each) => each.media_group_id)).size, 1, "one album");
  assert.equal(sent[0]?.caption, "make it night\n\n1–4 / 4 · 2 steps");
  assert.equal(sent[0]?.reply_to_message?.message_id, asked.message_id);
  assert.equal(new Set(seedsOf(stage)).size, 4, "four seeds");
  await untilDone(stage, 4);
  await until("no copy of the picture is left", () => filesIn(stage, "input").length === 0);
  assert.equal(said(stage, ben).length, 5, "the status is gone");

  await stage.restart();
  const press = async (label: string) => {
    await ben.press(now(stage, numbers), label);
    await stage.telegram.until(
      () => buttons(now(stage, numbers)).flat().includes(`• ${label} •`),
      { what: `${label} is chosen` },
    );
  };
  await press("3");
  await press("2");
  await ben.press(now(stage, numbers), "• 2 •");
  assert.equal(now(stage, numbers).text, "Picture 2 of 4. What next?");
  assert.ok(buttons(now(stage, numbers)).flat().includes("✏️ Edit further"));

  // Another user's press does nothing.
  anna.sendText("/start");
  const annas = await untilSaid(stage, anna, "Пришлите картинку");
  for (const button of now(stage, numbers).reply_markup!.inline_keyboard.flat()) {
    if (!("callback_data" in button) || !/^n:|^r:/.test(button.callback_data)) continue;
    const { text } = await anna.press(annas, { data: button.callback_data });
    assert.equal(text, "Эта кнопка для другого пользователя.");
  }

  await ben.press(now(stage, numbers), "📄 File");
  const file = await stage.telegram.until(() => said(stage, ben).find((each) => each.document), {
    what: "the file",
  });
  assert.equal(file.reply_to_message?.message_id, sent[1]?.message_id, "of the second");
  await ben.press(now(stage, numbers), "🔁 Again");
  await stage.telegram.until(() => results(stage, ben).length === 6, { what: "again" });
  await ben.press(now(stage, numbers), "🗑 Delete");
  await untilNumbers(stage, ben.privateChat, ["1", "3", "4"]);
  assert.ok(!buttons(now(stage, numbers)).flat().includes("2"));
  assert.equal(stage.telegram.message(ben.privateChat, sent[1]!.message_id), undefined);
  const last = results(stage, ben).at(-1)!;
  assert.match(last.caption ?? "", /^make it night\n\nseed /, "a result of its own");

  // Long after the files are gone Telegram still has the picture.
  await untilDone(stage, 1);
  for (const name of filesIn(stage, "output")) Deno.removeSync(`${stage.dir}/data/output/${name}`);
  await press("4");
  await ben.press(now(stage, numbers), "✏️ Edit further");
  await untilSaid(stage, ben, "Got it. What should I change?");
  ben.sendText("and now day steps=2");
  await stage.telegram.until(() => results(stage, ben).length === 6, { what: "the next" });
});

Deno.test("an album with one text is asked about: each by itself, or one picture of all", async () => {
  await using stage = await openStage(limits);
  const { ben, anna } = stage;
  const group = stage.telegram.group({
    id: -1_001_700_000_001,
    title: "Club",
    members: [ben, anna],
    botIsAdmin: true,
  });
  const caption = `@${stage.telegram.bot.username} make it night steps=2`;
  await ben.sendAlbum(album(3, caption), { chat: group });
  const inGroup = (text: RegExp) =>
    stage.telegram.until(
      () => stage.telegram.messages(group).findLast((message) => text.test(message.text ?? "")),
      { what: String(text) },
    );
  const question = await inGroup(askedMode);
  assert.deepEqual(buttons(question), [["🖼 One picture of all", "🗂 Each by itself"]]);
  const stranger = await anna.press(question, "🗂 Each by itself");
  assert.equal(stranger.text, "Эта кнопка для другого пользователя.");
  await stage.restart();
  const data = question.reply_markup!.inline_keyboard[0]![1] as { callback_data: string };
  await ben.press(question, "🗂 Each by itself");
  const again = await ben.press(question, { data: data.callback_data });
  assert.match(again.text ?? "", /Already in progress|out of date/);
  const numbers = await untilNumbers(stage, group, ["1", "2", "3"]);
  assert.equal(stage.comfyui.ran.length, 3);
  assert.deepEqual(stage.comfyui.ran.map(picturesOf), [1, 1, 1]);
  const sent = stage.telegram.messages(group).filter(({ from, photo }) => from?.is_bot && photo);
  // As wide to high as the pictures were, in their order.
  const shapes = sent.map(({ photo }) => photo!.at(-1)!).map(({ width, height }) => width / height);
  assert.equal(shapes.length, 3);
  assert.ok(shapes.every((shape, i) => i === 0 || shape > shapes[i - 1]!), `${shapes}`);
  assert.equal(numbers.reply_to_message?.message_id, sent[0]?.message_id);
  await untilDone(stage, 3);
  const late = await ben.press(question, { data: data.callback_data });
  assert.equal(late.text, "This button is out of date.");

  // A reply to one of them edits that one; words after several ask which is meant.
  ben.sendText("now day steps=2", { replyTo: sent[1]!, chat: group });
  await stage.telegram.until(() => stage.comfyui.ran.length === 4, { what: "the reply" });

  // In private: one of all, and at once where the words name the pictures.
  await ben.sendAlbum(album(2, "put both together steps=2"));
  const together = await untilSaid(stage, ben, askedMode);
  await ben.press(together, "🖼 One picture of all");
  await stage.telegram.until(() => stage.comfyui.ran.length === 5, { what: "one of both" });
  assert.equal(picturesOf(stage.comfyui.ran[4]!), 2);
  await ben.sendAlbum(album(3, "put Picture 1 beside Picture 3 steps=2"));
  await stage.telegram.until(() => stage.comfyui.ran.length === 6, { what: "one of three" });
  assert.equal(picturesOf(stage.comfyui.ran[5]!), 3);

  // Four more of a result, after a restart, once for two taps.
  const result = await stage.telegram.until(
    () => results(stage, ben).find(({ caption }) => caption?.startsWith("put both together")),
    { what: "its result" },
  );
  await stage.telegram.until(() => results(stage, ben).length === 2, { what: "both results" });
  await stage.restart();
  using hold = holdRun(stage);
  const { text } = await ben.press(result, "🎲 × 4");
  assert.equal(text, undefined);
  assert.equal((await ben.press(result, "🎲 × 4")).text, "Already in progress.");
  await stage.telegram.until(() => said(stage, ben).some(isCancellable), { what: "the status" });
  hold.remove();
  await untilNumbers(stage, ben.privateChat, ["1", "2", "3", "4"]);
  assert.equal(results(stage, ben).length, 6);
  assert.deepEqual(stage.comfyui.ran.slice(-4).map(picturesOf), [2, 2, 2, 2]);
});

Deno.test("more pictures than one edit takes are offered each by itself, with and without words", async () => {
  await using stage = await openStage(limits);
  const { ben } = stage;
  await ben.sendAlbum(album(4, "make it night steps=2"));
  const asked = await untilSaid(stage, ben, "At most 3 pictures go into one edit, and these are 4");
  assert.deepEqual(buttons(asked), [["🗂 Each by itself"]]);
  await ben.press(asked, "🗂 Each by itself");
  await untilNumbers(stage, ben.privateChat, ["1", "4"]);
  assert.deepEqual(stage.comfyui.ran.map(picturesOf), [1, 1, 1, 1]);
  await untilDone(stage, 4);

  ben.sendText("and now winter");
  await untilSaid(stage, ben, "Several pictures came last. Reply to the one");

  await ben.sendAlbum(album(5));
  const question = await untilSaid(stage, ben, /^Got 5 pictures\. At most 3 go into one edit\. I/);
  assert.ok(!buttons(question).flat().includes("🖼 One picture of all"));
  await ben.press(question, "🎲 Four at once");
  await stage.telegram.until(
    () => buttons(now(stage, question)).flat().includes("✓ 🎲 Four at once"),
    { what: "it is chosen" },
  );
  await ben.press(now(stage, question), "✓ 🎲 Four at once");
  ben.sendText("make it day steps=2");
  await untilNumbers(stage, ben.privateChat, ["5"]);
  assert.equal(stage.comfyui.ran.length, 9);
  await untilDone(stage, 9);
  await until("no picture is left", () => filesIn(stage, "input").length === 0);
});

Deno.test("/batch collects until “Done”; albums of ten come in order through a kill, one line says what failed", async () => {
  await using stage = await openStage({ ...limits, comfyui: { stepMs: 5 } });
  const { ben } = stage;
  ben.sendText("/batch");
  await untilSaid(stage, ben, "Send the pictures, up to 50");
  await ben.sendAlbum(album(10));
  await untilSaid(stage, ben, "Got 10 pictures. Send more (up to 50)");
  await ben.sendAlbum(album(2));
  const collected = await untilSaid(stage, ben, "Got 12 pictures. Send more (up to 50)");
  await ben.press(collected, "✓ Done");
  await untilSaid(stage, ben, /^Got 12 pictures\. .* I change each by itself/);

  using hold = holdRun(stage);
  ben.sendText("make it night steps=2 seed=7");
  const status = await stage.telegram.until(() => said(stage, ben).find(isCancellable), {
    what: "the status",
  });
  await stage.telegram.until(() => /^🎨 ░+ 0 of 12/.test(now(stage, status).text ?? ""), {
    what: "the status says how far it is",
  });
  assert.deepEqual(buttons(now(stage, status)), [["✖ Cancel the rest"]]);
  ben.sendText("/status");
  const line = await untilSaid(stage, ben, /^You have 1 job:\n🎨 “make it night”: 0 of 12 done\n/);
  assert.ok(line);
  // The third breaks, and the bot is killed while an album is on its way.
  stage.comfyui.faults.add({
    kind: "error",
    times: 1,
    exceptionType: "torch.OutOfMemoryError",
    exceptionMessage: "Allocation on device",
  });
  const cut = stage.telegram.faults.add({ method: "sendMediaGroup", kind: "cut-after", times: 1 });
  hold.remove();
  await stage.telegram.until(() => cut.hits === 1, { what: "the first album" });
  await stage.restart();
  await untilNumbers(stage, ben.privateChat, ["11", "12"]);
  const ended = await stage.telegram.until(
    () => said(stage, ben).find(({ text }) => text?.startsWith("Done: 11 of 12.\n")),
    { what: "the end" },
  );
  assert.match(ended.text ?? "", /^Done: 11 of 12\.\n\d+: ❌ The graphics card ran out of memory/);
  assert.equal(ended.message_id, status.message_id);
  assert.deepEqual(buttons(ended), []);
  const sent = results(stage, ben);
  const captions = sent.flatMap(({ caption }) => caption ?? []);
  assert.deepEqual(captions, [
    "make it night\n\n1–10 / 12 · 2 steps",
    "make it night\n\n11–12 / 12 · 2 steps",
  ]);
  assert.equal(sent.length, 11, "nothing is lost, nothing comes twice");
  assert.ok(
    seedsOf(stage).every((seed) => seed === 7),
    "the seed that was asked for is everyone's",
  );
});

Deno.test("one press cancels the rest of a batch, and what is rendered comes", async () => {
  await using stage = await openStage({ ...limits, config: "comfyui: { depth: 1 }\n" });
  const { ben, anna } = stage;
  await ben.sendAlbum(album(5, "make it night steps=2"));
  const asked = await untilSaid(stage, ben, "At most 3 pictures");
  using hold = stage.comfyui.faults.add({
    kind: "stuck",
    times: 1,
    afterStep: 0,
    match: () => stage.comfyui.ran.length === 3,
  });
  await ben.press(asked, "🗂 Each by itself");
  await stage.telegram.until(() => /2 of 5/.test(now(stage, asked).text ?? ""), {
    what: "two of five",
  });
  anna.sendText("/start");
  const annas = await untilSaid(stage, anna, "Пришлите картинку");
  const [[cancel]] = now(stage, asked).reply_markup!.inline_keyboard as [
    [{ text: string; callback_data: string }],
  ];
  const data = cancel.callback_data;
  assert.equal((await anna.press(annas, { data })).text, "Это задача другого пользователя.");
  assert.equal((await ben.press(asked, { data })).text, "Stopping…");
  const numbers = await untilNumbers(stage, ben.privateChat, ["1", "2"]);
  assert.deepEqual(buttons(numbers), [["1", "2"]]);
  await stage.telegram.until(
    () => now(stage, asked).text === "✖ Cancelled. Done: 2 of 5.",
    { what: "it says so" },
  );
  assert.equal((await ben.press(asked, { data })).text, "Too late: this job has already ended.");
  assert.equal(results(stage, ben).length, 2);
  hold.remove();
});

Deno.test("each result of a batch counts for the limits, and what is kept can be asked for again", async () => {
  await using stage = await openStage({
    ...limits,
    config: "limits: { pending: 3 }\n",
  });
  const { ben } = stage;
  const request = await ben.sendPhoto(photo, { caption: "make it night steps=2 n=4" });
  await untilSaid(stage, ben, "These are 4 results at once, and you may have 3 in progress");
  assert.equal(stage.comfyui.ran.length, 0);
  await until("the picture alone is kept", () => filesIn(stage, "input").length === 1);
  ben.sendText("make it night steps=2 n=3 seed=9");
  await untilNumbers(stage, ben.privateChat, ["3"]);
  assert.deepEqual(seedsOf(stage), [9, 10, 11]);
  assert.equal(results(stage, ben)[0]?.reply_to_message?.message_id, request.message_id + 2);
  await ben.sendPhoto(photo, { caption: "make it night n=9" });
  await untilSaid(stage, ben, "n: must be at most 4");
  await untilDone(stage, 3);
  using _hold = holdRun(stage);
  ben.sendText("make it day steps=2 n=2");
  await stage.telegram.until(() => said(stage, ben).some(isCancellable), { what: "the status" });
  ben.sendText("/cancel");
  await untilSaid(stage, ben, "Cancelled: 2 jobs.");
  await untilSaid(stage, ben, "✖ Cancelled. Done: 0 of 2.");
});

Deno.test("of pictures that come all at once /batch speaks once, and takes no more than fifty", async () => {
  await using stage = await openStage(limits);
  const { ben } = stage;
  ben.sendText("/batch");
  await untilSaid(stage, ben, "Send the pictures, up to 50");
  await stage.stop();
  for (const photo of photos) await ben.sendPhoto(photo);
  stage.start();
  await untilSaid(stage, ben, "Got 5 pictures. Send more (up to 50)");
  assert.equal(said(stage, ben).length, 2);
  for (let i = 0; i < 4; i++) {
    await ben.sendAlbum(album(10));
    await untilSaid(stage, ben, `Got ${15 + 10 * i} pictures.`);
  }
  await ben.sendAlbum(album(6));
  await untilSaid(
    stage,
    ben,
    "I take at most 50 results at once. I keep the 45 pictures that came",
  );
  await ben.sendAlbum(album(5));
  await untilSaid(stage, ben, "Got 50 pictures, which is as many as I take at once.");
  assert.equal(filesIn(stage, "input").length, 50);
  ben.sendText("/cancel");
  await untilSaid(stage, ben, "Draft discarded.");
  await until("no picture is left", () => filesIn(stage, "input").length === 0);
});

Deno.test("an album that is being fetched when the bot is killed keeps all its pictures, and leaves one message", async () => {
  await using stage = await openStage(limits);
  const { ben, telegram } = stage;
  const hang = telegram.faults.add({ method: "file", kind: "hang", times: 1 });
  await ben.sendAlbum(album(2, "put Picture 1 on Picture 2 steps=1"));
  await telegram.until(() => hang.hits === 1, { what: "the first of them is fetched" });
  // What came later is dealt with: nothing else is on its way out of the inbox.
  stage.anna.sendText("/help");
  await untilSaid(stage, stage.anna, "/settings");
  await stage.restart();
  await untilDone(stage);
  assert.deepEqual(stage.comfyui.ran.map(picturesOf), [2]);
  await telegram.until(() => said(stage, ben).length === 1, { what: "the result alone" });
});
