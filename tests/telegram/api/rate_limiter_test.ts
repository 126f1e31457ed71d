/** Calls under Telegram's limits, on a clock that the test moves; the emulated Telegram's limits are the judge. */
import { Api, type Transformer } from "grammy";
import assert from "node:assert/strict";
import { FloodLimits } from "../../../lab/telegram/server/flood_limits.ts";
import { createRateLimiter, type Rank } from "../../../src/telegram/api/rate_limiter.ts";
import { type Answer, fine } from "../telegram_answer.ts";

/** Milliseconds that pass when the test says so, and who waits for them. */
class Time {
  #now = 1_000_000;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now = (): number => this.#now;

  /** As a timer: never shorter than a millisecond. */
  wait = (ms: number): Promise<void> =>
    new Promise((wake) => this.#sleepers.push({ at: this.#now + Math.max(1, ms), wake }));

  /** Lets so much time pass, waking the sleepers one after the other. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#sleepers.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#sleepers.shift();
      this.#now = next.at;
      next.wake();
    }
    this.#now = end;
  }
}

/** Everything that can go on without time has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

interface Call {
  readonly method: string;
  readonly chatId: number | undefined;
  /** Milliseconds since the test began. */
  readonly at: number;
}

/** A bot's API behind a rateLimiter, with a Telegram that writes down what it gets and holds it against its limits. */
function pacedApi({ answer = () => fine }: { answer?: (call: Call) => Answer } = {}) {
  const time = new Time();
  const began = time.now();
  const limits = new FloodLimits(time.now);
  const calls: Call[] = [];
  const refused: Call[] = [];
  const api = new Api("1:test");
  const rateLimiter = createRateLimiter(time);
  const telegram: Transformer = (_prev, method, payload) => {
    const chatId = "chat_id" in payload! ? Number(payload.chat_id) : undefined;
    const call = { method, chatId, at: time.now() - began };
    calls.push(call);
    if (/^(send|edit)/.test(method) && chatId !== undefined && limits.spend(chatId, 1) > 0) {
      refused.push(call);
    }
    return Promise.resolve(answer(call));
  };
  api.config.use(telegram, rateLimiter.transformer);
  const asking = new Api("1:test");
  asking.config.use(telegram, rateLimiter.asking);
  return { time, api, asking, rateLimiter, limits, calls, refused };
}

const picture = "file-id";
const person = 7;
const group = -100;

Deno.test("createPacer() lets a burst through and then a message a second when a chat gets many", async () => {
  const { time, api, calls, refused } = pacedApi();
  for (let i = 0; i < 10; i++) api.sendMessage(person, `${i}`);
  await time.pass(0);
  assert.equal(calls.length, 3);
  await time.pass(20_000);
  assert.equal(calls.length, 10, "late, never lost");
  assert.ok(calls.at(-1)!.at < 8_000, `${calls.at(-1)!.at}`);
  assert.deepEqual(refused, []);
});

Deno.test("createPacer() keeps to twenty a minute when the chat is a group", async () => {
  const { time, api, calls, refused } = pacedApi();
  for (let i = 0; i < 60; i++) api.editMessageText(group, 5, `${i}`);
  await time.pass(240_000);
  assert.equal(calls.length, 60);
  assert.deepEqual(refused, []);
});

Deno.test("createPacer() keeps to thirty a second in all when many chats get messages", async () => {
  const { time, api, calls, refused } = pacedApi();
  for (let chat = 1; chat <= 60; chat++) api.sendMessage(chat, "hello");
  await time.pass(0);
  assert.equal(calls.length, 30);
  await time.pass(2_000);
  assert.equal(calls.length, 60);
  assert.ok(calls.at(-1)!.at < 1_200, `${calls.at(-1)!.at}`);
  assert.deepEqual(refused, []);
});

Deno.test("createPacer() sends results first when there is no room for all", async () => {
  const { time, api, calls } = pacedApi();
  for (let i = 0; i < 6; i++) api.sendMessage(person, `${i}`);
  await time.pass(0);
  api.sendPhoto(person, picture);
  api.sendDocument(person, picture);
  await time.pass(20_000);
  assert.deepEqual(calls.map(({ method }) => method), [
    ...Array(3).fill("sendMessage"),
    "sendPhoto",
    "sendDocument",
    ...Array(3).fill("sendMessage"),
  ]);
});

Deno.test("room() comes to a result first when others wait for it", async () => {
  const { time, rateLimiter } = pacedApi();
  const gone: string[] = [];
  const wait = async (name: string, rank: Rank) => {
    await rateLimiter.room(person, rank);
    gone.push(name);
  };
  for (let i = 0; i < 6; i++) wait("status", "answer");
  await time.pass(0);
  wait("result", "result");
  await time.pass(20_000);
  assert.deepEqual(gone, [...Array(3).fill("status"), "result", ...Array(3).fill("status")]);
});

for (const chat of [person, group]) {
  Deno.test(`room() lets what is single pass at once while a batch goes out to ${chat}`, async () => {
    const { time, api, rateLimiter, calls, refused } = pacedApi();
    let sent = 0;
    const sendAll = async () => {
      for (; sent < 20; sent++) await rateLimiter.room(chat, "batch");
    };
    const sending = sendAll();
    for (const laterMs of [2_100, 15_300, 9_700]) {
      await time.pass(laterMs);
      const before = time.now();
      api.sendPhoto(chat, picture);
      await time.pass(10);
      assert.equal(calls.at(-1)?.at, before - 1_000_000, "it waits for nothing");
    }
    await time.pass(100_000);
    await sending;
    assert.equal(sent, 20, "late, never lost");
    assert.deepEqual(refused, []);
  });
}

Deno.test("createPacer() does not let one chat wait for another", async () => {
  const { time, api, calls } = pacedApi();
  for (let i = 0; i < 10; i++) api.sendMessage(person, `${i}`);
  api.sendMessage(8, "hello");
  await time.pass(0);
  assert.ok(calls.some(({ chatId }) => chatId === 8));
});

Deno.test("createPacer() holds nothing back when the call does not count", async () => {
  const { time, api, calls } = pacedApi();
  for (let i = 0; i < 5; i++) api.sendMessage(person, `${i}`);
  api.answerCallbackQuery("1");
  api.deleteMessage(person, 1);
  api.sendChatAction(person, "upload_photo");
  await time.pass(0);
  assert.deepEqual(
    calls.map(({ method }) => method).filter((method) => method !== "sendMessage").sort(),
    ["answerCallbackQuery", "deleteMessage", "sendChatAction"],
  );
});

Deno.test("createPacer() keeps still in a chat for as long as Telegram says", async () => {
  const { time, api, calls } = pacedApi({
    answer: ({ at }) =>
      at > 0 ? fine : {
        ok: false,
        error_code: 429,
        description: "Too Many Requests: retry after 30",
        parameters: { retry_after: 30 },
      },
  });
  await assert.rejects(api.sendMessage(person, "1"));
  api.sendMessage(person, "2");
  api.sendMessage(8, "in another chat").catch(() => {});
  await time.pass(29_000);
  assert.equal(calls.filter(({ chatId }) => chatId === person).length, 1);
  assert.equal(calls.filter(({ chatId }) => chatId === 8).length, 1);
  await time.pass(1_001);
  assert.equal(calls.filter(({ chatId }) => chatId === person).length, 2);
});

Deno.test("hasRoomForProgress() leaves room for a result when progress goes out as it may", async () => {
  const { time, api, rateLimiter, calls } = pacedApi();
  for (let tick = 0; tick < 40; tick++) {
    if (rateLimiter.hasRoomForProgress(person)) api.editMessageText(person, 5, `${tick}`);
    await time.pass(100);
  }
  const before = calls.length;
  assert.ok(before >= 4, `${before}`);
  api.sendPhoto(person, picture);
  await time.pass(0);
  assert.equal(calls.length, before + 1, "it goes at once");
});

Deno.test("hasRoomForProgress() is false while something waits in the chat", async () => {
  const { time, api, rateLimiter } = pacedApi();
  for (let i = 0; i < 4; i++) api.sendMessage(person, `${i}`);
  await time.pass(0);
  assert.ok(!rateLimiter.hasRoomForProgress(person));
  assert.ok(rateLimiter.hasRoomForProgress(8), "another chat has its own room");
  await time.pass(60_000);
  assert.ok(rateLimiter.hasRoomForProgress(person));
});

Deno.test("hasRoomForProgress() leaves ten of all messages when many chats are busy", async () => {
  const { time, api, rateLimiter, calls } = pacedApi();
  let shown = 0;
  for (let chat = 1; chat <= 40; chat++) {
    if (!rateLimiter.hasRoomForProgress(chat)) continue;
    shown++;
    api.editMessageText(chat, 5, "50 %");
    await settled();
  }
  assert.equal(shown, 20);
  for (let chat = 101; chat <= 110; chat++) api.sendPhoto(chat, picture);
  await time.pass(0);
  assert.equal(calls.length, 30);
});

Deno.test("hasRoomForProgress() lets a running job's message change about once a second for long", async () => {
  const { time, api, rateLimiter, calls, refused } = pacedApi();
  for (let tick = 0; tick < 240; tick++) {
    if (rateLimiter.hasRoomForProgress(person)) api.editMessageText(person, 5, `${tick}`);
    await time.pass(250);
  }
  assert.ok(calls.length >= 45, `${calls.length} in a minute`);
  assert.deepEqual(refused, []);
});

Deno.test("createPacer() stays right when thousands of chats come and go", async () => {
  const { time, api, rateLimiter, calls } = pacedApi();
  for (let i = 0; i < 4; i++) api.sendMessage(person, `${i}`);
  for (let chat = 1_000; chat < 3_500; chat++) rateLimiter.hasRoomForProgress(chat);
  api.sendMessage(person, "4");
  await time.pass(0);
  assert.equal(calls.length, 3, "a chat with somebody waiting is not forgotten");
  await time.pass(3_000);
  assert.equal(calls.length, 5);
});

const notFound: Answer = {
  ok: false,
  error_code: 400,
  description: "Bad Request: message to edit not found",
};
const changed = { ok: true, result: { message_id: 5 } } as unknown as Answer;

Deno.test("asking counts a question that is refused, or was so already, among all calls alone", async () => {
  for (const answer of [notFound, fine]) {
    const { time, api, asking, calls } = pacedApi({ answer: () => answer });
    const ask = async () => {
      for (let id = 1; id <= 64; id++) {
        await asking.editMessageReplyMarkup(person, id).catch(() => {});
      }
    };
    ask();
    await time.pass(1_000);
    assert.ok(calls.length > 32 && calls.length <= 58, `${calls.length} in a second`);
    await time.pass(2_000);
    assert.equal(calls.length, 64);
    api.sendMessage(person, "at once").catch(() => {});
    await time.pass(0);
    assert.equal(calls.length, 65, "the chat has its room");
  }
});

Deno.test("asking keeps to the chat's limit where questions change messages", async () => {
  for (const [chat, atLeastMs] of [[person, 7_000], [group, 20_000]] as const) {
    const { time, asking, calls, refused } = pacedApi({ answer: () => changed });
    const ask = async () => {
      for (let id = 1; id <= 10; id++) await asking.editMessageReplyMarkup(chat, id);
    };
    ask();
    await time.pass(60_000);
    assert.equal(calls.length, 10);
    assert.ok(calls.at(-1)!.at > atLeastMs, `${calls.at(-1)!.at}`);
    assert.deepEqual(refused, []);
  }
});

for (const [chat, gapMs] of [[person, 11_000], [group, 20_000]] as const) {
  Deno.test(`room() keeps to the limits of ${chat} when albums come at once, and single ones between them`, async () => {
    const { time, api, rateLimiter, limits, calls, refused } = pacedApi();
    // An upload that takes its time: it counts when it has arrived.
    const once = new Api("1:test");
    once.config.use(async () => {
      await time.wait(2_500);
      albums.push(limits.spend(chat, 10));
      return fine;
    }, rateLimiter.heed);
    const albums: number[] = [];
    const sendAlbums = async () => {
      for (let i = 0; i < 5; i++) {
        await rateLimiter.room(chat, "batch", 10);
        await once.sendMediaGroup(chat, []);
      }
    };
    const sending = sendAlbums();
    for (let i = 0; i < 600 && albums.length < 5; i++) {
      await time.pass(1_000);
      if (i * 1_000 % gapMs === 0) api.sendPhoto(chat, picture);
    }
    await sending;
    await time.pass(60_000);
    assert.deepEqual(albums, Array(5).fill(0), "Telegram takes each of them");
    assert.ok(calls.length >= 5, `${calls.length} single ones`);
    assert.deepEqual(refused, []);
  });
}
