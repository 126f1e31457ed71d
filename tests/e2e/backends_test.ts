/**
 * Two ComfyUIs: each job goes to one that has what its template needs, and to another when one dies with it.
 *
 * Drives besides: src/backends.ts, src/lib/logged.ts.
 */
import assert from "node:assert/strict";
import { type ComfyOptions, startComfyUI } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import {
  holdRun,
  noDrafts,
  openStage,
  type Stage,
  untilMetrics,
  untilResults,
  untilSaid,
  untilShown,
} from "../../lab/stage.ts";
import { until } from "../../lab/until.ts";

const photo = await gradientJpeg(160, 120);

/** A stage with a second ComfyUI, whose bot is not started yet. */
async function openPair(second: ComfyOptions, workflow = "") {
  const two = await startComfyUI({ stepMs: 20, scale: false, ...second });
  const stage = await openStage({ telegram: { limits: false }, start: false });
  const { host, port } = stage.comfyui;
  await Deno.writeTextFile(
    `${stage.dir}/config.yaml`,
    `access: { mode: open }\nmetrics: { serve: true, port: 0 }\n${workflow}` +
      "comfyui:\n  depth: 1\n  backends:\n" +
      `    - { name: one, host: ${host}, port: ${port} }\n` +
      `    - { name: two, host: ${two.host}, port: ${two.port} }\n`,
  );
  return {
    stage,
    two,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
    },
  };
}

const send = async (stage: Stage, count: number) => {
  for (let i = 0; i < count; i++) {
    await stage.ben.sendPhoto(photo, { caption: `words ${i} steps=1` });
  }
};

Deno.test("a job goes to the ComfyUI that has what its template needs", async () => {
  // The second has no sampler of RES4LYF: the seed's template cannot run there.
  await using pair = await openPair(
    { objectInfo: { "ClownsharKSampler_Beta": null } },
    "workflow: { default_file: qwen_image_edit }\n",
  );
  const { stage, two } = pair;
  stage.start();
  await send(stage, 4);
  await untilResults(stage, stage.ben, 4);
  assert.equal(stage.comfyui.ran.length, 4);
  assert.equal(two.ran.length, 0);

  const metrics = await (await fetch(`${await untilMetrics(stage)}/metrics`)).text();
  for (const [backend, value] of [["one", 1], ["two", 0]] as const) {
    const series = `template_available{backend="${backend}",template="qwen_image_edit"} ${value}\n`;
    assert.ok(metrics.includes(series), series);
  }
  stage.anna.sendText("/admin");
  await stage.anna.press(await untilSaid(stage, stage.anna, "ComfyUI"), "🖥 Серверы");
  await untilSaid(stage, stage.anna, /two: .*\n(?:.*\n)+не умеет: qwen_image_edit/m);
});

Deno.test("both work where both can, and one that is only on the second is offered", async () => {
  await using pair = await openPair({}, "workflow: { default_file: qwen_image_edit }\n");
  const { stage, two } = pair;
  {
    using _one = holdRun(stage);
    stage.start();
    await send(stage, 3);
    await untilResults(stage, stage.ben, 2);
  }
  await untilResults(stage, stage.ben, 3);
  assert.deepEqual([stage.comfyui.ran.length, two.ran.length], [1, 2]);
});

Deno.test("a job whose ComfyUI dies with it is done by another", async () => {
  await using pair = await openPair({}, "workflow: { default_file: qwen_image_edit }\n");
  const { stage, two } = pair;
  using _one = holdRun(stage);
  stage.start();
  await send(stage, 1);
  await stage.comfyui.until(() => stage.comfyui.ran.length === 1, { what: "it runs" });
  await stage.comfyui.kill();
  await stage.telegram.until(() => two.ran.length === 1, {
    what: "the other has it",
    timeoutMs: 90_000,
  });
  await untilResults(stage, stage.ben);
});

Deno.test("a machine that sleeps is woken when a job waits for it, and each user reads so", async () => {
  const packets = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  assert.ok(packets.addr.transport === "udp");
  await using stage = await openStage({
    telegram: { limits: false, ...noDrafts },
    start: false,
  });
  const { host, port } = stage.comfyui;
  await Deno.writeTextFile(
    `${stage.dir}/config.yaml`,
    "access: { mode: open }\nworkflow: { default_file: qwen_image_edit }\n" +
      `comfyui:\n  retry_seconds: []\n  backends:\n    - name: desk\n      host: ${host}\n      port: ${port}\n` +
      `      wake: { mac: 01:23:45:67:89:ab, address: 127.0.0.1, port: ${packets.addr.port} }\n`,
  );
  await stage.comfyui.kill();
  stage.start();
  const heard = packets.receive();
  heard.catch(() => {});
  await stage.anna.sendPhoto(photo, { caption: "words steps=1" });
  await stage.ben.sendPhoto(photo, { caption: "words steps=1" });
  const [packet] = await heard;
  packets.close();
  assert.equal(packet.length, 102);
  assert.deepEqual([...packet.subarray(6, 12)], [0x01, 0x23, 0x45, 0x67, 0x89, 0xab]);
  await untilShown(stage, stage.anna, /Бужу компьютер .*примерно (2 мин|1 мин \d+ с)/);
  await untilShown(stage, stage.ben, /is being woken, about (2 min|1 min \d+ s)/);
  await stage.ben.sendText("/status");
  await untilShown(stage, stage.ben, /💤 “words/);
  await stage.comfyui.restart();
  await untilResults(stage, stage.anna);
  await untilResults(stage, stage.ben);
  await until("it is known how long that took", () => stage.bot.output().includes("desk is awake"));
});
