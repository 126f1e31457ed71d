/**
 * Who somebody is: groups that get another id, users who speak for a group or a channel, and who may press what they have
 * asked for.
 *
 * Drives besides: src/users/group_migration.ts, src/telegram/api/sender.ts, src/telegram/api/addresses.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { openStage, type Stage, untilSaid } from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);
const limits = { telegram: { limits: false } } as const;
const oldId = -4_012_345_678;
const newId = -1_001_234_567_890;
const closed = { ...limits, config: "access: { mode: approve }\n" } as const;

function openBasicGroup(stage: Stage) {
  return stage.telegram.basicGroup({
    id: oldId,
    title: "Club",
    members: [stage.ben],
    admins: [stage.anna],
  });
}

function captionFor(stage: Stage, words: string): string {
  return `@${stage.telegram.bot.username} ${words}`;
}

function resultsIn(stage: Stage, chat: { id: number }): readonly Message[] {
  const { telegram } = stage;
  return telegram.messages(chat).filter(({ from, photo }) => from?.id === telegram.bot.id && photo);
}

function untilResultsIn(stage: Stage, chat: { id: number }, count = 1) {
  return stage.telegram.until(
    () => resultsIn(stage, chat).length >= count && resultsIn(stage, chat),
    { what: `${count} results in ${chat.id}` },
  );
}

/** Waits for words of the bot in a group. */
function untilSaidIn(stage: Stage, chat: { id: number }, words: RegExp): Promise<Message> {
  return stage.telegram.until(
    () =>
      stage.telegram.messages(chat).findLast((message) =>
        message.from?.id === stage.telegram.bot.id &&
        words.test(message.text ?? message.caption ?? "")
      ),
    { what: `${words} in ${chat.id}` },
  );
}

Deno.test("a job whose group gets another id is delivered there, by the service message or by the refusal", async () => {
  for (const silently of [false, true]) {
    await using stage = await openStage(limits);
    const group = openBasicGroup(stage);
    const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
    await stage.ben.sendPhoto(photo, {
      chat: group,
      caption: captionFor(stage, "make it night"),
    });
    await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
    const waiting = captionFor(stage, "make it winter");
    await stage.ben.sendPhoto(photo, { chat: group, caption: waiting });
    await stage.telegram.until(
      () =>
        stage.telegram.messages(group).filter(({ text }) => text?.includes("⏳")).length > 0 ||
        stage.comfyui.queue().pending.length > 0,
      { what: "the second job" },
    );
    const supergroup = stage.telegram.migrate(group, newId, { silently });
    running.remove();
    const results = await untilResultsIn(stage, supergroup, 2);
    assert.deepEqual(resultsIn(stage, group), []);
    // They are the group's: a reply goes on with one of them.
    stage.ben.sendText("and now summer", { chat: supergroup, replyTo: results[0]! });
    await untilResultsIn(stage, supergroup, 3);
  }
});

Deno.test("a group's role goes with it to its new id, given by an admin or by the configuration", async () => {
  for (const config of [closed.config, `access: { mode: approve, allow: [${oldId}] }\n`]) {
    await using stage = await openStage({ ...limits, config });
    const group = openBasicGroup(stage);
    if (!config.includes("allow")) {
      stage.anna.sendText("/start");
      await untilSaid(stage, stage.anna, "картинку");
      stage.ben.sendText(captionFor(stage, "hello"), { chat: group });
      const door = await untilSaidIn(stage, group, /invit|owner|ask/i);
      await stage.ben.press(door, { data: "k:ask" });
      const question = await untilSaid(stage, stage.anna, /Club/);
      await stage.anna.press(question, "✓");
    }
    await stage.ben.sendPhoto(photo, { chat: group, caption: captionFor(stage, "make it night") });
    await untilResultsIn(stage, group);
    const supergroup = stage.telegram.migrate(group, newId);
    await stage.ben.sendPhoto(photo, {
      chat: supergroup,
      caption: captionFor(stage, "make it night"),
    });
    await untilResultsIn(stage, supergroup);
  }
});

Deno.test("a group's role goes with it when nothing but a refusal tells of its new id", async () => {
  const config = `access: { mode: approve, allow: [${oldId}] }\n`;
  await using stage = await openStage({ ...limits, config });
  const group = openBasicGroup(stage);
  const caption = captionFor(stage, "make it night");
  const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  await stage.ben.sendPhoto(photo, { chat: group, caption });
  await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
  const supergroup = stage.telegram.migrate(group, newId, { silently: true });
  running.remove();
  await untilResultsIn(stage, supergroup);
  await stage.ben.sendPhoto(photo, { chat: supergroup, caption });
  await untilResultsIn(stage, supergroup, 2);
});

Deno.test("pictures that wait in a group for their words wait in its new one", async () => {
  await using stage = await openStage(limits);
  const group = openBasicGroup(stage);
  await stage.ben.sendPhoto(photo, { chat: group, caption: captionFor(stage, "") });
  await untilSaidIn(stage, group, /What/);
  const supergroup = stage.telegram.migrate(group, newId);
  stage.ben.sendText(captionFor(stage, "make it night"), { chat: supergroup });
  await untilResultsIn(stage, supergroup);
});

Deno.test("what an anonymous admin asks for is the group's, and its admins may press", async () => {
  await using stage = await openStage(limits);
  const { anna, ben, telegram } = stage;
  const groups = [newId, newId - 1].map((id) =>
    telegram.group({ id, title: `Club ${id}`, members: [ben], admins: [anna], botIsAdmin: true })
  );
  const [club, other] = [groups[0]!, groups[1]!];
  const running = stage.comfyui.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  await anna.sendPhoto(photo, {
    chat: club,
    caption: captionFor(stage, "make it night"),
    speaksFor: club,
  });
  await stage.comfyui.until(() => running.hits === 1, { what: "a run" });
  // The same account in another group is somebody else.
  anna.sendText("/status", { chat: other, speaksFor: other });
  await untilSaidIn(stage, other, /You have no jobs/);
  anna.sendText("/cancel", { chat: other, speaksFor: other });
  await untilSaidIn(stage, other, /nothing to cancel/);
  anna.sendText("/status", { chat: club, speaksFor: club });
  await untilSaidIn(stage, club, /You have 1 job/);
  running.remove();
  const [result] = await untilResultsIn(stage, club);
  const refused = await ben.press(result!, "🔁 Again");
  assert.equal(refused.text, "This button belongs to another user.");
  await anna.press(result!, "🔁 Again");
  await untilResultsIn(stage, club, 2);
  await anna.press(result!, "🔁 Again");
  await untilResultsIn(stage, club, 3);
  const asked = telegram.calls.filter(({ method, params }) =>
    method === "getChatMember" && Number(params.user_id) === anna.id
  );
  assert.equal(asked.length, 1, "it is kept for a minute");
});

Deno.test("a menu that an anonymous admin opens is their group's", async () => {
  await using stage = await openStage(limits);
  const { anna, ben, telegram } = stage;
  const club = telegram.group({ id: newId, title: "Club", members: [ben], admins: [anna] });
  anna.sendText(`/settings@${telegram.bot.username}`, { chat: club, speaksFor: club });
  const menu = await telegram.until(
    () => telegram.messages(club).find(({ reply_markup }) => reply_markup),
    { what: "a menu" },
  );
  const refused = await ben.press(menu, "+");
  assert.ok(refused.text, "it is said why not");
  await anna.press(menu, "+");
  await telegram.until(
    () => JSON.stringify(telegram.message(club, menu.message_id)).includes("Шаги: 9"),
    { what: "the menu with the new value" },
  );
  // Anna's own settings are as they were.
  anna.sendText("/settings");
  assert.match(JSON.stringify(await untilSaid(stage, anna, /./)), /Шаги: 8/);
});

Deno.test("a channel that writes in a group is nobody else there", async () => {
  await using stage = await openStage(limits);
  const { anna, ben, telegram } = stage;
  const club = telegram.group({
    id: newId,
    title: "Club",
    members: [ben],
    admins: [anna],
    botIsAdmin: true,
  });
  const [one, two] = [{ id: -1_005_000_000_001 }, { id: -1_005_000_000_002 }];
  await ben.sendPhoto(photo, {
    chat: club,
    caption: captionFor(stage, "make it night"),
    speaksFor: one,
  });
  const [result] = await untilResultsIn(stage, club);
  // The next words of another channel find nothing of the first one's.
  ben.sendText(captionFor(stage, "/status"), { chat: club, speaksFor: two });
  ben.sendText("/status", { chat: club, speaksFor: two });
  await untilSaidIn(stage, club, /You have no jobs/);
  const refused = await ben.press(result!, "🗑 Delete");
  assert.equal(refused.text, "This button belongs to another user.");
  await anna.press(result!, "🗑 Delete");
  await telegram.until(() => resultsIn(stage, club).length === 0, { what: "it is gone" });
});
