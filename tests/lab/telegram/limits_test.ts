/**
 * Flood limits of the emulated Telegram, and the menu of commands that it keeps.
 */

import { GrammyError } from "grammy";
import assert from "node:assert/strict";
import { setUp } from "./setup.ts";

Deno.test("flood limits: a burst of three then one a second in private, twenty a minute in a group", async () => {
  let time = 1_800_000_000_000;
  const { tg, ann, api } = await setUp({ now: () => time });
  await using _ = tg;
  const seconds = async (chat: number) => {
    try {
      await api.sendMessage(chat, "hi");
      return 0;
    } catch (error) {
      assert.ok(error instanceof GrammyError && error.error_code === 429);
      return error.parameters.retry_after;
    }
  };
  for (let i = 0; i < 3; i++) assert.equal(await seconds(7), 0);
  assert.equal(await seconds(7), 1);
  const first = tg.messages(7)[0];
  await assert.rejects(api.editMessageText(7, first?.message_id ?? 0, "edited"), /429/);
  await api.deleteMessage(7, first?.message_id ?? 0);
  time += 1000;
  await api.editMessageText(7, tg.messages(7)[0]?.message_id ?? 0, "edited");
  assert.equal(await seconds(7), 1);
  tg.limits = false;
  assert.equal(await seconds(7), 0);
  tg.limits = true;

  tg.group({ id: -1001, title: "G", members: [ann] });
  for (let i = 0; i < 20; i++) assert.equal(await seconds(-1001), 0);
  time += 10_000;
  assert.equal(await seconds(-1001), 50);
  time += 50_000;
  assert.equal(await seconds(-1001), 0);
});

Deno.test("flood limits: thirty a second over all chats", async () => {
  const { tg, api } = await setUp({ now: () => 1_800_000_000_000 });
  await using _ = tg;
  for (let id = 100; id < 131; id++) tg.person({ id, first_name: "P", started: true });
  for (let id = 100; id < 130; id++) await api.sendMessage(id, "hi");
  await assert.rejects(api.sendMessage(130, "hi"), /429: Too Many Requests: retry after 1/);
});

Deno.test("setMyCommands keeps lists by scope and language, and a user sees the narrowest", async () => {
  const { tg, ann, api, refuses } = await setUp();
  await using _ = tg;
  const ivan = tg.person({ id: 9, first_name: "Ivan", language_code: "ru" });
  const list = (description: string) => [{ command: "start", description }];
  await api.setMyCommands(list("all"));
  await api.setMyCommands(list("private"), { scope: { type: "all_private_chats" } });
  await api.setMyCommands(list("по-русски"), {
    scope: { type: "all_private_chats" },
    language_code: "ru",
  });
  const group = tg.group({ id: -1001, title: "G", members: [ann] });
  const sees = (...args: Parameters<typeof tg.commands>) => tg.commands(...args)[0]?.description;
  assert.deepEqual([sees(ann), sees(ivan), sees(ann, group)], ["private", "по-русски", "all"]);
  await api.deleteMyCommands({ scope: { type: "all_private_chats" } });
  assert.equal(sees(ann), "all");
  assert.deepEqual(await api.getMyCommands(), list("all"));
  await refuses(
    "setMyCommands",
    { commands: [{ command: "Start", description: "x" }] },
    "Bad Request: BOT_COMMAND_INVALID",
  );
  await api.setMyShortDescription("short");
  assert.deepEqual(await api.getMyShortDescription(), { short_description: "short" });
});
