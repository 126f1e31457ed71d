/** The search for a job's message, in an emulated Telegram where a process has sent what the next one does not know of. */
import { Api, InlineKeyboard, InputFile } from "grammy";
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { gradientPng } from "../../../lab/pictures.ts";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import type { Job, SendMark } from "../../../src/jobs/job.ts";
import { createMessageIds } from "../../../src/telegram/api/message_ids.ts";
import { ignoreNotModified } from "../../../src/telegram/api/transformers.ts";
import { createFindMessage, type FindMessage } from "../../../src/telegram/status/find_message.ts";
import { createOtherMessages } from "../../../src/telegram/status/other_messages.ts";
import { createMemoryOtherMessages } from "../../jobs/memory_other_messages.ts";
import {
  cancelKeyboard,
  resultCaption,
  resultKeyboard,
} from "../../../src/telegram/status/job_keyboards.ts";
import { openQueue, request } from "../../jobs/job_fixture.ts";

const ben = 7;
const group = -1_001_234_567_890;
const basic = -4_012_345_678;

/** A user, jobs, and two processes: one that has sent messages and died, one that looks for them. */
async function openSearch() {
  const telegram = await startTelegram({ limits: false });
  const person = telegram.person({ id: ben, first_name: "Ben", started: true });
  telegram.group({ id: group, title: "Painters", members: [person], botIsAdmin: true });
  telegram.basicGroup({ id: basic, title: "Sketchers", members: [person] });
  const queue = await openQueue();
  const sent = createMessageIds();
  const life = new AbortController();
  const store = createMemoryOtherMessages();
  const plain = new Api(telegram.token, { apiRoot: telegram.url });
  const asking = new Api(telegram.token, { apiRoot: telegram.url });
  asking.config.use(ignoreNotModified);
  let meanwhile: (() => Promise<unknown>) | undefined;
  asking.config.use(async (prev, ...call) => {
    const answer = await prev(...call);
    await meanwhile?.();
    return answer;
  });
  const reply = ({ origin: { messageId } }: Job) => ({
    reply_parameters: { message_id: messageId, allow_sending_without_reply: true },
  });
  return {
    telegram,
    person,
    queue,
    sent,
    plain,
    find: createFindMessage({
      asking,
      sent,
      others: createOtherMessages({ store, sent }),
      queue,
      signal: life.signal,
    }),
    /** A process that notes what it sends, and the search of the next one, which has its notes. */
    former: () => {
      const ids = createMessageIds();
      const api = new Api(telegram.token, { apiRoot: telegram.url });
      const notes = createOtherMessages({ store, sent: ids });
      api.config.use(ids.transformer, notes.transformer);
      return { api, ids };
    },
    findNext: (...args: Parameters<FindMessage>) => {
      const next = createMessageIds();
      const others = createOtherMessages({ store, sent: next });
      const { signal } = life;
      return createFindMessage({ asking, sent: next, others, queue, signal })(...args);
    },
    /** What comes about before the search hears each answer. */
    whileAnswered(act: () => Promise<unknown>) {
      meanwhile = act;
    },
    /** The bot stops. */
    stop: () => life.abort(),
    /** A job that a message of its own asks for, or that one. */
    async add(
      id: string,
      fields: Partial<Job>,
      { chatId = ben, messageId = person.sendText(id, { chat: chatId }).message_id } = {},
    ): Promise<Job> {
      const isPrivate = chatId > 0;
      await queue.enqueue(
        request(id, { origin: { userId: ben, chatId, isPrivate, messageId, language: "en" } }),
      );
      return await queue.update(id, fields);
    },
    sendFile: (job: Job): Promise<Message> =>
      plain.sendDocument(job.origin.chatId, new InputFile(gradientPng(64, 64), "a.png"), {
        caption: resultCaption(job),
        reply_markup: resultKeyboard(job),
        ...reply(job),
      }),
    sendResult: (job: Job): Promise<Message> =>
      plain.sendPhoto(job.origin.chatId, new InputFile(gradientPng(64, 64), "a.png"), {
        caption: resultCaption(job),
        reply_markup: resultKeyboard(job),
        ...reply(job),
      }),
    sendStatus: (job: Job): Promise<Message> =>
      plain.sendMessage(job.origin.chatId, `Job ${job.id} waits`, {
        reply_markup: cancelKeyboard(job),
        ...reply(job),
      }),
    /** The chat as a user sees it: when a message was changed stands nowhere. */
    seen: (chatId = ben) =>
      telegram.messages(chatId).map(({ edit_date: _, ...message }) => message),
    /** The ids that Telegram was asked about. */
    asked: () => [
      ...new Set(
        telegram.calls.filter(({ method }) => method.startsWith("editMessage"))
          .map(({ params }) => Number(params.message_id)),
      ),
    ],
    async [Symbol.asyncDispose]() {
      life.abort();
      await telegram.stop();
    },
  };
}

/** Right after that id, in every count. */
function after(messageId: number): SendMark {
  return { chat: messageId, privates: messageId };
}

/** A result that was perhaps sent, and a status that was. */
const someMark = { sendMark: after(1), statusMark: after(1) };

for (const kind of ["result", "status"] as const) {
  Deno.test(`createMessageSearch() finds the ${kind} that was sent, and changes nothing`, async () => {
    await using search = await openSearch();
    const { find, person, sent, seen } = search;
    const job = await search.add("a", someMark);
    person.sendText("something else");
    const message = await (kind === "result" ? search.sendResult(job) : search.sendStatus(job));
    const before = seen();
    assert.equal(await find(job, kind, after(job.origin.messageId)), message.message_id);
    assert.deepEqual(seen(), before);
    assert.ok(sent.isKnown(ben, message.message_id), "nobody asks about it again");
  });

  Deno.test(`createMessageSearch() finds no ${kind} when none was sent, and ends`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    await search.plain.sendMessage(ben, "an answer");
    const before = search.seen();
    const { messageId } = job.origin;
    assert.equal(await search.find(job, kind, after(messageId)), undefined);
    assert.deepEqual(search.seen(), before);
    assert.deepEqual(search.asked(), Array.from({ length: 32 }, (_, i) => messageId + 1 + i));
  });

  Deno.test(`createMessageSearch() gives other jobs' messages back what they had when it looks for a ${kind}`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    const b = await search.add("b", { sendMark: after(1) });
    const c = await search.add("c", { statusMark: after(1) });
    const d = await search.add("d", { sendMark: after(1) });
    await search.sendResult(b);
    await search.sendStatus(c);
    await search.sendFile(d);
    // The job has two messages, and the other one is not the one.
    await (kind === "result" ? search.sendStatus(job) : search.sendResult(job));
    const before = search.seen();
    assert.equal(await search.find(job, kind, after(d.origin.messageId)), undefined);
    assert.deepEqual(search.seen(), before);
  });

  Deno.test(`createMessageSearch() gives a kept result that was being fetched back what it had when it looks for a ${kind}`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    const end = { state: "failed", settled: true, kept: "person", resultFile: "b.png" } as const;
    const fetched = await search.add("b", end);
    await search.add("c", { ...end, kept: "place" }, { messageId: fetched.origin.messageId });
    await search.queue.update("b", { sendMark: after(1) });
    await search.sendResult(fetched);
    await (kind === "result" ? search.sendStatus(job) : search.sendResult(job));
    const before = search.seen();
    assert.equal(await search.find(job, kind, after(fetched.origin.messageId)), undefined);
    assert.deepEqual(search.seen(), before);
  });

  Deno.test(`createMessageSearch() gives a ${kind} its buttons back that was noted while it was asked about`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    const b = await search.add("b", someMark);
    const isResult = kind === "result";
    const { message_id: messageId } =
      await (isResult ? search.sendResult(b) : search.sendStatus(b));
    const before = search.seen();
    search.whileAnswered(() =>
      search.queue.update(
        "b",
        isResult ? { delivered: { messageId } } : { statusMessageId: messageId },
      )
    );
    assert.equal(await search.find(job, "status", after(b.origin.messageId)), undefined);
    assert.deepEqual(search.seen(), before);
  });

  Deno.test(`createMessageSearch() takes no other job's message for the ${kind} when a question gets no answer`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    const b = await search.add("b", someMark);
    const send = kind === "result" ? search.sendResult : search.sendStatus;
    await send(b);
    const message = await send(job);
    const before = search.seen();
    const cut = search.telegram.faults.add({ method: /^edit/, kind: "cut-after", times: 1 });
    assert.equal(await search.find(job, kind, after(b.origin.messageId)), message.message_id);
    assert.deepEqual(search.seen(), before);
    assert.equal(cut.hits, 1);
  });

  Deno.test(`createMessageSearch() finds the ${kind} though questions about it get no answer`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    const { messageId } = job.origin;
    // A message of the same number in another chat is no other job's of this one.
    await search.add("b", someMark, { chatId: group, messageId });
    // Nothing was sent for this one.
    await search.add("c", {}, { messageId });
    const message = await (kind === "result" ? search.sendResult(job) : search.sendStatus(job));
    const before = search.seen();
    const cut = search.telegram.faults.add({ method: /^edit/, kind: "cut-after", times: 2 });
    assert.equal(await search.find(job, kind, after(messageId)), message.message_id);
    assert.deepEqual(search.seen(), before);
    assert.equal(cut.hits, 2);
  });

  Deno.test(`createMessageSearch() tells a ${kind} from that of another job that the same message asked for`, async () => {
    await using search = await openSearch();
    const { find, queue } = search;
    const job = await search.add("a", someMark);
    const { messageId } = job.origin;
    const twin = await search.add("b", someMark, { messageId });
    const send = kind === "result" ? search.sendResult : search.sendStatus;
    const message = await send(twin);
    const before = search.seen();
    assert.equal(await find(job, kind, after(messageId)), undefined);
    const own = await send(job);
    await queue.update(
      "a",
      kind === "result"
        ? { delivered: { messageId: own.message_id } }
        : { statusMessageId: own.message_id },
    );
    assert.equal(await find(twin, kind, after(messageId)), message.message_id);
    assert.deepEqual(search.seen().slice(0, -1), before);
  });

  Deno.test(`createMessageSearch() looks no further for a ${kind} when the chat is closed to the bot`, async () => {
    await using search = await openSearch();
    const job = await search.add("a", someMark);
    const closed = search.telegram.faults.add({ method: /^edit/, kind: "refuse", code: 403 });
    assert.equal(await search.find(job, kind, after(job.origin.messageId)), undefined);
    assert.equal(closed.hits, 1);
  });
}

for (const what of ["each question is answered", "questions get no answer"]) {
  Deno.test(`createMessageSearch() leaves texts alone when it looks for a result and ${what}`, async () => {
    await using search = await openSearch();
    if (what.endsWith("no answer")) {
      for (const kind of ["cut-before", "cut-after"] as const) {
        search.telegram.faults.add({ method: /^edit/, kind, times: 1 });
      }
    }
    const job = await search.add("a", someMark);
    const { messageId } = job.origin;
    await search.plain.sendMessage(ben, "a menu", {
      reply_markup: new InlineKeyboard().text("Close", "s:7:close"),
    });
    await search.sendStatus(job);
    const before = search.seen();
    assert.equal(await search.find(job, "result", after(messageId)), undefined);
    assert.deepEqual(search.seen(), before);
    assert.deepEqual(
      search.telegram.messages(ben).filter(({ edit_date }) => edit_date !== undefined),
      [],
    );
  });
}

Deno.test("createMessageSearch() does not ask about what is known to be another message", async () => {
  await using search = await openSearch();
  const { queue, sent } = search;
  const job = await search.add("a", someMark);
  const b = await search.add("b", someMark);
  const answer = await search.plain.sendMessage(ben, "an answer");
  sent.see(ben, answer.message_id);
  const status = await search.sendStatus(b);
  await queue.update("b", { statusMessageId: status.message_id });
  const result = await search.sendResult(b);
  await queue.update("b", { delivered: { messageId: result.message_id } });
  const own = await search.sendResult(job);
  const mark = { chat: job.origin.messageId, privates: 0 };
  assert.equal(await search.find(job, "result", mark), own.message_id);
  assert.deepEqual(search.asked(), [own.message_id]);
  const nowhere = { chat: own.message_id, privates: 0 };
  assert.equal(await search.find(job, "result", nowhere), undefined);
  assert.ok(search.asked().every((id) => id >= own.message_id), "0 is no place to begin at");
});

Deno.test("createMessageSearch() looks behind the last message of all private chats", async () => {
  await using search = await openSearch();
  const job = await search.add("a", someMark);
  const { messageId } = job.origin;
  const ann = search.telegram.person({ id: 8, first_name: "Ann" });
  const last = Array.from({ length: 40 }, (_, i) => ann.sendText(`${i}`)).at(-1)!.message_id;
  const own = await search.sendResult(job);
  const mark = { chat: messageId, privates: last };
  assert.equal(await search.find(job, "result", mark), own.message_id);
});

Deno.test("createMessageSearch() counts a group's messages for themselves", async () => {
  await using search = await openSearch();
  const job = await search.add("a", someMark, { chatId: group });
  const own = await search.sendResult(job);
  await search.add("b", { statusMessageId: own.message_id });
  const mark = { chat: job.origin.messageId, privates: 5_000 };
  assert.equal(await search.find(job, "result", mark), own.message_id);
  assert.equal(await search.find(job, "status", { ...mark, chat: own.message_id }), undefined);
  assert.ok(search.asked().every((id) => id < 5_000), "no private chat's ids");
});

Deno.test("createMessageSearch() counts a basic group's messages with the private chats", async () => {
  await using search = await openSearch();
  const job = await search.add("a", someMark, { chatId: basic });
  // The group's own last id is far behind: other members have written since.
  for (let i = 0; i < 40; i++) search.person.sendText("hello");
  const last = search.person.sendText("hello").message_id;
  const own = await search.sendResult(job);
  const mark = { chat: job.origin.messageId, privates: last };
  assert.equal(await search.find(job, "result", mark), own.message_id);
});

Deno.test("createMessageSearch() gives no button to a job that is at an end", async () => {
  await using search = await openSearch();
  const job = await search.add("a", someMark);
  const b = await search.add("b", someMark);
  await search.queue.cancel("b");
  await search.plain.sendMessage(ben, "Cancelled.", {
    reply_parameters: { message_id: b.origin.messageId },
  });
  const before = search.seen();
  assert.equal(await search.find(job, "status", after(b.origin.messageId)), undefined);
  assert.deepEqual(search.seen(), before);
});

Deno.test("createMessageSearch() finds the status of a cancelled job though a question about it gets no answer", async () => {
  await using search = await openSearch();
  const job = await search.add("a", someMark);
  const status = await search.sendStatus(job);
  await search.queue.cancel("a");
  search.telegram.faults.add({ method: /^edit/, kind: "cut-after", times: 1 });
  const mark = after(job.origin.messageId);
  assert.equal(await search.find(job, "status", mark), status.message_id);
});

Deno.test("createMessageSearch() rejects when the bot stops before Telegram has said anything", async () => {
  await using search = await openSearch();
  const job = await search.add("a", someMark);
  const away = search.telegram.faults.add({ kind: "cut-before" });
  const finding = search.find(job, "result", after(job.origin.messageId));
  finding.catch(() => {});
  await search.telegram.until(() => away.hits > 0, { what: "a question" });
  search.stop();
  await assert.rejects(finding, { name: "AbortError" });
});

/** What a bot sends that is no job's, each of another kind; `result` is a job's message that some reply to. */
const otherMessages = [
  [
    "Before · after",
    (api: Api, result: Message) =>
      api.sendPhoto(ben, new InputFile(gradientPng(64, 64), "before-after.png"), {
        caption: "Before · after",
        reply_parameters: { message_id: result.message_id },
      }),
  ],
  [
    "statistics",
    (api: Api) =>
      api.sendPhoto(ben, new InputFile(gradientPng(64, 32), "statistics.png"), {
        caption: "📊 1 Nov – 14 Nov",
      }),
  ],
  [
    "a file",
    (api: Api, result: Message) =>
      api.sendDocument(ben, new InputFile(gradientPng(64, 64), "image-edit.png"), {
        reply_parameters: { message_id: result.message_id },
      }),
  ],
  [
    "a menu",
    (api: Api) =>
      api.sendMessage(ben, "⚙️ Settings", {
        reply_markup: new InlineKeyboard().text("Steps", "s:7:steps").row().text("Close", "s:7:x"),
      }),
  ],
] as const;

for (const [what, send] of otherMessages) {
  for (const kind of ["result", "status"] as const) {
    Deno.test(`createMessageSearch() asks nothing about ${what} of a former process when it looks for a ${kind}`, async () => {
      await using search = await openSearch();
      const b = await search.add("b", someMark);
      const result = await search.sendResult(b);
      await search.queue.update("b", { delivered: { messageId: result.message_id } });
      const job = await search.add("a", someMark);
      const { api } = search.former();
      const other = await send(api, result);
      const own = await (kind === "result" ? search.sendResult(job) : search.sendStatus(job));
      const before = search.seen();
      const mark = after(job.origin.messageId);
      assert.equal(await search.findNext(job, kind, mark), own.message_id);
      assert.ok(!search.asked().includes(other.message_id), "not asked about");
      assert.deepEqual(search.seen(), before);
    });

    Deno.test(`createMessageSearch() gives ${what} back its look when it was sent at the kill, looking for a ${kind}`, async () => {
      await using search = await openSearch();
      const b = await search.add("b", someMark);
      const result = await search.sendResult(b);
      await search.queue.update("b", { delivered: { messageId: result.message_id } });
      const job = await search.add("a", someMark);
      const { api, ids } = search.former();
      ids.see(ben, job.origin.messageId);
      search.telegram.faults.add({ method: /^send/, kind: "cut-after", times: 1 });
      await assert.rejects(send(api, result));
      const before = search.seen();
      const mark = after(job.origin.messageId);
      assert.equal(await search.findNext(job, kind, mark), undefined);
      assert.deepEqual(search.seen(), before);
    });
  }
}

for (const [what, send] of otherMessages.filter(([what]) => what !== "statistics")) {
  Deno.test(`createMessageSearch() gives ${what} back its look that no note tells of, looking for a result`, async () => {
    await using search = await openSearch();
    const b = await search.add("b", someMark);
    const result = await search.sendResult(b);
    await search.queue.update("b", { delivered: { messageId: result.message_id } });
    const job = await search.add("a", someMark);
    await send(search.plain, result);
    const before = search.seen();
    assert.equal(await search.findNext(job, "result", after(job.origin.messageId)), undefined);
    assert.deepEqual(search.seen(), before);
  });
}

Deno.test("createMessageSearch() asks about no id that a message of another chat of the same count has", async () => {
  await using search = await openSearch();
  const { person, sent, find } = search;
  const ann = search.telegram.person({ id: 8, first_name: "Ann" });
  const job = await search.add("a", someMark);
  const others = [
    ann.sendText("hello"),
    person.sendText("hello", { chat: basic }),
    ann.sendText("hello again"),
  ];
  for (const { chat, message_id } of others) sent.see(chat.id, message_id);
  const own = await search.sendResult(job);
  assert.equal(await find(job, "result", after(job.origin.messageId)), own.message_id);
  assert.deepEqual(search.asked(), [own.message_id]);
});
