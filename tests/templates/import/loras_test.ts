/** Which LoRAs of a graph the import offers to users, and how. */
import assert from "node:assert/strict";
import { type ApiPrompt } from "../../../src/templates/graph.ts";
import { graphWith, node, sampler } from "../small_graph.ts";
import { bound } from "./bound.ts";

const loader = (file: unknown, from: string, strengths: Readonly<Record<string, unknown>>) =>
  node("LoraLoader", { lora_name: file, model: [from, 0], clip: [from, 1], ...strengths });

/** The checkpoint's model goes through these nodes, the last of them into the sampler. */
async function loras(nodes: ApiPrompt, last: string) {
  const graph = graphWith({ ...nodes, k: node("KSampler", { ...sampler, model: [last, 0] }) });
  const { template } = await bound(graph);
  return Object.fromEntries(
    Object.entries(template.params).filter(([name]) => name.startsWith("lora")),
  );
}

Deno.test("importWorkflow() offers ComfyUI's LoRAs where the graph has one, with its strength beside it", async () => {
  const found = await loras({
    style: loader("style.safetensors", "ckpt", { strength_model: 0.8, strength_clip: 0.8 }),
    face: node("LoraLoaderModelOnly", {
      lora_name: "face.safetensors",
      model: ["style", 0],
      strength_model: 2.5,
    }),
  }, "face");
  const { about, ...choice } = found["lora"]!;
  assert.ok(about);
  assert.deepEqual(choice, {
    targets: [{ node: "style", input: "lora_name" }],
    spec: { kind: "choice", default: "style.safetensors", options: [] },
    optionsFrom: { node: "style", input: "lora_name" },
  });
  assert.deepEqual(found["lora_strength"]!.targets, [
    { node: "style", input: "strength_model" },
    { node: "style", input: "strength_clip" },
  ]);
  assert.deepEqual(found["lora_strength"]!.spec, {
    kind: "float",
    default: 0.8,
    min: 0,
    max: 2,
    step: 0.05,
  });
  assert.deepEqual(found["lora_2"]!.targets, [{ node: "face", input: "lora_name" }]);
  const spec = found["lora_2_strength"]!.spec;
  assert.ok(spec.kind === "float" && spec.max === 2.5);
});

Deno.test("importWorkflow() offers the LoRAs of the same folder", async () => {
  for (const folder of ["qwen/", "qwen/style/", "qwen\\"]) {
    const strengths = { strength_model: 1, strength_clip: 1 };
    const one = loader(`${folder}style.safetensors`, "ckpt", strengths);
    const found = (await loras({ one }, "one"))["lora"]!;
    assert.deepEqual(found.filter, [`${folder.replace("\\", "/")}*`]);
  }
});

Deno.test("importWorkflow() leaves a LoRA alone that makes few steps possible, one that is linked, and one beside the result", async () => {
  const strengths = { strength_model: 1, strength_clip: 0.5 };
  for (
    const file of [
      "Qwen-Image-Edit-2511-Lightning-4steps-V1.0-bf16.safetensors",
      "flux_turbo.safetensors",
      "lcm-lora.safetensors",
      ["name", 0],
    ]
  ) {
    const name = node("PrimitiveString", { value: "x.safetensors" });
    assert.deepEqual(await loras({ one: loader(file, "ckpt", strengths), name }, "one"), {});
  }
  const beside = { one: loader("style.safetensors", "ckpt", strengths) };
  assert.deepEqual(await loras(beside, "ckpt"), {});
  // One number cannot stand for two that differ.
  assert.deepEqual(Object.keys(await loras(beside, "one")), ["lora"]);
});
