/** Calls to a Telegram that is down: what is tried again, and how often. */
import { Api, HttpError } from "grammy";
import assert from "node:assert/strict";
import { retryTransformer } from "../../../src/telegram/api/retry.ts";
import { apiSignal } from "../../../src/telegram/api/transformers.ts";
import { type Answer, fine } from "../telegram_answer.ts";

const picture = "file-id";
const person = 7;

/** An API whose calls are tried again, and a Telegram that answers as the test has it, the `n`th time with n = 1, 2, … */
function persistentApi(
  answer: (n: number) => Answer | Error,
  { signal = new AbortController().signal, firstPauseMs = 1, maxPauseMs = 60_000 } = {},
) {
  const api = new Api("1:test");
  const seen = { tries: 0 };
  api.config.use(
    () => {
      const answered = answer(++seen.tries);
      return answered instanceof Error ? Promise.reject(answered) : Promise.resolve(answered);
    },
    retryTransformer({ signal, firstPauseMs, maxPauseMs }),
  );
  return { api, seen };
}

const badGateway: Answer = { ok: false, error_code: 502, description: "Bad Gateway" };
const cut = new HttpError("Network request for 'sendPhoto' failed!", new Error("reset"));

Deno.test("retryTransformer() tries an answer again until Telegram takes it", async () => {
  const { api, seen } = persistentApi((n) => [badGateway, cut, fine][n - 1] ?? fine);
  await api.sendMessage(person, "1");
  assert.equal(seen.tries, 3);
});

Deno.test("retryTransformer() leaves results to those who send them", async () => {
  const { api, seen } = persistentApi(() => badGateway);
  await assert.rejects(api.sendPhoto(person, picture), { error_code: 502 });
  assert.equal(seen.tries, 1);
});

Deno.test("retryTransformer() tries an answer for long, though not for ever, and gives what Telegram said last", async () => {
  const down = persistentApi(() => badGateway, { maxPauseMs: 1 });
  await assert.rejects(down.api.sendMessage(person, "1"), { error_code: 502 });
  assert.equal(down.seen.tries, 25);
  const offline = persistentApi(() => cut, { maxPauseMs: 1 });
  await assert.rejects(offline.api.sendMessage(person, "1"), HttpError);
  assert.equal(offline.seen.tries, 25);
});

Deno.test("retryTransformer() tries once when it is Telegram's last word or nobody waits for it", async () => {
  const forbidden = { ok: false, error_code: 403, description: "Forbidden" } as const;
  const blocked = persistentApi(() => forbidden);
  await assert.rejects(blocked.api.sendMessage(person, "1"), { error_code: 403 });
  const typing = persistentApi(() => badGateway);
  await assert.rejects(typing.api.sendChatAction(person, "typing"), { error_code: 502 });
  const wrong = persistentApi(() => new TypeError("a bug"));
  await assert.rejects(wrong.api.sendMessage(person, "1"));
  assert.deepEqual([blocked, typing, wrong].map(({ seen }) => seen.tries), [1, 1, 1]);
});

Deno.test("retryTransformer() ends when who has asked for it waits no longer", async () => {
  const caller = new AbortController();
  const { api, seen } = persistentApi((n) => {
    if (n === 1) caller.abort();
    return badGateway;
  }, { firstPauseMs: 60_000 });
  const sending = api.sendMessage(person, "1", {}, apiSignal(caller.signal));
  await assert.rejects(sending, { error_code: 502 });
  assert.equal(seen.tries, 2);
});

Deno.test("retryTransformer() does not wait for Telegram when the program stops", async () => {
  const stop = new AbortController();
  const { api, seen } = persistentApi((n) => {
    if (n === 1) stop.abort();
    return badGateway;
  }, { signal: stop.signal, firstPauseMs: 60_000 });
  await assert.rejects(api.sendMessage(person, "1"), { error_code: 502 });
  assert.equal(seen.tries, 2);
});
