/**
 * People and what they have begun in Deno KV: `["person", userId]`, `["job_changes", userId]`, and for each chat
 * `["draft", userId, chatId]` (pictures) and `["question", userId, chatId]`.
 */
import {
  Draft,
  JobChanges,
  maxJobChanges,
  newPerson,
  Person,
  type Seat,
  type Settings,
} from "../settings.ts";

/** The settings in an open state file. */
export function createKvSettings(kv: Deno.Kv): Settings {
  /** Reads what is there, changes it and writes that, until nobody else has written in between; undefined is nothing. */
  async function change<T>(
    key: Deno.KvKey,
    parse: (stored: unknown) => T,
    changed: (known: T) => T,
  ): Promise<T> {
    for (;;) {
      const entry = await kv.get(key);
      const value = changed(parse(entry.value));
      const commit = kv.atomic().check(entry);
      const { ok } = await (value === undefined ? commit.delete(key) : commit.set(key, value))
        .commit();
      if (ok) return value;
    }
  }

  async function draftOf<K extends Draft["kind"]>(seat: Seat, kind: K) {
    return readDraft((await kv.get(draftKey(seat, kind))).value, kind);
  }

  return {
    async person(userId) {
      return readPerson((await kv.get(["person", userId])).value);
    },
    changePerson: (userId, changed) => change(["person", userId], readPerson, changed),
    async jobParams(userId, jobId) {
      const { jobs } = readChanges((await kv.get(["job_changes", userId])).value);
      return jobs.find((job) => job.jobId === jobId)?.params ?? {};
    },
    async changeJobParams(userId, jobId, changed) {
      const { jobs } = await change(["job_changes", userId], readChanges, ({ v, jobs }) => {
        const others = jobs.filter((job) => job.jobId !== jobId);
        const params = changed(jobs.find((job) => job.jobId === jobId)?.params ?? {});
        const isEmpty = Object.keys(params).length === 0;
        return {
          v,
          jobs: (isEmpty ? others : [...others, { jobId, params }]).slice(-maxJobChanges),
        };
      });
      return jobs.find((job) => job.jobId === jobId)?.params ?? {};
    },
    draft: (seat) => draftOf(seat, "pictures"),
    question: (seat) => draftOf(seat, "value"),
    async setDraft(seat, draft) {
      await kv.set(draftKey(seat, draft.kind), draft);
    },
    async clearDraft(seat) {
      for (;;) {
        const entries = await kv.getMany([draftKey(seat, "pictures"), draftKey(seat, "value")]);
        const [pictures, question] = entries;
        const known = readDraft(pictures.value, "pictures") ?? readDraft(question.value, "value");
        if (!known) return undefined;
        const { ok } = await kv.atomic().check(...entries)
          .delete(pictures.key).delete(question.key).commit();
        if (ok) return known;
      }
    },
    async changeQuestion(seat, changed) {
      await change(draftKey(seat, "value"), (stored) => readDraft(stored, "value"), changed);
    },
    async forget(userId) {
      const drafts: Draft[] = [];
      for (const begun of ["draft", "question"]) {
        for await (const { key, value } of kv.list({ prefix: [begun, userId] })) {
          const { data } = Draft.safeParse(value);
          if (data) drafts.push(data);
          await kv.delete(key);
        }
      }
      await kv.atomic().delete(["person", userId]).delete(["job_changes", userId]).commit();
      return drafts;
    },
    async drafts() {
      const all: { seat: Seat; draft: Draft }[] = [];
      for (const begun of ["draft", "question"]) {
        for await (const { key, value } of kv.list({ prefix: [begun] })) {
          const { data } = Draft.safeParse(value);
          if (data) {
            all.push({ seat: { userId: Number(key[1]), chatId: Number(key[2]) }, draft: data });
          }
        }
      }
      return all;
    },
  };
}

function draftKey({ userId, chatId }: Seat, kind: Draft["kind"]): Deno.KvKey {
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

function readPerson(stored: unknown): Person {
  return Person.safeParse(stored).data ?? newPerson;
}

function readChanges(stored: unknown): JobChanges {
  return JobChanges.safeParse(stored).data ?? { v: 1, jobs: [] };
}
