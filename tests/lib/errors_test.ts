/** What users read of a connection that fails: the cause, in the same words on every version of the runtime. */
import { HttpError } from "grammy";
import assert from "node:assert/strict";
import { messageOf, networkReason } from "../../src/lib/errors.ts";
import { tlsOptions } from "../comfyui/self_signed.ts";
import { startCutServer } from "./cut_server.ts";

const secret = "1000:a-token-that-nobody-may-see";

/** Why the asking failed. */
async function reasonOf(url: string, signal?: AbortSignal): Promise<string> {
  const asking = fetch(`${url}/bot${secret}/getMe`, signal ? { signal } : {});
  const error = await asking.then(() => assert.fail("it was answered"), (error) => error);
  const reason = networkReason(error);
  // As grammY wraps it: what is logged of a call names the same cause, and no token.
  assert.equal(messageOf(new HttpError("It failed!", error)), `It failed! (${reason})`);
  return reason;
}

Deno.test("networkReason() names what keeps a connection from being", async () => {
  await using cut = startCutServer();
  await using tls = Deno.serve({ ...tlsOptions, port: 0, onListen() {} }, () => new Response());
  const port = tls.addr.port;
  assert.equal(await reasonOf("http://127.0.0.1:2"), "connection refused");
  assert.equal(await reasonOf("http://[::1]:2"), "connection refused");
  assert.equal(await reasonOf("http://nobody.invalid"), "name not found");
  assert.equal(await reasonOf(cut.url), "connection closed");
  assert.match(await reasonOf(`https://127.0.0.1:${port}`), /^certificate not accepted: \w+/);
  assert.match(
    await reasonOf(`http://127.0.0.1:${port}`),
    /^the server does not speak HTTP \(wanted https:/,
  );
});

Deno.test("networkReason() tells of https:// where a server speaks http", async () => {
  await using http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(),
  );
  const reason = await reasonOf(`https://127.0.0.1:${http.addr.port}`);
  assert.match(reason, /^the server does not use TLS \(wanted http:/);
});

Deno.test("networkReason() tells that time ran out", async () => {
  using mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${mute.addr.port}`;
  assert.equal(await reasonOf(url, AbortSignal.timeout(20)), "timed out");
});

Deno.test("networkReason() shows no URL of what it does not know", () => {
  const error = new TypeError("fetch failed", {
    cause: new Error(`odd: https://api.telegram.org/bot${secret}/getMe is odd`),
  });
  assert.equal(networkReason(error), "is odd");
  assert.equal(networkReason(undefined), "no connection");
  assert.doesNotMatch(networkReason(new Error(`https://h/bot${secret}/x`)), /bot|token/);
});
