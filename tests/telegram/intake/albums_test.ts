/** Albums, gathered from their messages. */
import type { Message } from "grammy/types";
import assert from "node:assert/strict";
import { createAlbums } from "../../../src/telegram/intake/albums.ts";

function member(message_id: number, media_group_id: string): Message {
  return {
    message_id,
    media_group_id,
    date: 0,
    chat: { id: 7, type: "private", first_name: "Ann" },
  } as Message;
}

Deno.test("join() gathers an album in the order of its messages when they come in any order", async () => {
  const albums = createAlbums({ gatherMs: 20 });
  const joined = [12, 10, 11].map((id) => albums.join(member(id, "a")));
  const other = albums.join(member(13, "b"));
  assert.deepEqual(joined.map(({ isFirst }) => isFirst), [true, false, false]);
  assert.ok(other.isFirst);
  for (const { complete } of joined) {
    assert.deepEqual((await complete).map(({ message_id }) => message_id), [10, 11, 12]);
  }
  assert.equal((await other.complete).length, 1);
});

Deno.test("join() waits anew with each member, and begins anew when the album was complete", async () => {
  const albums = createAlbums({ gatherMs: 30 });
  const first = albums.join(member(1, "a"));
  const other = albums.join(member(9, "b"));
  // With this member `a` waits anew: `b` is complete first, though it began later.
  albums.join(member(2, "a"));
  const order: string[] = [];
  await Promise.all([
    first.complete.then(() => order.push("a")),
    other.complete.then(() => order.push("b")),
  ]);
  assert.deepEqual(order, ["b", "a"]);
  assert.deepEqual((await first.complete).map(({ message_id }) => message_id), [1, 2]);
  const again = albums.join(member(3, "a"));
  assert.ok(again.isFirst);
  assert.equal((await again.complete).length, 1);
});

Deno.test("finish() completes an album at once, and is false when there is none", async () => {
  const albums = createAlbums({ gatherMs: 60_000 });
  const { key, complete } = albums.join(member(2, "a"));
  albums.join(member(1, "a"));
  assert.equal(albums.finish("b"), false);
  assert.equal(albums.finish(key), true);
  assert.deepEqual((await complete).map(({ message_id }) => message_id), [1, 2]);
  assert.equal(albums.finish(key), false);
});
