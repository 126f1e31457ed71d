/**
 * The state in PostgreSQL: the way of a job, a standby that takes over after kill -9. A server that restarts or is away
 * is a row of chaos/.
 *
 * Drives besides: src/stores.ts.
 */
import assert from "node:assert/strict";
import { gradientJpeg } from "../../lab/pictures.ts";
import { postgresOfFile } from "../../lab/servers/postgres.ts";
import {
  hasStarted,
  holdRun,
  openStage,
  results,
  type Stage,
  untilResults,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);
const server = await postgresOfFile();
const options = { ignore: server === undefined };

/** A stage whose bot, when it is started, has its state in the database. */
function openOn(url: string): Promise<Stage> {
  return openStage({
    telegram: { limits: false },
    config: 'state: { url: "${STATE_URL}" }\n',
    env: { STATE_URL: url },
    start: false,
  });
}

const words = (stage: Stage) =>
  results(stage, stage.ben).map(({ caption }) => caption?.split("\n")[0]);

Deno.test(
  "a bot goes on from PostgreSQL after a restart, and has no state file",
  options,
  async () => {
    await using stage = await openOn(await server!.database());
    stage.start();
    await stage.ben.sendPhoto(photo, { caption: "first steps=1" });
    const [first] = await untilResults(stage, stage.ben);
    await stage.stop();
    stage.start();
    await stage.ben.press(first!, "🔁 Again");
    await untilResults(stage, stage.ben, 2);
    const names = [...Deno.readDirSync(`${stage.dir}/data`)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.startsWith("state")), []);
  },
);

Deno.test(
  "a standby takes over when the active bot is killed, and loses nothing",
  options,
  async () => {
    await using stage = await openOn(await server!.database());
    using hold = holdRun(stage);
    const active = stage.start();
    await stage.ben.sendPhoto(photo, { caption: "runs steps=1" });
    await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
    for (const caption of ["waits steps=1", "waits too steps=1"]) {
      await stage.ben.sendPhoto(photo, { caption });
    }
    const standby = stage.start();
    await until("the standby says so", () => /Standing by/.test(standby.output()));
    active.kill("SIGKILL");
    await active.status;
    const killedMs = performance.now();
    await until("it takes over", () => hasStarted(standby));
    assert.ok(performance.now() - killedMs < 15_000);
    hold.remove();
    await untilResults(stage, stage.ben, 3);
    assert.deepEqual(words(stage), ["runs", "waits", "waits too"]);
    assert.equal(stage.comfyui.ran.length, 3, "nothing was rendered twice");
  },
);
