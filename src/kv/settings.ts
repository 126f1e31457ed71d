/**
 * Settings in Deno KV: `["person", userId]`, `["job_changes", userId]`, and for each chat
 * `["draft", userId, chatId]` (pictures), `["question", userId, chatId]` and `["overtaken", userId, chatId]`.
 */
import { type ChatUser } from "../jobs/mod.ts";
import {
  defaultUserSettings,
  Draft,
  JobChanges,
  maxJobChanges,
  maxOvertaken,
  type Overtaken,
  OvertakenDrafts,
  type Settings,
  UserSettings,
} from "../users/mod.ts";
import { type Change, commit, commitInParts, fits, type Key, remove, set } from "./commit.ts";
import { removeUpdate } from "./inbox.ts";
import { type KeyValueStore } from "./key_value.ts";

/** The settings in an open state file. */
export function createKvSettings(kv: KeyValueStore): Settings {
  /** Reads a record, changes and writes it, and repeats that while another write came between; undefined deletes it. */
  async function change<T>(
    key: Key,
    parse: (stored: unknown) => T,
    act: (known: T) => T,
    handled?: number,
  ): Promise<T> {
    for (;;) {
      const entry = await kv.get(key);
      const value = act(parse(entry.value));
      if (value === undefined && entry.value === null) return value;
      const changed = value === undefined ? remove(key) : set(key, value);
      if (await commit(kv, [changed, ...dealtWith(handled)], [entry])) return value;
    }
  }

  async function draftOf<K extends Draft["kind"]>(chatUser: ChatUser, kind: K) {
    return readDraft((await kv.get(draftKey(chatUser, kind))).value, kind);
  }

  return {
    async user(userId) {
      return readUser((await kv.get(["person", userId])).value);
    },
    changeUser: (userId, changed) =>
      change(["person", userId], readUser, (user) => fittingUser(changed(user))),
    async jobParams(userId, jobId) {
      const { jobs } = readChanges((await kv.get(["job_changes", userId])).value);
      return jobs.find((job) => job.jobId === jobId)?.params ?? {};
    },
    async changeJobParams(userId, jobId, changed) {
      const { jobs } = await change(["job_changes", userId], readChanges, ({ v, jobs }) => {
        const others = jobs.filter((job) => job.jobId !== jobId);
        const params = changed(jobs.find((job) => job.jobId === jobId)?.params ?? {});
        const isEmpty = Object.keys(params).length === 0;
        return fittingChanges({
          v,
          jobs: (isEmpty ? others : [...others, { jobId, params }]).slice(-maxJobChanges),
        });
      });
      return jobs.find((job) => job.jobId === jobId)?.params ?? {};
    },
    draft: (chatUser) => draftOf(chatUser, "pictures"),
    question: (chatUser) => draftOf(chatUser, "value"),
    async setDraft(chatUser, draft) {
      await commit(kv, [set(draftKey(chatUser, draft.kind), draft)]);
    },
    async overtaken(chatUser) {
      return readOvertaken((await kv.get(overtakenKey(chatUser))).value);
    },
    async changeOvertaken(chatUser, changed) {
      await change(overtakenKey(chatUser), (stored) => stored, (stored) => {
        const drafts = changed(readOvertaken(stored)).slice(-maxOvertaken);
        return drafts.length === 0 ? undefined : fittingOvertaken(drafts);
      });
    },
    async clearDraft(chatUser, handled) {
      for (;;) {
        const keys = [draftKey(chatUser, "pictures"), draftKey(chatUser, "value")] as const;
        const entries = await kv.getMany(keys);
        const [pictures, question] = entries;
        const known = readDraft(pictures.value, "pictures") ?? readDraft(question.value, "value");
        if (!known) return undefined;
        const changes = [...keys.map(remove), ...dealtWith(handled)];
        if (await commit(kv, changes, entries)) return known;
      }
    },
    async changeQuestion(chatUser, changed, handled) {
      const key = draftKey(chatUser, "value");
      await change(key, (stored) => readDraft(stored, "value"), changed, handled);
    },
    async move(from, to) {
      for (const kind of ["person", "job_changes"]) {
        const { value } = await kv.get([kind, from]);
        if (value !== null) {
          await commit(kv, [remove([kind, from]), set([kind, to], value)]);
        }
      }
      for await (const { key, value } of kv.list({ prefix: ["draft"] })) {
        const { data } = Draft.safeParse(value);
        const [user, chat] = [Number(key[1]), Number(key[2])];
        if (!data || (user !== from && chat !== from)) continue;
        const moved = (id: number) => id === from ? to : id;
        // The message to reply to is in the old group.
        await commit(kv, [
          remove(["draft", user, chat]),
          set(["draft", moved(user), moved(chat)], { ...data, messageId: 0 }),
        ]);
      }
      for await (const { key, value } of kv.list({ prefix: ["person"] })) {
        if (!readUser(value).presets.some(({ chatId }) => chatId === from)) continue;
        await change(["person", Number(key[1])], readUser, (user) => ({
          ...user,
          presets: user.presets.map((preset) =>
            preset.chatId === from ? { ...preset, chatId: to } : preset
          ),
        }));
      }
      // So are the menus and the questions that asked.
      for (const asked of ["question", "overtaken"]) {
        for await (const { key } of kv.list({ prefix: [asked] })) {
          if (key[1] === from || key[2] === from) await kv.delete(key);
        }
      }
    },
    async forget(userId) {
      const groups: Change[][] = [[remove(["person", userId]), remove(["job_changes", userId])]];
      for (const begun of ["draft", "question", "overtaken"]) {
        for await (const { key } of kv.list({ prefix: [begun, userId] })) {
          groups.push([remove([begun, userId, Number(key[2])])]);
        }
      }
      // What was noted of a message that a kill has cut off may hold their words, on its buttons.
      for await (const { key } of kv.list({ prefix: ["sent", userId] })) {
        groups.push([remove(["sent", userId, Number(key[2])])]);
      }
      await commitInParts(kv, groups);
    },
    async drafts() {
      const all: { chatUser: ChatUser; draft: Draft }[] = [];
      for (const begun of ["draft", "question"]) {
        for await (const { key, value } of kv.list({ prefix: [begun] })) {
          const { data } = Draft.safeParse(value);
          if (data) {
            all.push({ chatUser: { userId: Number(key[1]), chatId: Number(key[2]) }, draft: data });
          }
        }
      }
      return all;
    },
  };
}

function dealtWith(updateId: number | undefined): readonly Change[] {
  return updateId === undefined ? [] : [removeUpdate(updateId)];
}

/** The user's record, without its oldest presets where it would be too large. */
function fittingUser(user: UserSettings): UserSettings {
  const isWhole = user.presets.length === 0 || fits(user);
  return isWhole ? user : fittingUser({ ...user, presets: user.presets.slice(1) });
}

/** The record without its oldest jobs where it would be too large; the one that changed last stays. */
function fittingChanges({ v, jobs }: JobChanges): JobChanges {
  const isWhole = jobs.length <= 1 || fits({ v, jobs });
  return isWhole ? { v, jobs } : fittingChanges({ v, jobs: jobs.slice(1) });
}

/** The record without its oldest drafts where it would be too large. */
function fittingOvertaken(drafts: readonly Overtaken[]): OvertakenDrafts {
  const record = { v: 1 as const, drafts: [...drafts] };
  return drafts.length <= 1 || fits(record) ? record : fittingOvertaken(drafts.slice(1));
}

function overtakenKey({ userId, chatId }: ChatUser): Key {
  return ["overtaken", userId, chatId];
}

function draftKey({ userId, chatId }: ChatUser, kind: Draft["kind"]): Key {
  return [kind === "value" ? "question" : "draft", userId, chatId];
}

/** A stored draft of that kind; undefined where there is none, or one of an unknown shape. */
function readDraft<K extends Draft["kind"]>(
  stored: unknown,
  kind: K,
): Extract<Draft, { kind: K }> | undefined {
  const { data } = Draft.safeParse(stored);
  return data && isOfKind(data, kind) ? data : undefined;
}

function isOfKind<K extends Draft["kind"]>(
  draft: Draft,
  kind: K,
): draft is Extract<Draft, { kind: K }> {
  return draft.kind === kind;
}

function readUser(stored: unknown): UserSettings {
  return UserSettings.safeParse(stored).data ?? defaultUserSettings;
}

function readOvertaken(stored: unknown): readonly Overtaken[] {
  return OvertakenDrafts.safeParse(stored).data?.drafts ?? [];
}

function readChanges(stored: unknown): JobChanges {
  return JobChanges.safeParse(stored).data ?? { v: 1, jobs: [] };
}
