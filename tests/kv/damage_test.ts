/**
 * A state file that cannot be trusted: what is found at the start, how it is kept, and the way back. Real files.
 *
 * Drives besides: src/kv/state_file.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { canMount, fillDisk, mount, unmount } from "../../lab/small_disk.ts";
import { backUpDaily, restore } from "../../src/kv/backup.ts";
import { openState } from "../../src/kv/open.ts";
import { StateError } from "../../src/lib/errors.ts";
import { withFolder, withKv } from "./kv_fixture.ts";

const now = Date.UTC(2030, 0, 31, 12);
const stamp = "2030-01-31T12-00-00Z";

/** Why the state is refused. */
async function refusalOf(dir: string): Promise<StateError> {
  try {
    using _state = await openState(dir, () => now);
  } catch (error) {
    assert.ok(error instanceof StateError, String(error));
    return error;
  }
  assert.fail("it was opened");
}

/** A state with enough in it for inner pages. */
async function fill(dir: string): Promise<void> {
  await withKv(dir, async (kv) => {
    const commit = kv.atomic();
    for (let i = 0; i < 200; i++) commit.set(["job", i], `the words of job ${i}`.repeat(20));
    await commit.commit();
  });
}

/** Changes the bytes of a file in the folder. */
async function damage(
  dir: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
  name = "state.kv",
): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(dir, name);
  const bytes = change(await Deno.readFile(path));
  await Deno.writeFile(path, bytes);
  return bytes;
}

function garbage(bytes: Uint8Array<ArrayBuffer>, from: number, to: number) {
  for (let i = from; i < to; i++) bytes[i] = (i * 7919) % 251;
  return bytes;
}

const damages: readonly {
  readonly what: string;
  readonly change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
}[] = [
  { what: "cut in half", change: (bytes) => bytes.slice(0, bytes.length / 2) },
  { what: "cut within its first page", change: (bytes) => bytes.slice(0, 50) },
  { what: "all zeros", change: (bytes) => bytes.fill(0) },
  { what: "zeros but for its first page", change: (bytes) => bytes.fill(0, 4096) },
  { what: "no database at all", change: (bytes) => garbage(bytes, 0, bytes.length) },
  { what: "garbage in an inner page", change: (bytes) => garbage(bytes, 5 * 4096, 7 * 4096) },
];

for (const { what, change } of damages) {
  Deno.test(`openState() throws 65, keeps the file and begins nothing new when it is ${what}`, () =>
    withFolder(async (dir) => {
      await fill(dir);
      const bytes = await damage(dir, change);
      const aside = join(dir, `state.kv.damaged-${stamp}`);
      const first = await refusalOf(dir);
      assert.equal(first.exitCode, 65);
      assert.match(first.message, /^Cannot use .*state\.kv: it is damaged: .+; it is kept as /);
      assert.ok(first.message.includes(aside), first.message);
      assert.deepEqual(await Deno.readFile(aside), bytes);
      const second = await refusalOf(dir);
      assert.equal(second.exitCode, 65);
      assert.match(
        second.message,
        /^Cannot start: .* was set aside and there is no new state \(/,
      );
      assert.ok(second.message.includes(aside), second.message);
      // Begins anew when the owner wants it.
      await Deno.remove(aside);
      await withKv(dir, (kv) => kv.set(["x"], 1));
    }));
}

Deno.test("openState() offers the last backup with the command that brings it back", () =>
  withFolder(async (dir) => {
    await fill(dir);
    await backUpDaily(dir, { keep: 7, now: now - 86_400_000 });
    await backUpDaily(dir, { keep: 7, now });
    await damage(dir, (bytes) => bytes.slice(0, 5000));
    const { message } = await refusalOf(dir);
    const backup = join(dir, "backups", "state-2030-01-31.kv");
    assert.ok(message.includes(`image-edit-bot restore ${backup};`), message);
    assert.ok((await refusalOf(dir)).message.includes(backup), "at the next start too");
    await restore(dir, backup, now);
    await withKv(dir, async (kv) => {
      assert.match(String((await kv.get(["job", 199])).value), /^the words of job 199/);
    });
  }));

Deno.test("openState() puts a path with a space between quotes", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "the bot's data");
    await fill(dir);
    await backUpDaily(dir, { keep: 7, now });
    await damage(dir, (bytes) => bytes.fill(0));
    const { message } = await refusalOf(dir);
    assert.match(message, /restore '.*the bot'\\''s data\/backups\/state-2030-01-31\.kv'/);
  }));

Deno.test("openState() takes an empty file for a new state, but not where there is a backup", () =>
  withFolder(async (dir) => {
    await Deno.writeFile(join(dir, "state.kv"), new Uint8Array());
    await withKv(dir, (kv) => kv.set(["x"], 1));
    await backUpDaily(dir, { keep: 7, now });
    await Deno.writeFile(join(dir, "state.kv"), new Uint8Array());
    const { exitCode, message } = await refusalOf(dir);
    assert.equal(exitCode, 65);
    assert.match(message, /^Cannot use .*: it has lost its records; it is kept as .*restore/);
  }));

Deno.test("openState() reads the commits that a kill has left in -wal", () =>
  withFolder(async (dir) => {
    await leaveKilled(dir);
    assert.ok((await Deno.stat(join(dir, "state.kv-wal"))).size > 0);
    await withKv(dir, async (kv) => assert.equal((await kv.get(["from"])).value, "the killed"));
  }));

Deno.test("restore() sets aside what a killed process left with its -wal, and takes both back", () =>
  withFolder(async (parent) => {
    const [dir, other] = [join(parent, "killed"), join(parent, "other")];
    await leaveKilled(dir);
    await withKv(other, (kv) => kv.set(["from"], "another"));
    const { before } = await restore(dir, join(other, "state.kv"), now);
    await withKv(dir, async (kv) => assert.equal((await kv.get(["from"])).value, "another"));
    await restore(dir, before!, now + 1000);
    await withKv(dir, async (kv) => assert.equal((await kv.get(["from"])).value, "the killed"));
  }));

Deno.test("openState() keeps -wal beside the file when that is lost or empty", () =>
  withFolder(async (parent) => {
    for (const [i, lose] of [Deno.truncate, Deno.remove].entries()) {
      const dir = join(parent, String(i));
      await leaveKilled(dir);
      const wal = await Deno.readFile(join(dir, "state.kv-wal"));
      await lose(join(dir, "state.kv"));
      const { exitCode, message } = await refusalOf(dir);
      assert.equal(exitCode, 65);
      assert.match(message, /the file is empty or gone, its -wal is not; it is kept as /);
      assert.deepEqual(await Deno.readFile(join(dir, `state.kv.damaged-${stamp}-wal`)), wal);
      assert.match(
        (await refusalOf(dir)).message,
        /^Cannot start: .*damaged-[\dTZ-]+ was set aside/,
      );
    }
  }));

Deno.test("openState() begins nothing new when -wal has all that there is and is damaged", () =>
  withFolder(async (dir) => {
    await withKv(dir, (kv) => kv.set(["x"], 1));
    await backUpDaily(dir, { keep: 7, now });
    await Deno.remove(join(dir, "state.kv"));
    await leaveKilled(dir);
    await damage(dir, (bytes) => garbage(bytes, 100, bytes.length), "state.kv-wal");
    assert.equal((await refusalOf(dir)).exitCode, 65);
  }));

/** A state whose process was killed before anything of -wal was moved into the file. */
async function leaveKilled(dir: string): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--unstable-kv", killed, dir],
    cwd: new URL("../..", import.meta.url),
    stdout: "null",
  }).spawn();
  assert.equal((await child.status).signal, "SIGKILL");
}

const killed = `
  import { openState } from "./src/kv/open.ts";
  const { kv } = await openState(Deno.args[0]);
  await kv.set(["from"], "the killed");
  Deno.kill(Deno.pid, "SIGKILL");
`;

Deno.test("openState() throws 73 and keeps everything when the disk is read-only or full", {
  ignore: !await canMount(),
}, () =>
  withFolder(async (dir) => {
    await mount(dir, "size=4m");
    try {
      await fill(dir);
      const bytes = await Deno.readFile(join(dir, "state.kv"));
      {
        using _filling = fillDisk(dir);
        const full = await refusalOf(dir);
        assert.equal(full.exitCode, 73, full.message);
        assert.match(full.message, /^Cannot write .*space on its disk\)$/);
      }
      await mount(dir, "remount,ro");
      const readOnly = await refusalOf(dir);
      assert.equal(readOnly.exitCode, 73, readOnly.message);
      assert.match(readOnly.message, /^Cannot write in .*[Rr]ead-only/);
      assert.deepEqual(await Deno.readFile(join(dir, "state.kv")), bytes);
    } finally {
      await unmount(dir);
    }
  }));
