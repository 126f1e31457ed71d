/** What users have chosen and begun, in a real store. */
import assert from "node:assert/strict";
import { createKvSettings } from "../../src/kv/settings.ts";
import { RecordTooLargeError } from "../../src/lib/errors.ts";
import { defaultUserSettings, type Draft, type Question } from "../../src/users/settings.ts";
import { testState } from "./kv_fixture.ts";

const chatUser = { userId: 7, chatId: -100 };
const pictureDraft: Draft = {
  v: 1,
  kind: "pictures",
  collecting: false,
  at: 5,
  pictures: [{ file: "a.png", fileId: "F", mime: "image/png", width: 1, height: 2, asFile: true }],
  messageId: 3,
};

testState(
  "changePerson() keeps what was chosen over a restart, for that person alone",
  async (open) => {
    const changed = {
      ...defaultUserSettings,
      language: "ru",
      params: { steps: 12, sampler: "x" },
    } as const;
    await open(async (kv) => {
      const settings = createKvSettings(kv);
      assert.deepEqual(await settings.user(7), defaultUserSettings);
      assert.deepEqual(await settings.changeUser(7, () => changed), changed);
    });
    await open(async (kv) => {
      assert.deepEqual(await createKvSettings(kv).user(7), changed);
      assert.deepEqual(await createKvSettings(kv).user(8), defaultUserSettings);
    });
  },
);

testState("changePerson() loses no press when many come at once", (open) =>
  open(async (kv) => {
    const settings = createKvSettings(kv);
    await Promise.all(Array.from({ length: 20 }, () =>
      settings.changeUser(7, (person) => ({
        ...person,
        params: { steps: Number(person.params.steps ?? 0) + 1 },
      }))));
    assert.deepEqual((await settings.user(7)).params, { steps: 20 });
  }));

testState(
  "person() gives a new one when the record has an unknown shape",
  (open) =>
    open(async (kv) => {
      await kv.atomic().set(["person", 7], { v: 1, params: "?" }).commit();
      assert.deepEqual(await createKvSettings(kv).user(7), defaultUserSettings);
    }),
);

const question: Question = {
  v: 1,
  kind: "value",
  at: 6,
  param: "steps",
  menu: "s",
  menuMessageId: 8,
  askMessageId: 9,
  updateId: 10,
};

testState("setDraft() keeps one draft of each kind a chatUser over a restart", async (open) => {
  const elsewhere = { ...chatUser, chatId: 7 };
  await open(async (kv) => {
    const settings = createKvSettings(kv);
    await settings.setDraft(chatUser, { ...pictureDraft, at: 1 });
    await settings.setDraft(chatUser, pictureDraft);
    await settings.setDraft(chatUser, question);
    await settings.setDraft(elsewhere, { ...pictureDraft, at: 2 });
  });
  await open(async (kv) => {
    const settings = createKvSettings(kv);
    assert.deepEqual(await settings.draft(chatUser), pictureDraft);
    assert.deepEqual(await settings.question(chatUser), question);
    assert.equal(await settings.draft({ ...chatUser, userId: 8 }), undefined);
    assert.equal(await settings.question(elsewhere), undefined);
    const pictures = (await settings.drafts()).filter(({ draft }) => draft.kind === "pictures");
    assert.deepEqual(pictures, [
      { chatUser, draft: pictureDraft },
      { chatUser: elsewhere, draft: { ...pictureDraft, at: 2 } },
    ]);
  });
});

testState(
  "changeQuestion() changes or takes the question, and leaves the pictures",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      await settings.setDraft(chatUser, pictureDraft);
      await settings.changeQuestion(chatUser, (known) => {
        assert.equal(known, undefined);
        return question;
      });
      assert.deepEqual(await settings.question(chatUser), question);
      await settings.changeQuestion(chatUser, (known) => known && { ...known, askMessageId: 11 });
      assert.deepEqual(await settings.question(chatUser), { ...question, askMessageId: 11 });
      await settings.changeQuestion(chatUser, () => undefined);
      assert.equal(await settings.question(chatUser), undefined);
      assert.deepEqual(await settings.draft(chatUser), pictureDraft);
    }),
);

testState(
  "forget() erases a user's choices and drafts, and no other user's",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      const other = { ...chatUser, userId: 8 };
      for (const { userId, chatId } of [chatUser, other]) {
        await settings.changeUser(userId, (person) => ({ ...person, language: "ru" }));
        await settings.setDraft({ userId, chatId }, pictureDraft);
        await settings.setDraft({ userId, chatId }, question);
      }
      await settings.forget(7);
      assert.deepEqual(await settings.user(7), defaultUserSettings);
      assert.equal(await settings.draft(chatUser), undefined);
      assert.equal((await settings.user(8)).language, "ru");
      assert.deepEqual(await settings.draft(other), pictureDraft);
    }),
);

testState(
  "clearDraft() gives the draft to one when two ask for it at once",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      await settings.setDraft(chatUser, pictureDraft);
      const taken = await Promise.all([
        settings.clearDraft(chatUser),
        settings.clearDraft(chatUser),
      ]);
      assert.deepEqual(taken.filter((draft) => draft !== undefined), [pictureDraft]);
      assert.equal(await settings.draft(chatUser), undefined);
      assert.equal(await settings.clearDraft(chatUser), undefined);
    }),
);

testState(
  "clearDraft() clears the question too, with the pictures or without",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      await settings.setDraft(chatUser, pictureDraft);
      await settings.setDraft(chatUser, question);
      assert.deepEqual(await settings.clearDraft(chatUser), pictureDraft);
      assert.equal(await settings.question(chatUser), undefined);
      await settings.setDraft(chatUser, question);
      assert.deepEqual(await settings.clearDraft(chatUser), question);
      assert.equal(await settings.question(chatUser), undefined);
    }),
);

/** As long a text as fits into a message, in letters that take two bytes each. */
const longText = "ж".repeat(4_000);

testState(
  "changePerson() lets the oldest presets go when they are more than a record holds",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      for (let index = 0; index < 20; index++) {
        const preset = { id: `p${index}`, words: longText, params: { negative_prompt: longText } };
        await settings.changeUser(7, (person) => ({
          ...person,
          presets: [...person.presets, preset],
        }));
      }
      const { presets } = await settings.user(7);
      assert.deepEqual(presets.map(({ id }) => id), [16, 17, 18, 19].map((at) => `p${at}`));
      assert.equal(presets.at(-1)?.words, longText);
    }),
);

testState(
  "changeJobParams() lets the oldest jobs go when they are more than a record holds",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      for (let index = 0; index < 10; index++) {
        const params = { words: longText, negative_prompt: longText };
        assert.deepEqual(await settings.changeJobParams(7, `j${index}`, () => params), params);
      }
      assert.deepEqual(await settings.jobParams(7, "j0"), {});
      assert.equal((await settings.jobParams(7, "j9")).words, longText);
    }),
);

testState(
  "changePerson() refuses values that no record holds, and keeps what was there",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      await settings.changeUser(7, (person) => ({ ...person, params: { steps: 8 } }));
      const params = Object.fromEntries(
        Array.from({ length: 9 }, (_, index) => [`text_${index}`, longText]),
      );
      await assert.rejects(
        settings.changeUser(7, (person) => ({ ...person, params })),
        RecordTooLargeError,
      );
      assert.deepEqual((await settings.user(7)).params, { steps: 8 });
    }),
);

testState(
  "move() takes what was chosen and begun in a group to its new id",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      const [from, to] = [-100, -1_001_234_567_890];
      await settings.changeUser(from, (person) => ({ ...person, delivery: "file" }));
      await settings.changeJobParams(from, "a", () => ({ steps: 9 }));
      for (const userId of [7, from]) {
        await settings.setDraft({ userId, chatId: from }, pictureDraft);
      }
      await settings.setDraft({ userId: 7, chatId: 7 }, pictureDraft);
      for (let times = 0; times < 2; times++) await settings.move(from, to);
      assert.equal((await settings.user(to)).delivery, "file");
      assert.deepEqual(await settings.user(from), defaultUserSettings);
      assert.deepEqual(await settings.jobParams(to, "a"), { steps: 9 });
      // The message that the result would reply to has stayed in the old group.
      const moved = { ...pictureDraft, messageId: 0 };
      assert.deepEqual(await settings.draft({ userId: 7, chatId: to }), moved);
      assert.deepEqual(await settings.draft({ userId: to, chatId: to }), moved);
      assert.equal(await settings.draft({ userId: 7, chatId: from }), undefined);
      assert.deepEqual(await settings.draft({ userId: 7, chatId: 7 }), pictureDraft);
    }),
);

testState(
  "changeOvertaken() keeps the latest ten of a chat, and those that a record holds",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      const { pictures, messageId } = pictureDraft;
      const overtaken = (id: string) => ({ id, pictures, messageId });
      for (let index = 0; index < 12; index++) {
        await settings.changeOvertaken(chatUser, (drafts) => [...drafts, overtaken(`d${index}`)]);
      }
      const ids = async () => (await settings.overtaken(chatUser)).map(({ id }) => id);
      assert.deepEqual(await ids(), Array.from({ length: 10 }, (_, index) => `d${index + 2}`));
      assert.deepEqual(await settings.overtaken({ ...chatUser, userId: 8 }), []);
      const large = { ...overtaken("large"), rootId: "x".repeat(60_000) };
      await settings.changeOvertaken(chatUser, (drafts) => [...drafts, large]);
      assert.equal((await ids()).at(-1), "large");
      await settings.changeOvertaken(chatUser, () => []);
      assert.deepEqual(await ids(), []);
    }),
);

testState(
  "overtaken drafts go with /forget, and stay behind in a group's old id",
  (open) =>
    open(async (kv) => {
      const settings = createKvSettings(kv);
      const { pictures, messageId } = pictureDraft;
      const drafts = [{ id: "a", pictures, messageId }];
      const elsewhere = { userId: 7, chatId: 7 };
      for (const each of [chatUser, elsewhere]) await settings.changeOvertaken(each, () => drafts);
      await settings.move(chatUser.chatId, -1_001_234_567_890);
      assert.deepEqual(await settings.overtaken(chatUser), []);
      assert.deepEqual(await settings.overtaken(elsewhere), drafts);
      await settings.forget(7);
      assert.deepEqual(await settings.overtaken(elsewhere), []);
    }),
);
