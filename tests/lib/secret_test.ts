/** A token is in nothing that is written. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createRedactor, Secret } from "../../src/lib/secret.ts";

/** Shorter than Telegram's, so that its shape gives nothing away. */
const token = "42:short-token";
const clean = "[redacted]";

Deno.test("Secret shows nothing of its value however it is printed", () => {
  const secret = new Secret(token);
  for (const printed of [`${secret}`, inspect({ secret }), Deno.inspect({ secret })]) {
    assert.ok(printed.includes(clean) && !printed.includes("short"), printed);
  }
  assert.equal(JSON.stringify({ secret }), `{"secret":"${clean}"}`);
  assert.equal(secret.reveal(), token);
});

Deno.test("createRedactor() leaves nothing of a token that it knows, not even the bot's id", () => {
  const redact = createRedactor([new Secret(token)]);
  for (const form of [token, encodeURIComponent(token), "short-token"]) {
    assert.equal(redact(`<${form}>`), `<${clean}>`);
  }
});

Deno.test("createRedactor() takes what stands where the Bot API has a token, however short", () => {
  const redact = createRedactor();
  for (const path of ["/bot7:abc/getMe", "/file/bot7%3Aabc/a.jpg"]) {
    assert.equal(redact(path), path.replace(/7(:|%3A)abc/, clean));
  }
});
