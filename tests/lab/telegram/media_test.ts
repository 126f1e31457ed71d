/**
 * Pictures and files in the emulated Telegram: limits, recompression, albums, copies, a text that becomes a picture.
 */

import { InputFile } from "grammy";
import assert from "node:assert/strict";
import { readPicture } from "../../../lab/telegram/chat/pictures.ts";
import { rawCall } from "../../../lab/telegram/raw_call.ts";
import { png, setUp } from "./setup.ts";

const upload = async (bytes: Uint8Array | Promise<Uint8Array>, name = "a.png") =>
  new File([new Uint8Array(await bytes)], name);

/** A PNG's header alone says its dimensions; the rest is never looked at but for its end. */
function pngOfSize(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(60);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([0x49, 0x45, 0x4e, 0x44], 52);
  return bytes;
}

Deno.test("editMessageMedia turns a text into a picture, unless the server is too old for it", async () => {
  const { tg, api, refuses } = await setUp();
  await using _ = tg;
  const sent = await api.sendMessage(7, "working…");
  await api.editMessageMedia(7, sent.message_id, {
    type: "photo",
    media: new InputFile(await png(8, 6), "p.png"),
    caption: "preview",
  });
  const edited = tg.message(7, sent.message_id);
  assert.deepEqual([edited?.text, edited?.caption], [undefined, "preview"]);
  assert.deepEqual([edited?.photo?.at(-1)?.width, edited?.photo?.at(-1)?.height], [8, 6]);
  await refuses(
    "editMessageText",
    { chat_id: 7, message_id: sent.message_id, text: "x" },
    "Bad Request: there is no text in the message to edit",
  );
  tg.knows = { ...tg.knows, textToMedia: false };
  const old = await api.sendMessage(7, "working…");
  const media = { type: "photo", media: edited?.photo?.at(-1)?.file_id };
  await refuses(
    "editMessageMedia",
    { chat_id: 7, message_id: old.message_id, media },
    "Bad Request: there is no media in the message to edit",
  );
});

Deno.test("sendPhoto holds to 10 MB, 10 000 pixels of sides, a ratio of 20, and to pictures", async () => {
  const { tg, refuses } = await setUp();
  await using _ = tg;
  const photo = async (bytes: Uint8Array | Promise<Uint8Array>) => ({
    chat_id: 7,
    photo: await upload(bytes),
  });
  const dimensions = "Bad Request: PHOTO_INVALID_DIMENSIONS";
  await refuses("sendPhoto", await photo(pngOfSize(5001, 5000)), dimensions);
  await refuses("sendPhoto", await photo(pngOfSize(2100, 100)), dimensions);
  assert.equal((await rawCall(tg, "sendPhoto", await photo(pngOfSize(5000, 5000)))).ok, true);
  const noPicture = "Bad Request: IMAGE_PROCESS_FAILED";
  await refuses(
    "sendPhoto",
    await photo(new TextEncoder().encode("no picture ".repeat(9))),
    noPicture,
  );
  await refuses("sendPhoto", await photo((await png(300, 300)).slice(0, -20)), noPicture);
  await refuses("sendPhoto", await photo(new Uint8Array()), "Bad Request: file must be non-empty");
  await refuses("sendPhoto", { chat_id: 7 }, "Bad Request: there is no photo in the request");
  const size = 10 * 1024 * 1024 + 1;
  await refuses(
    "sendPhoto",
    await photo(new Uint8Array(size)),
    `Bad Request: file of size ${size} bytes is too big for a photo; the maximum size is 10485760 bytes`,
  );
  await refuses(
    "sendPhoto",
    { ...await photo(png(9, 9)), caption: "a".repeat(1025) },
    "Bad Request: message caption is too long",
  );
  await refuses(
    "sendPhoto",
    { chat_id: 7, photo: "AgAC_nothing" },
    "Bad Request: wrong file identifier/HTTP URL specified",
  );
});

Deno.test("sendPhoto makes a JPEG of 2560 a side of a larger PNG, and sendDocument keeps every byte", async () => {
  const { tg, api } = await setUp();
  await using _ = tg;
  const bytes = await png(2600, 1300);
  const photo = await api.sendPhoto(7, new InputFile(bytes, "a.png"));
  const largest = photo.photo.at(-1);
  assert.deepEqual([largest?.width, largest?.height], [2560, 1280]);
  const downloaded = await tg.file(largest?.file_id ?? "");
  assert.deepEqual(readPicture(downloaded), { format: "jpeg", width: 2560, height: 1280 });
  const smaller = photo.photo.find(({ width }) => width === 320);
  assert.deepEqual(readPicture(await tg.file(smaller?.file_id ?? "")), {
    format: "jpeg",
    width: 320,
    height: 160,
  });
  const { document } = await api.sendDocument(7, new InputFile(bytes, "a.png"));
  assert.deepEqual(await tg.file(document.file_id), bytes);
  assert.deepEqual([document.mime_type, document.file_name], ["image/png", "a.png"]);
  assert.equal(document.thumbnail?.width, 320);
});

Deno.test("a file_id is sent again as what it is, and as nothing else", async () => {
  const { tg, ann, refuses } = await setUp();
  await using _ = tg;
  const { document } = ann.sendDocument(await png(9, 9), { filename: "a.png" });
  await refuses(
    "sendPhoto",
    { chat_id: 7, photo: document.file_id },
    "Bad Request: can't use file of type Document as Photo",
  );
  const again = await rawCall(tg, "sendDocument", { chat_id: 7, document: document.file_id });
  assert.equal(again.ok, true);
  assert.deepEqual(tg.messages(7).at(-1)?.document, document);
});

Deno.test("sendMediaGroup takes 2 to 10 of one kind", async () => {
  const { tg, ann, refuses } = await setUp();
  await using _ = tg;
  const photo = (await ann.sendPhoto(await png(9, 9))).photo.at(-1)?.file_id;
  const { document } = ann.sendDocument(new Uint8Array(9), { filename: "a.bin" });
  const item = { type: "photo", media: photo };
  const of = (media: readonly object[]) => ({ chat_id: 7, media });
  await refuses("sendMediaGroup", of([]), "Bad Request: there are no messages to send");
  await refuses(
    "sendMediaGroup",
    of(Array(11).fill(item)),
    "Bad Request: too many messages to send as an album",
  );
  await refuses(
    "sendMediaGroup",
    of([item, { type: "document", media: document.file_id }]),
    "Bad Request: document can't be mixed with other media types",
  );
});

Deno.test("copyMessage and forwardMessage take the content along", async () => {
  const { tg, ann, api } = await setUp();
  await using _ = tg;
  const sent = await ann.sendPhoto(await png(9, 9), { caption: "before" });
  const copy = await api.copyMessage(7, 7, sent.message_id, { caption: "after" });
  assert.equal(tg.message(7, copy.message_id)?.caption, "after");
  assert.deepEqual(tg.message(7, copy.message_id)?.photo, sent.photo);
  const forwarded = await api.forwardMessage(7, 7, sent.message_id);
  assert.deepEqual(
    forwarded.forward_origin?.type === "user" && forwarded.forward_origin.sender_user.id,
    7,
  );
  assert.equal(forwarded.caption, "before");
});
