/**
 * Workflows from elsewhere become templates: what is read out of a graph, and what `workflows import` writes and says.
 *
 * Drives besides: src/cli/commands/workflows_import.ts, src/templates/import/params.ts,
 * src/templates/import/warnings.ts.
 */
import fc from "fast-check";
import assert from "node:assert/strict";
import { releases, startComfyUI } from "../../../lab/comfyui/mod.ts";
import { type ApiPrompt } from "../../../src/templates/graph.ts";
import {
  draftManifest,
  type ManifestDraft,
  manifestText,
} from "../../../src/templates/import/draft.ts";
import { loadTemplates, readEmbedded } from "../../../src/templates/loader.ts";
import { parseManifest } from "../../../src/templates/manifest.ts";
import type { ParamSpec, ParamValue } from "../../../src/templates/params.ts";
import { fill, specsOf, type Template } from "../../../src/templates/template.ts";
import { cli, comfyAway, folder } from "../../cli/cli_fixture.ts";

const { templates } = loadTemplates({ embedded: readEmbedded() });
const model = templates.get("qwen_image_edit")!;

function draft(graph: ApiPrompt): ManifestDraft {
  const nodePacks = model.nodePacks ?? {};
  return draftManifest(graph, { name: "mine", file: "mine.json", model, nodePacks });
}

/** The template that the drafted manifest makes, read as it would be from the disk. */
function imported(graph: ApiPrompt): Template {
  const made = draft(graph);
  return parseManifest({ path: "mine.yaml", text: manifestText(made, "Drafted.") }, {
    name: "mine",
    graph: made.graph,
    origin: { graph: "mine.json", manifest: "mine.yaml" },
  });
}

function anyValue(spec: ParamSpec): fc.Arbitrary<ParamValue> {
  switch (spec.kind) {
    case "int":
      return fc.integer({ min: spec.min, max: spec.max });
    case "float":
      return fc.double({ min: spec.min, max: spec.max, noNaN: true });
    case "seed":
      return fc.oneof(
        fc.maxSafeNat(),
        fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }).map(String),
      );
    case "choice":
      return fc.constantFrom("euler", "linear/ralston_2s", "beta");
    case "text":
      return fc.string({ maxLength: spec.maxLength });
    default:
      return spec satisfies never;
  }
}

Deno.test("draftManifest() takes a graph without words that removes the background, or makes larger", () => {
  const graphOf = (class_type: string): ApiPrompt => ({
    "1": { class_type: "LoadImage", inputs: { image: "a.png" } },
    "2": { class_type, inputs: { image: ["1", 0], model: "m" } },
    "3": { class_type: "SaveImage", inputs: { images: ["2", 0], filename_prefix: "x" } },
  });
  for (const class_type of ["RMBG", "BiRefNetRMBG", "InspyrenetRembg", "RemoveBackground"]) {
    assert.equal(imported(graphOf(class_type)).kind, "cutout", class_type);
  }
  for (const class_type of ["ImageUpscaleWithModel", "SeedVR2VideoUpscaler"]) {
    assert.equal(imported(graphOf(class_type)).kind, "upscale", class_type);
  }
  assert.throws(() => draft(graphOf("ImageInvert")), /no words flow into its result/);
});

for (const name of ["qwen_image_edit", "qwen_image_edit_core", "qwen_image_edit_2509"]) {
  const shipped = templates.get(name)!;
  Deno.test(`draftManifest() fills as the shipped manifest does when the graph is ${shipped.name}`, () => {
    const mine = imported(shipped.graph);
    assert.deepEqual(Object.keys(mine.params), Object.keys(shipped.params));
    assert.deepEqual(mine.models, shipped.models);
    assert.deepEqual(mine.nodePacks, shipped.nodePacks);
    const specs = specsOf(shipped);
    assert.deepEqual(specsOf(mine), specs);
    const request = fc.record({
      promptText: fc.string(),
      pictures: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
      params: fc.record(
        Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, anyValue(spec)])),
        { requiredKeys: Object.keys(specs) },
      ),
      megapixels: fc.option(fc.double({ min: 0.01, max: 16, noNaN: true }), { nil: undefined }),
      filename: fc.string({ minLength: 1 }),
    });
    fc.assert(fc.property(request, (values) => {
      assert.deepEqual(fill(mine, values), fill(shipped, values));
    }));
  });
}

const loader = { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "a.safetensors" } };
const encoder = (text: unknown) => ({
  class_type: "CLIPTextEncode",
  inputs: { clip: ["1", 1], text },
});
const picture = { class_type: "LoadImage", inputs: { image: "example.png" } };
const saved = { class_type: "SaveImage", inputs: { images: ["20", 0], filename_prefix: "x" } };

Deno.test("draftManifest() follows SamplerCustomAdvanced to its guider, sigmas, noise and a ControlNet's words", () => {
  const graph: ApiPrompt = {
    "1": loader,
    "2": encoder(["30", 0]),
    "3": encoder("ugly"),
    "4": picture,
    "5": { class_type: "VAEEncode", inputs: { pixels: ["4", 0], vae: ["1", 2] } },
    "6": {
      class_type: "ControlNetApplyAdvanced",
      inputs: { positive: ["2", 0], negative: ["3", 0], image: ["4", 0], strength: 1 },
    },
    "7": { class_type: "FluxGuidance", inputs: { conditioning: ["6", 0], guidance: 3.5 } },
    "10": {
      class_type: "CFGGuider",
      inputs: { model: ["1", 0], positive: ["7", 0], negative: ["6", 1], cfg: ["32", 0] },
    },
    "11": { class_type: "KSamplerSelect", inputs: { sampler_name: "heun" } },
    "12": {
      class_type: "BasicScheduler",
      inputs: { model: ["1", 0], scheduler: "beta", steps: ["33", 0], denoise: 0.8 },
    },
    "13": { class_type: "RandomNoise", inputs: { noise_seed: 4711 } },
    "14": {
      class_type: "SamplerCustomAdvanced",
      inputs: {
        noise: ["13", 0],
        guider: ["10", 0],
        sampler: ["11", 0],
        sigmas: ["12", 0],
        latent_image: ["5", 0],
      },
    },
    "20": { class_type: "VAEDecode", inputs: { samples: ["14", 0], vae: ["1", 2] } },
    "21": saved,
    "30": { class_type: "PrimitiveStringMultiline", inputs: { value: "make it blue" } },
    "32": { class_type: "Reroute", inputs: { "": ["34", 0] } },
    "33": { class_type: "PrimitiveInt", inputs: { value: 60 } },
    "34": { class_type: "PrimitiveFloat", inputs: { value: 2.5 } },
  };
  const { params, ...mine } = imported(graph);
  const at = (name: string) => params[name]!.targets.map(({ node, input }) => `${node}.${input}`);
  assert.deepEqual(mine.promptText, [{ node: "30", input: "value" }]);
  assert.deepEqual(
    Object.keys(params).map((name) => [name, ...at(name), params[name]!.spec.default]),
    [
      ["steps", "33.value", 60],
      ["cfg", "34.value", 2.5],
      ["strength", 0.5],
      ["seed", "13.noise_seed", 0],
      ["sampler", "11.sampler_name", "heun"],
      ["scheduler", "12.scheduler", "beta"],
      ["denoise", "12.denoise", 0.8],
      ["negative_prompt", "3.text", "ugly"],
    ],
  );
  assert.equal(params["steps"]?.spec.kind === "int" && params["steps"].spec.max, 60);
  assert.equal(params["denoise"]?.floor, undefined);
});

/** A core graph with another node or more in it. */
function core(changes: ApiPrompt): ApiPrompt {
  return { ...templates.get("qwen_image_edit_core")!.graph, ...changes };
}

Deno.test("draftManifest() takes what is shown alone as saved, for ComfyUI keeps nothing of it", () => {
  const preview = { class_type: "PreviewImage", inputs: { images: ["8", 0] } };
  const { graph, warnings } = draft(core({ "102": preview }));
  assert.deepEqual(graph["102"], {
    class_type: "SaveImage",
    inputs: { filename_prefix: "image-edit-bot", images: ["8", 0] },
  });
  assert.ok(warnings.some((line) => line.includes("(PreviewImage) only shows the result")));
  const beside = draft(core({ "200": preview }));
  assert.equal(beside.entries.find(({ key }) => key === "output")?.value, "102");
  assert.equal(beside.graph["200"], preview);
});

Deno.test("draftManifest() leaves the settings of a second sampler alone, and says so", () => {
  const { class_type, inputs } = core({})["121"]!;
  const refiner = { class_type, inputs: { ...inputs, latent_image: ["121", 0], steps: 3 } };
  const decode = { class_type: "VAEDecode", inputs: { samples: ["122", 0], vae: ["118", 2] } };
  const { parameters, warnings } = draft(core({ "122": refiner, "8": decode }));
  const steps = parameters.find(({ key }) => key === "steps")?.value as { targets: string };
  assert.equal(steps.targets, "121.steps");
  assert.ok(warnings.some((line) => line.includes("node 122 (KSampler) keep their values")));
});

for (const zeroed of ["119", "77"]) {
  Deno.test(`draftManifest() finds no negative words when those of node ${zeroed} are zeroed out`, () => {
    const { class_type, inputs } = core({})["121"]!;
    const mine = imported(core({
      "121": { class_type, inputs: { ...inputs, negative: ["130", 0] } },
      "130": { class_type: "ConditioningZeroOut", inputs: { conditioning: [zeroed, 0] } },
    }));
    assert.equal(mine.params["negative_prompt"], undefined);
    assert.deepEqual(mine.promptText, [{ node: "119", input: "prompt" }]);
  });
}

Deno.test("draftManifest() refuses what is no edit of a picture by words, and says what is missing", () => {
  const { "102": _, ...unsaved } = core({});
  assert.throws(() => draft(unsaved), /nothing in it saves a picture/);
  const text = core({
    "88": { class_type: "EmptySD3LatentImage", inputs: { width: 64, height: 64, batch_size: 1 } },
    "119": { class_type: "CLIPTextEncode", inputs: { clip: ["118", 1], text: "a cat" } },
    "77": { class_type: "CLIPTextEncode", inputs: { clip: ["118", 1], text: "" } },
  });
  assert.throws(() => draft(text), /no picture flows into its result \(wanted a Load Image/);
  const { class_type, inputs } = core({})["121"]!;
  const wordless = core({
    "121": { class_type, inputs: { ...inputs, positive: ["77", 0] } },
    "77": { class_type: "Odd", inputs: { image: ["93", 0] } },
  });
  assert.throws(() => draft(wordless), /no words flow into its result/);
});

Deno.test("draftManifest() gives a manifest that loads, or a ConfigError, however a graph is rewired", () => {
  const graph = model.graph;
  const ids = Object.keys(graph);
  const places = ids.flatMap((id) =>
    Object.keys(graph[id]!.inputs).map((input) => ({ id, input }))
  );
  const change = fc.record({
    at: fc.constantFrom(...places),
    value: fc.oneof(
      fc.tuple(fc.constantFrom(...ids), fc.nat(2)),
      fc.constantFrom<string | number>("", "x", 1, -0.5),
    ),
  });
  let made = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      const rewired = structuredClone(graph) as Record<
        string,
        { class_type: string; inputs: Record<string, unknown> }
      >;
      for (const { at, value } of changes) rewired[at.id]!.inputs[at.input] = value;
      try {
        imported(rewired);
        made++;
      } catch (error) {
        assert.match(String(error), /Cannot make a template from it/);
        refused++;
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(made > 0 && refused > 0, `${made} made, ${refused} refused`);
});

const exported = JSON.stringify(templates.get("qwen_image_edit_core")!.graph);

for (const release of releases) {
  Deno.test(`workflows import writes a template that workflows check and the bot can load, ComfyUI ${release}`, async () => {
    await using comfy = await startComfyUI({ release });
    await using home = await folder({ "My edit (api).json": exported });
    const run = (...args: string[]) =>
      cli(args, { cwd: home.path, env: { COMFYUI_PORT: String(comfy.port) } });
    const { code, out, err } = await run("workflows", "import", "My edit (api).json");
    assert.equal(code, 0, err);
    assert.match(out, /^wrote .*\/workflows\/My_edit_api\.json\nwrote .*\/My_edit_api\.yaml\n/);
    assert.match(out, / {2}pictures {4}78, 79, 80\n {2}parameters {2}steps 8 \(1 to 50\)\n/);
    assert.match(out, /This ComfyUI can run it\.\n$/);
    assert.equal(err, "⚠ Not found in it: eta.\n");
    assert.match((await run("workflows", "check", "My_edit_api")).out, /^My_edit_api: OK\n$/);
    const manifest = await Deno.readTextFile(`${home.path}/workflows/My_edit_api.yaml`);
    assert.match(manifest, /# Guessed: steps of node 121 \(KSampler\)\.\n {2}steps:/);

    const again = await run("workflows", "import", "My edit (api).json");
    assert.equal(again.code, 73);
    assert.match(again.err, /My_edit_api\.json: it exists already \(wanted --force/);
    const forced = await run("workflows", "import", "My edit (api).json", "--force");
    assert.equal(forced.code, 0);
  });
}

Deno.test("workflows import writes into --dir under --name, and says what this ComfyUI lacks", async () => {
  await using comfy = await startComfyUI();
  await using home = await folder({
    "x.json": exported.replace("Qwen-Rapid-AIO-NSFW-v11.4.safetensors", "mine.safetensors"),
  });
  const { code, err } = await cli(
    ["workflows", "import", "x.json", "--name", "mine", "--dir", "there"],
    { cwd: home.path, env: { COMFYUI_PORT: String(comfy.port) } },
  );
  assert.equal(code, 1);
  assert.match(err, /Node 118 .* wants the file "mine\.safetensors" as ckpt_name/);
  assert.ok(Deno.statSync(`${home.path}/there/workflows/mine.yaml`).isFile);
});

Deno.test("workflows import writes without ComfyUI too, and says that nothing was checked", async () => {
  await using home = await folder({ "x.json": exported });
  const { code, out } = await cli(["workflows", "import", "x.json"], {
    cwd: home.path,
    env: comfyAway,
  });
  assert.equal(code, 0);
  assert.match(out, /Not checked: ComfyUI does not answer\. Try later: workflows check x\n$/);
});

Deno.test("workflows import refuses the web page's own format without ComfyUI, a name that is none and a file that is none", async () => {
  await using home = await folder({
    "web.json": '{"last_node_id": 9, "nodes": [{"id": 1, "type": "SaveImage"}], "links": []}',
    "x.json": exported,
  });
  const run = (...args: string[]) =>
    cli(["workflows", "import", ...args], { cwd: home.path, env: comfyAway });
  const web = await run("web.json");
  assert.equal(web.code, 65);
  assert.match(
    web.err,
    /^web\.json: .*does not answer.*or the API format: in ComfyUI choose Workflow > Export \(API\)\)/,
  );
  const named = await run("x.json", "--name", "a b");
  assert.equal(named.code, 64);
  assert.match(named.err, /Cannot use the name "a b"/);
  const gone = await run("gone.json");
  assert.equal(gone.code, 65);
  assert.match(gone.err, /Cannot read gone\.json: /);
  const none = await run();
  assert.equal(none.code, 64);
  assert.match(none.err, /FILE is missing \(wanted a workflow/);
  assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name).sort(), [
    "web.json",
    "x.json",
  ]);
});
