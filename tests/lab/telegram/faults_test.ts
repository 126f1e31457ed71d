/**
 * Faults of the emulated Telegram: each kind, as a client meets it and with the effect that it has.
 */

import assert from "node:assert/strict";
import { type Fault, startTelegram } from "../../../lab/telegram/mod.ts";
import { rawCall } from "../../../lab/telegram/raw_call.ts";

async function faulty(fault: Fault) {
  const tg = await startTelegram({ limits: false });
  tg.person({ id: 7, first_name: "Ann", started: true });
  const handle = tg.faults.add(fault);
  const send = () => rawCall(tg, "sendMessage", { chat_id: 7, text: "hi" });
  return { tg, handle, send, sent: () => tg.messages(7).length };
}

Deno.test("faults.add() with 500, 429 and refuse answers so for as many calls as told, without effect", async () => {
  for (
    const [fault, code, description] of [
      [{ kind: "500" }, 500, "Internal Server Error"],
      [{ kind: "429", retryAfter: 3 }, 429, "Too Many Requests: retry after 3"],
      [{ kind: "refuse", description: "Bad Request: no" }, 400, "Bad Request: no"],
    ] as const
  ) {
    const { tg, handle, send, sent } = await faulty({ ...fault, times: 2 });
    await using _ = tg;
    for (let i = 0; i < 2; i++) {
      const answer = await send();
      assert.deepEqual([answer.error_code, answer.description], [code, description]);
      if (code === 429) assert.equal(answer.parameters?.retry_after, 3);
    }
    assert.equal(sent(), 0);
    assert.equal((await send()).ok, true);
    assert.equal(sent(), 1);
    assert.equal(handle.hits, 2);
    assert.deepEqual(tg.calls.map((call) => call.fault), [fault.kind, fault.kind, undefined]);
  }
});

Deno.test("faults.add() with 502html answers with a page that is no JSON", async () => {
  const { tg } = await faulty({ kind: "502html", method: "getMe" });
  await using _ = tg;
  const response = await fetch(`${tg.url}/bot${tg.token}/getMe`);
  assert.equal(response.status, 502);
  assert.match(await response.text(), /^<html>[^]*502 Bad Gateway/);
});

Deno.test("faults.add() with cut-before closes the connection and nothing has happened", async () => {
  const { tg, send, sent } = await faulty({ kind: "cut-before", times: 1 });
  await using _ = tg;
  await assert.rejects(send(), TypeError);
  assert.equal(sent(), 0);
  assert.equal((await send()).ok, true);
});

Deno.test("faults.add() with cut-after closes the connection though the message is sent", async () => {
  const { tg, send, sent } = await faulty({ kind: "cut-after", times: 1 });
  await using _ = tg;
  await assert.rejects(send(), TypeError);
  assert.equal(sent(), 1);
});

Deno.test("faults.add() with hang answers late, or when faults are cleared, or never to one who has gone", async () => {
  const { tg, send, sent } = await faulty({ kind: "hang", ms: 1, times: 1 });
  await using _ = tg;
  assert.equal((await send()).ok, true);
  const handle = tg.faults.add({ kind: "hang" });
  const held = send();
  held.catch(() => {});
  await tg.until(() => handle.hits === 1, { what: "the hanging call" });
  assert.equal(sent(), 1);
  tg.faults.clear();
  assert.equal((await held).ok, true);
  assert.equal(sent(), 2);

  const again = tg.faults.add({ kind: "hang" });
  const gone = new AbortController();
  const left = rawCall(tg, "sendMessage", { chat_id: 7, text: "hi" }, gone.signal);
  left.catch(() => {});
  await tg.until(() => again.hits === 1);
  gone.abort();
  await assert.rejects(left);
  await tg.until(() => tg.calls.at(-1)?.endedAt !== undefined, { what: "the end of the call" });
  assert.equal(sent(), 2);
});

Deno.test("faults.add() with hang-after holds the answer back though the message is sent", async () => {
  const { tg, send, sent } = await faulty({ kind: "hang-after", times: 1 });
  await using _ = tg;
  const held = send();
  await tg.until(() => sent() === 1, { what: "the message" });
  assert.equal((await send()).ok, true);
  assert.ok(tg.calls.some(({ endedAt }) => endedAt === undefined), "the first has no answer");
  tg.faults.clear();
  assert.equal((await held).ok, true);
});

Deno.test("faults.add() hits by method, pattern and chance, and getUpdates only when it is named", async () => {
  const tg = await startTelegram({ random: () => 0.5 });
  await using _ = tg;
  const ok = async (method: string) => (await rawCall(tg, method)).ok;
  const byName = tg.faults.add({ kind: "500", method: "GETME" });
  assert.deepEqual([await ok("getMe"), await ok("getWebhookInfo")], [false, true]);
  byName.remove();
  tg.faults.add({ kind: "500", method: /^getWeb/ });
  assert.deepEqual([await ok("getMe"), await ok("getWebhookInfo")], [true, false]);
  tg.faults.clear();
  tg.faults.add({ kind: "500", probability: 0.5 });
  assert.equal(await ok("getMe"), true);
  tg.faults.clear();
  tg.faults.add({ kind: "500", probability: 0.51 });
  assert.equal(await ok("getMe"), false);
  assert.equal(await ok("getUpdates"), true);
  tg.faults.add({ kind: "500", method: "getUpdates" });
  assert.equal(await ok("getUpdates"), false);
});

Deno.test("faults.add() for the method file fails downloads", async () => {
  const tg = await startTelegram();
  await using _ = tg;
  const ann = tg.person({ id: 7, first_name: "Ann" });
  const { document } = ann.sendDocument(new Uint8Array(9), { filename: "a.bin" });
  const { result } = await rawCall(tg, "getFile", { file_id: document.file_id });
  const path = /"file_path":"([^"]+)"/.exec(JSON.stringify(result))?.[1];
  const download = async () => (await fetch(`${tg.url}/file/bot${tg.token}/${path}`)).bytes();
  // For ever: newer runtimes send a GET again by themselves.
  tg.faults.add({ kind: "cut-before", method: "file" });
  await assert.rejects(download(), TypeError);
  tg.faults.clear();
  assert.equal((await download()).length, 9);
});
