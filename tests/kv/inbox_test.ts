/**
 * Updates that are kept until they are dealt with, in a real store.
 *
 * Drives besides: src/jobs/inbox.ts.
 */
import assert from "node:assert/strict";
import { until } from "../../lab/until.ts";
import { createKvInbox } from "../../src/kv/inbox.ts";
import { parseUpdate } from "../../src/telegram/api/update_loop.ts";
import { type KeyValueStore } from "../../src/kv/key_value.ts";
import { testState } from "./kv_fixture.ts";

const updates = (...ids: number[]) =>
  ids.map((update_id) => ({ update_id, text: `№ ${update_id}` }));
const openInbox = (kv: KeyValueStore) => createKvInbox(kv, parseUpdate);
const noPoison = (updateId: number): never => assert.fail(`${updateId} was dropped`);

testState(
  "keep() gives each update once when it comes again, after a restart too",
  async (open) => {
    await open(async (kv) => {
      const inbox = openInbox(kv);
      assert.deepEqual(await inbox.keep(updates(10, 11)), updates(10, 11));
      assert.deepEqual(await inbox.keep(updates(10, 11, 12)), updates(12));
      assert.deepEqual(await inbox.keep([]), []);
      await inbox.done(11);
    });
    await open(async (kv) => {
      const inbox = openInbox(kv);
      assert.deepEqual(await inbox.keep(updates(11, 12, 13)), updates(13));
    });
  },
);

testState(
  "keep() takes lower ids when Telegram has begun to count anew",
  (open) =>
    open(async (kv) => {
      const inbox = openInbox(kv);
      await inbox.keep(updates(900_000_000));
      assert.deepEqual(await inbox.keep(updates(5_000)), updates(5_000));
      assert.deepEqual(await inbox.keep(updates(5_000, 5_001)), updates(5_001));
    }),
);

testState(
  "an update that kills is there until its user knows, over a kill in between",
  async (open) => {
    await open(async (kv) => {
      const inbox = openInbox(kv);
      await inbox.keep(updates(1, 1));
      await inbox.left(noPoison);
      await inbox.begin([1], { alone: true });
    });
    const untold = Promise.withResolvers<void>();
    await open(async (kv) => {
      assert.deepEqual(await openInbox(kv).left(() => untold.promise), []);
    });
    await open(async (kv) => {
      const poisoned: number[] = [];
      const tell = (id: number) => {
        poisoned.push(id);
        return Promise.resolve();
      };
      assert.deepEqual(await openInbox(kv).left(tell), []);
      await until("it is gone", async () => (await kv.get(["inbox", 1])).value === null);
      assert.deepEqual(await openInbox(kv).left(noPoison), []);
      assert.deepEqual(poisoned, [1]);
    });
  },
);

testState("left() gives what was not done, oldest first and word for word", async (open) => {
  await open(async (kv) => {
    const inbox = openInbox(kv);
    await inbox.keep(updates(9, 10, 100));
    await inbox.done(10);
  });
  for (let start = 0; start < 2; start++) {
    await open(async (kv) => {
      assert.deepEqual(await openInbox(kv).left(noPoison), updates(9, 100));
    });
  }
  await open(async (kv) => {
    await openInbox(kv).done(9);
    await openInbox(kv).done(100);
    assert.deepEqual(await openInbox(kv).left(noPoison), []);
  });
});

testState(
  "left() drops nothing that only waited while processes died, and suspects it from the second on",
  (open) =>
    open(async (kv) => {
      await openInbox(kv).keep(updates(1, 2));
      for (let start = 1; start <= 30; start++) {
        const inbox = openInbox(kv);
        assert.deepEqual(await inbox.left(noPoison), updates(1, 2));
        assert.equal(inbox.isSuspect(1), start >= 2, `process ${start}`);
      }
    }),
);

testState(
  "left() drops what was begun alone by a process that died of it, and that one alone",
  (open) =>
    open(async (kv) => {
      await openInbox(kv).keep(updates(1, 2, 3));
      const second = openInbox(kv);
      assert.deepEqual(await second.left(noPoison), updates(1, 2, 3));
      await second.begin([1], { alone: true });
      await second.done(1);
      await second.begin([2], { alone: true });
      const given: [number, unknown][] = [];
      const third = openInbox(kv);
      const rest = await third.left((id, update) => void given.push([id, update]));
      assert.deepEqual(rest, updates(3));
      assert.deepEqual(given, [[2, updates(2)[0]]]);
      assert.deepEqual(await openInbox(kv).left(noPoison), updates(3), "it is gone");
    }),
);

testState(
  "left() keeps what was begun with others, and what was spared, however many processes die",
  (open) =>
    open(async (kv) => {
      await openInbox(kv).keep(updates(1, 2, 3));
      for (let start = 1; start <= 5; start++) {
        const inbox = openInbox(kv);
        assert.deepEqual(await inbox.left(noPoison), updates(1, 2, 3), `process ${start}`);
        assert.deepEqual([1, 2, 3].map(inbox.isSuspect), [start > 1, start > 1, false]);
        await inbox.begin([3], { alone: true });
        await inbox.spare([3]);
        await inbox.begin([1, 2], { alone: false });
      }
    }),
);

testState("spare() brings back nothing that is dealt with", (open) =>
  open(async (kv) => {
    await openInbox(kv).keep(updates(1));
    const inbox = openInbox(kv);
    await inbox.left(noPoison);
    await inbox.begin([1], { alone: true });
    await inbox.done(1);
    await inbox.spare([1]);
    assert.deepEqual(await openInbox(kv).left(noPoison), []);
  }));

testState("left() drops a record that cannot be read", (open) =>
  open(async (kv) => {
    await kv.atomic().set(["inbox", 3], "rubbish").commit();
    const poison: number[] = [];
    assert.deepEqual(await openInbox(kv).left((id) => void poison.push(id)), []);
    assert.deepEqual(poison, [3]);
  }));

testState(
  "keep() hands out an update that is too large to be kept, and keeps its neighbours",
  (open) =>
    open(async (kv) => {
      const inbox = openInbox(kv);
      const batch = [
        { update_id: 1, text: "a" },
        { update_id: 2, text: "я".repeat(40_000) },
        { update_id: 3, text: "c" },
      ];
      assert.deepEqual(await inbox.keep(batch), batch);
      assert.deepEqual(await inbox.left(noPoison), [batch[0], batch[2]]);
    }),
);

testState(
  "keep() keeps a full batch of large updates, more than one commit takes",
  (open) =>
    open(async (kv) => {
      const inbox = openInbox(kv);
      const batch = Array.from({ length: 100 }, (_, i) => ({
        update_id: i,
        text: "ж".repeat(15_000),
      }));
      assert.deepEqual(await inbox.keep(batch), batch);
      assert.deepEqual(await openInbox(kv).left(noPoison), batch);
      assert.deepEqual(await openInbox(kv).keep(batch), []);
    }),
);

testState(
  "keep() takes updates that come again when they could not be written",
  (open) =>
    open(async (kv) => {
      const inbox = openInbox(kv);
      const batch = [{ update_id: 1, text: "a" }];
      const atomic = kv.atomic.bind(kv);
      kv.atomic = () =>
        Object.assign(atomic(), { commit: () => Promise.reject(new Error("disk is full")) });
      await assert.rejects(inbox.keep(batch), /disk is full/);
      kv.atomic = atomic;
      assert.deepEqual(await inbox.keep(batch), batch);
    }),
);

for (const count of [1_001, 1_500, 3_000]) {
  testState(
    `left() gives ${count} updates that a former process left, at each start`,
    async (open) => {
      const ids = Array.from({ length: count }, (_, index) => index + 1);
      await open((kv) => openInbox(kv).keep(updates(...ids)));
      for (let start = 0; start < 4; start++) {
        await open(async (kv) => {
          const inbox = openInbox(kv);
          assert.deepEqual(await inbox.left(noPoison), updates(...ids));
          await inbox.begin(ids, { alone: false });
        });
      }
    },
  );
}

testState(
  "keep() keeps an update just under a record's size, and gives a larger one without",
  async (open) => {
    const sized = (update_id: number, bytes: number) => ({ update_id, text: "x".repeat(bytes) });
    await open(async (kv) => {
      const inbox = openInbox(kv);
      const all = [
        sized(1, 65_300),
        sized(2, 65_536),
        ...Array.from({ length: 20 }, (_, index) => sized(3 + index, 60_000)),
      ];
      assert.equal((await inbox.keep(all)).length, all.length);
    });
    await open(async (kv) => {
      const left = (await openInbox(kv).left(noPoison)).map(({ update_id }) => update_id);
      assert.deepEqual(left, [1, ...Array.from({ length: 20 }, (_, index) => 3 + index)]);
    });
  },
);

testState("drop() takes out what is picked, handled or not, and nothing else", async (open) => {
  await open(async (kv) => {
    const inbox = openInbox(kv);
    await inbox.keep(updates(10, 11, 12, 13));
    await inbox.drop(({ update_id }) => update_id === 11 || update_id === 13);
  });
  await open(async (kv) => {
    const inbox = openInbox(kv);
    assert.deepEqual(await inbox.left(noPoison), updates(10, 12));
    await inbox.drop(({ update_id }) => update_id === 10);
    await inbox.begin([10, 12], { alone: false });
  });
  await open(async (kv) => {
    assert.deepEqual(await openInbox(kv).left(noPoison), updates(12));
  });
});

testState(
  "noticeOf() gives what a former process has said of an update, until that is dealt with",
  async (open) => {
    await open(async (kv) => {
      const inbox = openInbox(kv);
      await inbox.keep(updates(1, 2));
      await inbox.setNotice(1, 100);
      await inbox.setNotice(3, 300);
    });
    await open(async (kv) => {
      const inbox = openInbox(kv);
      assert.deepEqual(await inbox.left(noPoison), updates(1, 2));
      assert.deepEqual([1, 2, 3].map(inbox.noticeOf), [100, undefined, undefined]);
      await inbox.setNotice(1, 101);
      await inbox.begin([1, 2], { alone: false });
    });
    await open(async (kv) => {
      const inbox = openInbox(kv);
      await inbox.left(noPoison);
      assert.equal(inbox.noticeOf(1), 101);
      await inbox.done(1);
      await inbox.setNotice(1, 102);
      assert.deepEqual(await openInbox(kv).left(noPoison), updates(2));
    });
  },
);
