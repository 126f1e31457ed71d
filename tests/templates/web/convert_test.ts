/**
 * webToApi() against the rules by which the web page itself exports, one small workflow for each; subgraph_test.ts has subgraphs.
 *
 * Drives besides: src/templates/web/links.ts, src/templates/web/scope.ts, src/templates/web/widgets.ts,
 * src/templates/web/workflow.ts.
 */
import assert from "node:assert/strict";
import {
  convert,
  inputsBy,
  invert,
  load,
  save,
  type SmallNode,
  workflow,
} from "./small_workflow.ts";

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
    name: "an input of the very type before one of any type",
    node: {
      id: 3,
      type: "ResizeImageMaskNode",
      mode: 4,
      inputs: [
        { name: "model", type: "MODEL", from: [2, 0] },
        { name: "any", type: "*", from: [2, 0] },
        { name: "image", type: "IMAGE", from: [1, 0] },
      ],
      outputs: ["IMAGE"],
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
