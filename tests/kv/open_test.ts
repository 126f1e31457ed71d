/**
 * What DATA_DIR/state.kv keeps and when it is refused: real files, opened, closed and opened again.
 *
 * Drives besides: src/kv/lock.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { until } from "../../lab/until.ts";
import { commitInParts, set } from "../../src/kv/commit.ts";
import { createKvJobStore } from "../../src/kv/jobs.ts";
import { openState } from "../../src/kv/open.ts";
import { createKvEstimateStore } from "../../src/kv/single_records.ts";
import { StateError } from "../../src/lib/errors.ts";
import { openQueue, request } from "../jobs/job_fixture.ts";
import { withFolder, withKv } from "./kv_fixture.ts";

async function refusalOf(dir: string): Promise<StateError> {
  try {
    using _state = await openState(dir);
  } catch (error) {
    assert.ok(error instanceof StateError, String(error));
    return error;
  }
  assert.fail("it was opened");
}

async function keysIn(kv: Deno.Kv): Promise<Deno.KvKey[]> {
  return await Array.fromAsync(kv.list({ prefix: [] }), ({ key }) => key);
}

Deno.test("openState() makes DATA_DIR when it is missing", () =>
  withFolder(async (dir) => {
    const deep = join(dir, "a", "b");
    await withKv(deep, (kv) => kv.set(["x"], 1));
    assert.ok((await Deno.stat(join(deep, "state.kv"))).isFile);
  }));

Deno.test("openState() throws 75 when somebody has it open, and opens when they have closed it", () =>
  withFolder(async (dir) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--unstable-kv", holder, dir],
      cwd: new URL("../..", import.meta.url),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = child.stdout.getReader();
    assert.equal(new TextDecoder().decode((await output.read()).value).trim(), "open");
    const { exitCode, message } = await refusalOf(dir);
    assert.equal(exitCode, 75);
    assert.equal(
      message,
      `Cannot open ${join(dir, "state.kv")}: another image-edit-bot uses it ` +
        "(wanted one process per DATA_DIR)",
    );
    // As a power cut ends it: nothing is closed in order.
    child.kill("SIGKILL");
    await child.status;
    await output.cancel();
    await child.stdin.close().catch(() => {});
    assert.equal(await withKv(dir, async (kv) => (await kv.get(["from"])).value), "the child");
  }));

/** Opens the state, writes, says so, and stays. */
const holder = `
  import { openState } from "./src/kv/open.ts";
  const { kv } = await openState(Deno.args[0]);
  await kv.set(["from"], "the child");
  console.log("open");
  await Deno.stdin.read(new Uint8Array(1));
`;

Deno.test(
  "tryLock() does not count the time in which its process stood still",
  {
    ignore: Deno.build.os !== "linux",
  },
  () =>
    withFolder(async (dir) => {
      using held = await Deno.open(join(dir, "lock"), { create: true, write: true });
      await held.lock(true);
      const child = new Deno.Command(Deno.execPath(), {
        args: ["eval", sleeper, join(dir, "lock")],
        cwd: new URL("../..", import.meta.url),
        stdout: "piped",
      }).spawn();
      const ended = child.output();
      await until(
        "it stands still",
        async () => / T /.test(await Deno.readTextFile(`/proc/${child.pid}/stat`)),
      );
      const from = performance.now();
      await until(
        "it has stood still for longer than it waits",
        () => performance.now() > from + 600,
      );
      await held.unlock();
      child.kill("SIGCONT");
      assert.equal(new TextDecoder().decode((await ended).stdout).trim(), "true");
    }),
);

/** Asks for the lock and stands still. */
const sleeper = `
  import { tryLock } from "./src/kv/lock.ts";
  const file = await Deno.open(Deno.args[0], { write: true });
  const locking = tryLock(file, { exclusive: true, waitMs: 500 });
  Deno.kill(Deno.pid, "SIGSTOP");
  console.log(await locking);
  Deno.exit();
`;

Deno.test("openState() throws 65 and changes nothing when a newer version wrote the file", () =>
  withFolder(async (dir) => {
    await withKv(dir, (kv) => kv.set(["version"], 2));
    const { exitCode, message } = await refusalOf(dir);
    assert.equal(exitCode, 65);
    assert.match(message, /newer version of image-edit-bot \(format 2, wanted at most 1\)$/);
    assert.equal((await refusalOf(dir)).exitCode, 65, "the version is still the newer one");
  }));

Deno.test("openState() throws 73 when DATA_DIR cannot be made", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "file"), "");
    const { exitCode, message } = await refusalOf(join(dir, "file"));
    assert.equal(exitCode, 73);
    assert.match(message, /^Cannot write in .*file: .+ \(wanted a writable folder/);
  }));

Deno.test("openState() throws 73 when the file opens and takes no write", () =>
  withFolder(async (dir) => {
    await withKv(dir, (kv) => kv.set(["x"], 1));
    const database = new DatabaseSync(join(dir, "state.kv"));
    database.exec(
      `create trigger full before insert on kv begin select raise(abort, 'disk is full'); end`,
    );
    database.close();
    const { exitCode, message } = await refusalOf(dir);
    assert.equal(exitCode, 73);
    assert.match(
      message,
      /^Cannot write .*state\.kv: disk is full \(wanted .*space on its disk\)$/,
    );
  }));

Deno.test("createKvJobStore() keeps records over a restart, settled ones out of the way", () =>
  withFolder(async (dir) => {
    const [live, settled] = await withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      await queue.enqueue(request("a", { promptText: "кот 🐈‍⬛ в шляпе" }));
      await queue.enqueue(request("b"));
      await queue.cancel("b");
      await queue.update("b", { settled: true });
      return [await queue.get("a"), await queue.get("b")];
    });
    await withKv(dir, async (kv) => {
      const store = createKvJobStore(kv);
      assert.deepEqual(await store.unsettled(), [live]);
      assert.deepEqual(await store.get("a"), live);
      assert.deepEqual(await store.get("b"), settled);
      assert.equal((await kv.get(["live", "b"])).value, null, "a settled job lies in one place");
    });
  }));

Deno.test("createKvJobStore() forgets a user without a trace", () =>
  withFolder((dir) =>
    withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      const before = await keysIn(kv);
      await queue.enqueue(request("a"));
      await queue.update("a", { state: "submitted" });
      await queue.update("a", { state: "delivering" });
      await queue.update("a", { delivered: { messageId: 50 } });
      await queue.update("a", { state: "done", settled: true });
      assert.notDeepEqual(await keysIn(kv), before);
      await queue.forget(7);
      // How many jobs there ever were, of all users, stays.
      assert.deepEqual(await keysIn(kv), [...before, ["last_seq"]].sort());
    })
  ));

/** Makes the state what an older version left: nothing of it is found by time. */
async function asBeforeTheIndex(kv: Deno.Kv): Promise<void> {
  for await (const { key } of kv.list({ prefix: ["by_time"] })) await kv.delete(key);
  await kv.delete(["indexed"]);
}

const threeAnHour = { limits: () => Promise.resolve({ hour: 3 }) };

Deno.test("createKvJobStore() counts the jobs of an older version when its limits are asked for", () =>
  withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      for (const id of ["a", "b", "c"]) await queue.enqueue(request(id));
      await asBeforeTheIndex(kv);
    });
    await withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv), threeAnHour);
      assert.deepEqual(await queue.enqueue(request("d")), { type: "limit", per: "hour", max: 3 });
    });
  }));

Deno.test("openState() takes up what an older version wrote that was put back for a while", () =>
  withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      await queue.enqueue(request("a"));
    });
    await withKv(dir, async (kv) => {
      await kv.set(["version"], 1);
      for (const id of ["b", "c"]) await kv.set(["by_user", 7, id], 1_000);
    });
    await withKv(dir, async (kv) => {
      assert.equal(await createKvJobStore(kv).countSince(7, 0, 10), 3);
    });
  }));

Deno.test("the place of the last job outlives a restart, the user who is forgotten, and an older version", () =>
  withFolder(async (dir) => {
    const lives = [
      () => Promise.resolve(),
      // Versions that do not know of it: before the index, and put back for a while.
      async (kv: Deno.Kv) => {
        await asBeforeTheIndex(kv);
        await kv.delete(["last_seq"]);
      },
      (kv: Deno.Kv) => kv.delete(["last_seq"]),
      async (kv: Deno.Kv) => {
        await kv.set(["last_seq"], 1);
        await kv.set(["version"], 1);
      },
    ];
    for (const [index, leave] of lives.entries()) {
      await withKv(dir, async (kv) => {
        const queue = await openQueue(createKvJobStore(kv));
        assert.equal(queue.lastSeq, index * 2);
        for (const id of [`a${index}`, `b${index}`]) {
          await queue.enqueue(request(id));
          await queue.cancel(id);
          await queue.update(id, { settled: true });
        }
        await leave(kv);
      });
    }
    await withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      assert.equal((await queue.forget(7)).length, lives.length * 2);
    });
    await withKv(dir, async (kv) => {
      assert.equal((await openQueue(createKvJobStore(kv))).lastSeq, lives.length * 2);
    });
  }));

Deno.test("openState() begins its index anew when it was killed in the middle of it", () =>
  withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      const all = Array.from({ length: 2_300 }, (_, index) => [
        set(["by_user", 7, `j${index}`], index),
      ]);
      await commitInParts(kv, all);
      await kv.delete(["indexed"]);
      // What a killed one had done.
      await kv.set(["by_time", 7, 0, "j0"], true);
    });
    await withKv(dir, async (kv) => {
      const store = createKvJobStore(kv);
      assert.equal(await store.countSince(7, 0, 5_000), 2_300);
      assert.equal(await store.countSince(7, 2_000, 5_000), 300);
      assert.equal(await store.countSince(7, 2_000, 3), 3);
      assert.equal(
        (await kv.get(["by_user", 7, "j9"])).value,
        9,
        "an older version reads it still",
      );
    });
  }));

Deno.test("createKvJobStore() has no room for a job that could outgrow its record, and enqueue() says so", () =>
  withFolder((dir) =>
    withKv(dir, async (kv) => {
      const queue = await openQueue(createKvJobStore(kv));
      const texts = (count: number) => ({
        params: Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`text_${index}`, "ж".repeat(4_000)]),
        ),
      });
      assert.deepEqual(await queue.enqueue(request("a", texts(7))), { type: "too_large" });
      assert.equal(await queue.get("a"), undefined);
      assert.equal((await queue.enqueue(request("b", texts(6)))).type, "queued");
      const grown = Array.from({ length: 60 }, () => ["submitted", "queued"] as const).flat();
      for (const state of grown) await queue.update("b", { state });
      await queue.update("b", { state: "failed", error: "ж".repeat(2_000), settled: true });
    })
  ));

Deno.test("createKvJobStore() leaves out a record of an unknown shape and reads the others", () =>
  withFolder((dir) =>
    withKv(dir, async (kv) => {
      const store = createKvJobStore(kv);
      await (await openQueue(store)).enqueue(request("a"));
      await kv.set(["live", "strange"], { v: 9 });
      assert.deepEqual((await store.unsettled()).map(({ id }) => id), ["a"]);
      assert.equal(await store.get("strange"), undefined);
    })
  ));

Deno.test("createKvJobStore() takes a job with the longest words that Telegram lets through", () =>
  withFolder((dir) =>
    withKv(dir, async (kv) => {
      const store = createKvJobStore(kv);
      const long = { promptText: "ы".repeat(4096), params: { negative_prompt: "ж".repeat(4096) } };
      const enqueued = await (await openQueue(store)).enqueue(request("a", long));
      assert.equal(enqueued.type, "queued");
      assert.equal((await store.get("a"))?.promptText, long.promptText);
    })
  ));

Deno.test("createKvEstimateStore() keeps the estimates, and begins anew when they cannot be read", () =>
  withFolder(async (dir) => {
    const learned = { v: 1, kinds: { "edit|euler|1": { stepMs: 900, otherMs: 4_000 } } } as const;
    await withKv(dir, async (kv) => {
      assert.equal(await createKvEstimateStore(kv).load(), undefined);
      await createKvEstimateStore(kv).save(learned);
    });
    await withKv(dir, async (kv) => {
      assert.deepEqual(await createKvEstimateStore(kv).load(), learned);
      await kv.set(["estimates"], { v: 1, kinds: [] });
      assert.equal(await createKvEstimateStore(kv).load(), undefined);
    });
  }));
