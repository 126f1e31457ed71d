/** People and drafts in Deno KV: `["person", userId]` and `["draft", userId, chatId]`. */
import { Draft, newPerson, Person, type Seat, type Settings } from "../settings.ts";

/** The settings in an open state file. */
export function createKvSettings(kv: Deno.Kv): Settings {
  const draftKey = ({ userId, chatId }: Seat) => ["draft", userId, chatId];

  async function person(userId: number): Promise<Person> {
    const { value } = await kv.get(["person", userId]);
    return Person.safeParse(value).data ?? newPerson;
  }
  async function draft(seat: Seat): Promise<Draft | undefined> {
    const { value } = await kv.get(draftKey(seat));
    return Draft.safeParse(value).data;
  }

  return {
    person,
    async changePerson(userId, change) {
      for (;;) {
        const entry = await kv.get(["person", userId]);
        const changed = change(Person.safeParse(entry.value).data ?? newPerson);
        const { ok } = await kv.atomic().check(entry).set(["person", userId], changed).commit();
        if (ok) return changed;
      }
    },
    draft,
    async setDraft(seat, draft) {
      await kv.set(draftKey(seat), draft);
    },
    async clearDraft(seat) {
      for (;;) {
        const entry = await kv.get(draftKey(seat));
        const known = Draft.safeParse(entry.value).data;
        if (!known) return undefined;
        const { ok } = await kv.atomic().check(entry).delete(draftKey(seat)).commit();
        if (ok) return known;
      }
    },
    async drafts() {
      const all: { seat: Seat; draft: Draft }[] = [];
      for await (const { key, value } of kv.list({ prefix: ["draft"] })) {
        const { data } = Draft.safeParse(value);
        if (data) {
          all.push({ seat: { userId: Number(key[1]), chatId: Number(key[2]) }, draft: data });
        }
      }
      return all;
    },
  };
}
