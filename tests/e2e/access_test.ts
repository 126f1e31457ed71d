/**
 * Who may use the bot: strangers get one sentence and a button, admins decide, limits hold.
 *
 * Drives besides: src/telegram/admin/access_requests.ts, src/telegram/admin/profile.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  filesIn,
  holdRun,
  openStage,
  said,
  type Stage,
  untilDone,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);
const closed = {
  config: "access: { mode: approve }\n",
  telegram: { limits: false },
} as const;

/** Ben asks to be let in, and Anna, who is an admin, gets the question. */
async function askedByBen(stage: Stage): Promise<Message> {
  stage.anna.sendText("/start");
  await untilSaid(stage, stage.anna, "Пришлите картинку");
  await stage.ben.sendPhoto(photo, { caption: "make it night" });
  const door = await untilSaid(stage, stage.ben, "This bot is private.");
  await stage.ben.press(door, "🔑 Ask for access");
  await untilSaid(stage, stage.ben, "Request sent.");
  return await untilSaid(stage, stage.anna, "Ben запрашивает доступ");
}

Deno.test("a stranger asks, an admin lets them in, and the bot works for them", async () => {
  await using stage = await openStage(closed);
  const question = await askedByBen(stage);
  assert.deepEqual(filesIn(stage, "input"), []);
  await stage.anna.press(question, "✓");
  await untilSaid(stage, stage.ben, "Welcome!");
  await stage.restart();
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=2" });
  await untilResults(stage, stage.ben);
});

Deno.test("admins get a request though the bot is killed while they are told of it", async () => {
  await using stage = await openStage(closed);
  stage.anna.sendText("/start");
  await untilSaid(stage, stage.anna, "Пришлите картинку");
  stage.ben.sendText("/start");
  const door = await untilSaid(stage, stage.ben, "This bot is private.");
  const hang = stage.telegram.faults.add({ method: "sendMessage", kind: "hang", times: 1 });
  const pressed = stage.ben.press(door, "🔑 Ask for access");
  await stage.telegram.until(() => hang.hits === 1, { what: "the question is on its way" });
  await stage.restart();
  const question = await untilSaid(stage, stage.anna, "Ben запрашивает доступ");
  await untilSaid(stage, stage.ben, "Request sent.");
  await pressed;
  await stage.anna.press(question, "✓");
  await untilSaid(stage, stage.ben, "Welcome!");
});

Deno.test("who is let in hears of it, though the bot is killed while they are told", async () => {
  await using stage = await openStage(closed);
  const question = await askedByBen(stage);
  const hang = stage.telegram.faults.add({
    method: "sendMessage",
    chat: stage.ben.id,
    kind: "hang",
    times: 1,
  });
  const pressed = stage.anna.press(question, "✓");
  await stage.telegram.until(() => hang.hits === 1, { what: "the welcome is on its way" });
  await stage.restart();
  await untilSaid(stage, stage.ben, "Welcome!");
  await pressed;
  await stage.ben.sendPhoto(photo, { caption: "make it night steps=2" });
  await untilResults(stage, stage.ben);
});

Deno.test("who is refused gets no further answer; who is removed may ask again", async () => {
  await using stage = await openStage(closed);
  const question = await askedByBen(stage);
  await stage.anna.press(question, "✗");
  await untilSaid(stage, stage.ben, "Your request was declined.");
  const before = said(stage, stage.ben).length;
  await stage.ben.sendPhoto(photo, { caption: "let me in" });
  stage.anna.sendText("/users");
  const list = await untilSaid(stage, stage.anna, "Пользователи и группы.");
  assert.equal(said(stage, stage.ben).length, before);
  await stage.anna.press(list, "⛔ Ben");
  await stage.telegram.until(
    () => buttons(stage.telegram.message(list.chat, list.message_id)!).flat().includes("Удалить"),
    { what: "Ben's page" },
  );
  await stage.anna.press(list, "Удалить");
  await untilSaid(stage, stage.ben, "You no longer have access");
  stage.ben.sendText("hello?");
  await untilSaid(stage, stage.ben, "This bot is private.");
});

Deno.test("who is made an admin has an admin's commands in the menu, until they are one no more", async () => {
  await using stage = await openStage(closed);
  const question = await askedByBen(stage);
  await stage.anna.press(question, "✓");
  await untilSaid(stage, stage.ben, "Welcome!");
  const decide = async (verb: string, isThere: boolean) => {
    await stage.anna.press(question, { data: `k:${verb}:${stage.ben.id}` });
    await stage.telegram.until(
      () =>
        stage.telegram.commands(stage.ben).some(({ command }) => command === "admin") === isThere,
      { what: `the commands of ${verb}` },
    );
  };
  const welcome = await untilSaid(stage, stage.ben, "Welcome!");
  const self = await stage.ben.press(welcome, { data: `k:admin:${stage.ben.id}` });
  assert.equal(self.text, "Only admins can do that.");
  await decide("admin", true);
  await decide("user", false);
});

Deno.test("a stranger's thousand messages and presses make no job, no file and one answer", async () => {
  await using stage = await openStage({
    ...closed,
    telegram: { limits: false, queryTtlMs: 500 },
  });
  stage.ben.sendText("/start");
  const door = await untilSaid(stage, stage.ben, "This bot is private.");
  for (let i = 0; i < 300; i++) {
    stage.ben.sendText(`message ${i}`);
    stage.ben.sendDocument(photo, { filename: "a.jpg", caption: "edit" });
  }
  const forged = ["x:abc", "r:again:abc", "s:dy:set:steps:3", "k:yes:502", "k:list:0"];
  const presses = await Promise.all(forged.map((data) => stage.ben.press(door, { data })));
  assert.deepEqual(presses.filter(({ answered }) => answered), [], "made-up buttons");
  await stage.anna.sendPhoto(photo, { caption: "ночь steps=2" });
  await untilResults(stage, stage.anna);
  await stage.telegram.until(() => stage.telegram.unconfirmed.length === 0, {
    what: "all is read",
  });
  assert.equal(said(stage, stage.ben).length, 1);
  assert.equal(stage.comfyui.ran.length, 1);
  const downloads = stage.telegram.calls.filter(({ method }) => method === "getFile");
  assert.equal(downloads.length, 1);
  await stage.ben.press(door, "🔑 Ask for access");
  await untilSaid(stage, stage.ben, "Request sent.");
  assert.ok(!(await stage.ben.press(door, { data: "k:ask" })).answered, "it is there no more");
});

Deno.test("a group is let in as a whole", async () => {
  await using stage = await openStage(closed);
  stage.anna.sendText("/start");
  await untilSaid(stage, stage.anna, "Пришлите картинку");
  const group = stage.telegram.group({
    id: -1_001_99,
    title: "Club",
    members: [stage.ben],
    botIsAdmin: true,
  });
  stage.ben.sendText("hello all", { chat: group });
  stage.ben.sendText("/start");
  await untilSaid(stage, stage.ben, "This bot is private.");
  assert.equal(stage.telegram.messages(group).length, 1, "nobody has spoken to the bot");
  const caption = `@${stage.telegram.bot.username} make it night steps=2`;
  await stage.ben.sendPhoto(photo, { chat: group, caption });
  const door = await stage.telegram.until(
    () => stage.telegram.messages(group).find((message) => message.from?.is_bot),
    { what: "the door" },
  );
  await stage.ben.press(door, "🔑 Ask for access");
  const question = await untilSaid(stage, stage.anna, "Club ← Ben");
  await stage.anna.press(question, "✓");
  await stage.telegram.until(
    () => stage.telegram.messages(group).some(({ text }) => text?.startsWith("Welcome!")),
    { what: "the group is welcomed" },
  );
  await stage.ben.sendPhoto(photo, { chat: group, caption });
  await stage.telegram.until(
    () => stage.telegram.messages(group).some((message) => message.from?.is_bot && message.photo),
    { what: "a result in the group" },
  );
});

Deno.test("a user's limits hold, and admins are free of them", async () => {
  await using stage = await openStage({
    config: "limits: { pending: 1, per_hour: 2 }\n",
    telegram: { limits: false },
  });
  using hold = holdRun(stage);
  await stage.ben.sendPhoto(photo, { caption: "one steps=8" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "Ben's first runs" });
  await stage.ben.sendPhoto(photo, { caption: "two" });
  await untilSaid(stage, stage.ben, "You already have 1 job in progress, which is the limit.");
  hold.remove();
  for (const caption of ["раз steps=1", "два steps=1", "три steps=1"]) {
    await stage.anna.sendPhoto(photo, { caption });
  }
  // A result that is seen is in progress until the bot has heard that it was sent.
  await untilDone(stage, 4);
  stage.ben.sendText("two steps=1");
  await untilDone(stage, 5);
  stage.ben.sendText("three steps=1");
  await untilSaid(stage, stage.ben, "The limit is 2 jobs an hour.");
});

Deno.test("with the fair order users take turns", async () => {
  await using stage = await openStage({
    config: "queue: { order: fair }\ncomfyui: { depth: 1 }\n",
    telegram: { limits: false },
  });
  using hold = holdRun(stage);
  for (const caption of ["a steps=3", "b steps=1", "c steps=1"]) {
    await stage.ben.sendPhoto(photo, { caption });
  }
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "Ben's first runs" });
  await untilReply(stage, await stage.anna.sendPhoto(photo, { caption: "x steps=1" }));
  hold.remove();
  await untilResults(stage, stage.ben, 3);
  await untilResults(stage, stage.anna);
  const order = stage.comfyui.ran.map(({ graph }) => graph["119"]?.inputs.prompt);
  assert.ok(order.indexOf("x") < order.indexOf("c"), order.join(" "));
});
