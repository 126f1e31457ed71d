/**
 * The emulated Telegram as a bot meets it: HTTP, the update queue, files, and a real grammY bot on top.
 */

import { Bot, InlineKeyboard, InputFile, InputMediaBuilder } from "grammy";
import { Image } from "imagescript";
import assert from "node:assert/strict";
import { startTelegram, type Telegram, type TelegramOptions } from "../../../lab/telegram/mod.ts";
import { rawCall } from "../../../lab/telegram/raw_call.ts";

const png = (width: number, height: number) => new Image(width, height).fill(0x3366ccff).encode();

/** A grammY bot that polls until disposed of. */
function running(tg: Telegram, set: (bot: Bot) => void): AsyncDisposable {
  const bot = new Bot(tg.token, { client: { apiRoot: tg.url } });
  set(bot);
  const ended = bot.start();
  return {
    async [Symbol.asyncDispose]() {
      await bot.stop();
      await ended;
    },
  };
}

async function withAnn(options: TelegramOptions = {}) {
  const tg = await startTelegram(options);
  return { tg, ann: tg.person({ id: 7, first_name: "Ann", started: true }) };
}

Deno.test("startTelegram() answers methods in any case, in a query, a form, JSON and multipart", async () => {
  const { tg } = await withAnn({ limits: false });
  await using _ = tg;
  const root = `${tg.url}/bot${tg.token}`;
  const form = new FormData();
  form.set("chat_id", "7");
  form.set("text", "multipart");
  for (
    const [path, init] of [
      ["/SENDMESSAGE?chat_id=7&text=query", {}],
      ["/sendMessage", {
        method: "POST",
        body: new URLSearchParams({ chat_id: "7", text: "form" }),
      }],
      ["/sendmessage", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ chat_id: 7, text: "json" }),
      }],
      ["/sendMessage", { method: "POST", body: form }],
    ] as const
  ) {
    const answer = await (await fetch(root + path, init)).json();
    assert.equal(answer.ok, true, JSON.stringify(answer));
  }
  assert.deepEqual(tg.messages(7).map(({ text }) => text), ["query", "form", "json", "multipart"]);
  assert.equal(tg.calls.length, 4);
  assert.equal(tg.calls[2]?.params["text"], "json");
});

Deno.test("startTelegram() answers 401 for another token and 404 for no method, in Telegram's words", async () => {
  const { tg } = await withAnn();
  await using _ = tg;
  const wrong = await fetch(`${tg.url}/bot1000:WRONG/getMe`);
  assert.equal(wrong.status, 401);
  assert.deepEqual(await wrong.json(), {
    ok: false,
    error_code: 401,
    description: "Unauthorized",
  });
  const answer = await rawCall(tg, "makeCoffee");
  assert.deepEqual([answer.error_code, answer.description], [404, "Not Found: method not found"]);
});

Deno.test("startTelegram() answers 413 when a body is over 50 MB", async () => {
  const { tg } = await withAnn();
  await using _ = tg;
  const document = new File([new Uint8Array(51 * 1024 * 1024)], "big.bin");
  const answer = await rawCall(tg, "sendDocument", { chat_id: 7, document });
  assert.deepEqual([answer.error_code, answer.description], [413, "Request Entity Too Large"]);
});

Deno.test("getUpdates gives unconfirmed updates again until an offset confirms them", async () => {
  const { tg, ann } = await withAnn();
  await using _ = tg;
  for (const text of ["a", "b", "c"]) ann.sendText(text);
  const ids = tg.unconfirmed.map(({ update_id }) => update_id);
  assert.equal(ids.length, 3);
  assert.deepEqual(ids.map((id) => id - (ids[0] ?? 0)), [0, 1, 2]);
  const bot = new Bot(tg.token, { client: { apiRoot: tg.url } });
  const texts = async (offset?: number, limit?: number) =>
    (await bot.api.getUpdates({
      ...(offset === undefined ? {} : { offset }),
      ...(limit === undefined ? {} : { limit }),
    })).map(({ message }) => message?.text);
  const confirmed: number[] = [];
  tg.onEvent((event) => {
    if (event.type === "confirmed") confirmed.push(...event.updateIds);
  });
  assert.deepEqual(await texts(), ["a", "b", "c"]);
  assert.deepEqual(await texts(undefined, 2), ["a", "b"]);
  assert.deepEqual(await texts(ids[1]), ["b", "c"]);
  assert.deepEqual(await texts(), ["b", "c"]);
  assert.deepEqual(await texts(-1), ["c"]);
  assert.deepEqual(await texts((ids[2] ?? 0) + 1), []);
  assert.deepEqual(tg.unconfirmed, []);
  assert.deepEqual(confirmed, ids);
});

Deno.test("getUpdates forgets updates that were not fetched for 24 hours", async () => {
  let time = 1_800_000_000_000;
  const { tg, ann } = await withAnn({ now: () => time });
  await using _ = tg;
  ann.sendText("old");
  time += 24 * 3_600_000 + 1;
  ann.sendText("new");
  const { result } = await rawCall(tg, "getUpdates");
  assert.match(JSON.stringify(result), /"new"/);
  assert.doesNotMatch(JSON.stringify(result), /"old"/);
});

Deno.test("getUpdates waits for an update, and a second one that waits ends it with 409", async () => {
  const { tg, ann } = await withAnn();
  await using _ = tg;
  const first = rawCall(tg, "getUpdates", { timeout: 50 });
  first.catch(() => {});
  await tg.until(() => tg.calls.length === 1, { what: "the first long poll" });
  const second = rawCall(tg, "getUpdates", { timeout: 50 });
  second.catch(() => {});
  assert.deepEqual(
    [(await first).error_code, (await first).description],
    [
      409,
      "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    ],
  );
  ann.sendText("hello");
  assert.match(JSON.stringify((await second).result), /"hello"/);
});

Deno.test("getUpdates is refused while there is a webhook, and setWebhook ends a long poll", async () => {
  const { tg } = await withAnn();
  await using _ = tg;
  const poll = rawCall(tg, "getUpdates", { timeout: 50 });
  poll.catch(() => {});
  await tg.until(() => tg.calls.length === 1);
  await rawCall(tg, "setWebhook", { url: "https://example.com/hook" });
  assert.equal((await poll).description, "Conflict: terminated by setWebhook request");
  assert.equal((await rawCall(tg, "getUpdates")).error_code, 409);
  await rawCall(tg, "deleteWebhook");
  assert.equal((await rawCall(tg, "getUpdates")).ok, true);
});

Deno.test("getUpdates spares the bot the types that it has not asked for", async () => {
  const { tg, ann } = await withAnn();
  await using _ = tg;
  await rawCall(tg, "getUpdates", { allowed_updates: ["callback_query"] });
  ann.sendText("not asked for");
  assert.equal(tg.unconfirmed.length, 0);
  await rawCall(tg, "getUpdates", { allowed_updates: [] });
  ann.sendText("asked for");
  assert.equal(tg.unconfirmed.length, 1);
});

Deno.test("stop() ends long polls, presses, waits and loops over events", async () => {
  const { tg, ann } = await withAnn();
  const poll = rawCall(tg, "getUpdates", { timeout: 50 }).catch(() => "cut");
  await tg.until(() => tg.calls.length === 1);
  const press = ann.press({ chat: { id: 7 }, message_id: 1 }, { data: "x" });
  const wait = assert.rejects(tg.until(() => false), /the server has stopped/);
  const loop = (async () => {
    for await (const _ of tg.events);
  })();
  await tg.stop();
  await Promise.all([poll, wait, loop]);
  assert.equal((await press).answered, false);
});

Deno.test("until() rejects with what was waited for and what the chats show", async () => {
  const { tg, ann } = await withAnn();
  await using _ = tg;
  ann.sendText("hello there");
  await assert.rejects(
    tg.until(() => false, { timeoutMs: 1, what: "a miracle" }),
    /Cannot see a miracle: not within 1 ms\nchat 7:\n {2}1 Ann: hello there\n1 updates unconfirmed/,
  );
});

Deno.test("getFile gives a new link each time, each good for an hour, and refuses over 20 MB", async () => {
  let time = 1_800_000_000_000;
  const { tg, ann } = await withAnn({ now: () => time });
  await using _ = tg;
  const bytes = crypto.getRandomValues(new Uint8Array(1000));
  const { document } = ann.sendDocument(bytes, { filename: "data.bin" });
  const bot = new Bot(tg.token, { client: { apiRoot: tg.url } });
  const first = await bot.api.getFile(document.file_id);
  const second = await bot.api.getFile(document.file_id);
  assert.notEqual(first.file_path, second.file_path);
  assert.equal(first.file_size, 1000);
  const download = () => fetch(`${tg.url}/file/bot${tg.token}/${first.file_path}`);
  assert.deepEqual(new Uint8Array(await (await download()).arrayBuffer()), bytes);
  time += 3_600_001;
  const late = await download();
  assert.equal(late.status, 404);
  await late.body?.cancel();
  const big = ann.sendDocument(new Uint8Array(20 * 1024 * 1024 + 1), { filename: "big.bin" });
  const answer = await rawCall(tg, "getFile", { file_id: big.document.file_id });
  assert.equal(answer.description, "Bad Request: file is too big");
});

Deno.test("keepFileBytes makes the oldest files lose their bytes and not their ids", async () => {
  const { tg, ann } = await withAnn({ keepFileBytes: 1500 });
  await using _ = tg;
  const old = ann.sendDocument(new Uint8Array(1000), { filename: "old.bin" });
  const recent = ann.sendDocument(new Uint8Array(1000), { filename: "recent.bin" });
  await assert.rejects(tg.file(old.document.file_id), /no longer kept/);
  assert.equal((await tg.file(recent.document.file_id)).length, 1000);
  const resent = await rawCall(tg, "sendDocument", { chat_id: 7, document: old.document.file_id });
  assert.equal(resent.ok, true);
});

Deno.test("a grammY bot takes a photo, sends it back, is pressed and edits", async () => {
  const { tg, ann } = await withAnn();
  await using _ = tg;
  await using _bot = running(tg, (bot) => {
    bot.on("message:photo", async (ctx) => {
      const { file_path } = await ctx.getFile();
      const file = await fetch(`${tg.url}/file/bot${tg.token}/${file_path}`);
      await ctx.replyWithPhoto(new InputFile(await file.bytes(), "out.jpg"), {
        caption: "done",
        caption_entities: [{ type: "bold", offset: 0, length: 4 }],
        reply_parameters: { message_id: ctx.msg.message_id },
        reply_markup: new InlineKeyboard().text("Again", "again"),
      });
    });
    bot.callbackQuery("again", async (ctx) => {
      await ctx.editMessageCaption({ caption: "once more" });
      await ctx.answerCallbackQuery({ text: "fine", show_alert: true });
    });
  });
  const sent = await ann.sendPhoto(await png(640, 480), { caption: "make it night" });
  const result = await tg.until(() =>
    tg.messages(ann.privateChat).find(({ from }) => from?.is_bot)
  );
  assert.equal(result.caption, "done");
  assert.deepEqual(result.caption_entities, [{ type: "bold", offset: 0, length: 4 }]);
  assert.equal(result.reply_to_message?.message_id, sent.message_id);
  assert.deepEqual(result.reply_to_message?.photo, sent.photo);
  const press = await ann.press(result, "Again");
  assert.deepEqual([press.answered, press.text, press.show_alert], [true, "fine", true]);
  assert.equal(tg.message(ann.privateChat, result.message_id)?.caption, "once more");
});

Deno.test("a grammY bot sends an album of uploads and of files that it knows", async () => {
  const { tg, ann } = await withAnn();
  await using _ = tg;
  const known = await ann.sendPhoto(await png(40, 30));
  const bot = new Bot(tg.token, { client: { apiRoot: tg.url } });
  const album = await bot.api.sendMediaGroup(7, [
    InputMediaBuilder.photo(new InputFile(await png(10, 20), "a.png"), { caption: "both" }),
    InputMediaBuilder.photo(known.photo.at(-1)?.file_id ?? ""),
  ]);
  assert.equal(album.length, 2);
  const [first, second] = tg.messages(7).slice(-2);
  assert.ok(first?.media_group_id);
  assert.equal(first.media_group_id, second?.media_group_id);
  assert.equal(first.caption, "both");
  assert.deepEqual(second?.photo, known.photo);
});
