/** A request is seen or refused by a reaction: no message, no wait, and none where a chat forbids it. */
import assert from "node:assert/strict";
import type { MessageRef } from "../../lab/telegram/mod.ts";
import { gradientJpeg, SVG } from "../../lab/pictures.ts";
import {
  holdRun,
  openStage,
  said,
  type Stage,
  untilReply,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);

function untilReaction(stage: Stage, message: MessageRef, emoji: string): Promise<unknown> {
  return stage.telegram.until(
    () =>
      stage.telegram.reactions(message).some((reaction) =>
        reaction.type === "emoji" && reaction.emoji === emoji
      ),
    { what: `${emoji} on ${message.message_id}` },
  );
}

const reactionCalls = (stage: Stage) =>
  stage.telegram.calls.filter(({ method }) => method.toLowerCase() === "setmessagereaction");

Deno.test("a request that is taken is seen while it waits, and one that is refused is marked, over a restart", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const held = holdRun(stage);
  const taken = await stage.ben.sendPhoto(photo, { caption: "winter" });
  await untilReaction(stage, taken, "👀");
  assert.ok(said(stage, stage.ben).every((message) => !message.photo));

  const svg = await stage.ben.sendDocument(SVG, { filename: "a.svg", caption: "winter" });
  await untilReaction(stage, svg, "🤷");
  const wrong = await stage.ben.sendPhoto(photo, { caption: "winter steps=99" });
  await untilReaction(stage, wrong, "🤷");
  const bad = await stage.anna.sendPhoto(photo, { caption: "undress her" });
  await untilReaction(stage, bad, "🤷");

  await stage.restart();
  held.remove();
  await untilResults(stage, stage.ben);
  assert.deepEqual(stage.telegram.reactions(taken), [{ type: "emoji", emoji: "👀" }]);
  // Words that say what to do with a picture are a request, the picture alone is none.
  const alone = await stage.ben.sendPhoto(photo);
  await untilSaid(stage, stage.ben, "What should I change?");
  const words = stage.ben.sendText("autumn");
  await untilReaction(stage, words, "👀");
  assert.deepEqual(stage.telegram.reactions(alone), []);
});

Deno.test("results come where reactions are forbidden, hang or are limited, and a chat that forbids them is left alone", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  const { ben, telegram } = stage;
  const group = telegram.group({ id: -1_001_234, title: "Club", members: [ben] });
  const method = "setMessageReaction";
  const ask = () =>
    ben.sendPhoto(photo, { chat: group, caption: `@${telegram.bot.username} winter` });
  const forbidden = telegram.faults.add({
    kind: "refuse",
    description: "Bad Request: REACTION_INVALID",
    method,
    chat: group.id,
  });
  for (const _ of [1, 2]) await untilReply(stage, await ask());
  assert.equal(forbidden.hits, 1);
  await untilReaction(stage, await ben.sendPhoto(photo, { caption: "spring" }), "👀");
  await untilResults(stage, ben, 1);

  const hangs = telegram.faults.add({ kind: "hang", method });
  await ben.sendPhoto(photo, { caption: "summer" });
  await untilResults(stage, ben, 2);
  assert.equal(hangs.hits, 1);
  hangs.remove();
  const limited = telegram.faults.add({ kind: "429", retryAfter: 3_600, method });
  for (const count of [3, 4]) {
    await ben.sendPhoto(photo, { caption: "autumn" });
    await untilResults(stage, ben, count);
  }
  assert.equal(limited.hits, 1);
  assert.ok(reactionCalls(stage).length >= 4);
});
