/**
 * webToApi() on subgraphs: whose values count, what is called how, what goes with a muted instance, and where it ends.
 *
 * Drives besides: src/templates/web/links.ts, src/templates/web/scope.ts.
 */
import assert from "node:assert/strict";
import { readWebWorkflow } from "../../../src/templates/web/read.ts";
import { webClassTypes } from "../../../src/templates/web/scope.ts";
import { convert, invert, load, save, workflow } from "./small_workflow.ts";

/** A sampler inside of a subgraph: its seed also feeds a node beside it, and the words a plain input. */
const drawing = {
  id: "0b7a2f64-aaaa-4bbb-8ccc-ddddeeeeffff",
  inputs: ["model", "seed", "words", "steps"],
  outputs: [[1, 0] as const],
  nodes: [
    {
      id: 1,
      type: "KSampler",
      inputs: [
        { name: "model", type: "MODEL", from: [-10, 0] },
        { name: "seed", type: "INT", from: [-10, 1], widget: true },
        { name: "steps", type: "INT", from: [-10, 3], widget: true },
      ],
      outputs: ["LATENT"],
      values: [11, "randomize", 12, 1, "euler", "simple", 1],
    },
    {
      id: 2,
      type: "ComfySwitchNode",
      inputs: [{ name: "on_false", from: [-10, 2] }],
      outputs: ["*"],
      values: [false],
    },
    {
      id: 3,
      type: "CLIPTextEncode",
      inputs: [{ name: "text", type: "STRING", from: [-10, 2], widget: true }],
      outputs: ["CONDITIONING"],
      values: ["inner words"],
    },
    {
      id: 4,
      type: "RandomNoise",
      inputs: [{ name: "noise_seed", type: "INT", from: [-10, 1], widget: true }],
      outputs: ["NOISE"],
      values: [13, "fixed"],
    },
  ],
} as const;

Deno.test("webToApi() has an instance's values beat those inside, in the order of the subgraph's inputs", () => {
  const { graph } = convert(workflow([
    { id: 7, type: "UNETLoader", outputs: ["MODEL"], values: ["a.safetensors", "default"] },
    {
      id: 8,
      type: drawing.id,
      inputs: [{ name: "model", type: "MODEL", from: [7, 0] }],
      outputs: ["LATENT"],
      values: [21, "outer words", 22],
    },
  ], [drawing]));
  assert.deepEqual(graph["8:1"]!.inputs, {
    seed: 21,
    steps: 22,
    cfg: 1,
    sampler_name: "euler",
    scheduler: "simple",
    denoise: 1,
    model: ["7", 0],
  });
  assert.deepEqual(graph["8:2"]!.inputs, { switch: false, on_false: "outer words" });
  assert.deepEqual(graph["8:3"]!.inputs, { text: "outer words" });
  assert.deepEqual(graph["8:4"]!.inputs, { noise_seed: 21 });
});

for (const values of [[], [21, "outer words"], [21, "outer words", 22, 23], undefined]) {
  Deno.test(`webToApi() keeps the values inside where an instance has ${values?.length ?? "none"} for three widgets`, () => {
    const { graph } = convert(workflow([
      {
        id: 8,
        type: drawing.id,
        inputs: [{ name: "steps", type: "INT", widget: true }],
        outputs: ["LATENT"],
        values,
      },
    ], [drawing]));
    assert.equal(graph["8:1"]!.inputs["seed"], 11);
    assert.equal(graph["8:1"]!.inputs["steps"], 12);
    assert.deepEqual(graph["8:2"]!.inputs, { switch: false, on_false: "inner words" });
    assert.deepEqual(graph["8:3"]!.inputs, { text: "inner words" });
    assert.deepEqual(graph["8:4"]!.inputs, { noise_seed: 11 });
  });
}

Deno.test("webToApi() guesses no order of an instance's values that do not suit its widgets", () => {
  const instance = { id: 8, type: drawing.id, outputs: ["LATENT"] };
  for (const values of [["outer words", 21, 22], [21, 22, "outer words"], [21, "words", "euler"]]) {
    const { graph, doubts } = convert(workflow([{ ...instance, values }], [drawing]));
    const unknown = doubts.filter(({ isUnknown }) => isUnknown);
    assert.ok(unknown.some(({ node }) => node === "8:1"));
    assert.match(
      unknown[0]!.message,
      /node 8 has .* for its (seed|words|steps), so its values are in/,
    );
    assert.equal(graph["8:1"]!.inputs["seed"], 11);
  }
});

Deno.test("webToApi() finds its way through subgraphs inside of subgraphs, to a primitive outside", () => {
  const outer = {
    id: "1c8b3a75-aaaa-4bbb-8ccc-ddddeeeeffff",
    inputs: ["steps", "seed"],
    outputs: [[5, 0] as const],
    nodes: [{
      id: 5,
      type: drawing.id,
      inputs: [
        { name: "steps", type: "INT", from: [-10, 0] as const, widget: true },
        { name: "seed", type: "INT", from: [-10, 1] as const, widget: true },
      ],
      outputs: ["LATENT"],
      values: [31, "words between", 32],
    }],
  };
  const { graph } = convert(workflow([
    { id: 1, type: "PrimitiveNode", outputs: ["INT"], values: [99, "fixed"] },
    {
      id: 2,
      type: outer.id,
      inputs: [{ name: "steps", type: "INT", from: [1, 0], widget: true }],
      outputs: ["LATENT"],
      values: [98, 41],
    },
    {
      id: 3,
      type: "VAEDecode",
      inputs: [{ name: "samples", type: "LATENT", from: [2, 0] }],
      outputs: ["IMAGE"],
    },
  ], [drawing, outer]));
  assert.deepEqual(graph["3"]!.inputs, { samples: ["2:5:1", 0] });
  assert.equal(graph["2:5:1"]!.inputs["steps"], 99);
  assert.equal(graph["2:5:1"]!.inputs["seed"], 41);
  assert.equal(graph["2:5:3"]!.inputs["text"], "words between");
});

for (const [mode, images] of [[2, undefined], [4, ["1", 0]]] as const) {
  Deno.test(`webToApi() takes the inside of an instance away with it in mode ${mode}`, () => {
    const inverting = {
      id: "2d9c4b86-aaaa-4bbb-8ccc-ddddeeeeffff",
      inputs: ["image"],
      outputs: [[1, 0] as const],
      nodes: [invert(1, [-10, 0])],
    };
    const { graph } = convert(workflow([
      load(1, "cat.png"),
      {
        id: 2,
        type: inverting.id,
        mode,
        inputs: [{ name: "image", type: "IMAGE", from: [1, 0] }],
        outputs: ["IMAGE"],
      },
      save(3, [2, 0]),
    ], [inverting]));
    assert.deepEqual(Object.keys(graph), ["1", "3"]);
    assert.deepEqual(graph["3"]!.inputs["images"], images);
  });
}

Deno.test("webToApi() names the growing inputs of a list as the node inside does", () => {
  const encoding = {
    id: "3eac5d97-aaaa-4bbb-8ccc-ddddeeeeffff",
    inputs: ["images.image_1", "images.image_2_1"],
    outputs: [[1, 0] as const],
    nodes: [{
      id: 1,
      type: "TextEncodeQwenImage21",
      inputs: [
        { name: "images.image_2", type: "IMAGE", from: [-10, 1] as const },
        { name: "images.image_1", type: "IMAGE", from: [-10, 0] as const },
        { name: "images.image_3", type: "IMAGE" },
      ],
      outputs: ["CONDITIONING"],
      values: ["words", "", 0],
    }],
  };
  const { graph } = convert(workflow([
    load(1, "cat.png"),
    load(2, "dog.png"),
    {
      id: 3,
      type: encoding.id,
      inputs: [
        { name: "images.image_2_1", type: "IMAGE", from: [2, 0] },
        { name: "images.image_1", type: "IMAGE", from: [1, 0] },
      ],
      outputs: ["CONDITIONING"],
    },
  ], [encoding]));
  assert.deepEqual(graph["3:1"]!.inputs, {
    prompt: "words",
    negative_prompt: "",
    resolution: 0,
    "images.image_1": ["1", 0],
    "images.image_2": ["2", 0],
  });
});

Deno.test("webToApi() ends where links or subgraphs go round, and where they are too many", () => {
  const round = convert(workflow([
    { id: 1, type: "Reroute", inputs: [{ name: "", from: [2, 0] }], outputs: ["IMAGE"] },
    { id: 2, type: "Reroute", inputs: [{ name: "", from: [1, 0] }], outputs: ["IMAGE"] },
    save(3, [1, 0]),
  ]));
  assert.deepEqual(round.graph["3"]!.inputs, { filename_prefix: "mine" });

  const reroutes = Array.from({ length: 9000 }, (_, i) => ({
    id: i + 1,
    type: "Reroute",
    inputs: [{ name: "", from: [i, 0] as const }],
    outputs: ["IMAGE"],
  }));
  const long = convert(workflow([load(0, "cat.png"), ...reroutes, save(9001, [9000, 0])]));
  assert.match(long.doubts[0]!.message, /^node 9001 \(SaveImage\): .*more than 500 nodes/);

  const itself = "4fbd6ea8-aaaa-4bbb-8ccc-ddddeeeeffff";
  const endless = { id: itself, inputs: [], outputs: [], nodes: [{ id: 1, type: itself }] };
  assert.throws(
    () => convert(workflow([{ id: 1, type: itself }], [endless])),
    /^ConfigError: Cannot read the workflow: subgraphs lie inside of each other/,
  );
  const id = (level: number) => `${level}0000000-aaaa-4bbb-8ccc-ddddeeeeffff`;
  const bomb = Array.from({ length: 8 }, (_, level) => ({
    id: id(level),
    inputs: [],
    outputs: [],
    nodes: Array.from({ length: 9 }, (_, i) => ({ id: i, type: id(level + 1) })),
  }));
  assert.throws(
    () => convert(workflow([{ id: 1, type: id(0) }], bomb)),
    /^ConfigError: Cannot read the workflow: its subgraphs make more than/,
  );
});

Deno.test("webClassTypes() names the classes that a server has to be asked for", () => {
  const file = workflow([
    { id: 1, type: drawing.id },
    { id: 2, type: "Reroute" },
    load(3, "cat.png"),
    { id: 4, type: "Note" },
  ], [drawing]);
  assert.deepEqual(webClassTypes(readWebWorkflow(file, "small.json")), [
    "CLIPTextEncode",
    "ComfySwitchNode",
    "KSampler",
    "LoadImage",
    "RandomNoise",
  ]);
});
