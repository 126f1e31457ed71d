/**
 * `workflows import` on workflows of every form: what is found in a file, what is left out of the graph, what the manifest
 * binds, and what is said.
 *
 * Drives besides: src/templates/import/importer.ts, src/templates/import/trim.ts,
 * src/templates/import/template_files.ts, src/templates/import/template_name.ts.
 */
import assert from "node:assert/strict";
import { ownTemplates, startComfyUI } from "../../../lab/comfyui/mod.ts";
import { removeTemplate, writeTemplate } from "../../../src/templates/import/template_files.ts";
import { trim } from "../../../src/templates/import/trim.ts";
import { cli, comfyAway, folder } from "../../cli/cli_fixture.ts";
import { graphWith, node } from "../small_graph.ts";
import { convert, type SmallNode, workflow } from "../web/small_workflow.ts";
import { bound, catalog, edit } from "./bound.ts";
import { png } from "./text_png.ts";
import { checkpoint, webEdit } from "./web_edit.ts";

Deno.test("importWorkflow() binds words, pictures in order, sampler and output of a workflow of the web page", async () => {
  const { table, template, warnings } = await bound(webEdit());
  assert.equal(template.pictureName, "Picture {n}");
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
const scaled: readonly SmallNode[] = [
  loader,
  {
    id: 3,
    type: "ImageScaleBy",
    inputs: [{ name: "image", type: "IMAGE", from: [1, 0] }],
    outputs: ["IMAGE"],
    values: ["lanczos", 2],
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
  ["a scaler without a model", scaled, {
    words: [],
    pictures: ["1.image"],
    output: "9",
  }, /no known sampler/],
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

Deno.test("importWorkflow() reads a long row of nodes, and refuses a graph that nobody can have made by hand", async () => {
  const row = (length: number) =>
    graphWith({
      ...Object.fromEntries(Array.from({ length }, (_, i) => [
        `row ${i}`,
        node("ImageInvert", { image: [i === 0 ? "a" : `row ${i - 1}`, 0] }),
      ])),
      latent: node("VAEEncode", { pixels: [`row ${length - 1}`, 0], vae: ["ckpt", 2] }),
    });
  assert.deepEqual((await bound(row(1_900))).table.pictures, ["a.image"]);
  await assert.rejects(
    bound(row(2_000)),
    /ConfigError: mine\.json: .*it has 2008 nodes \(wanted at most 2000\)/,
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
  // Without a catalog it is unknown whether a node that nothing follows is an output.
  assert.deepEqual([...trim(graph).gone].sort(), ["compared", "shown"]);
});

const prompt = JSON.stringify(convert(webEdit()).graph);
const web = JSON.stringify(webEdit());

Deno.test("workflows import makes a template of a saved workflow and of a picture, which the simulated ComfyUI can run", async () => {
  await using comfy = await startComfyUI({ release: "0.33" });
  await using home = await folder({
    "Night edit.json": web,
    "night.png": png(["tEXt", `workflow\0${web}`]),
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
  await using comfy = await startComfyUI({
    release: "0.33",
    templates: ownTemplates(),
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
    /own template "nite_edit": there is none .*one that it has, such as night_edit/,
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
