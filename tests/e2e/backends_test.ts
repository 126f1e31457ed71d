/** Two ComfyUIs: each job goes to one that has what its template needs, and to another when one dies with it. */
import assert from "node:assert/strict";
import { type ComfyOptions, startComfyUI } from "../../lab/comfyui/mod.ts";
import { gradientJpeg } from "../../lab/pictures.ts";
import { holdRun, openStage, type Stage, untilResults } from "../../lab/stage.ts";

const photo = await gradientJpeg(160, 120);

/** A stage with a second ComfyUI, whose bot is not started yet. */
async function openPair(second: ComfyOptions, workflow = "") {
  const two = await startComfyUI({ stepMs: 20, scale: false, ...second });
  const stage = await openStage({ telegram: { limits: false }, start: false });
  const { host, port } = stage.comfyui;
  await Deno.writeTextFile(
    `${stage.dir}/config.yaml`,
    `access: { mode: open }\n${workflow}comfyui:\n  depth: 1\n  backends:\n` +
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
