/** Which reactions are dropped: the clock is the test's, Telegram is the emulated one. */
import { Api } from "grammy";
import assert from "node:assert/strict";
import { startTelegram } from "../../../lab/telegram/mod.ts";
import { createRateLimiter } from "../../../src/telegram/api/rate_limiter.ts";
import { createReactions } from "../../../src/telegram/api/reactions.ts";

async function openReactions() {
  const telegram = await startTelegram({ limits: false });
  const person = telegram.person({ id: 7, first_name: "Ben", started: true });
  const clock = { now: 0 };
  const rateLimiter = createRateLimiter({ now: () => clock.now, wait: () => Promise.resolve() });
  const api = new Api(telegram.token, { apiRoot: telegram.url });
  const reactions = createReactions({ api, rateLimiter, now: () => clock.now });
  const calls = () => telegram.calls.filter(({ method }) => /^setMessageReaction$/i.test(method));
  return {
    telegram,
    person,
    clock,
    rateLimiter,
    reactions,
    calls,
    /** Waits for the end of so many calls, and that nothing of them is left to be done here. */
    async ended(count: number) {
      await telegram.until(
        () => calls().filter(({ endedAt }) => endedAt !== undefined).length === count,
        { what: `${count} calls` },
      );
      // The answer comes with an answer to a call that was made after it.
      await api.getMe();
    },
    [Symbol.asyncDispose]: () => telegram.stop(),
  };
}

const method = "setMessageReaction";

Deno.test("set() leaves a chat alone for an hour that takes no reactions, and not one whose message is gone", async () => {
  await using room = await openReactions();
  const { telegram, person, clock, reactions, ended } = room;
  for (const description of ["REACTION_INVALID", "not enough rights", "CHAT_ADMIN_REQUIRED"]) {
    const message = person.sendText(description);
    const refusing = telegram.faults.add({ kind: "refuse", description, method });
    const before = room.calls().length;
    reactions.set(message, "seen");
    await ended(before + 1);
    refusing.remove();
    clock.now += 3_599_000;
    reactions.set(message, "seen");
    clock.now += 2_000;
    reactions.set(message, "refused");
    await ended(before + 2);
    assert.deepEqual(telegram.reactions(message), [{ type: "emoji", emoji: "🤷" }]);
  }
  const gone = person.sendText("gone");
  person.deleteMessages(gone);
  const there = person.sendText("there");
  const before = room.calls().length;
  reactions.set(gone, "seen");
  await ended(before + 1);
  reactions.set(there, "seen");
  await ended(before + 2);
  assert.equal(telegram.reactions(there).length, 1);
});

Deno.test("set() is dropped while Telegram is flooded, has answered none or has too much to send", async () => {
  await using room = await openReactions();
  const { telegram, person, clock, reactions, ended, rateLimiter } = room;
  const message = person.sendText("winter");
  const flood = telegram.faults.add({ kind: "429", retryAfter: 20, method });
  reactions.set(message, "seen");
  await ended(1);
  flood.remove();
  reactions.set(message, "seen");
  clock.now += 20_001;
  reactions.set(message, "seen");
  await ended(2);

  const hanging = telegram.faults.add({ kind: "hang", method });
  for (let i = 0; i < 20; i++) reactions.set(message, "seen");
  await telegram.until(() => hanging.hits === 8, { what: "eight calls that hang" });
  hanging.remove();
  telegram.faults.clear();
  await ended(10);

  for (let chat = 1; chat <= 25; chat++) await rateLimiter.room(chat, "result");
  reactions.set(message, "refused");
  clock.now += 10_000;
  reactions.set(message, "refused");
  await ended(11);
});
