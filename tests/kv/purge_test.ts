/**
 * A user who is forgotten is in no file any more: not in what SQLite has freed, in its log, in backups. Real files.
 *
 * Drives besides: src/kv/state_file.ts.
 */
import assert from "node:assert/strict";
import { filesHolding } from "../../lab/files.ts";
import { backUpDaily, restore } from "../../src/kv/backup.ts";
import { createKvInbox } from "../../src/kv/inbox.ts";
import { createKvJobStore } from "../../src/kv/jobs.ts";
import { purgeUser } from "../../src/kv/purge.ts";
import { createKvSettings } from "../../src/kv/settings.ts";
import { isFrom } from "../../src/telegram/api/sender.ts";
import { parseUpdate } from "../../src/telegram/api/update_loop.ts";
import { openQueue, request, requestOf } from "../jobs/job_fixture.ts";
import { withFolder, withKv } from "./kv_fixture.ts";

const dayMs = 86_400_000;
const now = Date.UTC(2030, 0, 31, 12);
const purge = (dir: string) =>
  purgeUser(dir, {
    userId: 7,
    parse: parseUpdate,
    isTheirs: (update) => isFrom(update, 7),
  });

let made = 0;

async function fill(kv: Deno.Kv, words: string): Promise<void> {
  const queue = await openQueue(createKvJobStore(kv));
  for (const end = made + 200; made < end; made++) {
    const index = made;
    const promptText = `${words} ${"и так далее ".repeat(index % 50)}`;
    await queue.enqueue(request(`mine${index}`, { promptText }));
    await queue.enqueue({
      ...requestOf(8, `theirs${index}`),
      promptText: "another's",
    });
    await queue.update(`mine${index}`, { state: "submitted" });
    if (index % 2 === 0) continue;
    await queue.update(`mine${index}`, { state: "failed", settled: true });
  }
  await createKvSettings(kv).changeUser(7, (user) => ({
    ...user,
    presets: [{ id: "p", words, params: {} }],
  }));
  const from = (id: number) => ({ id, is_bot: false, first_name: "A" });
  const message = (id: number, text: string) => ({
    update_id: id,
    message: { message_id: 1, date: 1, chat: { id, type: "private", first_name: "A" }, text },
  });
  await createKvInbox(kv, parseUpdate).keep([
    { ...message(7, words), message: { ...message(7, words).message, from: from(7) } },
    { ...message(8, "x"), message: { ...message(8, "another's").message, from: from(8) } },
  ] as never);
}

Deno.test("purgeUser() clears what was deleted while the state is in use, and keeps every record", () =>
  withFolder((dir) =>
    withKv(dir, async (kv) => {
      for (const words of ["plain words", "слова", "naïve wörds"]) await fill(kv, words);
      const settings = createKvSettings(kv);
      await settings.forget(7);
      for await (const { key } of kv.list({ prefix: ["live"] })) {
        if (String(key[1]).startsWith("mine")) await kv.delete(key);
      }
      for await (const { key } of kv.list({ prefix: ["job"] })) await kv.delete(key);
      await createKvInbox(kv, parseUpdate).drop((update) => isFrom(update, 7));
      const before = await Array.fromAsync(kv.list({ prefix: [] }));
      assert.ok(
        (await filesHolding(dir, ["слова"])).length > 0,
        "deleting alone leaves it in the file",
      );
      await Promise.all([purge(dir), kv.set(["meanwhile"], 1)]);
      for (const word of ["plain words", "слова", "naïve wörds"]) {
        assert.deepEqual(await filesHolding(dir, [word]), [], word);
      }
      assert.ok((await filesHolding(dir, ["another's"])).length > 0);
      const after = await Array.fromAsync(kv.list({ prefix: [] }));
      const values = (entries: readonly Deno.KvEntry<unknown>[]) =>
        entries.filter(({ key }) => key[0] !== "meanwhile").map(({ key, value }) => [key, value]);
      assert.deepEqual(values(after), values(before));
      assert.equal((await kv.get(["meanwhile"])).value, 1);
    })
  ));

Deno.test("purgeUser() erases a user in the backups and in a state that was replaced, and nobody else", () =>
  withFolder(async (dir) => {
    const files: string[] = [];
    for (const [day, words] of ["eins", "zwei", "drei"].entries()) {
      await withKv(dir, (kv) => fill(kv, `Wort ${words}`));
      files.push((await backUpDaily(dir, { keep: 7, now: now + day * dayMs }))!);
    }
    await Deno.writeTextFile(`${dir}/backups/state-2030-01-01.kv`, "damaged");
    await restore(dir, files[0]!, now);
    assert.ok(
      (await filesHolding(dir, ["Wort"])).some((place) => place.includes("before-restore")),
    );
    await withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      for (const job of queue.live(7)) {
        await queue.erase(job.id);
        await queue.update(job.id, { state: "cancelled", settled: true });
      }
      await queue.forget(7);
      await createKvSettings(kv).forget(7);
      await createKvInbox(kv, parseUpdate).drop((update) => isFrom(update, 7));
      await purge(dir);
    });
    assert.deepEqual(await filesHolding(dir, ["Wort"]), []);
    assert.deepEqual(
      [...Deno.readDirSync(`${dir}/backups`)].map(({ name }) => name).filter((name) =>
        !name.endsWith(".kv")
      ),
      [],
    );
    for (const file of files) {
      await restore(dir, file, now + 10 * dayMs);
      await withKv(dir, async (kv) => {
        const queue = await openQueue(createKvJobStore(kv));
        assert.ok(queue.live(8).length >= 200);
        assert.deepEqual(queue.live(7), []);
      });
    }
  }));
