/** The result's way into a chat of an emulated Telegram: in which form, and what comes of a refusal. */
import { Api } from "grammy";
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
  pngChunk,
  pngHeader,
  pngOf,
  pngText,
  u32be,
} from "../../../lab/pictures.ts";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { type JobRequest, newJob } from "../../../src/jobs/job.ts";
import { createMessageIds } from "../../../src/telegram/api/message_ids.ts";
import { deliver } from "../../../src/telegram/status/delivery.ts";
import { createFindMessage } from "../../../src/telegram/status/find_message.ts";
import { createSendOnce } from "../../../src/telegram/status/send_once.ts";
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
  const find = createFindMessage({ asking: once, sent, queue, signal });
  const rateLimiter = { room: () => Promise.resolve() };
  const sendOnce = createSendOnce({ sent, find, rateLimiter, signal });
  return {
    telegram,
    deliver: (bytes: Uint8Array<ArrayBuffer>, wanted: Partial<JobRequest> = {}) =>
      deliver(
        { once, sendOnce, keepMetadata: () => keepMetadata },
        newJob(request("a", wanted), 1, 0),
        bytes,
        () => Promise.resolve(),
      ),
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
  for (const [code, description] of [[401, "Unauthorized"], [404, "Not Found"]] as const) {
    await using counter = await openCounter();
    counter.telegram.faults.add({ method: /^send/, kind: "refuse", code, description, times: 2 });
    const delivered = await counter.deliver(picture);
    assert.equal(idOf(delivered), counter.arrived()?.message_id);
    assert.deepEqual(counter.tried(), ["sendPhoto", "sendPhoto", "sendPhoto"]);
  }
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
    ["what nobody knows", bytesOf("\0\x01\x02"), "sendDocument", "bin"],
  ];
  for (const [what, bytes, method, extension] of results) {
    await using counter = await openCounter();
    await counter.deliver(bytes, { delivery: "auto" });
    assert.deepEqual(counter.tried(), [method], what);
    const { document } = counter.arrived() ?? {};
    assert.equal(document?.file_name?.split(".").at(-1), extension, what);
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
