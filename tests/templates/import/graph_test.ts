/**
 * What is read out of graphs as users have them: each rule on graphs of its kind.
 *
 * Drives besides: src/templates/import/graph_roles.ts, src/templates/import/graph_trace.ts,
 * src/templates/import/graph_pictures.ts, src/templates/import/graph_words.ts, src/templates/import/latin.ts.
 */
import assert from "node:assert/strict";
import type { ApiPrompt, NodeInput } from "../../../src/templates/graph.ts";
import { draftManifest, manifestText } from "../../../src/templates/import/draft.ts";
import { loadTemplates, readEmbedded } from "../../../src/templates/loader.ts";
import { parseManifest } from "../../../src/templates/manifest.ts";
import { graphWith, load, node, sampler, words } from "../small_graph.ts";

const model = loadTemplates({ embedded: readEmbedded() }).templates.get("qwen_image_edit")!;

/** The drafted manifest as the bot reads it, with names such as `k.steps`, and the warnings as one text. */
function imported(graph: ApiPrompt) {
  const draft = draftManifest(graph, { name: "mine", file: "mine.json", model, nodePacks: {} });
  const template = parseManifest({ path: "mine.yaml", text: manifestText(draft, "Drafted.") }, {
    name: "mine",
    graph: draft.graph,
    origin: { graph: "mine.json", manifest: "mine.yaml" },
  });
  const names = (at: readonly NodeInput[]) => at.map(({ node, input }) => `${node}.${input}`);
  return {
    pictures: names(template.pictures).map((name) => name.replace(/\.image$/, "")).join(" "),
    words: names(template.promptText).join(" "),
    megapixels: names(template.megapixels).join(" "),
    output: template.output.node,
    graph: draft.graph,
    at: (param: string) => names(template.params[param]?.targets ?? []).join(" "),
    params: template.params,
    warnings: draft.warnings.join("\n"),
  };
}

const switches: readonly (readonly [string, ApiPrompt[string]])[] = [
  [
    "ComfySwitchNode",
    node("ComfySwitchNode", { switch: true, on_false: ["s1", 0], on_true: ["s2", 0] }),
  ],
  [
    "a switch that a primitive sets",
    node("ComfySwitchNode", {
      on_false: ["s2", 0],
      on_true: ["s1", 0],
      switch: ["off", 0],
    }),
  ],
  [
    "ImpactSwitch",
    node("ImpactSwitch", { select: 2, sel_mode: false, input1: ["s1", 0], input2: ["s2", 0] }),
  ],
  [
    "an index that begins at 0",
    node("easy anythingIndexSwitch", { index: 0, value0: ["s2", 0], value1: ["s1", 0] }),
  ],
  [
    "ImpactConditionalBranch",
    node("ImpactConditionalBranch", { cond: false, tt_value: ["s1", 0], ff_value: ["s2", 0] }),
  ],
  [
    "rgthree's first that is there",
    node("Any Switch (rgthree)", { any_02: ["s1", 0], any_01: ["s2", 0] }),
  ],
];
for (const [name, each] of switches) {
  Deno.test(`draftManifest() takes the branch that is taken when there is ${name}`, () => {
    const { at, params } = imported(graphWith({
      k: node("KSampler", { ...sampler, steps: ["s", 0] }),
      s: each,
      s1: node("PrimitiveInt", { value: 40 }),
      s2: node("PrimitiveInt", { value: 4 }),
      off: node("PrimitiveBoolean", { value: false }),
    }));
    assert.equal(at("steps"), "s2.value");
    assert.equal(params["steps"]?.spec.default, 4);
  });
}

Deno.test("draftManifest() sees through switches in the way of words, pictures and guiders", () => {
  const through = (off: string, on: string) =>
    node("ComfySwitchNode", { on_false: [off, 0], on_true: [on, 0], switch: true });
  const literal = imported(graphWith({
    yes: words(["s", 0]),
    s: node("ComfySwitchNode", { on_false: "blue", on_true: ["other", 0], switch: false }),
    other: node("PrimitiveString", { value: "red" }),
  }));
  assert.equal(literal.words, "s.on_false");
  const branch = imported(graphWith({
    b: load("b.png"),
    latent: node("VAEEncode", { pixels: ["s", 0], vae: ["ckpt", 2] }),
    s: through("a", "b"),
  }));
  assert.equal(branch.pictures, "b");
  const encoders = imported(graphWith({
    k: node("KSampler", { ...sampler, positive: ["s", 0] }),
    s: through("yes", "also"),
    also: words("another"),
  }));
  assert.equal(encoders.words, "also.text");
});

Deno.test("draftManifest() says where a branch is chosen as the graph runs", () => {
  for (
    const each of [
      node("ComfySwitchNode", {
        switch: ["math", 0],
        on_false: ["s1", 0],
        on_true: ["latent2", 0],
      }),
      node("ImpactSwitch", { select: ["math", 0], input1: ["s1", 0], input2: ["latent2", 0] }),
      node("easy ifElse", { boolean: ["math", 0], on_false: ["s1", 0], on_true: ["latent2", 0] }),
    ]
  ) {
    const { warnings } = imported(graphWith({
      latent: each,
      s1: node("EmptyLatentImage", { width: 8, height: 8, batch_size: 1 }),
      latent2: node("VAEEncode", { pixels: ["a", 0], vae: ["ckpt", 2] }),
      math: node("MathExpression", { a: ["s1", 0], b: 2, expression: "a > b" }),
      yes: node("TextEncodeOmni", { prompt: "x", clip: ["ckpt", 1], image: ["a", 0] }),
    }));
    assert.ok(warnings.includes(`taken at node latent (${each.class_type}) is decided`), warnings);
  }
  assert.doesNotMatch(imported(graphWith()).warnings, /is decided/);
});

const part = (string_a: unknown, string_b: unknown) =>
  node("StringConcatenate", { string_a, string_b, delimiter: ", " });
const texts: readonly (readonly [string, string, ApiPrompt])[] = [
  ["a fixed end", "t.value", {
    j: part(["t", 0], "sharp"),
    t: node("PrimitiveString", { value: "x" }),
  }],
  ["a fixed beginning", "t.value", {
    j: part("Edit: ", ["t", 0]),
    t: node("PrimitiveString", { value: "x" }),
  }],
  ["an empty part", "j.string_b", { j: part("Edit: ", "") }],
  ["texts that are all written there", "j.string_a", { j: part("make it blue", "sharp") }],
  ["a node that is called the prompt", "t.value", {
    j: part(["style", 0], ["t", 0]),
    style: node("PrimitiveString", { value: "sharp" }),
    t: { ...node("PrimitiveString", { value: "x" }), _meta: { title: "Your prompt" } },
  }],
  ["a join of joins", "t.text", {
    j: part("A, ", ["jj", 0]),
    jj: node("Text Concatenate", { delimiter: ",", text_a: "b", text_b: ["t", 0] }),
    t: node("Text Multiline", { text: "x" }),
  }],
  ["a text that is shown on the way", "t.value", {
    j: node("ShowText|pysssss", { text: ["t", 0], text_0: "as it was" }),
    t: node("PrimitiveString", { value: "x" }),
  }],
  ["a text that is searched", "t.value", {
    j: node("StringReplace", { string: ["t", 0], find: "a", replace: "b" }),
    t: node("PrimitiveString", { value: "x" }),
  }],
];
for (const [name, where, nodes] of texts) {
  Deno.test(`draftManifest() finds a user's part of the words when there is ${name}`, () => {
    const mine = imported(graphWith({ yes: words(["j", 0]), ...nodes }));
    assert.equal(mine.words, where);
    if (where !== "t.value" || !("style" in nodes)) return;
    assert.match(mine.warnings, /goes into t\.value .*stay: style\.value/);
  });
}

Deno.test("draftManifest() binds what overrides an encoder's own text", () => {
  const encoder = (more: Readonly<Record<string, unknown>>) =>
    graphWith({
      yes: node("CLIPTextEncode", { clip: ["ckpt", 1], text: "own", ...more }),
      t: node("PrimitiveString", { value: "x" }),
    });
  assert.equal(imported(encoder({ text_override: ["t", 0] })).words, "t.value");
  assert.equal(imported(encoder({ opt_text: ["t", 0] })).words, "t.value");
  assert.equal(imported(encoder({ prompt_override: "wins" })).words, "yes.prompt_override");
  assert.equal(imported(encoder({ prompt_override: "" })).words, "yes.text");
});

Deno.test("draftManifest() reads both kinds of words of a node that takes both", () => {
  for (
    const [prompt, negative] of [["prompt", "negative_prompt"], ["positive", "negative"], [
      "text_positive",
      "text_negative",
    ]] as const
  ) {
    const mine = imported(graphWith({
      yes: node("BothEncode", { [prompt]: "blue", [negative]: "ugly" }),
      k: node("KSampler", { ...sampler, negative: ["yes", 1] }),
    }));
    assert.deepEqual([mine.words, mine.at("negative_prompt")], [
      `yes.${prompt}`,
      `yes.${negative}`,
    ]);
  }
});

const chain: ApiPrompt = {
  b: load("b.png"),
  c: load("c.png"),
  la: node("VAEEncode", { pixels: ["a", 0], vae: ["ckpt", 2] }),
  lb: node("VAEEncode", { pixels: ["b", 0], vae: ["ckpt", 2] }),
  lc: node("VAEEncode", { pixels: ["c", 0], vae: ["ckpt", 2] }),
  latent: node("EmptyLatentImage", { width: 64, height: 64, batch_size: 1 }),
};
const orders: readonly (readonly [string, string, ApiPrompt])[] = [
  ["a chain of ReferenceLatent", "b a c", {
    ...chain,
    k: node("KSampler", { ...sampler, positive: ["r3", 0] }),
    r1: node("ReferenceLatent", { latent: ["lb", 0], conditioning: ["yes", 0] }),
    r2: node("ReferenceLatent", { latent: ["la", 0], conditioning: ["r1", 0] }),
    r3: node("ReferenceLatent", { latent: ["lc", 0], conditioning: ["r2", 0] }),
  }],
  ["pictures stitched to one", "c a b", {
    ...chain,
    k: node("KSampler", { ...sampler, positive: ["r", 0] }),
    st: node("ImageStitch", { image2: ["a", 0], image1: ["c", 0], direction: "right" }),
    st2: node("ImageStitch", { image1: ["st", 0], image2: ["b", 0], direction: "right" }),
    lst: node("VAEEncode", { pixels: ["st2", 0], vae: ["ckpt", 2] }),
    r: node("ReferenceLatent", { conditioning: ["yes", 0], latent: ["lst", 0] }),
  }],
  ["a batch for the encoder", "b c a", {
    ...chain,
    yes: node("TextEncodeOmni", { prompt: "x", clip: ["ckpt", 1], images: ["ba", 0] }),
    ba: node("ImageBatch", { image1: ["bb", 0], image2: ["a", 0] }),
    bb: node("ImageBatch", { image1: ["b", 0], image2: ["c", 0] }),
  }],
  ["a growing list of more than nine", "c b a", {
    ...chain,
    yes: node("TextEncodeOmni", {
      prompt: "x",
      clip: ["ckpt", 1],
      "images.image_10": ["a", 0],
      "images.image_2": ["b", 0],
      "images.image_1": ["c", 0],
    }),
  }],
  ["the encoder's own pictures before a reference", "c a", {
    ...chain,
    yes: node("TextEncodeOmni", { prompt: "x", clip: ["ckpt", 1], image: ["c", 0] }),
    k: node("KSampler", { ...sampler, positive: ["r", 0] }),
    r: node("ReferenceLatent", { latent: ["la", 0], conditioning: ["yes", 0] }),
  }],
];
for (const [name, order, nodes] of orders) {
  Deno.test(`draftManifest() has pictures in the order in which they are seen when there is ${name}`, () => {
    assert.equal(imported(graphWith(nodes)).pictures, order);
  });
}

Deno.test("draftManifest() takes what is made last for the result", () => {
  const later = node("SaveImage", { images: ["up", 0], filename_prefix: "y" });
  const up = node("ImageUpscaleWithModel", { image: ["img", 0] });
  assert.equal(imported(graphWith({ "0": later, up })).output, "0");
  assert.equal(imported(graphWith({ zz: later, up })).output, "zz");
  const pasted = node("ImageCompositeMasked", { destination: ["a", 0], source: ["img", 0] });
  assert.equal(imported(graphWith({ zz: later, up: pasted })).output, "zz");
  const mine = imported(graphWith({
    zz: later,
    up,
    k2: node("KSampler", { ...sampler, latent_image: ["again", 0] }),
    again: node("VAEEncode", { pixels: ["up", 0], vae: ["ckpt", 2] }),
    img2: node("VAEDecode", { samples: ["k2", 0], vae: ["ckpt", 2] }),
    last: node("SaveImage", { images: ["img2", 0], filename_prefix: "z" }),
  }));
  assert.deepEqual([mine.output, mine.at("steps")], ["last", "k.steps"]);
  assert.match(mine.warnings, /node out \(SaveImage\), node zz \(SaveImage\) run too/);
  for (const joins of ["ImageStitch", "ImageConcanate", "ImageBatch"]) {
    const joined = node(joins, { image1: ["a", 0], image2: ["img", 0] });
    assert.equal(imported(graphWith({ zz: later, up: joined })).output, "out", joins);
  }
});

Deno.test("draftManifest() makes a SaveImage of what has no entry in the history, or says that it may have none", () => {
  for (
    const saves of [
      node("ETN_SendImageWebSocket", { images: ["img", 0] }),
      node("SaveImageWebsocket", { images: ["img", 0] }),
      node("Image Save", { images: ["img", 0], show_previews: "false" }),
    ]
  ) {
    const { graph, warnings } = imported(graphWith({ out: saves }));
    assert.equal(graph["out"]?.class_type, "SaveImage", saves.class_type);
    assert.match(warnings, /it became a SaveImage/);
  }
  const unknown = imported(graphWith({ out: node("SaveImageS3", { images: ["img", 0] }) }));
  assert.match(unknown.warnings, /what node out \(SaveImageS3\) saves is not known/);
  assert.doesNotMatch(imported(graphWith()).warnings, /is not known|became/);
});

Deno.test("draftManifest() offers strength and denoise only where the latent is the picture", () => {
  const size = { width: 64, height: 64, batch_size: 1 };
  const empty: readonly ApiPrompt[] = [
    { latent: node("EmptyLatentImage", size) },
    { latent: node("RepeatLatentBatch", { samples: ["e", 0] }), e: node("EmptyFluxLatent", size) },
    {
      latent: node("EmptyLatentImage", { ...size, width: ["size", 0] }),
      size: node("GetImageSize", { image: ["a", 0] }),
    },
    {
      latent: node("ComfySwitchNode", { switch: false, on_false: ["e", 0], on_true: ["v", 0] }),
      e: node("EmptyLatentImage", size),
      v: node("VAEEncode", { pixels: ["a", 0], vae: ["ckpt", 2] }),
    },
  ];
  for (const nodes of empty) {
    const mine = imported(graphWith({
      yes: node("TextEncodeOmni", { prompt: "x", clip: ["ckpt", 1], image: ["a", 0] }),
      ...nodes,
    }));
    assert.deepEqual([mine.at("denoise"), mine.params["strength"]], ["", undefined]);
    assert.match(mine.warnings, /denoise and strength are left out: node k \(KSampler\)/);
  }
  const full: readonly ApiPrompt[] = [
    {},
    {
      latent: node("SetLatentNoiseMask", { samples: ["v", 0], mask: ["a", 1] }),
      v: graphWith()["latent"]!,
    },
    { latent: node("VAEEncodeForInpaint", { pixels: ["a", 0], vae: ["ckpt", 2], mask: ["a", 1] }) },
    { latent: node("RepeatLatentBatch", { samples: ["v", 0] }), v: graphWith()["latent"]! },
  ];
  for (const nodes of full) {
    const mine = imported(graphWith(nodes));
    assert.equal(mine.at("denoise"), "k.denoise");
    assert.ok(mine.params["strength"]?.scales);
  }
});

Deno.test("draftManifest() leaves cfg alone where the negative words are zeroed out and it is 1", () => {
  const zeroed = (cfg: number) =>
    imported(graphWith({
      no: node("ConditioningZeroOut", { conditioning: ["yes", 0] }),
      k: node("KSampler", { ...sampler, cfg }),
    }));
  assert.equal(zeroed(1).at("cfg"), "");
  assert.match(zeroed(1).warnings, /cfg is left as it is/);
  assert.equal(zeroed(3.5).at("cfg"), "k.cfg");
});

Deno.test("draftManifest() finds the seed where words are taken without a sampler, or says that there is none", () => {
  const api = (name: string, more: Readonly<Record<string, unknown>>): ApiPrompt => ({
    a: load("a.png"),
    api: node(name, { prompt: "x", ...more }),
    out: node("SaveImage", { images: ["api", 0], filename_prefix: "x" }),
  });
  assert.equal(imported(api("ByteDanceEdit", { image: ["a", 0], seed: 1 })).at("seed"), "api.seed");
  assert.equal(imported(api("Fal", { image: ["a", 0], seed: "77" })).at("seed"), "api.seed");
  const held = imported({
    ...api("GPTEdit", { image: ["a", 0], seed: ["n", 0] }),
    n: node("PrimitiveInt", { value: 3 }),
  });
  assert.equal(held.at("seed"), "n.value");
  const none = imported(api("Runway", { image: ["a", 0] }));
  assert.equal(none.params["seed"], undefined);
  assert.match(none.warnings, /so steps, seed and the like cannot be set/);
  const { seed: _, ...seedless } = sampler;
  const unseeded = imported(graphWith({ k: node("KSampler", seedless) }));
  assert.match(unseeded.warnings, /there is no 🔁 Again/);
});

Deno.test("draftManifest() takes numbers that are written as texts for what ComfyUI makes of them", () => {
  const mine = imported(
    graphWith({ k: node("KSampler", { ...sampler, seed: "123", steps: "8", cfg: "1.5" }) }),
  );
  assert.deepEqual([mine.at("seed"), mine.at("steps"), mine.at("cfg")], [
    "k.seed",
    "k.steps",
    "k.cfg",
  ]);
  assert.deepEqual([mine.params["steps"]?.spec.default, mine.params["cfg"]?.spec.default], [
    8,
    1.5,
  ]);
});

Deno.test("draftManifest() takes no mask for a picture, and says that users cannot send one", () => {
  const masked = (nodes: ApiPrompt) =>
    imported(graphWith({
      latent: node("SetLatentNoiseMask", { samples: ["v", 0], mask: ["m", 0] }),
      v: graphWith()["latent"]!,
      ...nodes,
    }));
  const kinds: readonly (readonly [string, ApiPrompt])[] = [
    ["m (LoadImageMask)", { m: node("LoadImageMask", { image: "m.png", channel: "red" }) }],
    ["b (LoadImage)", {
      m: node("ImageToMask", { image: ["b", 0], channel: "red" }),
      b: load("b.png"),
    }],
    ["b (LoadImage)", { m: node("InvertMask", { mask: ["b", 1] }), b: load("b.png") }],
    ["a (LoadImage)", { m: node("GrowMask", { mask: ["a", 1], expand: 6 }) }],
  ];
  for (const [which, nodes] of kinds) {
    const mine = masked(nodes);
    assert.equal(mine.pictures, "a");
    assert.ok(mine.warnings.includes(`Users cannot send a mask: node ${which}`), mine.warnings);
  }
  assert.doesNotMatch(imported(graphWith()).warnings, /mask/);
});

Deno.test("draftManifest() says of loaders that have the picture in the graph what to put there", () => {
  for (
    const [name, inputs] of [
      ["ETN_LoadImageBase64", { image: "iVBORw0KGgo=" }],
      ["easy loadImageBase64", { base64_data: "" }],
      ["LoadImage", { image: "data:image/png;base64,iVBORw0KGgo=" }],
      ["LoadImageFromUrl", { url: "x" }],
    ] as const
  ) {
    assert.throws(
      () => imported(graphWith({ a: node(name, inputs) })),
      new RegExp(`comes in by node a \\(${name}\\).*wanted a Load Image node in its place`),
    );
    const beside = imported(graphWith({
      b: node(name, inputs),
      yes: node("TextEncodeOmni", { prompt: "x", clip: ["ckpt", 1], image: ["b", 0] }),
    }));
    assert.equal(beside.pictures, "a");
    assert.match(
      beside.warnings,
      /keeps its picture: a user's picture can only come in through a Load Image/,
    );
  }
});

Deno.test("draftManifest() sets the size of pictures that come in, not of those that are made", () => {
  const scaled = (image: string) =>
    node("ImageScaleToTotalPixels", { image: [image, 0], megapixels: 1, upscale_method: "area" });
  const mine = imported(graphWith({
    in: scaled("a"),
    latent: node("VAEEncode", { pixels: ["in", 0], vae: ["ckpt", 2] }),
    big: scaled("img"),
    out: node("SaveImage", { images: ["big", 0], filename_prefix: "x" }),
  }));
  assert.equal(mine.megapixels, "in.megapixels");
});
