/** What the log says of an outage: once, however many jobs and tries meet it. */
import assert from "node:assert/strict";
import { releases } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { holdRun, openStage, type Stage, untilResults, untilSaid } from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);

/** How many warnings and errors begin like each other, but for numbers and names of jobs. */
function repeats(stage: Stage): ReadonlyMap<string, number> {
  const lines = stage.bot.output().split("\n").filter((line) => /\| (WARNING|ERROR) \|/.test(line));
  const kinds = lines.map((line) =>
    line.split(" | ").slice(3).join().replace(/job \S+/i, "Job").slice(0, 24)
  );
  return new Map([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

function assertOnce(stage: Stage, words: RegExp): void {
  const counts = repeats(stage);
  assert.ok([...counts.keys()].some((kind) => words.test(kind)), `${words} is in the log`);
  for (const [kind, count] of counts) assert.equal(count, 1, kind);
}

for (const release of releases) {
  Deno.test(`a ComfyUI that answers nothing is logged once for all jobs, ComfyUI ${release}`, async () => {
    await using stage = await openStage({
      comfyui: { release },
      config: "comfyui: { depth: 3, poll_seconds: 1 }\n",
    });
    using hold = holdRun(stage);
    for (const caption of ["one", "two", "three"]) await stage.ben.sendPhoto(photo, { caption });
    await stage.comfyui.until(() => stage.comfyui.queue().pending.length === 2, {
      what: "all are in ComfyUI",
    });
    const path = /^\/(jobs|history|queue)/;
    const away = stage.comfyui.faults.add({ kind: "http", path, answer: "500" });
    await stage.comfyui.until(() => away.hits > 20, { what: "it is asked again and again" });
    away.remove();
    hold.remove();
    await untilResults(stage, stage.ben, 3);
    assertOnce(stage, /Lost sight/);
  });

  Deno.test(`a ComfyUI that takes no job is logged once, ComfyUI ${release}`, async () => {
    await using stage = await openStage({
      comfyui: { release },
      config: "comfyui: { retry_seconds: [0.1, 0.1] }\n",
    });
    // The admin can be told.
    stage.anna.sendText("/start");
    await untilSaid(stage, stage.anna, /./);
    const away = stage.comfyui.faults.add({ kind: "http", path: /./, answer: "cut" });
    for (const caption of ["one", "two", "three"]) await stage.ben.sendPhoto(photo, { caption });
    await stage.comfyui.until(() => away.hits > 20, { what: "it is asked again and again" });
    away.remove();
    await untilResults(stage, stage.ben, 3);
    assertOnce(stage, /waits for|Cannot get the nodes/);
  });
}

Deno.test("a Telegram that takes no results is logged once", async () => {
  await using stage = await openStage();
  const away = stage.telegram.faults.add({ method: "sendPhoto", kind: "refuse", code: 502 });
  for (const caption of ["one", "two", "three"]) await stage.ben.sendPhoto(photo, { caption });
  await stage.ben.sendPhoto(photo, { caption: "four" });
  await stage.telegram.until(() => away.hits >= 4, { what: "it is tried again and again" });
  stage.telegram.faults.clear();
  await untilResults(stage, stage.ben, 4);
  assertOnce(stage, /A call to Telegram/);
});
