/** Pictures in a bucket: the way of a job, a bucket that is away while the bot works, and one that comes late. */
import assert from "node:assert/strict";
import { canServeBucket, startBucket } from "../../lab/servers/bucket.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  filesIn,
  holdRun,
  openStage,
  results,
  type StageOptions,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);
const options = { ignore: !await canServeBucket() };

const stageOptions = (server: { url: string; env: Readonly<Record<string, string>> }) =>
  ({
    telegram: { limits: false },
    config: `storage: { url: "${server.url}" }\ncomfyui: { retry_seconds: [0.2] }\n`,
    env: server.env,
  }) satisfies StageOptions;

Deno.test(
  "a job's pictures are in the bucket, and nothing of them in DATA_DIR",
  options,
  async () => {
    await using server = await startBucket();
    await using stage = await openStage(stageOptions(server));
    await stage.ben.sendPhoto(photo, { caption: "make it red steps=1" });
    await untilResults(stage, stage.ben);
    const names = await server.names();
    assert.deepEqual(names.filter((name) => name.startsWith("bot/output/")).length, 1);
    assert.deepEqual([...filesIn(stage, "input"), ...filesIn(stage, "output")], []);
    assert.doesNotMatch(stage.bot.output(), /test-secret-key/);
  },
);

Deno.test(
  "a bucket that is away costs no job: people are told, and it goes on by itself",
  options,
  async () => {
    await using server = await startBucket();
    await using stage = await openStage(stageOptions(server));
    using hold = holdRun(stage);
    await stage.ben.sendPhoto(photo, { caption: "runs steps=1" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
    await stage.ben.sendPhoto(photo, { caption: "waits steps=1" });
    await until("its picture is in the bucket", async () => (await server.names()).length === 2);

    await server.stop();
    hold.remove();
    await untilShown(stage, stage.ben, /Pictures can't be stored or read right now/);
    await stage.anna.sendPhoto(photo, { caption: "comes too early" });
    await untilSaid(stage, stage.anna, "Сейчас не получается сохранить картинку");
    assert.equal(results(stage, stage.ben).length, 0);

    await server.start();
    await untilResults(stage, stage.ben, 2);
    await stage.anna.sendPhoto(photo, { caption: "comes again steps=1" });
    await untilResults(stage, stage.anna);
    assert.equal(stage.comfyui.ran.length, 3, "nothing was rendered twice");
    assert.deepEqual(results(stage, stage.ben).map(({ caption }) => caption?.split("\n")[0]), [
      "runs",
      "waits",
    ]);
  },
);

Deno.test(
  "a bot that is killed while the bucket is away goes on when both are back",
  options,
  async () => {
    await using server = await startBucket();
    await using stage = await openStage(stageOptions(server));
    using hold = holdRun(stage);
    await stage.ben.sendPhoto(photo, { caption: "runs steps=1" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
    await server.stop();
    hold.remove();
    await until(
      "it cannot be stored",
      () => /Cannot write or read the result/.test(stage.bot.output()),
    );
    stage.bot.kill("SIGKILL");
    await stage.bot.status;
    stage.start();
    await until("it is tried again", () => /Cannot write or read/.test(stage.bot.output()));
    await server.start();
    await untilResults(stage, stage.ben);
    assert.equal(stage.comfyui.ran.length, 1, "ComfyUI still had it");
    assert.equal(results(stage, stage.ben).length, 1);
  },
);

Deno.test("a button whose picture cannot be read says so, and works later", options, async () => {
  await using server = await startBucket();
  await using stage = await openStage(stageOptions(server));
  await stage.ben.sendPhoto(photo, { caption: "make it red steps=1" });
  const [result] = await untilResults(stage, stage.ben);
  await server.stop();
  await stage.ben.press(result!, "📄 File");
  await untilSaid(stage, stage.ben, "I can't store pictures right now");
  await server.start();
  await stage.ben.press(result!, "📄 File");
  await stage.telegram.until(
    () => stage.telegram.messages(stage.ben).some(({ document }) => document),
    { what: "the file" },
  );
});
