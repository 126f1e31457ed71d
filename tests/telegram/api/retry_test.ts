/** Calls to a Telegram that is down: what is tried again, and how often. */
import { Api, HttpError } from "grammy";
import assert from "node:assert/strict";
import { floodTransformer, retryTransformer } from "../../../src/telegram/api/retry.ts";
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

Deno.test("retryTransformer() tries once when Telegram refuses for good or no user waits", async () => {
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

/** An API that waits out floods, and a Telegram that answers as the test has it. */
function patientApi(answer: (n: number) => Answer | Error, stop = new AbortController().signal) {
  const api = new Api("1:test");
  const seen = { tries: 0 };
  api.config.use(
    () => {
      const answered = answer(++seen.tries);
      return answered instanceof Error ? Promise.reject(answered) : Promise.resolve(answered);
    },
    floodTransformer(stop),
  );
  return { api, seen };
}

const flood = (retry_after: number): Answer => ({
  ok: false,
  error_code: 429,
  description: `Too Many Requests: retry after ${retry_after}`,
  parameters: { retry_after },
});

Deno.test("floodTransformer() waits as long as Telegram asks, as often as it asks, for any call", async () => {
  const spans = [0.02, 0.03, 0.05];
  for (
    const call of [
      (api: Api) => api.sendMessage(person, "1"),
      (api: Api) => api.sendPhoto(person, picture),
      (api: Api) => api.sendChatAction(person, "typing"),
    ]
  ) {
    const { api, seen } = patientApi((n) => n <= spans.length ? flood(spans[n - 1]!) : fine);
    const from = performance.now();
    await call(api);
    assert.equal(seen.tries, 4);
    assert.ok(performance.now() - from >= 95, "it came back too early");
  }
});

Deno.test("floodTransformer() gives everything but a flood as it came", async () => {
  for (
    const [answer, error] of [
      [badGateway, { error_code: 502 }],
      [{ ok: false, error_code: 403, description: "Forbidden" }, { error_code: 403 }],
      [{ ok: false, error_code: 429, description: "Too Many Requests" }, { error_code: 429 }],
      [cut, HttpError],
    ] as const
  ) {
    const { api, seen } = patientApi(() => answer);
    await assert.rejects(api.sendMessage(person, "1"), error);
    assert.equal(seen.tries, 1);
  }
});

Deno.test("floodTransformer() ends when the program stops, and when who has asked waits no longer", async () => {
  for (const isProgram of [true, false]) {
    const ending = new AbortController();
    const { api, seen } = patientApi(
      () => {
        ending.abort();
        return flood(3_600);
      },
      isProgram ? ending.signal : undefined,
    );
    const own = isProgram ? undefined : apiSignal(ending.signal);
    await assert.rejects(api.sendMessage(person, "1", {}, own), { error_code: 429 });
    assert.equal(seen.tries, 1);
  }
});
