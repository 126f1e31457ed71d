/** Messages whose process dies at each of its writes: handled again, they come to what they would have come to. */
import assert from "node:assert/strict";
import type { Message } from "grammy/types";
import { textIn } from "../../../src/i18n/mod.ts";
import { JobQueue, type Picture } from "../../../src/jobs/mod.ts";
import { createKvJobStore, createKvSettings, type KeyValueStore } from "../../../src/kv/mod.ts";
import type { BotContext } from "../../../src/telegram/api/mod.ts";
import { createIntake, type IntakeDeps } from "../../../src/telegram/intake/intake.ts";
import { loadTemplates, readEmbedded } from "../../../src/templates/loader.ts";
import { defaultUserSettings, type PictureDraft } from "../../../src/users/mod.ts";
import { policyInForce } from "../../../src/users/policy/mod.ts";
import { killAtEachWrite, testState } from "../../kv/kv_fixture.ts";

const chatUser = { userId: 7, chatId: 7 };
const { templates } = loadTemplates({ embedded: readEmbedded() });
const template = templates.get("qwen_image_edit_2509")!;
const [a, b, c, d] = [1, 2, 3, 4].map((update) => picture(update));

/** The only picture of an update. */
function picture(update: number): Picture {
  const file = `${update.toString(36)}-0.jpg`;
  return { file, mime: "image/jpeg", width: 40, height: 30, asFile: false };
}

/** What handles messages, over a store; pictures are names. */
async function openIntake(kv: KeyValueStore) {
  const settings = createKvSettings(kv);
  const options = { maxSize: () => 100, now: () => 1_000 };
  const queue = await JobQueue.open(createKvJobStore(kv), options);
  const intake = createIntake({
    ...options,
    queue,
    settings,
    imageFetcher: {
      fetch: ({ update }: BotContext) => Promise.resolve([picture(update.update_id)]),
      remove: () => Promise.resolve(),
    },
    statusUpdater: { open() {} },
    erasure: { isErased: () => false },
    lacking: () => undefined,
    templates: () => templates,
    offered: () => templates,
    defaultTemplate: () => template,
    policy: policyInForce(() => ({ enabled: false, refuse: [], allow: [] })),
    config: () => ({ presets: [] }),
    random: () => 0.5,
  } as unknown as IntakeDeps);
  return {
    queue,
    settings,
    made: intake.made,
    async send(update: number, caption?: string) {
      const photo = [{ file_id: "f", file_unique_id: "u", width: 40, height: 30 }];
      const message = { message_id: update, chat: { id: 7, type: "private" }, photo, caption };
      await intake.pictures(contextOf(update), chatUser, [message as unknown as Message]);
    },
  };
}

function contextOf(update: number): BotContext {
  return {
    update: { update_id: update },
    me: { username: "bot" },
    sender: 7,
    user: defaultUserSettings,
    language: "en",
    text: textIn("en"),
    chat: { id: 7, type: "private" },
    msgId: update,
    reply: () => Promise.resolve({ message_id: 100 + update }),
    acknowledge() {},
  } as unknown as BotContext;
}

type Parts = Awaited<ReturnType<typeof openIntake>>;

/** These pictures wait, and no others. */
async function begin(
  { settings }: Parts,
  pictures: readonly (Picture | undefined)[],
  draft: Partial<PictureDraft> = {},
): Promise<void> {
  await settings.changeOvertaken(chatUser, () => []);
  await settings.setDraft(chatUser, {
    v: 1,
    kind: "pictures",
    at: 1,
    messageId: 1,
    collecting: true,
    id: "1",
    ...draft,
    pictures: pictures.flatMap((each) => each ?? []),
  });
}

testState(
  "a picture is collected once, at whichever write it is killed",
  (open) =>
    open(async (kv) => {
      await killAtEachWrite(kv, {
        open: openIntake,
        before: (parts) => begin(parts, [a]),
        handle: ({ send }) => send(2),
        async after({ settings }) {
          assert.deepEqual((await settings.draft(chatUser))?.pictures, [a, b]);
        },
      });
    }),
);

testState(
  "words that cannot be used lose none of the pictures that were collected",
  (open) =>
    open(async (kv) => {
      await killAtEachWrite(kv, {
        open: openIntake,
        before: (parts) => begin(parts, [a, b]),
        handle: ({ send }) => send(3, "steps=soon"),
        async after({ settings }) {
          assert.deepEqual((await settings.draft(chatUser))?.pictures, [a, b, c]);
        },
      });
    }),
);

testState(
  "whether each picture is meant is asked of all that were collected",
  (open) =>
    open(async (kv) => {
      await killAtEachWrite(kv, {
        open: openIntake,
        before: (parts) => begin(parts, [a, b, c]),
        handle: ({ send }) => send(4, "a blue sky"),
        async after({ settings, queue }) {
          const draft = await settings.draft(chatUser);
          assert.deepEqual(draft?.pictures, [a, b, c, d]);
          assert.equal(draft.words, "a blue sky");
          assert.deepEqual(queue.live(), []);
        },
      });
    }),
);

testState(
  "a picture that waited is overtaken by the job of the next, also where that was made before a kill",
  (open) =>
    open(async (kv) => {
      let update = 10;
      await killAtEachWrite(kv, {
        open: openIntake,
        async before(parts) {
          update++;
          await begin(parts, [a], { collecting: false });
        },
        handle: ({ send }) => send(update, "a blue sky"),
        async after({ settings, queue }) {
          const job = await queue.get(update.toString(36));
          assert.deepEqual(job?.pictures, [picture(update)]);
          assert.equal(await settings.draft(chatUser), undefined);
          assert.deepEqual((await settings.overtaken(chatUser)).map(({ id }) => id), ["1"]);
        },
      });
    }),
);

testState(
  "a second tap on what has its job leaves alone what /new collects",
  (open) =>
    open(async (kv) => {
      const { send, settings, made } = await openIntake(kv);
      await send(5, "a blue sky");
      await begin({ settings } as Parts, [], { id: "6" });
      assert.ok(await made(chatUser, "5"));
      assert.deepEqual((await settings.draft(chatUser))?.collecting, true);
    }),
);

testState(
  "a message that is handled again leaves alone the pictures that came after it",
  (open) =>
    open(async (kv) => {
      const { send, settings } = await openIntake(kv);
      await send(8, "a blue sky");
      await send(9);
      await send(8, "a blue sky");
      assert.deepEqual((await settings.draft(chatUser))?.pictures, [picture(9)]);
    }),
);
