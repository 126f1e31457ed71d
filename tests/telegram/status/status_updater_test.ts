/**
 * The statusUpdater, a queue and an emulated Telegram in one process, on a clock that the test moves.
 *
 * Drives besides: src/telegram/status/status_message.ts, src/telegram/status/status_text.ts,
 * src/telegram/status/status_view.ts.
 */
import { Api, InputFile } from "grammy";
import assert from "node:assert/strict";
import { gradientJpeg, withJpegSegment } from "../../../lab/pictures.ts";
import { startTelegram, type TelegramOptions } from "../../../lab/telegram/mod.ts";
import { textIn } from "../../../src/i18n/text.ts";
import type { Job, JobEvent } from "../../../src/jobs/job.ts";
import { createMemoryJobStore } from "../../jobs/memory_job_store.ts";
import { createMessageIds } from "../../../src/telegram/api/message_ids.ts";
import { createFindMessage } from "../../../src/telegram/status/find_message.ts";
import { createOtherMessages } from "../../../src/telegram/status/other_messages.ts";
import { createMemoryOtherMessages } from "../../jobs/memory_other_messages.ts";
import { createSerializer } from "../../../src/lib/mod.ts";
import { createSendOnce, findInTurn } from "../../../src/telegram/status/send_once.ts";
import { createStatusDrafts } from "../../../src/telegram/status/status_draft.ts";
import { createStatusUpdater } from "../../../src/telegram/status/status_updater.ts";
import {
  defaultUserSettings,
  type Settings,
  type UserSettings,
} from "../../../src/users/settings.ts";
import { createQueuePositions } from "../../../src/worker/queue_position.ts";
import { openQueue, request } from "../../jobs/job_fixture.ts";

const ben = 7;

interface ParlourOptions {
  readonly telegram?: TelegramOptions;
  readonly person?: Partial<UserSettings>;
  readonly settings?: Pick<Settings, "user">;
  /** How long the backend is still busy. */
  readonly waitMs?: () => number;
}

/** One user's private chat with a statusUpdater behind it. */
async function openParlour(
  {
    telegram: options,
    person,
    settings = { user: () => Promise.resolve({ ...defaultUserSettings, ...person }) },
    waitMs = () => 60_000,
  }: ParlourOptions = {},
) {
  let clock = 1_000_000;
  const now = () => clock;
  const telegram = await startTelegram({ limits: false, now, ...options });
  const chat = telegram.person({ id: ben, first_name: "Ben", started: true }).privateChat;
  const queue = await openQueue(createMemoryJobStore(), { now });
  const isReachable = { value: true };
  const wake: { value: { leftMs: number } | undefined } = { value: undefined };
  const life = new AbortController();
  const api = new Api(telegram.token, { apiRoot: telegram.url });
  const drafts = createStatusDrafts({ api, now });
  const sent = createMessageIds();
  api.config.use(sent.transformer, drafts.transformer);
  const rateLimiter = { hasRoomForProgress: () => true, room: () => Promise.resolve() };
  const { signal } = life;
  const others = createOtherMessages({ store: createMemoryOtherMessages(), sent });
  const find = createFindMessage({ asking: api, sent, others, queue, signal });
  const chatTurns = createSerializer();
  const sendOnce = createSendOnce({ sent, find, chatTurns, rateLimiter, signal });
  const statusUpdater = createStatusUpdater({
    api,
    queue,
    drafts,
    sending: { once: api, sendOnce, find: findInTurn({ find, chatTurns }) },
    now,
    rateLimiter,
    settings,
    positions: createQueuePositions({
      queue,
      estimator: { expectMs: () => 0 },
      look: () => Promise.resolve([]),
      workers: () => [{
        name: "one",
        held: () => [{ id: "before", promptId: "before", hasBegun: true, leftMs: waitMs() }],
        reachable: true,
      }],
    }),
    reachable: () => isReachable.value,
    waking: () => wake.value,
  }, life.signal);
  statusUpdater.run(life.signal);

  return {
    telegram,
    chat,
    queue,
    api,
    statusUpdater,
    isReachable,
    wake,
    /** Lets so much time pass. */
    pass: (ms: number) => void (clock += ms),
    draft: () => telegram.draft(chat)?.text,
    said: () => telegram.messages(chat).map(({ text, caption }) => text ?? caption),
    async add(id: string): Promise<Job> {
      await queue.enqueue(request(id));
      const job = await queue.get(id);
      assert.ok(job);
      return job;
    },
    /** The job begins to be painted. */
    async paint(id: string): Promise<Job> {
      await queue.claim(() => ({ backend: "one", promptId: id }));
      return await queue.update(id, { state: "running", startedAt: now() });
    },
    async [Symbol.asyncDispose]() {
      life.abort();
      telegram.faults.clear();
      await statusUpdater.flush();
      await telegram.stop();
    },
  };
}

function step(value: number): JobEvent {
  return { type: "progress", fraction: value / 10, step: { value, max: 10 }, leftMs: undefined };
}

Deno.test("createBoard() refreshes a draft before its 30 seconds are over when nothing changes", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  parlour.statusUpdater.open(await parlour.add("a"));
  await parlour.telegram.until(() => parlour.draft(), { what: "the draft" });
  const first = parlour.telegram.draft(parlour.chat)?.expiresAt;
  parlour.pass(21_000);
  await parlour.telegram.until(() => parlour.telegram.draft(parlour.chat)?.expiresAt !== first, {
    what: "it is shown again",
  });
  parlour.pass(21_000);
  assert.ok(parlour.draft(), "it has not vanished");
});

Deno.test("createBoard() shows a draft again when a message of the bot has taken it away", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  parlour.statusUpdater.open(await parlour.add("a"));
  await parlour.telegram.until(() => parlour.draft(), { what: "the draft" });
  await parlour.api.sendMessage(parlour.chat.id, "an answer");
  assert.equal(parlour.draft(), undefined);
  parlour.pass(1_000);
  await parlour.telegram.until(() => parlour.draft(), { what: "the same words again" });
});

Deno.test("createBoard() moves a job from message to draft and back when its backend goes away", async () => {
  await using parlour = await openParlour();
  parlour.statusUpdater.open(await parlour.add("a"));
  await parlour.telegram.until(() => parlour.said().length === 1, { what: "the message" });
  parlour.pass(2_000);
  parlour.statusUpdater.notify(await parlour.paint("a"), step(3));
  await parlour.telegram.until(
    () => parlour.draft()?.includes("30 %") && parlour.said().length === 0,
    {
      what: "the draft alone",
    },
  );
  await parlour.telegram.until(
    async () => (await parlour.queue.get("a"))?.statusMessageId === undefined,
    {
      what: "the record says so",
    },
  );
  parlour.isReachable.value = false;
  parlour.pass(2_000);
  await parlour.telegram.until(() => parlour.said().length === 1 && parlour.draft() === undefined, {
    what: "the message alone",
  });
  assert.match(parlour.said()[0] ?? "", /^⏸/);
});

Deno.test("createBoard() lets no draft come after the result when one hangs on its way", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  parlour.statusUpdater.open(await parlour.add("a"));
  await parlour.telegram.until(() => parlour.draft(), { what: "the draft" });
  const job = await parlour.paint("a");
  const hang = parlour.telegram.faults.add({ method: "sendMessageDraft", kind: "hang" });
  parlour.statusUpdater.notify(job, step(9));
  parlour.pass(2_000);
  await parlour.telegram.until(() => hang.hits === 1, { what: "a draft hangs" });
  const delivering = await parlour.queue.update("a", { state: "delivering" });
  await parlour.api.sendMessage(parlour.chat.id, "the result");
  await parlour.statusUpdater.clear(delivering);
  await parlour.queue.update("a", { state: "done", settled: true });
  parlour.telegram.faults.clear();
  parlour.pass(2_000);
  await parlour.statusUpdater.flush();
  // A later job's draft proves that the statusUpdater has looked again.
  parlour.statusUpdater.open(await parlour.add("b"));
  await parlour.telegram.until(() => parlour.draft(), { what: "the next draft" });
  assert.match(parlour.draft() ?? "", /You are next/);
  assert.deepEqual(parlour.said(), ["the result"]);
});

Deno.test("createBoard() shows no preview to who does not want any", async () => {
  await using parlour = await openParlour({ person: { preview: false }, waitMs: () => 0 });
  parlour.statusUpdater.open(await parlour.add("a"));
  const job = await parlour.paint("a");
  assert.equal(await parlour.statusUpdater.wantsPreviews(job), false);
  const bytes = await gradientJpeg(64, 64);
  for (let value = 1; value < 10; value++) {
    parlour.statusUpdater.notify(job, { type: "preview", bytes, mime: "image/jpeg" });
    parlour.statusUpdater.notify(job, step(value));
    parlour.pass(4_000);
    await parlour.telegram.until(() => parlour.draft()?.includes(`Step ${value} of`), {
      what: `step ${value}`,
    });
  }
  assert.deepEqual(parlour.said(), []);
});

Deno.test("createBoard() wants previews for who does, and none where that cannot be read", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  assert.equal(await parlour.statusUpdater.wantsPreviews(await parlour.add("a")), true);
  await using broken = await openParlour({
    waitMs: () => 0,
    settings: { user: () => Promise.reject(new Error("disk I/O error")) },
  });
  assert.equal(await broken.statusUpdater.wantsPreviews(await broken.add("a")), false);
});

Deno.test("createBoard() drops what is not a picture, and what is too large", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  parlour.statusUpdater.open(await parlour.add("a"));
  const job = await parlour.paint("a");
  const comment = new Uint8Array(60_000);
  let large = await gradientJpeg(64, 64);
  for (let i = 0; i < 6; i++) large = withJpegSegment(large, 0xfe, comment);
  for (const bytes of [new Uint8Array(100), large]) {
    parlour.statusUpdater.notify(job, { type: "preview", bytes, mime: "image/jpeg" });
  }
  parlour.statusUpdater.notify(job, step(5));
  parlour.pass(4_000);
  await parlour.telegram.until(() => parlour.draft()?.includes("Step 5"), { what: "the draft" });
  assert.deepEqual(parlour.said(), []);
});

for (const kind of ["cut-after", "cut-before", "hang"] as const) {
  Deno.test(`createBoard() edits no words of a photo when a cancel comes after a preview that was ${kind}`, async () => {
    await using parlour = await openParlour();
    const { telegram, queue, statusUpdater } = parlour;
    statusUpdater.open(await parlour.add("a"));
    await telegram.until(() => parlour.said().length === 1, { what: "the message" });
    const job = await parlour.paint("a");
    const fault = telegram.faults.add({ method: "editMessageMedia", kind });
    const bytes = await gradientJpeg(64, 64);
    statusUpdater.notify(job, { type: "preview", bytes, mime: "image/jpeg" });
    statusUpdater.notify(job, step(5));
    parlour.pass(4_000);
    await telegram.until(() => fault.hits > 0, { what: "a preview that gets no answer" });
    const cancelled = await queue.update("a", { state: "cancelled" });
    statusUpdater.ended(cancelled);
    await telegram.until(() => parlour.said().join() === "✖ Cancelled.", { what: "the end" });
    await statusUpdater.flush();
    const refused = telegram.calls.filter(({ ok, fault }) => ok === false && fault === undefined);
    assert.deepEqual(refused.map(({ method, description }) => `${method}: ${description}`), []);
  });
}

Deno.test("createBoard() leaves a message alone that its user has deleted", async () => {
  await using parlour = await openParlour();
  parlour.statusUpdater.open(await parlour.add("a"));
  const message = await parlour.telegram.until(() => parlour.telegram.messages(parlour.chat)[0], {
    what: "the message",
  });
  const person = parlour.telegram.person({ id: ben, first_name: "Ben" });
  person.deleteMessages(message);
  parlour.isReachable.value = false;
  const edits = () =>
    parlour.telegram.calls.filter(({ method, params }) =>
      method === "editMessageText" && Number(params.message_id) === message.message_id
    ).length;
  parlour.pass(60_000);
  await parlour.telegram.until(() => edits() === 1, { what: "one edit, refused" });
  await parlour.statusUpdater.flush();
  parlour.isReachable.value = true;
  parlour.pass(60_000);
  parlour.statusUpdater.open(await parlour.add("b"));
  await parlour.telegram.until(() => parlour.said().length === 1, { what: "the next job's" });
  parlour.isReachable.value = false;
  parlour.pass(60_000);
  // The first job comes first in each look.
  await parlour.telegram.until(() => parlour.said()[0]?.startsWith("⏸"), { what: "a later look" });
  await parlour.statusUpdater.flush();
  assert.equal(edits(), 1);
  const cancelled = await parlour.queue.cancel("a");
  assert.equal(cancelled.type, "cancelled");
  parlour.statusUpdater.ended(cancelled.job!);
  await parlour.telegram.until(() => parlour.said().includes("✖ Cancelled."), {
    what: "the sentence all the same",
  });
});

Deno.test("createBoard() looks for no message that Telegram refused", async () => {
  await using parlour = await openParlour();
  const { telegram, chat, queue } = parlour;
  const person = telegram.person({ id: ben, first_name: "Ben" });
  person.sendText("hello");
  person.block();
  parlour.statusUpdater.open(await parlour.add("a"));
  await parlour.statusUpdater.flush();
  assert.equal((await queue.get("a"))?.statusMark, undefined);
  person.unblock();
  // Another process's: this one does not know it.
  const { message_id } = await new Api(telegram.token, { apiRoot: telegram.url })
    .sendPhoto(chat.id, new InputFile(await gradientJpeg(64, 64)), { caption: "another" });
  parlour.statusUpdater.ended((await queue.cancel("a")).job!);
  await parlour.statusUpdater.flush();
  assert.equal(parlour.said().at(-1), "✖ Cancelled.");
  assert.equal(telegram.message(chat, message_id)?.edit_date, undefined);
});

Deno.test("createBoard() says to who waits that work is paused, and says so no more when it goes on", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  const { telegram, queue } = parlour;
  parlour.statusUpdater.open(await parlour.add("a"));
  await telegram.until(() => parlour.draft(), { what: "it is next" });
  queue.paused = true;
  parlour.pass(10_000);
  const paused = textIn("en").queue.paused({ position: 1 });
  await telegram.until(() => parlour.said().includes(paused) && parlour.draft() === undefined, {
    what: "the pause, in a message that stays",
  });
  queue.paused = false;
  parlour.pass(10_000);
  await telegram.until(() => !parlour.said().includes(paused), { what: "the pause is over" });
});

Deno.test("createBoard() says that a job waits for its pictures until ComfyUI has it, and no longer", async () => {
  await using parlour = await openParlour();
  const { telegram, queue, statusUpdater } = parlour;
  const job = await parlour.add("a");
  statusUpdater.open(job);
  await telegram.until(() => parlour.said().length === 1, { what: "the message" });
  await queue.claim(() => ({ backend: "one", promptId: "a" }));
  statusUpdater.notify(job, { type: "storage_away" });
  parlour.pass(10_000);
  const away = textIn("en").queue.storageAway;
  await telegram.until(() => parlour.said().includes(away), { what: "what it waits for" });
  statusUpdater.notify(job, { type: "accepted" });
  parlour.pass(10_000);
  await telegram.until(() => !parlour.said().includes(away), { what: "it is over" });
});

Deno.test("createBoard() begins no status for a result that is on its way", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  const { telegram, queue, chat } = parlour;
  parlour.statusUpdater.open(await parlour.add("a"));
  await telegram.until(() => parlour.draft(), { what: "the draft" });
  await parlour.paint("a");
  await queue.update("a", { state: "delivering" });
  const next = await parlour.add("b");
  parlour.statusUpdater.open(next);
  await telegram.until(() => telegram.draft(chat)?.draftId === next.seq, { what: "the next one" });
  const first = telegram.draft(chat)?.expiresAt;
  parlour.pass(21_000);
  await telegram.until(() => telegram.draft(chat)?.expiresAt !== first, { what: "a later look" });
  await parlour.statusUpdater.flush();
  assert.deepEqual(parlour.said(), []);
});

Deno.test("createBoard() goes on with a message that a former process has made a picture of", async () => {
  await using parlour = await openParlour();
  const { telegram, queue, api, chat } = parlour;
  await parlour.add("a");
  const preview = new InputFile(await gradientJpeg(64, 64), "preview.jpg");
  const { message_id: statusMessageId } = await api.sendPhoto(chat.id, preview, {
    caption: "Step 3 of 8",
  });
  parlour.statusUpdater.open(await queue.update("a", { statusMessageId }));
  await telegram.until(() => parlour.said()[0]?.startsWith("⏳"), { what: "its words" });
  const cancelled = await queue.cancel("a");
  parlour.statusUpdater.ended(cancelled.job!);
  await parlour.statusUpdater.flush();
  assert.deepEqual(parlour.said(), ["✖ Cancelled."], "the picture is gone");
});

Deno.test("createBoard() rings for a job's end, not for the way to it", async () => {
  await using parlour = await openParlour();
  const { telegram, queue } = parlour;
  parlour.statusUpdater.open(await parlour.add("a"));
  const [message] = await telegram.until(
    () => telegram.messages(parlour.chat).length === 1 && telegram.messages(parlour.chat),
    { what: "the message" },
  );
  telegram.person({ id: ben, first_name: "Ben" }).deleteMessages(message!);
  parlour.statusUpdater.ended((await queue.cancel("a")).job!);
  await parlour.statusUpdater.flush();
  const silent = telegram.calls.filter(({ method }) => method === "sendMessage")
    .map(({ params }) => String(params.disable_notification ?? false));
  assert.deepEqual(silent, ["true", "false"]);
});

Deno.test("createBoard() says that a machine is being woken, and about how long that takes", async () => {
  await using parlour = await openParlour({ waitMs: () => 0 });
  parlour.wake.value = { leftMs: 118_000 };
  parlour.statusUpdater.open(await parlour.add("a"));
  const reads = (words: RegExp) =>
    parlour.telegram.until(() => words.test(parlour.said()[0] ?? ""), { what: `${words}` });
  await reads(/^💤 .* being woken, about 2 min\./);
  parlour.wake.value = { leftMs: 41_000 };
  parlour.pass(20_000);
  await reads(/^💤 .* being woken, about 45 s\./);
  parlour.wake.value = { leftMs: -5_000 };
  parlour.pass(20_000);
  await reads(/^💤 .* being woken\. Your job/);
  parlour.wake.value = undefined;
  parlour.pass(20_000);
  await parlour.telegram.until(() => !parlour.said()[0]?.startsWith("💤"), { what: "it is awake" });
});
