/** The result's way into a chat of an emulated Telegram: in which form, and what comes of a refusal. */
import { Api } from "grammy";
import { Image } from "imagescript";
import assert from "node:assert/strict";
import {
  animatedGif,
  animatedWebp,
  apng,
  type Bytes,
  bytesOf,
  flatWebp,
  gradientJpeg,
  gradientPng,
  noisePng,
  pngChunk,
  pngHeader,
  pngOf,
  pngText,
  u32be,
} from "../../../lab/pictures.ts";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { type Job, type JobRequest, newJob } from "../../../src/jobs/job.ts";
import { createMessageIds } from "../../../src/telegram/api/message_ids.ts";
import { deliver } from "../../../src/telegram/status/delivery.ts";
import { createFindMessage } from "../../../src/telegram/status/find_message.ts";
import { createDrawing } from "../../../src/images/drawing/mod.ts";
import { createOtherMessages } from "../../../src/telegram/status/other_messages.ts";
import { createMemoryOtherMessages } from "../../jobs/memory_other_messages.ts";
import { createSerializer } from "../../../src/lib/mod.ts";
import { createSendOnce, findInTurn } from "../../../src/telegram/status/send_once.ts";
import type { Delivery } from "../../../src/worker/messenger.ts";
import { openQueue, request } from "../../jobs/job_fixture.ts";

const ben = 7;
const picture = gradientPng(64, 64, { before: [pngText("prompt", "{}")] });

const idOf = (delivery: Delivery) =>
  delivery.type === "delivered" ? delivery.delivered.messageId : undefined;

/** A chat to which results of one job go. */
async function openCounter({ keepMetadata = false } = {}) {
  const telegram = await startTelegram({ limits: false });
  const { privateChat } = telegram.person({ id: ben, first_name: "Ben", started: true });
  const life = new AbortController();
  const { signal } = life;
  const once = new Api(telegram.token, { apiRoot: telegram.url });
  const sent = createMessageIds();
  const queue = await openQueue();
  const asking = new Api(telegram.token, { apiRoot: telegram.url });
  let meanwhile: (() => Promise<unknown>) | undefined;
  once.config.use(async (prev, ...call) => {
    const answer = await prev(...call);
    await meanwhile?.();
    return answer;
  }, sent.transformer);
  const drawing = createDrawing(life.signal);
  const others = createOtherMessages({ store: createMemoryOtherMessages(), sent });
  const find = createFindMessage({ asking, sent, others, queue, signal });
  const rateLimiter = { room: () => Promise.resolve() };
  const chatTurns = createSerializer();
  const sendOnce = createSendOnce({ sent, find, chatTurns, rateLimiter, signal });
  return {
    telegram,
    asking,
    find: findInTurn({ find, chatTurns }),
    /** What comes about before the bot hears each answer to what it sends. */
    whileAnswered(act: () => Promise<unknown>) {
      meanwhile = act;
    },
    deliver: (bytes: Uint8Array<ArrayBuffer>, wanted: Partial<JobRequest> = {}) =>
      deliver(
        { once, sendOnce, keepMetadata: () => keepMetadata, drawing, api: once },
        {
          job: newJob(request("a", wanted), 1, 0),
          result: bytes,
          note: () => Promise.resolve(),
          read: () => Promise.resolve(undefined),
        },
      ),
    /** A result of several files, to those places. */
    deliverAll(files: readonly Bytes[], chatIds: readonly number[] = [ben]) {
      const names = files.map((_, i) => `${i}.bin`);
      const [resultFile = "", ...moreFiles] = names;
      return deliver(
        { once, sendOnce, keepMetadata: () => keepMetadata, drawing, api: once },
        {
          job: { ...newJob(request("a"), 1, 0), resultFile, moreFiles },
          result: files[0]!.slice(),
          note: () => Promise.resolve(),
          read: (file) => Promise.resolve(files[names.indexOf(file)]?.slice()),
        },
        chatIds.map((chatId) => ({ chatId })),
      );
    },
    deliverJob: (job: Job, note: (mark: Job["sendMark"]) => Promise<unknown>, chatId: number) =>
      deliver(
        { once, sendOnce, keepMetadata: () => keepMetadata, drawing, api: once },
        {
          job,
          result: picture,
          note: ({ sendMark }) => note(sendMark),
          read: () => Promise.resolve(undefined),
        },
        [{ chatId }],
      ),
    chat: privateChat,
    arrived: () => telegram.messages(privateChat).at(-1),
    tried: () =>
      telegram.calls.map(({ method }) => method).filter((method) => method.startsWith("send")),
    async [Symbol.asyncDispose]() {
      life.abort();
      await telegram.stop();
    },
  };
}

Deno.test("deliver() sends the other form when Telegram refuses the one", async () => {
  for (const [form, method] of [["photo", "sendPhoto"], ["file", "sendDocument"]] as const) {
    await using counter = await openCounter();
    counter.telegram.faults.add({ method, kind: "refuse", times: 1 });
    const delivered = await counter.deliver(picture, { delivery: form });
    const message = counter.arrived();
    assert.equal(idOf(delivered), message?.message_id);
    assert.deepEqual([!!message?.photo, !!message?.document], [form === "file", form === "photo"]);
  }
});

Deno.test("deliver() does not try a form that Telegram would refuse first", async () => {
  await using counter = await openCounter();
  await counter.deliver(gradientPng(1_000, 40), { delivery: "photo" });
  assert.deepEqual(counter.tried(), ["sendDocument"]);
});

Deno.test("deliver() says why a result is to be kept, and tries no other form of what is closed", async () => {
  for (
    const [code, description, reason, tried] of [
      [400, "Bad Request: PHOTO_INVALID_DIMENSIONS", "form", 2],
      [400, "Bad Request: something new", "form", 2],
      [413, "Request Entity Too Large", "form", 2],
      [403, "Forbidden: bot was blocked by the user", "person", 1],
      [403, "Forbidden: user is deactivated", "person", 1],
      [403, "Forbidden: bot can't initiate conversation with a user", "person", 1],
      [400, "Bad Request: chat not found", "place", 1],
      [400, "Bad Request: CHAT_WRITE_FORBIDDEN", "place", 1],
      [403, "Forbidden: bot was kicked from the supergroup chat", "place", 1],
    ] as const
  ) {
    await using counter = await openCounter();
    counter.telegram.faults.add({ method: /^send/, kind: "refuse", code, description });
    assert.deepEqual(await counter.deliver(picture), { type: "kept", reason }, description);
    assert.equal(counter.tried().length, tried, description);
  }
});

Deno.test("deliver() tries again what is refused for the token, until it is taken", async () => {
  const refusals = [[401, "Unauthorized"], [404, "Not Found"]] as const;
  await Promise.all(refusals.map(async ([code, description]) => {
    await using counter = await openCounter();
    counter.telegram.faults.add({ method: /^send/, kind: "refuse", code, description, times: 2 });
    const delivered = await counter.deliver(picture);
    assert.equal(idOf(delivered), counter.arrived()?.message_id);
    assert.deepEqual(counter.tried(), ["sendPhoto", "sendPhoto", "sendPhoto"]);
  }));
});

Deno.test("deliver() sends what a photo would lose as a file, named by its bytes", async () => {
  const film = bytesOf(u32be(16), "ftypisom\0\0\0\0", u32be(12), "mdatfilm");
  const results: readonly (readonly [string, Bytes, string, string | undefined])[] = [
    ["a JPEG", await gradientJpeg(64, 64), "sendPhoto", undefined],
    ["a WebP", await flatWebp(64, 64), "sendPhoto", undefined],
    [
      "alpha",
      pngOf(pngHeader(4, 4, { colourType: 6 }), pngChunk("IDAT", bytesOf("x"))),
      "sendDocument",
      "png",
    ],
    ["16 bits", gradientPng(64, 64, { bitDepth: 16 }), "sendDocument", "png"],
    ["an animated PNG", apng(64, 64), "sendDocument", "png"],
    ["an animated WebP", animatedWebp(64, 64), "sendDocument", "webp"],
    ["a GIF", animatedGif(), "sendDocument", "gif"],
    ["a video", film, "sendDocument", "mp4"],
    ["an unknown format", bytesOf("\0\x01\x02"), "sendDocument", "bin"],
  ];
  for (const [what, bytes, method, extension] of results) {
    await using counter = await openCounter();
    await counter.deliver(bytes, { delivery: "auto" });
    assert.deepEqual(counter.tried(), [method], what);
    const { document } = counter.arrived() ?? {};
    assert.equal(document?.file_name?.split(".").at(-1), extension, what);
  }
});

Deno.test("deliver() sends as a file what Telegram would make small, where the size was asked for", async () => {
  const [wide, small] = [gradientPng(2_600, 40 * 4), gradientPng(2_560, 40 * 4)];
  for (
    const [bytes, wanted, method] of [
      [wide, { task: "bigger" }, "sendDocument"],
      [wide, { sameSize: true }, "sendDocument"],
      [wide, {}, "sendPhoto"],
      [wide, { sameSize: true, delivery: "photo" }, "sendPhoto"],
      [small, { task: "bigger" }, "sendPhoto"],
    ] as const
  ) {
    await using counter = await openCounter();
    await counter.deliver(bytes.slice(), { delivery: "auto", ...wanted });
    assert.deepEqual(counter.tried(), [method], JSON.stringify(wanted));
  }
});

Deno.test("deliver() shows what can be seen through before the file, once and where Telegram takes it", async () => {
  const clear = bytesOf(await new Image(32, 32).fill(0xff000040).encode());
  for (
    const [wanted, sends] of [
      [{ task: "cutout", delivery: "photo" }, ["sendPhoto", "sendDocument"]],
      [{ delivery: "auto" }, ["sendPhoto", "sendDocument"]],
      [{ delivery: "photo" }, ["sendPhoto"]],
    ] as const
  ) {
    await using counter = await openCounter();
    await counter.deliver(clear.slice(), wanted);
    assert.deepEqual(counter.tried(), sends);
    assert.match(counter.arrived()?.caption ?? "", /./);
  }
  await using counter = await openCounter();
  counter.telegram.faults.add({ method: "sendPhoto", kind: "refuse", times: 1 });
  await counter.deliver(clear.slice(), { task: "cutout" });
  assert.equal(counter.telegram.messages(counter.chat).length, 1, "the file goes without");
  assert.ok(counter.arrived()?.document);
});

Deno.test("deliver() sends several results as albums, what moves or would lose apart from photos", async () => {
  const film = bytesOf(u32be(16), "ftypisom\0\0\0\0", u32be(12), "mdatfilm");
  const [first, second] = [await gradientJpeg(64, 64), gradientPng(64, 64)];
  const deep = gradientPng(64, 64, { bitDepth: 16 });
  for (
    const [files, tried, groups] of [
      [[first, second], ["sendMediaGroup"], [2]],
      [[film, first, animatedGif(), second, deep], ["sendMediaGroup", "sendMediaGroup"], [2, 3]],
      [[first, film], ["sendPhoto", "sendDocument"], [1, 1]],
      [[film, apng(64, 64), animatedWebp(64, 64)], ["sendMediaGroup"], [3]],
    ] as const
  ) {
    await using counter = await openCounter();
    const delivery = await counter.deliverAll(files);
    assert.deepEqual(counter.tried(), [...tried, "sendMessage"]);
    const messages = counter.telegram.messages(counter.chat).slice(0, -1);
    const albums = Map.groupBy(messages, (each) => each.media_group_id ?? each.message_id);
    assert.deepEqual([...albums.values()].map(({ length }) => length), groups);
    for (const album of albums.values()) {
      assert.equal(new Set(album.map(({ photo }) => photo !== undefined)).size, 1, "of one kind");
    }
    assert.ok(delivery.type === "delivered");
    assert.equal(delivery.delivered.messageId, counter.arrived()?.message_id);
    const ids = delivery.delivered.album?.map(({ id }) => id);
    assert.deepEqual(ids, messages.map(({ message_id }) => message_id));
  }
});

Deno.test("deliver() sends an album to the next place when the first one takes none, and says why when none does", async () => {
  for (
    const [chatIds, expected] of [
      [[-5_000, ben], "delivered"],
      [[-5_000], "kept"],
      [[ben, -5_000], "delivered"],
    ] as const
  ) {
    await using counter = await openCounter();
    const delivery = await counter.deliverAll([picture, picture, picture], chatIds);
    assert.equal(delivery.type, expected);
    const count = counter.telegram.messages(counter.chat).length;
    assert.equal(count, expected === "delivered" ? 4 : 0);
  }
});

Deno.test("deliver() sends alpha as a photo to who wants photos, and what moves as a file all the same", async () => {
  for (
    const [bytes, method] of [
      [gradientPng(64, 64, { bitDepth: 16 }), "sendPhoto"],
      [await flatWebp(64, 64), "sendPhoto"],
      [apng(64, 64), "sendDocument"],
    ] as const
  ) {
    await using counter = await openCounter();
    await counter.deliver(bytes, { delivery: "photo" });
    assert.deepEqual(counter.tried(), [method]);
  }
});

Deno.test("deliver() sends the graph only when metadata is kept", async () => {
  for (const keepMetadata of [true, false]) {
    await using counter = await openCounter({ keepMetadata });
    await counter.deliver(picture, { delivery: "file" });
    const bytes = await counter.telegram.file(counter.arrived()?.document?.file_id ?? "");
    const text = new TextDecoder("latin1").decode(bytes);
    assert.equal(text.includes("tEXt"), keepMetadata);
  }
});

Deno.test("deliver() sends it again when Telegram has no time for it", async () => {
  await using counter = await openCounter();
  counter.telegram.faults.add({ method: "sendPhoto", kind: "429", times: 1 });
  const delivered = await counter.deliver(picture);
  assert.equal(idOf(delivered), counter.arrived()?.message_id);
  assert.deepEqual(counter.tried(), ["sendPhoto", "sendPhoto"]);
});

Deno.test("deliver() does not take a result that is on its way for the one it looks for, in any kind of chat", async () => {
  const group = -1_001_234_567_890;
  const basic = -4_012_345_678;
  for (const chatId of [ben, group, basic]) {
    await using counter = await openCounter();
    const { telegram, asking } = counter;
    const person = telegram.person({ id: ben, first_name: "Ben" });
    telegram.group({ id: group, title: "Painters", members: [person] });
    telegram.basicGroup({ id: basic, title: "Sketchers", members: [person] });
    const { message_id: first } = person.sendText("hello", { chat: chatId });
    const of = (id: string) =>
      newJob({ ...request(id), promptText: id, origin: { ...request(id).origin, chatId } }, 1, 0);
    // It may have been sent by a former process: that is unknown.
    const former: Job = { ...of("former"), sendMark: { chat: first, privates: first } };
    const asked = Promise.withResolvers<void>();
    asking.config.use(async (prev, ...call) => {
      const answer = await prev(...call);
      asked.resolve();
      return answer;
    });
    const note = () => Promise.resolve();
    let second: Promise<Delivery> | undefined;
    counter.whileAnswered(async () => {
      if (second) return;
      second = counter.deliverJob(former, note, chatId);
      second.catch(() => {});
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, 200);
      await Promise.race([asked.promise, promise]);
      clearTimeout(timer);
    });
    await counter.deliverJob(of("fresh"), note, chatId);
    await second;
    const seen = telegram.messages(chatId).filter(({ photo }) => photo)
      .map(({ caption, reply_markup }) => [caption?.split("\n")[0], !!reply_markup]);
    assert.deepEqual(seen, [["fresh", true], ["former", true]], `in ${chatId}`);
  }
});

for (const kind of ["status", "buttons", { caption: "1–10 / 12" }] as const) {
  const what = typeof kind === "string" ? kind : "caption";
  Deno.test(`findInTurn() does not touch a result that is on its way when it looks for a ${what}`, async () => {
    await using counter = await openCounter();
    const { telegram } = counter;
    const { message_id: chat } = telegram.person({ id: ben, first_name: "Ben" }).sendText("hello");
    let search: Promise<unknown> | undefined;
    counter.whileAnswered(async () => {
      search ??= counter.find(newJob(request("b"), 2, 0), kind, { chat, privates: chat });
      search.catch(() => {});
      // What the search asks before its turn is answered before this.
      await counter.asking.getMe();
    });
    await counter.deliver(picture);
    assert.equal(await search, undefined);
    assert.equal(counter.arrived()?.edit_date, undefined);
    assert.ok(counter.arrived()?.reply_markup);
  });
}

Deno.test("deliver() notes that there is nothing to be looked for when Telegram takes the result nowhere", async () => {
  for (
    const description of [
      "Forbidden: bot was blocked by the user",
      "Bad Request: chat not found",
      "Bad Request: PHOTO_INVALID_DIMENSIONS",
    ]
  ) {
    await using counter = await openCounter();
    counter.telegram.faults.add({ method: /^send/, kind: "refuse", description });
    const noted: Job["sendMark"][] = [];
    const note = (mark: Job["sendMark"]) => Promise.resolve(noted.push(mark));
    const { type } = await counter.deliverJob(newJob(request("a"), 1, 0), note, ben);
    assert.equal(type, "kept");
    assert.ok(noted.length >= 2 && noted[0] !== undefined, description);
    assert.equal(noted.at(-1), undefined, description);
  }
});

Deno.test("deliver() shows a picture over 50 MB smaller, and says so", async () => {
  const noise = noisePng(4_400, 4_000);
  for (
    const [large, wanted] of [
      [noise.slice(), "photo"],
      [noise, "file"],
      [noisePng(2_700, 2_500, { channels: 4, bitDepth: 16 }), "auto"],
    ] as const
  ) {
    await using counter = await openCounter();
    assert.ok(large.length > 50 * 1024 * 1024);
    const delivery = await counter.deliver(large, { delivery: wanted });
    assert.equal(delivery.type, "delivered");
    const message = counter.arrived();
    assert.deepEqual(counter.tried(), [wanted === "file" ? "sendDocument" : "sendPhoto"]);
    assert.match(message?.caption ?? "", /over Telegram's 50 MB, so it is shown smaller\.$/);
  }
});

Deno.test("deliver() keeps what is over 50 MB and no picture", async () => {
  await using counter = await openCounter();
  const video = new Uint8Array(51 * 1024 * 1024);
  video.set(new TextEncoder().encode("\0\0\0\x18ftypisom"));
  assert.deepEqual(await counter.deliver(video), { type: "kept", reason: "form" });
});
