/**
 * Text on its way into the emulated Telegram: entities, limits, forms. Expectations follow TDLib's own test cases.
 */

import fc from "fast-check";
import assert from "node:assert/strict";
import { findEntities } from "../../../lab/telegram/chat/entities.ts";
import { parseMultipart } from "../../../lab/telegram/server/multipart.ts";
import { formatCaption, formatText } from "../../../lab/telegram/api/text.ts";

function seen(text: string, entities: readonly { type: string; offset: number; length: number }[]) {
  return entities.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)]);
}

Deno.test("findEntities() finds what Telegram finds", () => {
  const text =
    "/start@my_bot hi @someone, see https://a.com/b?c. or example.org/x (mail me@a.com) #tag $USD a/b 1/2";
  assert.deepEqual(seen(text, findEntities(text)), [
    ["bot_command", "/start@my_bot"],
    ["mention", "@someone"],
    ["url", "https://a.com/b?c"],
    ["url", "example.org/x"],
    ["email", "me@a.com"],
    ["hashtag", "#tag"],
    ["cashtag", "$USD"],
  ]);
  assert.deepEqual(findEntities("сделай 3.5 шага, например.так"), []);
  assert.deepEqual(findEntities("ночь/new"), []);
});

Deno.test("formatText() trims, shifts entities, and holds 1 to 4096 UTF-16 units", () => {
  const formatted = formatText({
    text: "  a \n",
    entities: [{ type: "bold", offset: 2, length: 1 }],
  });
  assert.deepEqual(formatted, {
    text: "a",
    entities: [{ type: "bold", offset: 0, length: 1 }],
  });
  assert.equal(formatText({ text: "😀".repeat(2048) }).text.length, 4096);
  const refused = (text: string, message: string) =>
    assert.throws(() => formatText({ text }), { message: `Bad Request: ${message}` });
  refused("😀".repeat(2048) + "a", "message is too long");
  refused("", "message text is empty");
  refused(" \n ", "text must be non-empty");
  refused("я".repeat(20_000), "text is too long");
  assert.throws(() => formatCaption({ text: "a".repeat(1025) }), /message caption is too long/);
  assert.equal(formatCaption({ text: "a".repeat(1024) }).text.length, 1024);
});

Deno.test("parseMultipart() gives back any fields and files", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), fc.uint8Array({ maxLength: 3000 }), async (text, bytes) => {
      const form = new FormData();
      form.set("text", text);
      form.set("file", new File([new Uint8Array(bytes)], 'a "b".png'));
      const response = new Response(form);
      const type = response.headers.get("content-type") ?? "";
      const boundary = type.slice(type.indexOf("boundary=") + "boundary=".length);
      const parsed = parseMultipart(await response.bytes(), boundary);
      assert.equal(parsed.fields.get("text"), text.replace(/\r\n|\r|\n/g, "\r\n"));
      assert.deepEqual(parsed.files.get("file")?.bytes.slice(), new Uint8Array(bytes));
    }),
    { numRuns: 50 },
  );
});

Deno.test("parseMultipart() reads grammY's unquoted file names", () => {
  const body = '--x\r\ncontent-disposition:form-data;name="p";filename=a b.png\r\n' +
    "content-type:application/octet-stream\r\n\r\n\r\n--\r\n--x--\r\n";
  const file = parseMultipart(new TextEncoder().encode(body), "x").files.get("p");
  assert.equal(file?.filename, "a b.png");
  assert.deepEqual([...(file?.bytes ?? [])], [...new TextEncoder().encode("\r\n--")]);
});
