/**
 * webToApi() against the rules by which the web page itself exports, one small workflow for each.
 *
 * Drives besides: src/templates/web/links.ts, src/templates/web/scope.ts, src/templates/web/widgets.ts,
 * src/templates/web/workflow.ts.
 */
import assert from "node:assert/strict";
import { webClassTypes } from "../../../src/templates/web/scope.ts";
import { readWebWorkflow } from "../../../src/templates/web/read.ts";
import { convert, inputsBy, type SmallNode, workflow } from "./small_workflow.ts";

const load = (id: number, file: string, mode = 0): SmallNode => ({
  id,
  type: "LoadImage",
  mode,
  outputs: ["IMAGE", "MASK"],
  values: [file, "image"],
});
const save = (id: number, from: readonly [number, number]): SmallNode => ({
  id,
  type: "SaveImage",
  inputs: [{ name: "images", type: "IMAGE", from }],
  values: ["mine"],
});
const invert = (id: number, from: readonly [number, number], mode = 0): SmallNode => ({
  id,
  type: "ImageInvert",
  mode,
  inputs: [{ name: "image", type: "IMAGE", from }],
  outputs: ["IMAGE"],
});

Deno.test("webToApi() gives each node its values, and leaves out what the page keeps for itself", () => {
  const { graph, doubts } = convert(workflow([
    load(1, "cat.png"),
    { id: 2, type: "Note", values: ["look here"] },
    { id: 3, type: "MarkdownNote", values: ["# look"] },
    save(4, [1, 0]),
    { id: 5, type: "Label (rgthree)", values: ["a label"] },
    { id: 6, type: "SomebodysBookmark", values: ["a key", 1] },
  ]));
  assert.deepEqual(inputsBy(graph), {
    1: { class: "LoadImage", image: "cat.png" },
    4: { class: "SaveImage", filename_prefix: "mine", images: ["1", 0] },
  });
  assert.deepEqual(doubts, []);
});

Deno.test("webToApi() follows reroutes, and takes what primitives hold, a seed too", () => {
  const { graph } = convert(workflow([
    load(1, "cat.png"),
    { id: 2, type: "Reroute", inputs: [{ name: "", from: [1, 0] }], outputs: ["IMAGE"] },
    { id: 3, type: "Reroute (rgthree)", inputs: [{ name: "", from: [2, 0] }], outputs: ["*"] },
    save(4, [3, 0]),
    { id: 5, type: "PrimitiveNode", outputs: ["INT"], values: [4711, "randomize"] },
    {
      id: 6,
      type: "KSampler",
      inputs: [{ name: "seed", type: "INT", from: [5, 0], widget: true }],
      outputs: ["LATENT"],
      values: [7, "increment", 20, 8, "euler", "simple", 0.5],
    },
  ]));
  assert.deepEqual(graph["4"]!.inputs["images"], ["1", 0]);
  assert.deepEqual(graph["6"]!.inputs, {
    seed: 4711,
    steps: 20,
    cfg: 8,
    sampler_name: "euler",
    scheduler: "simple",
    denoise: 0.5,
  });
  assert.equal(graph["5"], undefined);
});

Deno.test("webToApi() lets what the page keeps for itself pass a value on though it is muted, as the page does", () => {
  const { graph } = convert(workflow([
    load(1, "cat.png"),
    { id: 2, type: "Reroute", mode: 2, inputs: [{ name: "", from: [1, 0] }], outputs: ["IMAGE"] },
    save(3, [2, 0]),
  ]));
  assert.deepEqual(graph["3"]!.inputs["images"], ["1", 0]);
});

Deno.test("webToApi() drops muted nodes, and what is linked to them alone", () => {
  const { graph } = convert(workflow([
    load(1, "cat.png"),
    load(2, "dog.png", 2),
    invert(3, [1, 0], 2),
    {
      id: 4,
      type: "ImageStitch",
      inputs: [
        { name: "image1", type: "IMAGE", from: [1, 0] },
        { name: "image2", type: "IMAGE", from: [2, 0] },
      ],
      outputs: ["IMAGE"],
      values: ["down", false, 4, "black"],
    },
    save(5, [4, 0]),
    save(6, [3, 0]),
  ]));
  assert.deepEqual(Object.keys(graph), ["1", "4", "5", "6"]);
  assert.deepEqual(graph["4"]!.inputs["image1"], ["1", 0]);
  assert.equal("image2" in graph["4"]!.inputs, false);
  assert.deepEqual(graph["6"]!.inputs, { filename_prefix: "mine" });
});

const passing: readonly {
  readonly name: string;
  readonly node: SmallNode;
  readonly to: unknown;
}[] = [
  { name: "its only input", node: invert(3, [1, 0], 4), to: ["1", 0] },
  {
    name: "the input beside the output",
    node: {
      id: 3,
      type: "ImageBlend",
      mode: 4,
      inputs: [
        { name: "image1", type: "IMAGE", from: [2, 0] },
        { name: "image2", type: "IMAGE", from: [1, 0] },
      ],
      outputs: ["IMAGE"],
    },
    to: ["2", 0],
  },
  {
    name: "the first input that fits, of several types too",
    node: {
      id: 3,
      type: "ResizeImageMaskNode",
      mode: 4,
      inputs: [
        { name: "model", type: "MODEL", from: [2, 0] },
        { name: "input", type: "MASK,IMAGE", from: [1, 0] },
      ],
      outputs: ["IMAGE,MASK"],
    },
    to: ["1", 0],
  },
  {
    name: "nothing where nothing fits",
    node: {
      id: 3,
      type: "VAEDecode",
      mode: 4,
      inputs: [{ name: "samples", type: "LATENT", from: [1, 0] }],
      outputs: ["IMAGE"],
    },
    to: undefined,
  },
];
for (const { name, node, to } of passing) {
  Deno.test(`webToApi() has a bypassed node hand on ${name}`, () => {
    const { graph } = convert(workflow([
      load(1, "cat.png"),
      load(2, "dog.png"),
      node,
      save(5, [3, 0]),
    ]));
    assert.deepEqual(graph["5"]!.inputs["images"], to);
    assert.equal(graph["3"], undefined);
  });
}

Deno.test("webToApi() finds the Set node of a Get node, in the subgraph or outside, and never guesses among several", () => {
  const set = (id: number, name: string, from: readonly [number, number]): SmallNode => ({
    id,
    type: "SetNode",
    inputs: [{ name: "IMAGE", type: "IMAGE", from }],
    outputs: ["*"],
    values: [name],
  });
  const get = (id: number, name: string): SmallNode => ({
    id,
    type: "GetNode",
    outputs: ["IMAGE"],
    values: [name],
  });
  const inner = {
    id: "6a3c0d5e-1111-4222-8333-444455556666",
    inputs: [],
    outputs: [[1, 0] as const],
    nodes: [get(1, "picture")],
  };
  const { graph, doubts } = convert(workflow([
    load(1, "cat.png"),
    set(2, "picture", [1, 0]),
    get(3, "picture"),
    save(4, [3, 0]),
    { id: 5, type: inner.id, outputs: ["IMAGE"] },
    save(6, [5, 0]),
    get(7, "nowhere"),
    save(8, [7, 0]),
    set(9, "twice", [1, 0]),
    set(10, "twice", [1, 0]),
    get(11, "twice"),
    save(12, [11, 0]),
  ], [inner]));
  assert.deepEqual(graph["4"]!.inputs["images"], ["1", 0]);
  assert.deepEqual(graph["6"]!.inputs["images"], ["1", 0]);
  assert.deepEqual(
    doubts.map(({ node, classType, isUnknown }) => [node, classType, isUnknown]),
    [["8", "SaveImage", true], ["12", "SaveImage", true]],
  );
  assert.match(
    doubts[0]!.message,
    /^node 8 \(SaveImage\): .*images.*no Set node is called "nowhere"/,
  );
  assert.match(
    doubts[1]!.message,
    /^node 12 \(SaveImage\): .*several Set nodes are called "twice"/,
  );
});

Deno.test("webToApi() writes a dynamic combo with its option's inputs, lists as values, and a combo of one's own", () => {
  const { graph, doubts } = convert(
    workflow([
      load(1, "cat.png"),
      {
        id: 2,
        type: "ResizeImageMaskNode",
        inputs: [{ name: "input", type: "IMAGE", from: [1, 0] }],
        outputs: ["IMAGE"],
        values: ["scale by multiplier", 2.5, "lanczos"],
      },
      {
        id: 3,
        type: "ImageCompare",
        inputs: [{ name: "image_a", type: "IMAGE", from: [1, 0] }],
        values: [],
      },
      { id: 4, type: "Picker", values: [["red", "blue"]], outputs: ["STRING"] },
      { id: 5, type: "CustomCombo", values: ["warm", 1, "cold", "warm", ""], outputs: ["STRING"] },
    ]),
    {
      Picker: {
        input: { required: { colours: ["COMBO", { options: ["red", "blue", "green"] }] } },
      },
      CustomCombo: { input: { required: { choice: ["COMBO", { options: [] }] } } },
    },
  );
  assert.deepEqual(graph["2"]!.inputs, {
    resize_type: "scale by multiplier",
    "resize_type.multiplier": 2.5,
    scale_method: "lanczos",
    input: ["1", 0],
  });
  assert.deepEqual(graph["3"]!.inputs, {
    compare_view: { __value__: ["", ""] },
    image_a: ["1", 0],
  });
  assert.deepEqual(graph["4"]!.inputs, { colours: { __value__: ["red", "blue"] } });
  assert.deepEqual(graph["5"]!.inputs, {
    choice: "warm",
    index: 1,
    option1: "cold",
    option2: "warm",
    option3: "",
  });
  assert.deepEqual(doubts, []);
});

Deno.test("webToApi() skips what stands behind a seed: by its class, by its name at the top, and not in a dynamic combo", () => {
  const { graph } = convert(
    workflow([
      { id: 1, type: "ByClass", values: [5, "fixed", "a"], outputs: ["INT"] },
      { id: 2, type: "ByName", values: [6, "randomize", "b"], outputs: ["INT"] },
      { id: 3, type: "Without", values: [7, "c"], outputs: ["INT"] },
      { id: 4, type: "Nested", values: ["on", 8, "fixed"], outputs: ["INT"] },
      { id: 5, type: "OfFiles", values: ["b.png", "increment", "", "d"], outputs: ["INT"] },
    ]),
    {
      ByClass: {
        input: {
          required: {
            number: ["INT", { control_after_generate: true }],
            word: ["STRING", {}],
          },
        },
      },
      ByName: { input: { required: { noise_seed: ["INT", {}], word: ["STRING", {}] } } },
      Without: { input: { required: { seed: ["INT", {}], word: ["STRING", {}] } } },
      Nested: {
        input: {
          required: {
            mode: ["COMFY_DYNAMICCOMBO_V3", {
              options: [{ key: "on", inputs: { required: { seed: ["INT", {}] } } }],
            }],
            word: ["STRING", {}],
          },
        },
      },
      OfFiles: {
        input: {
          required: {
            file: [["a.png", "b.png"], { control_after_generate: true }],
            word: ["STRING", {}],
          },
        },
      },
    },
  );
  assert.deepEqual(inputsBy(graph), {
    1: { class: "ByClass", number: 5, word: "a" },
    2: { class: "ByName", noise_seed: 6, word: "b" },
    3: { class: "Without", seed: 7, word: "c" },
    4: { class: "Nested", mode: "on", "mode.seed": 8, word: "fixed" },
    5: { class: "OfFiles", file: "b.png", word: "d" },
  });
});

Deno.test("webToApi() takes values by name where a pack saves them so, and a class's own where the row is too short", () => {
  const { graph, doubts } = convert(workflow([
    load(1, "cat.png"),
    {
      id: 2,
      type: "VHS_VideoCombine",
      inputs: [{ name: "images", type: "IMAGE", from: [1, 0] }],
      values: { frame_rate: 8, format: "video/h264-mp4", crf: 19, videopreview: { hidden: false } },
      outputs: ["VHS_FILENAMES"],
    },
    {
      id: 3,
      type: "ImageScaleToTotalPixels",
      inputs: [{ name: "image", type: "IMAGE", from: [1, 0] }],
      outputs: ["IMAGE"],
      values: ["area", 1.5],
    },
  ]));
  assert.deepEqual(graph["2"]!.inputs, {
    frame_rate: 8,
    format: "video/h264-mp4",
    crf: 19,
    images: ["1", 0],
  });
  assert.deepEqual(graph["3"]!.inputs, {
    upscale_method: "area",
    megapixels: 1.5,
    resolution_steps: 1,
    image: ["1", 0],
  });
  assert.deepEqual(doubts.map(({ node, isUnknown }) => [node, isUnknown]), [["3", false]]);
  assert.match(doubts[0]!.message, /no value for resolution_steps/);
});

Deno.test("webToApi() says of which node it cannot know the values, and guesses none", () => {
  const cases: readonly (readonly [SmallNode, RegExp])[] = [
    [
      { id: 1, type: "FromElsewhere", values: ["a", 1], outputs: ["IMAGE"] },
      /^node 1 \(FromElsewhere\): .*this ComfyUI does not have its class$/,
    ],
    [
      { id: 2, type: "KSampler", values: [1, "fixed", "euler", 20, 8], outputs: ["LATENT"] },
      /^node 2 \(KSampler\): "euler" stands where steps is expected/,
    ],
    [
      { id: 3, type: "SaveImageAdvanced", values: ["a", "webm", 3], outputs: ["IMAGE"] },
      /^node 3 \(SaveImageAdvanced\): "webm" stands where format is expected/,
    ],
    [
      { id: 4, type: "workflow>Mine", values: [1], outputs: ["IMAGE"] },
      /^node 4 \(workflow>Mine\): it is an old group node/,
    ],
  ];
  const { graph, doubts } = convert(workflow(cases.map(([node]) => node)));
  assert.equal(doubts.length, cases.length);
  for (const [i, [node, message]] of cases.entries()) {
    assert.match(doubts[i]!.message, message);
    assert.equal(doubts[i]!.isUnknown, true);
    assert.deepEqual(graph[node.id]?.inputs ?? {}, {});
  }
});

Deno.test("webToApi() says where a file has more values than the class: those are of widgets that a pack makes itself", () => {
  const lora = { on: true, lora: "style.safetensors", strength: 1 };
  const { doubts } = convert(
    workflow([
      {
        id: 1,
        type: "Power Lora Loader (rgthree)",
        values: [{}, lora, {}, ""],
        outputs: ["MODEL"],
      },
      { id: 2, type: "ImageInvert", values: ["image"], outputs: ["IMAGE"] },
    ]),
    { "Power Lora Loader (rgthree)": { input: { required: {}, optional: {} } } },
  );
  assert.deepEqual(doubts.map(({ node, isUnknown }) => [node, isUnknown]), [["1", false]]);
  assert.match(doubts[0]!.message, /more values .*style\.safetensors/);
});

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

Deno.test("webToApi() brings where the model files of a node come from", () => {
  const file = {
    name: "a.safetensors",
    url: "https://example.org/a.safetensors",
    directory: "diffusion_models",
  };
  const { models } = convert(workflow([
    {
      id: 7,
      type: "UNETLoader",
      outputs: ["MODEL"],
      values: ["a.safetensors", "default"],
      models: [file, { name: "half" }],
    },
  ]));
  assert.deepEqual(models, { 7: [file] });
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
