/**
 * Groups: only when addressed, each user's own buttons, topics, and answers that only one member sees.
 *
 * Drives besides: src/telegram/api/ephemeral.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { buttons, openStage, type Stage } from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);
const limits = { telegram: { limits: false } } as const;

function openGroup(stage: Stage, forum = false) {
  return stage.telegram.group({
    id: -1_001_234,
    title: "Club",
    members: [stage.anna, stage.ben],
    forum,
    // It reads everything then: what is not for it must be left alone by itself.
    botIsAdmin: true,
  });
}

function untilResult(stage: Stage, chat: { id: number }): Promise<Message> {
  return stage.telegram.until(
    () => stage.telegram.messages(chat).find((message) => message.from?.is_bot && message.photo),
    { what: "a result in the group" },
  );
}

Deno.test("in a group only what is addressed to the bot makes a job", async () => {
  await using stage = await openStage(limits);
  const group = openGroup(stage);
  const name = `@${stage.telegram.bot.username}`;
  await stage.ben.sendPhoto(photo, { chat: group, caption: "just a picture" });
  stage.ben.sendText("nothing for a bot", { chat: group });
  const request = await stage.ben.sendPhoto(photo, {
    chat: group,
    caption: `${name} make it night`,
  });
  const result = await untilResult(stage, group);
  assert.equal(result.reply_to_message?.message_id, request.message_id);
  assert.match(result.caption ?? "", /^make it night\n/);
  assert.equal(stage.comfyui.ran.length, 1);

  const stranger = await stage.anna.press(result, "🔁 Again");
  assert.equal(stranger.text, "Эта кнопка для другого пользователя.");
  stage.anna.sendText("теперь зима", { chat: group, replyTo: result });
  await stage.telegram.until(() => stage.comfyui.ran.length === 2, { what: "Anna's edit of it" });

  stage.ben.sendText(`${name} and now winter`, { chat: group });
  await stage.telegram.until(
    () => stage.telegram.messages(group).some(({ text }) => text?.startsWith("Send me a picture")),
    { what: "in a group nobody's last result is meant" },
  );
});

Deno.test("an album in a group is one edit when one of its captions mentions the bot", async () => {
  await using stage = await openStage(limits);
  const group = openGroup(stage);
  const caption = `@${stage.telegram.bot.username} put Picture 1 into Picture 2`;
  await stage.ben.sendAlbum([{ photo }, { photo, caption }], { chat: group });
  await untilResult(stage, group);
  assert.ok(stage.comfyui.ran[0]?.graph["79"], "the graph has both pictures");
});

Deno.test("everything stays in its topic", async () => {
  await using stage = await openStage(limits);
  const group = openGroup(stage, true);
  const caption = `@${stage.telegram.bot.username} make it night`;
  await stage.ben.sendPhoto(photo, { chat: group, threadId: 77, caption });
  const result = await untilResult(stage, group);
  assert.equal(result.message_thread_id, 77);
  const bots = stage.telegram.calls.filter(({ method }) => /^send/.test(method));
  assert.deepEqual([...new Set(bots.map(({ params }) => Number(params.message_thread_id)))], [77]);
});

Deno.test("settings and status in a group are seen by whoever asked alone", async () => {
  await using stage = await openStage(limits);
  const group = openGroup(stage);
  await stage.telegram.until(
    () => stage.telegram.commands(stage.ben, group).some((command) => command.is_ephemeral),
    { what: "the group's menu" },
  );
  stage.ben.sendText("/settings", { chat: group });
  const menu = await stage.telegram.until(
    () => stage.telegram.ephemeral(group, stage.ben).find((message) => message.from?.is_bot),
    { what: "an ephemeral menu" },
  );
  assert.equal(stage.telegram.messages(group).length, 0);
  await stage.ben.press(menu, "+");
  await stage.telegram.until(
    () =>
      stage.telegram.ephemeral(group, stage.ben).some((message) =>
        buttons(message).flat().includes("Steps: 9")
      ),
    { what: "the menu with the new value" },
  );
  await stage.ben.press(menu, "✓ Done");
  await stage.telegram.until(
    () => !stage.telegram.ephemeral(group, stage.ben).some((message) => message.from?.is_bot),
    { what: "the menu is gone" },
  );
});

Deno.test("a server that knows no ephemeral messages shows the answer as a reply", async () => {
  await using stage = await openStage({
    telegram: { limits: false, knows: { ephemeral: false } },
  });
  const group = openGroup(stage);
  const asked = stage.ben.sendText("/status", { chat: group });
  const status = await stage.telegram.until(
    () => stage.telegram.messages(group).find((message) => message.from?.is_bot),
    { what: "the status" },
  );
  assert.equal(status.reply_to_message?.message_id, asked.message_id);
  assert.match(status.text ?? "", /^You have no jobs/);
});

Deno.test("in a group's menu only what all may see is not for one user alone", async () => {
  await using stage = await openStage(limits);
  const group = openGroup(stage);
  const menu = await stage.telegram.until(
    () => {
      const commands = stage.telegram.commands(stage.ben, group);
      return commands.some((command) => command.is_ephemeral) && commands;
    },
    { what: "the group's menu" },
  );
  const shown = menu.filter((command) => !command.is_ephemeral);
  assert.deepEqual(shown.map(({ command }) => command), ["new"]);
});
