/**
 * Words on their way into the emulated Telegram: markup, entities, forms. Expectations follow TDLib's own test cases
 * and the Bot API's formatting examples.
 */

import fc from "fast-check";
import assert from "node:assert/strict";
import { findEntities } from "../../../lab/telegram/chat/entities.ts";
import { parseHtml } from "../../../lab/telegram/markup_html.ts";
import { parseMarkdown, parseMarkdownV2 } from "../../../lab/telegram/markup_markdown.ts";
import { parseMultipart } from "../../../lab/telegram/server/multipart.ts";
import { formatCaption, formatText } from "../../../lab/telegram/api/text.ts";

function seen(text: string, entities: readonly { type: string; offset: number; length: number }[]) {
  return entities.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)]);
}

Deno.test("parseHtml() gives words and entities, nested ones, links and references", () => {
  const { text, entities } = parseHtml(
    '<b>bold <i>both</i></b> <a href="https://example.com/?a=1&amp;b=2">link</a> <code>x&lt;y</code> &#128512;',
  );
  assert.equal(text, "bold both link x<y 😀");
  assert.deepEqual(seen(text, entities), [
    ["bold", "bold both"],
    ["italic", "both"],
    ["text_link", "link"],
    ["code", "x<y"],
  ]);
  const link = entities.find(({ type }) => type === "text_link");
  assert.equal(link?.type === "text_link" && link.url, "https://example.com/?a=1&b=2");
  const code = parseHtml('<pre><code class="language-ts">let a</code></pre>').entities;
  assert.deepEqual(code, [{ type: "pre", offset: 0, length: 5, language: "ts" }]);
  const quote = parseHtml("<blockquote expandable>q</blockquote>").entities;
  assert.deepEqual(quote, [{ type: "expandable_blockquote", offset: 0, length: 1 }]);
});

Deno.test("parseHtml() refuses with TDLib's sentences", () => {
  for (
    const [html, sentence] of [
      ["a <3 b", 'Unsupported start tag "3" at byte offset 2'],
      ["a <3", "Unclosed start tag at byte offset 2"],
      ["é<x>", 'Unsupported start tag "x" at byte offset 2'],
      ["<b>a", 'Can\'t find end tag corresponding to start tag "b"'],
      ["a</b>", "Unexpected end tag at byte offset 1"],
      ["<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
      ["<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ] as const
  ) {
    assert.throws(() => parseHtml(html), {
      code: 400,
      message: `Bad Request: can't parse entities: ${sentence}`,
    });
  }
});

Deno.test("parseHtml() gives back any words that were escaped", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (words) => {
    const escaped = words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    assert.equal(parseHtml(escaped).text, words);
  }));
});

Deno.test("parseMarkdownV2() gives words and entities", () => {
  const { text, entities } = parseMarkdownV2(
    "*bold _both_* ~s~ __u__ ||sp|| `c` [l](http://a.com/\\)) 1\\.5\n```py\nx=1```\n>quote\n>more\nend",
  );
  assert.equal(text, "bold both s u sp c l 1.5\nx=1\nquote\nmore\nend");
  assert.deepEqual(seen(text, entities), [
    ["bold", "bold both"],
    ["italic", "both"],
    ["strikethrough", "s"],
    ["underline", "u"],
    ["spoiler", "sp"],
    ["code", "c"],
    ["text_link", "l"],
    ["pre", "x=1"],
    ["blockquote", "quote\nmore\n"],
  ]);
});

Deno.test("parseMarkdownV2() refuses with TDLib's sentences", () => {
  for (
    const [markdown, sentence] of [
      ["steps=8", "Character '=' is reserved and must be escaped with the preceding '\\'"],
      ["a.", "Character '.' is reserved and must be escaped with the preceding '\\'"],
      ["é _a", "Can't find end of Italic entity at byte offset 3"],
      ["[a](b", "Can't find end of a URL at byte offset 4"],
    ] as const
  ) {
    assert.throws(() => parseMarkdownV2(markdown), {
      message: `Bad Request: can't parse entities: ${sentence}`,
    });
  }
});

Deno.test("parseMarkdownV2() gives back any words that were escaped", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (words) => {
    const escaped = words.replace(/[_*[\]()~`>#+\-=|{}.!\\]/g, "\\$&");
    assert.equal(parseMarkdownV2(escaped).text, words);
  }));
});

Deno.test("parseMarkdown() parses the legacy mode, which nests nothing", () => {
  const { text, entities } = parseMarkdown("*b* _i_ `c` [l](http://a.com) \\_ 1.5");
  assert.equal(text, "b i c l _ 1.5");
  assert.deepEqual(entities.map(({ type }) => type), ["bold", "italic", "code", "text_link"]);
  assert.throws(() => parseMarkdown("snake_case"), /Can't find end of the entity|can't find end/i);
});

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
  const formatted = formatText({ text: "  <b>a</b> \n", parseMode: "html" });
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
  assert.equal(
    formatCaption({ text: `<b>${"a".repeat(1024)}</b>`, parseMode: "HTML" }).text.length,
    1024,
  );
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
