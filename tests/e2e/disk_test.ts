/** A disk that is almost full, or full while the bot works: intake stops, nothing is lost, and work goes on when there is room. */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { canMount, fillDisk, mount, unmount } from "../../lab/small_disk.ts";
import {
  filesIn,
  holdRun,
  openStage,
  results,
  said,
  type Stage,
  type StageOptions,
  untilResults,
  untilSaid,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);
const onSmallDisk = { ignore: !await canMount() };

/** DATA_DIR as a disk of eight megabytes, from before the start until the end. */
async function mountDataDir(stage: Stage): Promise<AsyncDisposable & { readonly dir: string }> {
  const dir = `${stage.dir}/data`;
  await Deno.mkdir(dir);
  await mount(dir, "size=8m");
  return { dir, [Symbol.asyncDispose]: () => unmount(dir) };
}

/** Without the floor: so the disk itself gets full, and the log is on it too. */
function openFloorless(options: StageOptions = {}): Promise<Stage> {
  const config = "storage: { min_free_mb: 0, backups: 0 }\n";
  const env = { LOGS_DIR: "data/logs" };
  return openStage({ telegram: { limits: false }, ...options, config, env, start: false });
}

function untilLogged(stage: Stage, words: RegExp): Promise<boolean> {
  return until(`${words} in the log`, () => words.test(stage.bot.output()));
}

Deno.test(
  "a disk that fills while a job runs costs no job and no message",
  onSmallDisk,
  async () => {
    await using stage = await openFloorless();
    await using data = await mountDataDir(stage);
    using hold = holdRun(stage);
    stage.start();
    await stage.ben.sendPhoto(photo, { caption: "runs steps=4" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
    {
      using _filling = fillDisk(data.dir);
      hold.remove();
      await untilLogged(
        stage,
        /Cannot write or read the result of job \w+: .*it is tried again/,
      );
      await stage.anna.sendPhoto(photo, { caption: "comes later steps=1" });
      await untilLogged(stage, /Cannot store updates: /);
      assert.equal(stage.telegram.unconfirmed.length, 1);
      assert.equal(results(stage, stage.ben).length, 0);
    }
    await untilResults(stage, stage.ben);
    await untilResults(stage, stage.anna);
    assert.equal(stage.comfyui.ran.length, 2, "nothing was rendered twice");
    assert.equal(results(stage, stage.ben).length, 1);
    assert.doesNotMatch(stage.bot.output(), /CRITICAL|Cannot continue/);
  },
);

Deno.test(
  "a bot that ends on a full disk goes on where it was when there is room",
  onSmallDisk,
  async () => {
    await using stage = await openFloorless();
    await using data = await mountDataDir(stage);
    using hold = holdRun(stage);
    stage.start();
    await stage.ben.sendPhoto(photo, { caption: "runs steps=4" });
    await stage.ben.sendPhoto(photo, { caption: "waits steps=1" });
    await stage.comfyui.until(
      () => stage.comfyui.ran.length === 1 && stage.comfyui.queue().pending.length === 1,
      { what: "the first runs, and the bot has no other to look for" },
    );
    {
      using _filling = fillDisk(data.dir);
      hold.remove();
      await untilLogged(stage, /Cannot write or read the result/);
      stage.bot.kill("SIGKILL");
      await stage.bot.status;
      // What its service manager does again and again.
      const life = stage.start();
      assert.equal((await life.status).code, 73, life.output());
      assert.match(life.output(), /CRITICAL .*Cannot write .*space on its disk/);
    }
    stage.start();
    const captions = (await untilResults(stage, stage.ben, 2)).map(({ caption }) => caption);
    assert.deepEqual(captions.map((caption) => caption?.split("\n")[0]).sort(), ["runs", "waits"]);
    assert.equal(stage.comfyui.ran.length, 2, "nothing was rendered twice");
  },
);

Deno.test(
  "below the floor no picture and no job is taken, and it goes on by itself",
  onSmallDisk,
  async () => {
    await using stage = await openStage({
      telegram: { limits: false },
      config: "storage: { min_free_mb: 4 }\n",
      start: false,
    });
    await using data = await mountDataDir(stage);
    stage.start();
    // No bot can begin a conversation, and it is an admin's.
    await stage.anna.sendText("/start");
    await untilSaid(stage, stage.anna, "Пришлите картинку");
    await stage.ben.sendPhoto(photo);
    await untilSaid(stage, stage.ben, "What should I change?");
    const big = `${data.dir}/big`;
    await Deno.writeFile(big, new Uint8Array(4.5 * 1024 ** 2));
    await untilSaid(stage, stage.anna, "Диск почти полон");

    await stage.ben.sendText("the words for the picture that is here");
    await untilSaid(
      stage,
      stage.ben,
      "disk is full, so I am not taking new jobs right now. I have kept your picture",
    );
    const files = filesIn(stage, "input");
    const { length: calls } = stage.telegram.calls.filter(({ method }) => method === "getFile");
    await stage.ben.sendPhoto(photo, { caption: "another one" });
    await untilSaid(
      stage,
      stage.ben,
      "The server's disk is full, so I can't accept this right now",
    );
    assert.deepEqual(filesIn(stage, "input"), files);
    assert.equal(
      stage.telegram.calls.filter(({ method }) => method === "getFile").length,
      calls,
      "nothing was downloaded",
    );
    assert.equal(stage.comfyui.ran.length, 0);

    await Deno.remove(big);
    await untilSaid(stage, stage.anna, "На диске снова есть место");
    await stage.ben.sendText("once more steps=1");
    await untilResults(stage, stage.ben);
    const notices = said(stage, stage.anna).filter(({ text }) => text?.includes("💾"));
    assert.equal(notices.length, 2, "one at the beginning, one at the end");
  },
);
