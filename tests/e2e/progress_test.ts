/**
 * What a user sees of a job while it lives: message drafts, status messages, previews, and nothing left of them.
 *
 * Drives besides: src/telegram/status/preview.ts.
 */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  buttons,
  holdRun,
  isCancellable,
  openStage,
  results,
  said,
  type Stage,
  type StageOptions,
  untilReply,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import type { Person } from "../../lab/telegram/mod.ts";

const photo = await gradientJpeg(320, 240);

/** Each sampler step comes with a picture of how far it is. */
const withPreviews: StageOptions = {
  comfyui: { previews: "latent2rgb", scale: true },
  config: "image: { scale_megapixels: 0.05 }\n",
};

/** The methods that the bot has called for a user's chat, in order. */
function calledFor(stage: Stage, { id }: Person): readonly string[] {
  return stage.telegram.calls.filter(({ params }) => Number(params.chat_id) === id)
    .map(({ method }) => method);
}

/** Waits until the user's chat holds nothing of the bot's but results. */
async function untilOnlyResults(stage: Stage, person: Person, count = 1): Promise<void> {
  await untilResults(stage, person, count);
  await stage.telegram.until(
    () =>
      said(stage, person).length === count && results(stage, person).length === count &&
      stage.telegram.draft(person.privateChat) === undefined,
    { what: "only the results are left" },
  );
}

/** Waits for the bot's photo that has a button to cancel: a preview, not a result. */
function untilPreview(stage: Stage, person: Person) {
  return stage.telegram.until(
    () => said(stage, person).find((message) => message.photo && isCancellable(message)),
    { what: "a preview" },
  );
}

Deno.test("a job that begins at once is a message draft from its first moment to the result", async () => {
  await using stage = await openStage();
  using hold = holdRun(stage, { afterStep: 3 });
  await stage.anna.sendPhoto(photo, { caption: "ночь steps=8" });
  await untilShown(stage, stage.anna, /^⏳ Вы следующие…|^🎨 Начинаю…/);
  await untilShown(stage, stage.anna, /^🎨 ▓+░* \d+ %\nШаг \d из 8/);
  const draft = stage.telegram.draft(stage.anna.privateChat);
  assert.equal(draft?.canStop, true);
  hold.remove();
  await untilOnlyResults(stage, stage.anna);
  const beside = ["sendMessageDraft", "setMessageReaction"];
  const called = calledFor(stage, stage.anna).filter((method) => !beside.includes(method));
  assert.equal(called.join(), "sendPhoto");
  const ids = stage.telegram.calls.flatMap(({ params }) => params.draft_id ?? []);
  assert.deepEqual([...new Set(ids)], [draft.draftId]);
});

Deno.test("a waiting job has a message with its place, which gives way to the draft", async () => {
  await using stage = await openStage();
  using first = holdRun(stage, { words: "first" });
  using mine = holdRun(stage, { words: "моё", afterStep: 3 });
  await stage.ben.sendPhoto(photo, { caption: "first" });
  // It has the draft; before that the second could have it.
  await untilShown(stage, stage.ben, /^🎨 Starting/);
  for (const caption of ["second", "third"]) {
    await untilReply(stage, await stage.ben.sendPhoto(photo, { caption }));
  }
  const request = await stage.anna.sendPhoto(photo, { caption: "моё steps=9" });
  const status = await untilReply(stage, request);
  assert.match(status.text ?? "", /^⏳ В очереди: \d-е место/);
  assert.deepEqual(buttons(status), [["✖ Отменить"]]);
  first.remove();
  await untilShown(stage, stage.anna, /Шаг \d из 9/);
  assert.match(stage.telegram.draft(stage.anna.privateChat)?.text ?? "", /Шаг/);
  await stage.telegram.until(() => said(stage, stage.anna).length === 0, {
    what: "the message is gone",
  });
  mine.remove();
  await untilOnlyResults(stage, stage.anna);
  await untilOnlyResults(stage, stage.ben, 3);
});

Deno.test("Telegram's Stop button cancels exactly the job that it stands under", async () => {
  await using stage = await openStage();
  using hold = holdRun(stage, { afterStep: 3 });
  await stage.anna.sendPhoto(photo, { caption: "моё steps=8" });
  await untilShown(stage, stage.anna, /Шаг/);
  await stage.ben.sendPhoto(photo, { caption: "mine steps=8" });
  await untilShown(stage, stage.ben, /You are next/);
  const annas = stage.telegram.draft(stage.anna.privateChat);
  const stopped = { chat: stage.ben.privateChat, draft_id: annas?.draftId ?? 0 };
  stage.telegram.push({ stopped_message_generation: stopped });
  stage.telegram.push({ stopped_message_generation: { ...stopped, draft_id: 4_711 } });
  stage.ben.sendText("/status");
  await untilSaid(stage, stage.ben, "You have 1 job");
  await untilShown(stage, stage.ben, /You are next/);
  stage.ben.stopDraft();
  await untilSaid(stage, stage.ben, "✖ Cancelled.");
  hold.remove();
  await untilOnlyResults(stage, stage.anna);
  assert.equal(stage.telegram.draft(stage.ben.privateChat), undefined);
  assert.equal(results(stage, stage.ben).length, 0);
});

Deno.test("Stop while it is painted interrupts it in ComfyUI, and the sentence is all that stays", async () => {
  await using stage = await openStage();
  using _hold = holdRun(stage, { afterStep: 3 });
  await stage.ben.sendPhoto(photo, { caption: "mine steps=50" });
  await untilShown(stage, stage.ben, /Step/);
  stage.ben.stopDraft();
  await stage.comfyui.until(() => stage.comfyui.ran[0]?.outcome === "interrupted", {
    what: "it is interrupted",
  });
  await untilSaid(stage, stage.ben, "✖ Cancelled.");
  assert.equal(said(stage, stage.ben).length, 1);
  assert.equal(stage.telegram.draft(stage.ben.privateChat), undefined);
});

Deno.test("a draft that an answer has taken away comes back, and a second job has a message", async () => {
  await using stage = await openStage();
  using _hold = holdRun(stage, { afterStep: 3 });
  await stage.ben.sendPhoto(photo, { caption: "first steps=30" });
  await untilShown(stage, stage.ben, /Step/);
  const second = await stage.ben.sendPhoto(photo, { caption: "second steps=3" });
  const status = await untilReply(stage, second);
  assert.deepEqual(buttons(status), [["✖ Cancel"]]);
  stage.ben.sendText("/status");
  await untilSaid(stage, stage.ben, "You have 2 jobs");
  await stage.telegram.until(
    () => stage.telegram.draft(stage.ben.privateChat)?.text.includes("of 30"),
    { what: "the draft of the first job is there again" },
  );
  await stage.ben.press(status, "✖ Cancel");
  await stage.telegram.until(
    () => stage.telegram.message(status.chat, status.message_id)?.text === "✖ Cancelled.",
    { what: "the second one is cancelled" },
  );
  await stage.telegram.until(
    () => stage.telegram.draft(stage.ben.privateChat)?.text.includes("of 30"),
    { what: "the first one goes on" },
  );
});

Deno.test("a draft goes on as the same one after a kill", async () => {
  await using stage = await openStage();
  using hold = holdRun(stage, { afterStep: 3 });
  await stage.ben.sendPhoto(photo, { caption: "slow steps=20" });
  await untilShown(stage, stage.ben, /Step/);
  const before = stage.telegram.draft(stage.ben.privateChat);
  await stage.restart();
  const after = await stage.telegram.until(
    () => {
      const draft = stage.telegram.draft(stage.ben.privateChat);
      return draft && draft.expiresAt > (before?.expiresAt ?? Infinity) && draft;
    },
    { what: "the draft is shown again" },
  );
  assert.equal(after.draftId, before?.draftId);
  hold.remove();
  await untilOnlyResults(stage, stage.ben);
});

for (const refusal of ["404", "400"] as const) {
  Deno.test(`where drafts are answered with ${refusal}, messages are edited, and it is not tried again`, async () => {
    await using stage = await openStage({
      telegram: { knows: { drafts: refusal !== "404" } },
    });
    using hold = holdRun(stage, { afterStep: 3 });
    if (refusal === "400") {
      stage.telegram.faults.add({ method: "sendMessageDraft", kind: "refuse" });
    }
    await stage.ben.sendPhoto(photo, { caption: "one steps=8" });
    const status = await untilSaid(stage, stage.ben, /^🎨 ▓+░* \d+ %\nStep \d of 8/);
    assert.deepEqual(buttons(status), [["✖ Cancel"]]);
    hold.remove();
    await untilOnlyResults(stage, stage.ben);
    await stage.ben.sendPhoto(photo, { caption: "two steps=1" });
    await untilOnlyResults(stage, stage.ben, 2);
    const drafts = calledFor(stage, stage.ben).filter((method) => method === "sendMessageDraft");
    assert.equal(drafts.length, 1);
  });
}

Deno.test("a group has a status message that is edited, and no draft is tried", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  using hold = holdRun(stage, { afterStep: 8 });
  const group = stage.telegram.group({ id: -1001, title: "g", members: [stage.ben, stage.anna] });
  const request = await stage.anna.sendPhoto(photo, {
    chat: group,
    caption: `@${stage.telegram.bot.username} ночь steps=16`,
  });
  const status = await untilReply(stage, request);
  await stage.telegram.until(
    () => stage.telegram.message(group, status.message_id)?.text?.includes("▓"),
    { what: "the bar" },
  );
  hold.remove();
  await stage.telegram.until(
    () => stage.telegram.messages(group).filter(({ from }) => from?.is_bot).every((m) => m.photo),
    { what: "only the result is left" },
  );
  assert.ok(!stage.telegram.calls.some(({ method }) => method === "sendMessageDraft"));
});

Deno.test("the picture is shown as it forms, and nothing of it is left beside the result", async () => {
  await using stage = await openStage(withPreviews);
  using hold = holdRun(stage, { afterStep: 10 });
  using later = holdRun(stage, { afterStep: 20 });
  await stage.ben.sendPhoto(photo, { caption: "night steps=25" });
  const preview = await untilPreview(stage, stage.ben);
  assert.match(preview.caption ?? "", /^🎨 ▓+░* \d+ %\nStep \d+ of 25/);
  const fileId = preview.photo?.at(-1)?.file_id;
  hold.remove();
  await stage.telegram.until(
    () => {
      const now = stage.telegram.message(preview.chat, preview.message_id);
      return now?.photo && now.photo.at(-1)?.file_id !== fileId;
    },
    { what: "the next picture" },
  );
  const called = (wanted: string) => stage.telegram.calls.filter(({ method }) => method === wanted);
  const uploads = called("editMessageMedia");
  // When the first one left the bot is not known: after the message that it was put into.
  const ms = uploads.at(-1)!.at - called("sendMessage").at(-1)!.at;
  assert.ok(ms >= 3_000 * (uploads.length - 1), `one in 3 s: ${uploads.length} in ${ms} ms`);
  later.remove();
  await untilOnlyResults(stage, stage.ben);
  assert.match(results(stage, stage.ben)[0]?.caption ?? "", /^night\n\nseed/);
});

Deno.test("a kill leaves no preview behind, nor does a cancel", async () => {
  await using stage = await openStage(withPreviews);
  using hold = holdRun(stage, { afterStep: 10 });
  await stage.ben.sendPhoto(photo, { caption: "one steps=25" });
  const preview = await untilPreview(stage, stage.ben);
  await stage.restart();
  await stage.telegram.until(
    () => stage.telegram.message(preview.chat, preview.message_id)?.caption !== preview.caption,
    { what: "the new life goes on with it" },
  );
  hold.remove();
  await untilOnlyResults(stage, stage.ben);
  const startedAt = Date.now();
  using _hold = holdRun(stage, { afterStep: 10 });
  await stage.ben.sendPhoto(photo, { caption: "two steps=25" });
  await stage.ben.press(await untilPreview(stage, stage.ben), "✖ Cancel");
  await untilSaid(stage, stage.ben, "✖ Cancelled.");
  assert.equal(results(stage, stage.ben).length, 1);
  const refused = stage.telegram.calls.filter(({ ok, at }) => ok === false && at > startedAt);
  assert.deepEqual(refused.map(({ method, description }) => `${method}: ${description}`), []);
});

Deno.test("a preview that hangs keeps neither the result nor the cleaning up", async () => {
  await using stage = await openStage(withPreviews);
  using hold = holdRun(stage, { afterStep: 10 });
  const method = "editMessageMedia";
  stage.telegram.faults.add({ method, kind: "hang" });
  await stage.ben.sendPhoto(photo, { caption: "night steps=25" });
  const upload = await stage.telegram.until(
    () => stage.telegram.calls.find((call) => call.method === method),
    { what: "an upload hangs" },
  );
  hold.remove();
  await untilOnlyResults(stage, stage.ben);
  const tookMs = Date.now() - upload.at;
  assert.ok(tookMs < 10_000, `given up for the result, not after its 10 s: ${tookMs} ms`);
});

Deno.test("a server that makes no pictures of texts is asked once", async () => {
  await using stage = await openStage({
    ...withPreviews,
    comfyui: { ...withPreviews.comfyui, stepMs: 200 },
    telegram: { knows: { textToMedia: false } },
  });
  using hold = holdRun(stage, { afterStep: 3 });
  await stage.ben.sendPhoto(photo, { caption: "night steps=25" });
  await stage.telegram.until(
    () => stage.telegram.calls.some(({ method }) => method === "editMessageMedia"),
    { what: "a preview is tried" },
  );
  await stage.telegram.until(
    () => stage.telegram.draft(stage.ben.privateChat)?.text.includes("Step"),
    { what: "the draft is back" },
  );
  // Longer than the pause between two previews.
  hold.remove();
  await untilOnlyResults(stage, stage.ben);
  const tried = calledFor(stage, stage.ben).filter((method) => method === "editMessageMedia");
  assert.equal(tried.length, 1);
});
