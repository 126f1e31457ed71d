/**
 * `workflows import` on workflows of every form: what is found in a file, what is left out of the graph, what the manifest
 * binds, and what is said.
 *
 * Drives besides: src/templates/import/workflow_file.ts, src/templates/import/trim.ts,
 * src/templates/import/template_files.ts, src/templates/import/template_name.ts.
 */
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import assert from "node:assert/strict";
import { startComfyUI } from "../../../lab/comfyui/mod.ts";
import { type NodeInput } from "../../../src/templates/graph.ts";
import { importWorkflow } from "../../../src/templates/import/importer.ts";
import { findInFile } from "../../../src/templates/import/workflow_file.ts";
import { removeTemplate, writeTemplate } from "../../../src/templates/import/template_files.ts";
import { trim } from "../../../src/templates/import/trim.ts";
import { cli, comfyAway, folder } from "../../cli/cli_fixture.ts";
import { graphWith, node } from "../small_graph.ts";
import { catalogWith, convert, type SmallNode, workflow } from "../web/small_workflow.ts";
import { png } from "./text_png.ts";
import { checkpoint, webEdit } from "./web_edit.ts";

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const catalog = catalogWith();

/** What the manifest binds, as names such as `24:11.steps`. */
async function bound(
  file: unknown,
  ask = () => Promise.resolve<typeof catalog | undefined>(catalog),
) {
  const { template, warnings } = await importWorkflow(
    { file: "mine.json", bytes: file instanceof Uint8Array ? file : bytesOf(file) },
    { name: "mine", title: "Mine", ask },
  );
  const names = (at: readonly NodeInput[]) => at.map(({ node, input }) => `${node}.${input}`);
  const params = Object.entries(template.params).flatMap(([name, { targets, spec }]) =>
    targets.length === 0 ? [] : [[name, [...names(targets), spec.default]] as const]
  );
  return {
    template,
    warnings: warnings.join("\n"),
    table: {
      words: names(template.promptText),
      pictures: names(template.pictures),
      output: template.output.node,
      ...Object.fromEntries(params),
    },
  };
}

const edit = {
  words: ["24:8.prompt"],
  pictures: ["20.image", "21.image"],
  output: "25",
  steps: ["24:11.steps", 6],
  cfg: ["24:11.cfg", 2.5],
  seed: ["24:11.seed", 0],
  sampler: ["24:11.sampler_name", "euler"],
  scheduler: ["24:11.scheduler", "simple"],
  denoise: ["24:11.denoise", 0.8],
  negative_prompt: ["24:9.prompt", "ugly, blurry"],
};

Deno.test("importWorkflow() binds words, pictures in order, sampler and output of a workflow of the web page", async () => {
  const { table, template, warnings } = await bound(webEdit());
  assert.deepEqual(table, edit);
  assert.deepEqual(Object.keys(template.graph).sort(), [
    "20",
    "21",
    "24:1",
    "24:10",
    "24:11",
    "24:12",
    "24:8",
    "24:9",
    "25",
  ]);
  assert.deepEqual(template.graph["24:11"]!.inputs["model"], ["24:1", 0]);
  assert.equal(template.graph["24:8"]!.inputs["prompt"], "make it night");
  assert.deepEqual(template.modelFiles, [{
    inputs: [{ node: "24:1", input: "ckpt_name" }],
    file: checkpoint.name,
    folder: "checkpoints",
    url: checkpoint.url,
  }]);
  assert.match(
    warnings,
    /Left out, because the result does not need it: .*node 26 \(ImageCompare\)/,
  );
  assert.doesNotMatch(warnings, /TextGenerate\): the file has more/);
});

Deno.test("importWorkflow() makes the same template of the API format that the page exports of it", async () => {
  const exported = convert(webEdit()).graph;
  const [fromPage, fromApi] = [await bound(webEdit()), await bound(exported)];
  assert.deepEqual(fromApi.table, edit);
  assert.deepEqual(fromApi.template.graph, fromPage.template.graph);
});

const loader: SmallNode = {
  id: 1,
  type: "LoadImage",
  outputs: ["IMAGE", "MASK"],
  values: ["a.png", "image"],
};
const save = (from: readonly [number, number]): SmallNode => ({
  id: 9,
  type: "SaveImage",
  inputs: [{ name: "images", type: "IMAGE", from }],
  values: ["x"],
});
const custom: readonly SmallNode[] = [
  loader,
  { id: 2, type: "UNETLoader", outputs: ["MODEL"], values: ["a.safetensors", "default"] },
  { id: 3, type: "CLIPLoader", outputs: ["CLIP"], values: ["b.safetensors", "flux2", "default"] },
  { id: 4, type: "VAELoader", outputs: ["VAE"], values: ["c.safetensors"] },
  { id: 5, type: "PrimitiveStringMultiline", outputs: ["STRING"], values: ["paint it red"] },
  {
    id: 6,
    type: "CLIPTextEncode",
    inputs: [
      { name: "clip", type: "CLIP", from: [3, 0] },
      { name: "text", type: "STRING", from: [5, 0], widget: true },
    ],
    outputs: ["CONDITIONING"],
    values: [""],
  },
  {
    id: 7,
    type: "VAEEncode",
    inputs: [{ name: "pixels", type: "IMAGE", from: [1, 0] }, {
      name: "vae",
      type: "VAE",
      from: [4, 0],
    }],
    outputs: ["LATENT"],
  },
  {
    id: 8,
    type: "ReferenceLatent",
    inputs: [
      { name: "conditioning", type: "CONDITIONING", from: [6, 0] },
      { name: "latent", type: "LATENT", from: [7, 0] },
    ],
    outputs: ["CONDITIONING"],
  },
  {
    id: 10,
    type: "ConditioningZeroOut",
    inputs: [{ name: "conditioning", type: "CONDITIONING", from: [6, 0] }],
    outputs: ["CONDITIONING"],
  },
  {
    id: 11,
    type: "CFGGuider",
    inputs: [
      { name: "model", type: "MODEL", from: [2, 0] },
      { name: "positive", type: "CONDITIONING", from: [8, 0] },
      { name: "negative", type: "CONDITIONING", from: [10, 0] },
    ],
    outputs: ["GUIDER"],
    values: [1],
  },
  { id: 12, type: "RandomNoise", outputs: ["NOISE"], values: [42, "randomize"] },
  { id: 13, type: "KSamplerSelect", outputs: ["SAMPLER"], values: ["dpmpp_2m"] },
  { id: 14, type: "Flux2Scheduler", outputs: ["SIGMAS"], values: [4, 1024, 1024] },
  { id: 15, type: "EmptyFlux2LatentImage", outputs: ["LATENT"], values: [1024, 1024, 1] },
  {
    id: 16,
    type: "SamplerCustomAdvanced",
    inputs: [
      { name: "noise", type: "NOISE", from: [12, 0] },
      { name: "guider", type: "GUIDER", from: [11, 0] },
      { name: "sampler", type: "SAMPLER", from: [13, 0] },
      { name: "sigmas", type: "SIGMAS", from: [14, 0] },
      { name: "latent_image", type: "LATENT", from: [15, 0] },
    ],
    outputs: ["LATENT", "LATENT"],
  },
  {
    id: 17,
    type: "VAEDecode",
    inputs: [{ name: "samples", type: "LATENT", from: [16, 0] }, {
      name: "vae",
      type: "VAE",
      from: [4, 0],
    }],
    outputs: ["IMAGE"],
  },
  save([17, 0]),
];
const larger: readonly SmallNode[] = [
  loader,
  { id: 2, type: "UpscaleModelLoader", outputs: ["UPSCALE_MODEL"], values: ["x4.pth"] },
  {
    id: 3,
    type: "ImageUpscaleWithModel",
    inputs: [
      { name: "upscale_model", type: "UPSCALE_MODEL", from: [2, 0] },
      { name: "image", type: "IMAGE", from: [1, 0] },
    ],
    outputs: ["IMAGE"],
  },
  save([3, 0]),
];
const oneStep: readonly SmallNode[] = [
  loader,
  { id: 2, type: "UNETLoader", outputs: ["MODEL"], values: ["s.safetensors", "default"] },
  { id: 4, type: "VAELoader", outputs: ["VAE"], values: ["v.safetensors"] },
  {
    id: 5,
    type: "VAEEncode",
    inputs: [{ name: "pixels", type: "IMAGE", from: [1, 0] }, {
      name: "vae",
      type: "VAE",
      from: [4, 0],
    }],
    outputs: ["LATENT"],
  },
  {
    id: 6,
    type: "SeedVR2Conditioning",
    inputs: [{ name: "model", type: "MODEL", from: [2, 0] }, {
      name: "vae_conditioning",
      type: "LATENT",
      from: [5, 0],
    }],
    outputs: ["CONDITIONING", "CONDITIONING"],
  },
  {
    id: 7,
    type: "KSampler",
    inputs: [
      { name: "model", type: "MODEL", from: [2, 0] },
      { name: "positive", type: "CONDITIONING", from: [6, 0] },
      { name: "negative", type: "CONDITIONING", from: [6, 1] },
      { name: "latent_image", type: "LATENT", from: [5, 0] },
    ],
    outputs: ["LATENT"],
    values: [1, "fixed", 1, 1, "euler", "simple", 1],
  },
  {
    id: 8,
    type: "VAEDecode",
    inputs: [{ name: "samples", type: "LATENT", from: [7, 0] }, {
      name: "vae",
      type: "VAE",
      from: [4, 0],
    }],
    outputs: ["IMAGE"],
  },
  save([8, 0]),
];

const tables: readonly (readonly [string, readonly SmallNode[], unknown, RegExp])[] = [
  ["a sampler in parts, with words in a node of their own", custom, {
    words: ["5.value"],
    pictures: ["1.image"],
    output: "9",
    steps: ["14.steps", 4],
    seed: ["12.noise_seed", 0],
    sampler: ["13.sampler_name", "dpmpp_2m"],
  }, /cfg is left as it is: the negative prompt is zeroed out/],
  ["an upscaler without words or sampler", larger, {
    words: [],
    pictures: ["1.image"],
    output: "9",
  }, /It has no known sampler/],
  ["an upscaler of one step", oneStep, {
    words: [],
    pictures: ["1.image"],
    output: "9",
    seed: ["7.seed", 0],
    sampler: ["7.sampler_name", "euler"],
    scheduler: ["7.scheduler", "simple"],
  }, /steps, cfg, denoise are left out: node 7 \(KSampler\) is set to one step/],
];
for (const [name, nodes, table, warning] of tables) {
  Deno.test(`importWorkflow() binds what there is to bind in ${name}`, async () => {
    const made = await bound(workflow(nodes));
    assert.deepEqual(made.table, table);
    assert.equal(made.template.kind, made.template.promptText.length > 0 ? "edit" : "upscale");
    assert.match(made.warnings, warning);
  });
}

Deno.test("importWorkflow() refuses where the result needs what cannot be known, and names node and class", async () => {
  const elsewhere: SmallNode = {
    id: 3,
    type: "UpscaleElsewhere",
    inputs: [{ name: "image", type: "IMAGE", from: [1, 0] }],
    outputs: ["IMAGE"],
    values: ["fast", 2],
  };
  await assert.rejects(
    bound(workflow([loader, elsewhere, save([3, 0])])),
    /^ConfigError: mine\.json: .*node 3 \(UpscaleElsewhere\): .*does not have its class.*Export \(API\)/,
  );
  // Beside the result it does not matter.
  const beside = await bound(webEdit(undefined, [{ ...elsewhere, inputs: [] }]));
  assert.deepEqual(beside.table, edit);
  await assert.rejects(
    bound(webEdit(), () => Promise.resolve(undefined)),
    /ConfigError: mine\.json: .*ComfyUI does not answer.*wanted ComfyUI running, or the API format/,
  );
});

Deno.test("importWorkflow() says where a pack draws links of its own", async () => {
  const file = { ...webEdit(), extra: { ue_links: [{ downstream: 1 }] } };
  assert.match((await bound(file)).warnings, /use-everywhere/);
  assert.doesNotMatch((await bound(webEdit())).warnings, /use-everywhere/);
});

Deno.test("trim() keeps what saves beside the result, and branches that are chosen as the graph runs", () => {
  const graph = graphWith({
    shown: node("PreviewImage", { images: ["img", 0] }),
    kept: node("SaveImage", { images: ["a", 0], filename_prefix: "before" }),
    compared: node("Image Comparer (rgthree)", { image_a: ["a", 0] }),
    dead: node("ImageInvert", { image: ["img", 0] }),
    yes: node("CLIPTextEncode", { clip: ["ckpt", 1], text: ["pick", 0] }),
    pick: node("ComfySwitchNode", { switch: ["made", 0], on_true: "one", on_false: "two" }),
    made: node("SomeTest", { text: "x" }),
  });
  const { gone, graph: left } = trim(graph, catalog);
  assert.deepEqual([...gone].sort(), ["compared", "dead", "shown"]);
  assert.deepEqual(left["pick"], graph["pick"]);
  // Without a catalog nobody knows whether a node that nothing follows is an output.
  assert.deepEqual([...trim(graph).gone].sort(), ["compared", "shown"]);
});

const prompt = JSON.stringify(convert(webEdit()).graph);
const web = JSON.stringify(webEdit());
const deflated = (text: string) => deflateSync(Buffer.from(text));
const text = (keyword: string, rest: string) => ["tEXt", `${keyword}\0${rest}`] as const;
const riff = (exif: string) =>
  Buffer.from(`RIFF\x10\0\0\0WEBPVP8 \0\0\0\0EXIF\0\0\0\0${exif}\0`, "latin1");

const pictures: readonly (readonly [string, Uint8Array])[] = [
  [
    "a PNG with both",
    png(text("parameters", "a cat"), text("workflow", web), text("prompt", prompt)),
  ],
  ["a PNG with the workflow alone", png(text("workflow", web))],
  [
    "a PNG whose graph is deflated",
    png(["zTXt", Buffer.concat([Buffer.from("prompt\0\0"), deflated(prompt)])]),
  ],
  ["a PNG whose graph is international", png(["iTXt", `prompt\0\0\0\0\0${prompt}`])],
  [
    "a PNG whose graph is both",
    png(["iTXt", Buffer.concat([Buffer.from("prompt\0\x01\0en\0Prompt\0"), deflated(prompt)])]),
  ],
  ["an animated PNG", png(["comf", `prompt\0${prompt}`])],
  ["a WebP", riff(`Make workflow:${web}\0Model prompt:${prompt}`)],
  [
    "a JPEG with the workflow alone",
    Buffer.from(`\xff\xd8\xff\xe1\0\0Exif\0workflow:${web}\0\xff\xd9`, "latin1"),
  ],
  [
    "a video",
    Buffer.from(`\0\0\0\x20ftypisom\0${JSON.stringify({ prompt, workflow: web })}\0mdat`, "latin1"),
  ],
  [
    "a video with objects",
    Buffer.from(`\0\0\0\x20ftypisom\0{"prompt": ${prompt}}\0mdat`, "latin1"),
  ],
];
for (const [name, bytes] of pictures) {
  Deno.test(`importWorkflow() finds the workflow in ${name}`, async () => {
    const made = await bound(bytes);
    assert.deepEqual(made.table, edit);
    assert.doesNotMatch(made.warnings, /another one/);
  });
}

Deno.test("importWorkflow() takes the graph that was sent where the workflow beside it is another one, and says so", async () => {
  const other = JSON.stringify(webEdit(["make it day", 78, checkpoint.name]));
  for (
    const bytes of [
      png(text("workflow", other), text("prompt", prompt)),
      riff(`workflow:${other}\0prompt:${prompt}`),
    ]
  ) {
    const { template, warnings } = await bound(bytes);
    assert.equal(template.graph["24:8"]!.inputs["prompt"], "make it night");
    assert.match(warnings, /the graph that was sent is taken/);
  }
  // Without ComfyUI nobody can compare.
  const away = await bound(
    png(text("workflow", other), text("prompt", prompt)),
    () => Promise.resolve(undefined),
  );
  assert.equal(away.template.graph["24:8"]!.inputs["prompt"], "make it night");
});

Deno.test("findInFile() has one sentence for a picture without a workflow, and for a damaged one", () => {
  const zipBomb = deflateSync(Buffer.concat([Buffer.from(prompt), Buffer.alloc(20 << 20, 0x20)]));
  for (
    const bytes of [
      png(),
      png(text("prompt", "a cat on a mat")),
      png(text("prompt", '{"1": {"class_type": "A", "inputs": {')),
      png(["zTXt", Buffer.concat([Buffer.from("prompt\0\0"), zipBomb])]),
      png(["zTXt", "prompt\0\0no zlib"]),
      png(["iTXt", "prompt\0\x01"]),
      png().subarray(0, 8),
      riff("nothing here"),
      riff("prompt:{{{{{{"),
      new Uint8Array(64),
    ]
  ) {
    assert.throws(
      () => findInFile({ file: "x.png", bytes }),
      /^ConfigError: x\.png: Cannot find a workflow in it: /,
    );
  }
});

Deno.test("workflows import makes a template of a saved workflow and of a picture, which the simulated ComfyUI can run", async () => {
  await using comfy = await startComfyUI({ release: "0.33" });
  await using home = await folder({
    "Night edit.json": web,
    "night.png": png(text("workflow", web)),
  });
  for (const [file, name] of [["Night edit.json", "Night_edit"], ["night.png", "night"]] as const) {
    const { code, out, err } = await cli(["workflows", "import", file], {
      cwd: home.path,
      env: { COMFYUI_PORT: String(comfy.port) },
    });
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`^wrote .*/workflows/${name}\\.json\n`));
    assert.match(out, /This ComfyUI can run it\.\n$/);
    assert.match(err, /⚠ Left out, because the result does not need it: /);
  }
  const away = await cli(["workflows", "import", "Night edit.json", "--name", "away"], {
    cwd: home.path,
    env: comfyAway,
  });
  assert.equal(away.code, 65);
  assert.match(away.err, /^Night edit\.json: Cannot turn the web page's format/);
  assert.throws(() => Deno.statSync(`${home.path}/workflows/away.json`));
});

Deno.test("workflows import --print writes nothing, and prints what the page would export", async () => {
  await using comfy = await startComfyUI({ release: "0.33" });
  await using home = await folder({
    "web.json": web,
    "odd.json": JSON.stringify(
      workflow([{ id: 7, type: "Elsewhere", values: ["a"], outputs: ["IMAGE"] }]),
    ),
  });
  const run = (file: string) =>
    cli(["workflows", "import", file, "--print"], {
      cwd: home.path,
      env: { COMFYUI_PORT: String(comfy.port) },
    });
  const whole = await run("web.json");
  assert.deepEqual(JSON.parse(whole.out), JSON.parse(prompt));
  assert.equal(whole.code, 0);
  const odd = await run("odd.json");
  assert.equal(odd.code, 1);
  assert.match(odd.err, /^⚠ node 7 \(Elsewhere\): its values cannot be told apart/);
  assert.throws(() => Deno.statSync(`${home.path}/workflows`));
});

Deno.test("workflows import --official takes one of ComfyUI's own templates, and says which there are", async () => {
  await using home = await folder();
  const run = (comfy: { readonly port: number }, ...args: string[]) =>
    cli(["workflows", "import", ...args], {
      cwd: home.path,
      env: { COMFYUI_PORT: String(comfy.port) },
    });
  const index = [
    { moduleName: "default", templates: [{ name: "night_edit" }, { name: "day_edit" }] },
    { moduleName: "default", templates: [{ name: "a_video" }] },
  ];
  await using comfy = await startComfyUI({
    release: "0.33",
    templates: { index, night_edit: webEdit() },
  });
  const taken = await run(comfy, "--official", "night_edit");
  assert.equal(taken.code, 0, taken.err);
  assert.match(taken.out, /workflows\/night_edit\.yaml\n/);
  const manifest = await Deno.readTextFile(`${home.path}/workflows/night_edit.yaml`);
  assert.match(manifest, /Imported from night_edit\.json\./);

  const wrong = await run(comfy, "--official", "nite_edit");
  assert.equal(wrong.code, 65);
  assert.match(
    wrong.err,
    /own template "nite_edit": there is none .*one of its 3, such as night_edit/,
  );
  const both = await run(comfy, "x.json", "--official", "night_edit");
  assert.equal(both.code, 64);
  await using old = await startComfyUI({ release: "0.3.64" });
  const none = await run(old, "--official", "night_edit");
  assert.equal(none.code, 65);
  assert.match(none.err, /this ComfyUI has none \(wanted one with the package/);
  const away = await run({ port: 2 }, "--official", "night_edit");
  assert.equal(away.code, 69);
});

Deno.test("writeTemplate() writes both files or none, and overwrites only when it may; removeTemplate() takes both away", async () => {
  await using home = await folder();
  const made = { name: "mine", graph: "{}", manifest: "title: x" };
  const dir = `${home.path}/workflows`;
  const names = () => [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
  assert.equal((await writeTemplate(dir, made, { force: false })).type, "written");
  assert.deepEqual(names(), ["mine.json", "mine.yaml"]);
  const again = await writeTemplate(dir, { ...made, graph: "[]" }, { force: false });
  assert.deepEqual(again, { type: "exists", path: `${dir}/mine.json` });
  assert.equal(Deno.readTextFileSync(`${dir}/mine.json`), "{}");
  assert.equal(
    (await writeTemplate(dir, { ...made, graph: "[]" }, { force: true })).type,
    "written",
  );
  assert.equal(Deno.readTextFileSync(`${dir}/mine.json`), "[]");

  await Deno.remove(`${dir}/mine.json`);
  await removeTemplate(dir, "mine");
  assert.deepEqual(names(), []);
  await Deno.mkdir(`${dir}/.half.yaml.new`); // nothing can be written there
  const failed = await writeTemplate(dir, { ...made, name: "half" }, { force: false });
  assert.equal(failed.type, "failed");
  assert.deepEqual(names(), []);
});
