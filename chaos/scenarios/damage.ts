/**
 * Row 10: the state file is damaged in every way that a disk and a mistake can damage it. The bot says so in one sentence and ends,
 * writes nothing over, and the command that it names brings the last backup back.
 */
import { join } from "node:path";
import { gradientJpeg } from "../../lab/pictures.ts";
import { canMount, mount, unmount } from "../../lab/small_disk.ts";
import {
  backupsOf,
  openStage,
  results,
  type Stage,
  startBot,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";
import { lockState, stateVersion } from "../../src/kv/open.ts";
import { type ChaosOptions, type ChaosRow, type Finding, noted, promised } from "../finding.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What may happen to the folder, before the bot is started again. */
interface Damage {
  readonly what: string;
  readonly exitCode: number;
  /** What the sentence must say. */
  readonly says: RegExp;
  /** Damages the folder; what it returns takes away what stays after a restore. */
  readonly make: (dir: string) => Promise<AsyncDisposable | void>;
  /** True where the last backup brings the bot back; else it starts again as soon as the damage is taken away. */
  readonly isRestored: boolean;
}

const page = 4_096;
/** The disk of the test is a small one. */
const config = "storage: { min_free_mb: 0 }\n";

/** The damages to the bytes of the file, each of which asks for the backup. */
const toBytes: readonly (readonly [what: string, change: (bytes: Bytes) => Bytes])[] = [
  ["cut in half", (bytes) => bytes.slice(0, bytes.length / 2)],
  ["cut within its first page", (bytes) => bytes.slice(0, 50)],
  ["all zeros", (bytes) => bytes.fill(0)],
  ["empty", () => new Uint8Array(0)],
  ["no database at all", (bytes) => garbage(bytes, 0, bytes.length)],
  ["garbage in inner pages", (bytes) => garbage(bytes, 2 * page, 4 * page)],
];

const shortOnes = ["all zeros", "garbage in inner pages"];

function garbage(bytes: Bytes, from: number, to: number): Bytes {
  return bytes.map((byte, at) => at < from || at >= to ? byte : (at * 7_919) % 251);
}

const damages: readonly Damage[] = [
  ...toBytes.map(([what, change]): Damage => ({
    what,
    exitCode: 65,
    says: /CRITICAL .*(is damaged|has lost its records).*wanted its last backup: .*restore/,
    isRestored: true,
    async make(dir) {
      const path = join(dir, "state.kv");
      await Deno.writeFile(path, change(await Deno.readFile(path)));
    },
  })),
  {
    what: "written by a newer version",
    exitCode: 65,
    says: /CRITICAL .*newer version of image-edit-bot \(format \d+, wanted at most \d+\)/,
    isRestored: false,
    async make(dir) {
      const set = async (version: number) => {
        using kv = await Deno.openKv(join(dir, "state.kv"));
        await kv.set(["version"], version);
      };
      await set(stateVersion + 1);
      return { [Symbol.asyncDispose]: () => set(stateVersion) };
    },
  },
  {
    what: "in use by a second instance",
    exitCode: 75,
    says: /CRITICAL .*another image-edit-bot uses it \(wanted one process per DATA_DIR\)/,
    isRestored: false,
    async make(dir) {
      const lock = await lockState(dir);
      return { [Symbol.asyncDispose]: () => Promise.resolve(lock[Symbol.dispose]()) };
    },
  },
];

/** A superuser writes whatever the file's mode says: only a disk that is mounted so is read-only for all. */
const readOnly: Damage = {
  what: "on a read-only disk",
  exitCode: 73,
  says: /CRITICAL .*Cannot write .*\(wanted /,
  isRestored: false,
  async make(dir) {
    await mount(dir, "remount,ro");
    return { [Symbol.asyncDispose]: () => mount(dir, "remount,rw") };
  },
};

const photo = await gradientJpeg(160, 120);

export const damage: ChaosRow = {
  name: "damage",
  async run({ isShort, tell }: ChaosOptions): Promise<readonly Finding[]> {
    await using stage = await openStage({ start: false, config, telegram: { limits: false } });
    const dir = `${stage.dir}/data`;
    await Deno.mkdir(dir);
    const isOwnDisk = await canMount();
    if (isOwnDisk) await mount(dir, "size=64m");
    try {
      await makeBackup(stage);
      const findings: Finding[] = [];
      for (const each of [...damages, ...isOwnDisk ? [readOnly] : []]) {
        // The short run meets each kind of way back.
        if (isShort && each.isRestored && !shortOnes.includes(each.what)) continue;
        tell(`damage: ${each.what}`);
        findings.push(await suffer(stage, dir, each));
      }
      if (!isOwnDisk) {
        findings.push(noted(`the state file: ${readOnly.what}`, "not tried: no right to mount"));
      }
      return findings;
    } finally {
      if (isOwnDisk) await unmount(dir);
    }
  },
};

/** Has the bot do a job and make its backup, and stops it. */
async function makeBackup(stage: Stage): Promise<void> {
  stage.start();
  await stage.ben.sendPhoto(photo, { caption: "before steps=1" });
  await untilResults(stage, stage.ben);
  await stage.stop();
  stage.start();
  await until("a backup", () => backupsOf(stage).some((name) => name.endsWith(".kv")));
  await stage.stop();
}

/** Damages the state, starts the bot twice, as its service manager does, and goes the way back that it names. */
async function suffer(stage: Stage, dir: string, each: Damage): Promise<Finding> {
  const trouble: string[] = [];
  const expect = (isSo: boolean, problem: string) => {
    if (!isSo) trouble.push(problem);
  };
  const before = results(stage, stage.ben).length;
  let sentence = "";
  {
    await using _damaged = await each.make(dir) ?? { [Symbol.asyncDispose]: async () => {} };
    const bytes = await Deno.readFile(join(dir, "state.kv"));
    const first = stage.start();
    const { code } = await first.status;
    sentence = first.output();
    expect(code === each.exitCode, `exit code ${code}`);
    expect(each.says.test(sentence), sentence.slice(-300));
    const { code: again } = await stage.start().status;
    expect(again === each.exitCode, `exit code ${again} at the second start`);
    expect(await isKept(dir, bytes), "the file was changed");
  }
  if (each.isRestored) {
    const command = /image-edit-bot (restore \S+\.kv);/.exec(sentence)?.[1];
    const restoring = startBot(command?.split(" ") ?? ["restore"], { cwd: stage.dir, env: {} });
    expect((await restoring.status).code === 0, `restore: ${restoring.output()}`);
  }
  // The next edit of a result from before: its record is in the state.
  stage.start();
  stage.ben.sendText(`after ${each.what} steps=1`);
  await untilResults(stage, stage.ben, before + 1).catch(() => untilSaid(stage, stage.ben, /./));
  expect(results(stage, stage.ben).length === before + 1, "no result after it");
  await stage.stop();
  return promised(trouble.length === 0, `the state file: ${each.what}`, {
    limit: `exit code ${each.exitCode} and one sentence, nothing overwritten, ` +
      (each.isRestored ? "the backup brought back" : "goes on after it"),
    measured: trouble.length > 0
      ? trouble.join(" · ")
      : `exit code ${each.exitCode}, kept, ${each.isRestored ? "brought back" : "gone on"}`,
  });
}

/** True where the folder has a file with these very bytes: the state's own, or what was set aside. */
async function isKept(dir: string, bytes: Bytes): Promise<boolean> {
  const same = (other: Bytes) =>
    other.length === bytes.length && other.every((byte, at) => byte === bytes[at]);
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (isFile && name.startsWith("state.kv") && same(await Deno.readFile(join(dir, name)))) {
      return true;
    }
  }
  return false;
}
