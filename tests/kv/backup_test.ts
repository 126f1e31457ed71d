/**
 * Backups of the state: whole copies beside a running bot, the last days', and the way back. Real files.
 *
 * Drives besides: src/cli/commands/backup.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { backUp, backUpDaily, restore } from "../../src/kv/backup.ts";
import { openState } from "../../src/kv/open.ts";
import { StateError } from "../../src/lib/errors.ts";
import { cli } from "../cli/cli_fixture.ts";
import { withFolder, withKv } from "./kv_fixture.ts";

const dayMs = 86_400_000;
const now = Date.UTC(2030, 0, 31, 12);

async function namesIn(dir: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
}

/** The exit code and the sentence of a StateError. */
async function refusalOf(act: Promise<unknown>): Promise<{ exitCode: number; message: string }> {
  try {
    await act;
  } catch (error) {
    assert.ok(error instanceof StateError, String(error));
    return error;
  }
  assert.fail("it was done");
}

Deno.test("backUp() copies what is committed while the state is open and being written", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const copy = join(parent, "copy");
    await Deno.mkdir(copy);
    await withKv(dir, async (kv) => {
      await kv.set(["a"], 1);
      await backUp(dir, join(copy, "state.kv"));
      await kv.set(["a"], 2);
      assert.equal((await kv.get(["a"])).value, 2, "the bot goes on");
    });
    assert.deepEqual(await namesIn(copy), ["state.kv"]);
    await withKv(copy, async (kv) => assert.equal((await kv.get(["a"])).value, 1));
  }));

Deno.test("backUp() writes over nothing, and leaves nothing when it fails", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const file = join(parent, "backup");
    assert.equal((await refusalOf(backUp(dir, file))).exitCode, 65);
    await withKv(dir, (kv) => kv.set(["a"], 1));
    await Deno.writeTextFile(file, "mine");
    const there = await refusalOf(backUp(dir, file));
    assert.equal(there.exitCode, 73);
    assert.match(there.message, /^Cannot write .*backup: it exists already \(wanted /);
    assert.equal(await Deno.readTextFile(file), "mine");
    const nowhere = await refusalOf(backUp(dir, join(parent, "none", "backup")));
    assert.equal(nowhere.exitCode, 73);
    await Deno.truncate(join(dir, "state.kv"), 5000);
    await refusalOf(backUp(dir, join(parent, "other")));
    assert.deepEqual(await namesIn(parent), ["backup", "data"]);
  }));

Deno.test("backUp() takes the place of what a killed one has left", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const file = join(parent, "backup");
    await withKv(dir, (kv) => kv.set(["a"], 1));
    await Deno.writeTextFile(`${file}.part`, "half of it");
    await backUp(dir, file);
    assert.deepEqual(await namesIn(parent), ["backup", "data"]);
  }));

Deno.test("restore() makes a state that its user may write and nobody else may read", () =>
  withFolder(async (parent) => {
    const [dir, file] = [join(parent, "data"), join(parent, "backup")];
    await withKv(dir, (kv) => kv.set(["a"], 1));
    await backUp(dir, file);
    await Deno.chmod(file, 0o444);
    await restore(dir, file, now);
    assert.equal((await Deno.stat(join(dir, "state.kv"))).mode! & 0o777, 0o600);
  }));

Deno.test("backUpDaily() makes one a day and keeps the last ones", () =>
  withFolder(async (dir) => {
    await withKv(dir, async (kv) => {
      const day = async (n: number, keep = 3) =>
        await backUpDaily(dir, { keep, now: now + n * dayMs });
      assert.equal(await day(0), join(dir, "backups", "state-2030-01-31.kv"));
      await kv.set(["a"], 1);
      assert.equal(await day(0.4), undefined);
      await Deno.writeTextFile(join(dir, "backups", "mine.kv"), "");
      for (const n of [1, 2, 3, 4]) await day(n);
      assert.deepEqual(await namesIn(join(dir, "backups")), [
        "mine.kv",
        "state-2030-02-02.kv",
        "state-2030-02-03.kv",
        "state-2030-02-04.kv",
      ]);
      assert.equal(await day(5, 0), undefined);
      assert.equal((await namesIn(join(dir, "backups"))).length, 4, "0 makes none, removes none");
    });
  }));

Deno.test("restore() puts the backup in the place of the state and keeps that beside it", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const file = join(parent, "backup");
    await withKv(dir, async (kv) => {
      await kv.set(["a"], "before");
      await backUp(dir, file);
      await kv.set(["a"], "after");
    });
    const { before } = await restore(dir, file, now);
    assert.equal(before, join(dir, "state.kv.before-restore-2030-01-31T12-00-00Z"));
    await withKv(dir, async (kv) => assert.equal((await kv.get(["a"])).value, "before"));
    // And back: what was set aside is a backup too.
    await restore(dir, before, now + 1000);
    await withKv(dir, async (kv) => assert.equal((await kv.get(["a"])).value, "after"));
    assert.deepEqual(await namesIn(dir), [
      "state.kv",
      "state.kv.before-restore-2030-01-31T12-00-00Z",
      "state.kv.before-restore-2030-01-31T12-00-01Z",
      "state.lock",
    ]);
  }));

Deno.test("restore() makes a state in an empty DATA_DIR: the bot has moved", () =>
  withFolder(async (parent) => {
    const file = join(parent, "backup");
    await withKv(join(parent, "old"), (kv) => kv.set(["a"], 1));
    await backUp(join(parent, "old"), file);
    assert.deepEqual(await restore(join(parent, "new"), file, now), { before: undefined });
    await withKv(join(parent, "new"), async (kv) => {
      assert.equal((await kv.get(["a"])).value, 1);
    });
  }));

Deno.test("restore() changes nothing while a bot runs", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    const file = join(parent, "backup");
    await withKv(dir, (kv) => kv.set(["a"], 1));
    await backUp(dir, file);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--unstable-kv", holder, dir],
      cwd: new URL("../..", import.meta.url),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output = child.stdout.getReader();
    await output.read();
    const { exitCode, message } = await refusalOf(restore(dir, file, now));
    await output.cancel();
    await child.stdin.close();
    await child.status;
    assert.equal(exitCode, 75);
    assert.match(message, /another image-edit-bot uses it \(wanted it stopped: systemctl stop /);
    assert.ok(!(await namesIn(dir)).some((name) => /restor/.test(name)));
    await restore(dir, file, now);
  }));

/** Opens the state, says so, and stays until it is told to go. */
const holder = `
  import { openState } from "./src/kv/open.ts";
  const state = await openState(Deno.args[0]);
  console.log("open");
  await Deno.stdin.read(new Uint8Array(1));
`;

Deno.test("restore() refuses what is no good backup with 65 and leaves the state as it is", () =>
  withFolder(async (parent) => {
    const dir = join(parent, "data");
    await withKv(dir, (kv) => kv.set(["a"], 1));
    const bytes = await Deno.readFile(join(dir, "state.kv"));
    const file = (name: string) => join(parent, name);
    await Deno.writeFile(file("cut"), bytes.slice(0, 6000));
    await Deno.writeTextFile(file("words"), "no database ".repeat(1000));
    await Deno.writeTextFile(file("empty"), "");
    await withKv(file("newer dir"), (kv) => kv.set(["version"], 2));
    await Deno.copyFile(join(file("newer dir"), "state.kv"), file("newer"));
    const strange = await Deno.openKv(file("strange"));
    await strange.set(["a"], 1);
    strange.close();
    new DatabaseSync(file("other")).exec("create table a (b)");
    const cases: readonly (readonly [name: string, problem: RegExp])[] = [
      ["none", /there is no such file/],
      ["cut", /it is damaged: /],
      ["words", /it is damaged: file is not a database/],
      ["empty", /it is empty/],
      ["newer", /newer version of image-edit-bot \(format 2/],
      ["strange", /the state of another program/],
      ["other", /it is empty/],
    ];
    for (const [name, problem] of cases) {
      const { exitCode, message } = await refusalOf(restore(dir, file(name), now));
      assert.equal(exitCode, 65, name);
      assert.match(message, problem);
      assert.match(message, new RegExp(`^Cannot (restore|use) ${file(name)}: `));
    }
    assert.deepEqual(await namesIn(dir), ["state.kv", "state.lock"]);
    assert.deepEqual(await Deno.readFile(join(dir, "state.kv")), bytes);
  }));

Deno.test("openState() begins nothing new when a restore was cut off between its two renames", () =>
  withFolder(async (dir) => {
    await withKv(dir, (kv) => kv.set(["a"], 1));
    await Deno.rename(join(dir, "state.kv"), join(dir, "state.kv.before-restore-2030"));
    const { exitCode, message } = await refusalOf(openState(dir));
    assert.equal(exitCode, 65);
    assert.match(message, /^Cannot start: .*state\.kv\.before-restore-2030 was set aside/);
  }));

Deno.test("backup and restore work from the command line and say what they did", () =>
  withFolder(async (cwd) => {
    const dir = join(cwd, "data");
    await withKv(dir, (kv) => kv.set(["a"], 1));
    const saved = await cli(["backup", "monday.kv"], { cwd });
    assert.equal(saved.code, 0, saved.err);
    assert.match(
      saved.out,
      /^Wrote .*\/monday\.kv: users, settings and jobs\.\nPictures/,
    );
    const twice = await cli(["backup", "monday.kv"], { cwd });
    assert.equal(twice.code, 73);
    assert.match(twice.err, /it exists already/);
    const restored = await cli(["restore", "monday.kv"], { cwd });
    assert.equal(restored.code, 0, restored.err);
    assert.match(
      restored.out,
      /^Restored the state from .*\nThe state from before is kept as .*\.before-restore-/,
    );
    for (const command of ["backup", "restore"]) {
      const { code, err } = await cli([command], { cwd });
      assert.equal(code, 64);
      assert.match(err, /FILE is missing/);
      const help = await cli([command, "--help"], { cwd });
      assert.match(help.out, new RegExp(`^Usage: image-edit-bot ${command} FILE`));
    }
  }));
