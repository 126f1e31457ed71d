/**
 * What a group sees of a user: what was asked for and saved there, and nothing from their private chat or another group.
 *
 * Drives besides: src/telegram/api/ephemeral.ts, src/telegram/settings/target.ts.
 */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  holdRun,
  isCancellable,
  openStage,
  type Stage,
  untilSaid,
} from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";
import { openMenu, set } from "./menus.ts";

const photo = await gradientJpeg(160, 120);
type Chat = { readonly id: number };

/** A server that shows every answer to the whole group. */
function openPublicStage(config = "comfyui: { depth: 1 }\n"): Promise<Stage> {
  return openStage({
    telegram: { limits: false, knows: { ephemeral: false, drafts: false } },
    config,
  });
}

function openGroup({ telegram, anna, ben }: Stage, name: string, forum = false) {
  const id = -1_001_000_000 - name.charCodeAt(0);
  return telegram.group({
    id,
    title: name,
    members: [ben],
    admins: [anna],
    forum,
    botIsAdmin: true,
  });
}

/** Everything that a group can read of the bot: texts, captions and labels. */
function readable({ telegram }: Stage, chat: Chat): string {
  const messages = telegram.messages(chat).filter(({ from }) => from?.id === telegram.bot.id);
  return JSON.stringify(messages.map((each) => [each.text, each.caption, buttons(each)]));
}

function untilIn(stage: Stage, chat: Chat, words: RegExp): Promise<Message> {
  const { telegram } = stage;
  return telegram.until(
    () =>
      telegram.messages(chat).findLast(({ from, text, caption }) =>
        from?.id === telegram.bot.id && words.test(text ?? caption ?? "")
      ),
    { what: `${words} in ${chat.id}` },
  );
}

/** Says a command in a group and gives what comes back. */
async function ask(stage: Stage, by: Person, command: string, options: {
  readonly chat: Chat;
  readonly threadId?: number;
  readonly speaksFor?: Chat;
}): Promise<Message> {
  const { telegram } = stage;
  const before = telegram.messages(options.chat).length;
  by.sendText(`${command}@${telegram.bot.username}`, options);
  return await telegram.until(
    () =>
      telegram.messages(options.chat).slice(before).findLast(({ from }) =>
        from?.id === telegram.bot.id
      ),
    { what: `an answer to ${command}` },
  );
}

/** A job of a user's in each of the chats, none of them done; in their private chat where there is none. */
async function begin(stage: Stage, by: Person, jobs: Readonly<Record<string, Chat | undefined>>) {
  for (const [words, chat = by.privateChat] of Object.entries(jobs)) {
    const count = () => stage.telegram.messages(chat).filter(isCancellable).length;
    const before = count();
    await by.sendPhoto(photo, { chat, caption: `@${stage.telegram.bot.username} ${words}` });
    await stage.telegram.until(() => count() > before, { what: `the job ${words}` });
  }
}

Deno.test("/status in a group shows what was asked for there, of users and of admins", async () => {
  await using stage = await openPublicStage();
  const { anna, ben } = stage;
  const [club, work] = [openGroup(stage, "Club"), openGroup(stage, "Work")];
  using _hold = holdRun(stage);
  for (const person of [ben, anna]) {
    await begin(stage, person, { "my secret": undefined, "at club": club, "at work": work });
    for (const [group, here] of [[club, "at club"], [work, "at work"]] as const) {
      const status = (await ask(stage, person, "/status", { chat: group })).text ?? "";
      assert.match(status, new RegExp(`1 (?:job|задача):\\n.*${here}`));
    }
    person.sendText("/status");
    const own = (await untilSaid(stage, person, /(?:You have|У вас) 3/)).text ?? "";
    for (const words of ["my secret", "at club", "at work"]) assert.ok(own.includes(words), words);
  }
  assert.doesNotMatch(readable(stage, club), /secret|at work/);
  assert.doesNotMatch(readable(stage, work), /secret|at club/);
});

Deno.test("/cancel in a group cancels what was asked for there, and nothing else", async () => {
  await using stage = await openPublicStage();
  const { ben } = stage;
  const [club, work] = [openGroup(stage, "Club"), openGroup(stage, "Work")];
  using _hold = holdRun(stage);
  await begin(stage, ben, { "my secret": undefined, "at club": club, "at work": work });
  assert.match((await ask(stage, ben, "/cancel", { chat: club })).text ?? "", /Cancelled: 1 job/);
  const nothing = await ask(stage, ben, "/cancel", { chat: club });
  assert.match(nothing.text ?? "", /nothing to cancel in this chat/);
  const none = await ask(stage, ben, "/status", { chat: club });
  assert.match(none.text ?? "", /no jobs in this chat/);
  ben.sendText("/status");
  const left = (await untilSaid(stage, ben, /You have 2/)).text ?? "";
  for (const words of ["my secret", "at work"]) assert.ok(left.includes(words), words);
});

Deno.test("the list of /cancel in a group, and its button for all of them, are about that group", async () => {
  await using stage = await openPublicStage();
  const { ben } = stage;
  const [club, forum] = [openGroup(stage, "Club"), openGroup(stage, "Forum", true)];
  using _hold = holdRun(stage);
  await begin(stage, ben, { "my secret": undefined, "one": forum, "two": forum });
  const list = await ask(stage, ben, "/cancel", { chat: forum, threadId: 77 });
  assert.equal(list.message_thread_id, 77);
  assert.deepEqual(buttons(list).flat(), ["✖ one", "✖ two", "All of them"]);
  assert.match((await ask(stage, ben, "/cancel", { chat: club })).text ?? "", /nothing to cancel/);
  await ben.press(list, "All of them");
  ben.sendText("/status");
  const left = await untilSaid(stage, ben, /You have 1 job/);
  assert.match(left.text ?? "", /my secret/);
});

Deno.test("who speaks for a group or a channel sees their jobs of that group alone", async () => {
  await using stage = await openPublicStage();
  const { anna, ben } = stage;
  const [club, work] = [openGroup(stage, "Club"), openGroup(stage, "Work")];
  const channel = { id: -1_005_000_000_001 };
  using _hold = holdRun(stage);
  const send = (by: Person, chat: Chat, speaksFor: Chat, words: string) =>
    by.sendPhoto(photo, {
      chat,
      speaksFor,
      caption: `@${stage.telegram.bot.username} ${words}`,
    });
  const cases = [
    [anna, club, club, "for the club"],
    [ben, club, channel, "channel at club"],
    [ben, work, channel, "channel at work"],
  ] as const;
  for (const [by, chat, speaksFor, words] of cases) {
    const count = () => stage.telegram.messages(chat).filter(isCancellable).length;
    const before = count();
    await send(by, chat, speaksFor, words);
    await stage.telegram.until(() => count() > before, { what: `the job ${words}` });
  }
  for (const [by, chat, speaksFor, words] of cases) {
    const { text = "" } = await ask(stage, by, "/status", { chat, speaksFor });
    assert.ok(/1 job:/.test(text) && text.includes(words), text);
  }
  assert.doesNotMatch(readable(stage, work), /club/);
  assert.doesNotMatch(readable(stage, club), /at work/);
});

Deno.test("an answer that its user alone sees has all of their jobs", async () => {
  await using stage = await openStage({
    telegram: { limits: false, knows: { drafts: false } },
    config: "comfyui: { depth: 1 }\n",
  });
  const { ben, telegram } = stage;
  const [club, work] = [openGroup(stage, "Club"), openGroup(stage, "Work")];
  await telegram.until(
    () => telegram.commands(ben, club).some(({ is_ephemeral }) => is_ephemeral),
    { what: "the group's menu" },
  );
  using _hold = holdRun(stage);
  await begin(stage, ben, { "my secret": undefined, "at club": club, "at work": work });
  const untilWhispered = (words: RegExp) =>
    telegram.until(
      () => telegram.ephemeral(club, ben).findLast(({ text }) => words.test(text ?? "")),
      { what: `${words}, to Ben alone` },
    );
  ben.sendText("/status", { chat: club });
  assert.match((await untilWhispered(/You have 3 jobs/)).text ?? "", /my secret/);
  ben.sendText("/cancel", { chat: club });
  const list = await untilWhispered(/What should I cancel/);
  assert.equal(buttons(list).length, 4);
  await ben.press(list, "All of them");
  for (const chat of [ben.privateChat, club, work]) await untilIn(stage, chat, /Cancelled/);
  assert.doesNotMatch(readable(stage, club), /secret|at work/);
});

Deno.test("ideas and texts from elsewhere stand on no button in a group", async () => {
  await using stage = await openPublicStage("");
  const { ben, telegram } = stage;
  const [club, work] = [openGroup(stage, "Club"), openGroup(stage, "Work")];
  const name = `@${telegram.bot.username}`;
  let replyTo: Message | undefined;
  for (
    const [words, chat] of [["my secret", undefined], ["at work", work], ["at club", club]] as const
  ) {
    const caption = `${name} ${words} steps=2`;
    await ben.sendPhoto(photo, chat ? { chat, caption } : { caption });
    const result = chat
      ? await untilIn(stage, chat, new RegExp(`^${words}`))
      : await untilSaid(stage, ben, new RegExp(`^${words}`));
    await ben.press(result, "⭐ Save as idea");
    replyTo = result;
  }
  await set(ben, await openMenu(stage, ben), "negative_prompt", "hidden wish");

  await ben.sendPhoto(photo, { chat: club, replyTo: replyTo! });
  const ideas = await untilIn(stage, club, /What should I change/);
  const own = buttons(ideas).flat().filter((label) => label.startsWith("⭐"));
  assert.deepEqual(own, ["⭐ at club"]);
  const shown = telegram.message(club, ideas.message_id)?.reply_markup?.inline_keyboard.flat();
  const here = shown?.flatMap((each) => "callback_data" in each ? each.callback_data : [])[0] ?? "";
  const { text } = await ben.press(ideas, { data: here.replace(/[^:]+$/, "1") });
  assert.equal(text, "This button is out of date.", "another's words are not taken here");

  const menu = await ask(stage, ben, "/settings", { chat: club });
  assert.ok(buttons(menu).flat().some((label) => label.includes("•••")), "a text is hidden");
  const prefix = `s:${ben.id.toString(36)}:`;
  for (const page of ["param:negative_prompt", "more", "ideas"]) {
    await ben.press(menu, { data: `${prefix}${page}` });
  }
  await telegram.until(
    () => /⭐ at club/.test(JSON.stringify(telegram.message(club, menu.message_id))),
    { what: "the page of ideas" },
  );
  assert.doesNotMatch(readable(stage, club), /secret|at work|hidden wish/);

  await ben.sendPhoto(photo);
  const all = await untilSaid(stage, ben, /What should I change/);
  assert.equal(buttons(all).flat().filter((label) => label.startsWith("⭐")).length, 3);
});

Deno.test("an idea that was saved in a group goes with it to its new id", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { ben, telegram } = stage;
  const group = telegram.basicGroup({ id: -4_012_345, title: "Club", members: [ben], admins: [] });
  const name = `@${telegram.bot.username}`;
  await ben.sendPhoto(photo, { chat: group, caption: `${name} at club steps=2` });
  await ben.press(await untilIn(stage, group, /^at club/), "⭐ Save as idea");
  const supergroup = telegram.migrate(group, -1_001_234_567_890);
  await ben.sendPhoto(photo, { chat: supergroup, caption: `${name} at home steps=2` });
  const replyTo = await untilIn(stage, supergroup, /^at home/);
  await ben.sendPhoto(photo, { chat: supergroup, replyTo });
  const ideas = await untilIn(stage, supergroup, /What should I change/);
  assert.ok(buttons(ideas).flat().includes("⭐ at club"));
});

Deno.test("what admins see of others stays in their private chat", async () => {
  await using stage = await openPublicStage();
  const { anna, ben } = stage;
  const club = openGroup(stage, "Club");
  using _hold = holdRun(stage);
  await ben.sendPhoto(photo, { caption: "my secret" });
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "a run" });
  for (const command of ["/admin", "/users", "/reload"]) {
    const said = await ask(stage, anna, command, { chat: club });
    assert.match(said.text ?? "", /только в личном чате/, command);
    assert.deepEqual(buttons(said), []);
    for (const data of ["a:queue:0", "k:list:0", "a:log"]) {
      assert.equal((await anna.press(said, { data })).text, "Эта кнопка устарела.", data);
    }
  }
  assert.doesNotMatch(readable(stage, club), /secret|Ben/);
});
