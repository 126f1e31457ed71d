/**
 * Refusals of Telegram while a result is on its way: of its form, its place, its user and the bot's own token. Nothing
 * rendered is thrown away.
 *
 * Drives besides: src/telegram/api/transformers.ts, src/telegram/api/gateway.ts,
 * src/telegram/status/kept_results.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  filesIn,
  openStage,
  results,
  said,
  type Stage,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import type { Fault } from "../../lab/telegram/faults.ts";

const photo = await gradientJpeg(160, 120);
const limits = { telegram: { limits: false } } as const;

function openForum(stage: Stage, forum = true) {
  return stage.telegram.group({
    id: -1_001_234_567_890,
    title: "Club",
    members: [stage.anna, stage.ben],
    forum,
  });
}

/** Sends a picture into a group, with the words that address the bot. */
function askIn(stage: Stage, chat: { id: number }, threadId?: number) {
  const caption = `@${stage.telegram.bot.username} make it night`;
  return stage.ben.sendPhoto(photo, {
    chat,
    caption,
    ...(threadId === undefined ? {} : { threadId }),
  });
}

function untilResultIn(stage: Stage, chat: { id: number }): Promise<Message> {
  return stage.telegram.until(
    () =>
      stage.telegram.messages(chat).find((message) =>
        message.from?.is_bot && (message.photo || message.document)
      ),
    { what: `a result in ${chat.id}` },
  );
}

Deno.test("a form that is refused gives way to another", async () => {
  await using stage = await openStage(limits);
  const forms: readonly Fault[] = [
    { method: "sendPhoto", kind: "refuse", description: "Bad Request: PHOTO_INVALID_DIMENSIONS" },
    { method: "sendPhoto", kind: "refuse", description: "Bad Request: IMAGE_PROCESS_FAILED" },
    { method: "sendPhoto", kind: "413html" },
  ];
  for (const [index, fault] of forms.entries()) {
    const refusing = stage.telegram.faults.add(fault);
    await stage.ben.sendPhoto(photo, { caption: `make it night ${index}` });
    const all = await untilResults(stage, stage.ben, index + 1);
    assert.ok(all.at(-1)?.document, JSON.stringify(fault));
    assert.equal(refusing.hits, 1);
    refusing.remove();
  }
});

Deno.test("a group that takes no photos gets a file", async () => {
  await using stage = await openStage(limits);
  const group = openForum(stage, false);
  stage.telegram.forbid(group, "photos");
  await askIn(stage, group);
  assert.ok((await untilResultIn(stage, group)).document);
});

Deno.test("a topic that is closed or gone gives way to the group", async () => {
  for (const how of ["closed", "deleted"] as const) {
    await using stage = await openStage(limits);
    const group = openForum(stage);
    const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
    await askIn(stage, group, 77);
    await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
    stage.telegram.endTopic(group, 77, how);
    running.remove();
    const result = await untilResultIn(stage, group);
    assert.equal(result.message_thread_id, undefined, how);
  }
});

Deno.test("a group that takes nothing gives way to the user's private chat", async () => {
  const closings: readonly ((stage: Stage, group: { id: number }) => void)[] = [
    ({ telegram }, group) => telegram.kick(group),
    ({ telegram }, group) => telegram.forbid(group, "messages"),
    ({ telegram }, group) =>
      void telegram.faults.add({
        chat: group.id,
        kind: "refuse",
        description: "Bad Request: CHAT_WRITE_FORBIDDEN",
      }),
  ];
  for (const close of closings) {
    await using stage = await openStage(limits);
    const group = openForum(stage, false);
    stage.ben.sendText("/start");
    await untilSaid(stage, stage.ben, "picture");
    const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
    await askIn(stage, group);
    await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
    close(stage, group);
    running.remove();
    const [result] = await untilResults(stage, stage.ben);
    // Its buttons work where it is, and a reply to it goes on with it.
    stage.ben.sendText("now winter", { replyTo: result! });
    await untilResults(stage, stage.ben, 2);
  }
});

Deno.test("where the bot may write nowhere, a result is offered when its user writes", async () => {
  await using stage = await openStage(limits);
  const group = openForum(stage, false);
  const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  await askIn(stage, group);
  await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
  stage.telegram.kick(group);
  running.remove();
  await stage.telegram.until(() => /job \S+ failed/i.test(stage.bot.output()), {
    what: "the result is kept",
  });
  assert.equal(filesIn(stage, "output").length, 1);
  stage.ben.sendText("/start");
  const offer = await untilSaid(stage, stage.ben, "could not send you 1 result");
  stage.ben.sendText("/status");
  const status = await untilSaid(stage, stage.ben, "ready, could not be sent");
  assert.deepEqual(buttons(status), [["📦 make it night"]]);
  const [first, second] = await Promise.all([
    stage.ben.press(offer, "📦 make it night"),
    stage.ben.press(status, "📦 make it night"),
  ]);
  assert.ok(first.answered && second.answered);
  assert.equal((await untilResults(stage, stage.ben)).length, 1);
  const late = await stage.ben.press(status, "📦 make it night");
  assert.equal(late.text, "I no longer have this result.");
  stage.ben.sendText("/status");
  await untilSaid(stage, stage.ben, /^You have no jobs/);
  assert.equal(results(stage, stage.ben).length, 1);
  const offers = said(stage, stage.ben).filter(({ text }) => text?.includes("could not send you"));
  assert.equal(offers.length, 1, "it is offered once");
});

Deno.test("a user who is away gets the result when they are back, also from the next process", async () => {
  for (const isRestarted of [false, true]) {
    await using stage = await openStage(limits);
    const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
    const request = await stage.ben.sendPhoto(photo, { caption: "make it night" });
    await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
    stage.ben.block();
    running.remove();
    await stage.telegram.until(() => /job \S+ failed/i.test(stage.bot.output()), {
      what: "the result is kept",
    });
    if (isRestarted) await stage.restart();
    stage.ben.unblock();
    stage.ben.sendText("/start");
    const [result] = await untilResults(stage, stage.ben);
    assert.equal(result?.reply_to_message?.message_id, request.message_id);
    const again = await stage.ben.press(result!, "🔁 Again");
    assert.ok(again.answered);
    await untilResults(stage, stage.ben, 2);
  }
});

Deno.test("what is kept for a user comes, though the bot is killed while they get it", async () => {
  await using stage = await openStage(limits);
  const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  await stage.ben.sendPhoto(photo, { caption: "make it night" });
  await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
  stage.ben.block();
  running.remove();
  await stage.telegram.until(() => /job \S+ failed/i.test(stage.bot.output()), {
    what: "the result is kept",
  });
  stage.ben.unblock();
  const hang = stage.telegram.faults.add({
    method: /^send(Photo|Document)$/,
    kind: "hang",
    times: 1,
  });
  stage.ben.sendText("/help");
  await stage.telegram.until(() => hang.hits === 1, { what: "the result is on its way" });
  await untilSaid(stage, stage.ben, "/settings");
  // When others are answered, nothing of that message but the result is left to do.
  stage.anna.sendText("/help");
  await untilSaid(stage, stage.anna, "/settings");
  await stage.restart();
  await untilResults(stage, stage.ben);
});

Deno.test("while Telegram refuses the token everything is kept, and is sent when it is accepted again", async () => {
  for (
    const [method, code, description, isRestarted] of [
      [/^send(Photo|Document)$/, 401, "Unauthorized", false],
      [/./, 401, "Unauthorized", true],
      [/./, 404, "Not Found", false],
    ] as const
  ) {
    await using stage = await openStage(limits);
    const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
    await stage.ben.sendPhoto(photo, { caption: "make it night" });
    await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
    const refusing = stage.telegram.faults.add({ method, kind: "refuse", code, description });
    running.remove();
    await stage.telegram.until(() => refusing.hits >= 4, { what: "tries" });
    if (isRestarted) {
      // A result waits: so does the next process.
      await stage.restart();
      const before = refusing.hits;
      await stage.telegram.until(() => refusing.hits >= before + 2, { what: "more tries" });
    }
    refusing.remove();
    assert.equal((await untilResults(stage, stage.ben)).length, 1);
    assert.equal(stage.bot.output().match(/refuses the token/g)?.length, 1);
    await untilSaid(stage, stage.ben, "make it night");
    stage.anna.sendText("/start");
    await untilSaid(stage, stage.anna, "картинку");
  }
});

Deno.test("what comes before Telegram says who the bot is waits for that", async () => {
  const description = "Unauthorized";
  for (
    const fault of [
      { kind: "refuse", code: 401, description },
      { kind: "refuse", code: 404, description: "Not Found" },
      { kind: "502html" },
      { kind: "cut-before" },
    ] as const
  ) {
    await using stage = await openStage({ ...limits, start: false });
    const refusing = stage.telegram.faults.add({ ...fault, method: "getMe" });
    stage.start();
    const request = await stage.ben.sendPhoto(photo, { caption: "make it night" });
    await stage.telegram.until(() => refusing.hits >= 3, { what: "it is asked again" });
    refusing.remove();
    const [result] = await untilResults(stage, stage.ben);
    assert.equal(result?.reply_to_message?.message_id, request.message_id);
  }
});

Deno.test("a download that is refused for a moment is tried again", async () => {
  await using stage = await openStage(limits);
  const unavailable = "Bad Request: wrong file_id or the file is temporarily unavailable";
  const refusals = [
    { method: "getFile", description: unavailable, times: 1 },
    { method: "getFile", description: unavailable, times: 2 },
    { method: "getFile", description: unavailable, times: 3 },
    { method: "getFile", code: 401, description: "Unauthorized", times: 1 },
    { method: "file", code: 401, description: "Unauthorized", times: 2 },
    { method: "file", code: 502, description: "Bad Gateway", times: 1 },
  ];
  for (const [index, refusal] of refusals.entries()) {
    stage.telegram.faults.add({ kind: "refuse", ...refusal });
    await stage.ben.sendPhoto(photo, { caption: "make it night" });
    await untilResults(stage, stage.ben, index + 1);
  }
});

Deno.test("a result that can no longer be deleted loses its buttons, and its user is told", async () => {
  await using stage = await openStage(limits);
  const description = "Bad Request: message can't be deleted";
  for (const count of [1, 2, 3]) {
    await stage.ben.sendPhoto(photo, { caption: `make it night ${count}` });
    const result = (await untilResults(stage, stage.ben, count)).at(-1)!;
    assert.equal(filesIn(stage, "output").length, 1);
    stage.telegram.faults.add({ method: "deleteMessage", kind: "refuse", description, times: 1 });
    const press = await stage.ben.press(result, "🗑 Delete");
    assert.match(press.text ?? "", /^Telegram no longer lets me delete/);
    const left = stage.telegram.message(result.chat, result.message_id);
    assert.ok(left && !left.reply_markup);
    assert.deepEqual(filesIn(stage, "output"), []);
  }
});

Deno.test("a press that fails is answered, and the chat gets a message", async () => {
  await using stage = await openStage(limits);
  await stage.ben.sendPhoto(photo, { caption: "make it night" });
  const [result] = await untilResults(stage, stage.ben);
  for (
    const [button, method] of [
      ["📄 File", "sendDocument"],
      ["◐ Before / after", "sendPhoto"],
      ["✏️ Edit further", "sendMessage"],
    ] as const
  ) {
    const before = said(stage, stage.ben).filter(({ text }) => text?.includes("wrong")).length;
    const description = "Bad Request: something new";
    stage.telegram.faults.add({ method, kind: "refuse", description, times: 1 });
    assert.match((await stage.ben.press(result!, button)).text ?? "", /wrong/);
    await stage.telegram.until(
      () => said(stage, stage.ben).filter(({ text }) => text?.includes("wrong")).length > before,
      { what: `${button}: something went wrong` },
    );
  }
});
