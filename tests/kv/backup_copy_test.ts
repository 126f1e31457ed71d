/** What is in a backup and what is not, and where there is no room for it. Real files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { canMount, mount, unmount } from "../../lab/small_disk.ts";
import { backUp } from "../../src/kv/backup.ts";
import { StateError } from "../../src/lib/errors.ts";
import { withFolder, withKv } from "./kv_fixture.ts";

const dayMs = 86_400_000;

/** All that a SQLite file holds, and what it says of itself. */
function contentOf(path: string): unknown {
  using database = new DatabaseSync(path, { readOnly: true });
  const all = (sql: string) => {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all();
  };
  const schema = all("select type, name, sql from sqlite_schema order by name");
  return {
    schema,
    tables: schema.filter(({ type }) => type === "table").map(({ name }) => [
      name,
      all(`select * from "${name}"`),
    ]),
    says: ["user_version", "application_id", "encoding", "page_size", "auto_vacuum"].map((name) =>
      all(`pragma ${name}`)
    ),
    whole: all("pragma integrity_check"),
  };
}

Deno.test("backUp() copies every record as it is", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const file = join(parent, "backup");
    await withKv(dir, async (kv) => {
      await kv.set(["empty"], new Uint8Array());
      await kv.set(["bytes"], Uint8Array.from({ length: 60_000 }, (_, i) => i));
      await kv.set(["words"], "слова \0 🙂");
      await kv.set(["large", 2n ** 70n], new Deno.KvU64(2n ** 64n - 1n));
      await kv.set(["gone"], 1, { expireIn: dayMs });
      await kv.enqueue("a message", { delay: dayMs });
      for (let i = 0; i < 300; i++) await kv.set(["job", i], { id: i, text: "words ".repeat(i) });
      await backUp(dir, file);
      assert.deepEqual(contentOf(file), contentOf(join(dir, "state.kv")));
    });
  }));

Deno.test("backUp() copies nothing of what was deleted", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const file = join(parent, "backup");
    const secret = "what its person wants to be forgotten";
    const holds = async (path: string) =>
      new TextDecoder("latin1").decode(await Deno.readFile(path)).includes(secret);
    await withKv(dir, async (kv) => {
      await kv.set(["kept"], 1);
      await kv.set(["job"], secret);
    });
    await withKv(dir, async (kv) => {
      await kv.delete(["job"]);
      assert.ok(await holds(join(dir, "state.kv")), "SQLite leaves it in the pages that it frees");
      await backUp(dir, file);
    });
    assert.ok(!await holds(file));
  }));

/** Every commit sets `["a"]` and `["z"]`, and raises the number that is kept in a table of its own. */
function assertOneMoment(file: string): void {
  using database = new DatabaseSync(file, { readOnly: true });
  const [a, z, commit] = [
    "select v, version from kv order by k limit 1",
    "select v, version from kv order by k desc limit 1",
    "select version from data_version",
  ].map((sql) => database.prepare(sql).get());
  assert.deepEqual(a, z);
  assert.equal(commit?.["version"], a?.["version"]);
}

Deno.test("backUp() copies one moment while there are commits", () =>
  withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      // Between the two in the file: a copy takes its time over them.
      for (let i = 0; i < 2000; i++) await kv.set(["job", i], "words ".repeat(100));
    });
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--unstable-kv", committer, join(dir, "state.kv")],
      stdout: "piped",
    }).spawn();
    const output = child.stdout.getReader();
    try {
      await output.read();
      for (let i = 0; i < 5; i++) {
        await backUp(dir, join(dir, `copy ${i}`));
        assertOneMoment(join(dir, `copy ${i}`));
      }
    } finally {
      child.kill("SIGKILL");
      await output.cancel();
      await child.status;
    }
  }));

/** Commits without an end, and says when it has begun. */
const committer = `
  const kv = await Deno.openKv(Deno.args[0]);
  for (let i = 0;; i++) {
    await kv.atomic().set(["a"], i).set(["z"], i).commit();
    if (i === 0) console.log("begun");
  }
`;

Deno.test("backUp() leaves nothing on a disk that it fills, and works when there is room", {
  ignore: !await canMount(),
}, () =>
  withFolder(async (parent) => {
    const [dir, disk] = [join(parent, "data"), join(parent, "disk")];
    const file = join(disk, "backup");
    await Deno.mkdir(disk);
    await mount(disk, "size=1m");
    try {
      await withKv(dir, async (kv) => {
        for (let i = 0; i < 60; i++) await kv.set(["job", i], new Uint8Array(20_000).fill(i));
        await assert.rejects(backUp(dir, file), (error) => {
          assert.ok(error instanceof StateError);
          assert.equal(error.exitCode, 73);
          assert.match(
            error.message,
            /database or disk is full .*a writable folder with enough space/,
          );
          return true;
        });
        assert.deepEqual([...Deno.readDirSync(disk)], []);
        for (let i = 30; i < 60; i++) await kv.delete(["job", i]);
        await backUp(dir, file);
      });
      assert.deepEqual([...Deno.readDirSync(disk)].map(({ name }) => name), ["backup"]);
    } finally {
      await unmount(disk);
    }
  }));
