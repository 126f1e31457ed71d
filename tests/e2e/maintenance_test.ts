/** The owner's day: backups that come by themselves, a damaged state and the way back, old files, a backend that is gone. */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  backupsOf,
  filesIn,
  holdRun,
  openStage,
  results,
  type Stage,
  startBot,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);
const hourMs = 3_600_000;

async function kill(stage: Stage): Promise<void> {
  stage.bot.kill("SIGKILL");
  await stage.bot.status;
}

Deno.test("a damaged state is kept, and the command that the bot names brings the last backup back", async () => {
  await using stage = await openStage({ telegram: { limits: false } });
  await stage.ben.sendPhoto(photo, { caption: "before steps=1" });
  await untilResults(stage, stage.ben);
  // The backup of the day is made soon after the start: this one is to know of the job.
  await kill(stage);
  for (const name of backupsOf(stage)) await Deno.remove(`${stage.dir}/data/backups/${name}`);
  stage.start();
  await until("a backup", () => backupsOf(stage).some((name) => /^state-[\d-]+\.kv$/.test(name)));
  // All is in the file then, nothing in its -wal.
  await stage.stop();
  await Deno.truncate(`${stage.dir}/data/state.kv`, 6000);

  const damaged = stage.start();
  assert.equal((await damaged.status).code, 65, damaged.output());
  const command = /image-edit-bot (restore \S+\.kv);/.exec(damaged.output())?.[1];
  assert.ok(command, damaged.output());
  assert.match(damaged.output(), /it is kept as \S+state\.kv\.damaged-/);
  const restored = startBot(command.split(" "), { cwd: stage.dir, env: {} });
  assert.equal((await restored.status).code, 0, restored.output());

  stage.start();
  await stage.ben.sendText("the next edit of that result steps=1");
  await untilResults(stage, stage.ben, 2);
});

Deno.test("old files go at the start, those of drafts stay, results go when they are not kept", async () => {
  await using stage = await openStage({
    telegram: { limits: false },
    config: "storage: { cleanup_after_hours: 1, keep_results: false }\n",
  });
  await stage.ben.sendPhoto(photo);
  await untilSaid(stage, stage.ben, "What should I change?");
  // In order: the update is dealt with then, and its picture is not written once more by the next life.
  await stage.stop();
  const [draft] = filesIn(stage, "input");
  const files = ["input/old.jpg", "output/old.png", "output/young.png", "temp/old.png.part"];
  const hoursAgo = new Date(Date.now() - 2 * hourMs);
  for (const file of files) {
    await Deno.writeFile(`${stage.dir}/data/${file}`, new Uint8Array(10));
    if (file.includes("old")) await Deno.utime(`${stage.dir}/data/${file}`, hoursAgo, hoursAgo);
  }
  await Deno.utime(`${stage.dir}/data/input/${draft}`, hoursAgo, hoursAgo);
  stage.start();
  await until("the sweep", () => /Removed 3 old files/.test(stage.bot.output()));
  assert.deepEqual(filesIn(stage, "input"), [draft]);
  assert.deepEqual(filesIn(stage, "output"), ["young.png"]);
  assert.deepEqual(filesIn(stage, "temp"), []);

  await stage.ben.sendText("the words for the draft steps=1");
  await untilResults(stage, stage.ben);
  await until("the result is gone", () => filesIn(stage, "output").join() === "young.png");
  await until("the source is gone", () => filesIn(stage, "input").length === 0);
});

Deno.test("jobs of a backend that was taken out of the configuration are done by another one", async () => {
  await using stage = await openStage({
    telegram: { limits: false },
    start: false,
  });
  const { host, port } = stage.comfyui;
  const configure = (name: string) =>
    Deno.writeTextFile(
      `${stage.dir}/config.yaml`,
      `access: { mode: open }\ncomfyui: { backends: [{ name: ${name}, host: ${host}, port: ${port} }] }\n`,
    );
  await configure("old");
  using hold = holdRun(stage, { afterStep: 3 });
  stage.start();
  await stage.ben.sendPhoto(photo, { caption: "first steps=8" });
  await stage.ben.sendPhoto(photo, { caption: "second steps=1" });
  await untilShown(stage, stage.ben, /Step/);
  await kill(stage);
  hold.remove();
  await configure("new");
  stage.start();
  const captions = (await untilResults(stage, stage.ben, 2)).map(({ caption }) => caption);
  assert.deepEqual(captions.map((caption) => caption?.split("\n")[0]), ["first", "second"]);
  assert.equal(results(stage, stage.ben).length, 2);
});
