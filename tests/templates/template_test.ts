import assert from "node:assert/strict";
import { z } from "zod";
import { objectInfoAnswer } from "../../src/comfyui/object_info.ts";
import { InvalidParametersError } from "../../src/lib/errors.ts";
import { checkTemplate, describeProblem } from "../../src/templates/check.ts";
import { type ApiPrompt, isLink, type NodeCatalog } from "../../src/templates/graph.ts";
import { parseGraph } from "../../src/templates/graph_file.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { parseManifest } from "../../src/templates/manifest.ts";
import { clampParam, type ParamSpec, type ParamValue } from "../../src/templates/params.ts";
import {
  describeOverrideProblem,
  fitTemplate,
  withCatalog,
  withOverrides,
} from "../../src/templates/resolve.ts";
import { classTypesOf, fill, specsOf, type Template } from "../../src/templates/template.ts";

function recording(name: string): unknown {
  const url = new URL(`../recordings/${name}.json`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url));
}

const catalog = objectInfoAnswer.parse(recording("object_info"));
const { templates, problems } = loadTemplates({ embedded: readEmbedded() });

function template(name: string): Template {
  const found = templates.get(name);
  assert.ok(found, `${name} is not among ${[...templates.keys()]}`);
  return found;
}

const seed = template("qwen_image_edit");
const core = template("qwen_image_edit_core");
const split = template("qwen_image_edit_2509");

const request = {
  promptText: "make the sky pink",
  pictures: ["rec.png"],
  params: {},
  megapixels: 1,
  filename: "job",
};

/** Another value that the spec takes. */
function otherValue(spec: ParamSpec, name: string): ParamValue {
  switch (spec.kind) {
    case "int":
    case "float":
      return spec.default === spec.min ? spec.max : spec.min;
    case "seed":
      return 42;
    case "choice":
      return spec.options.find((option) => option !== spec.default) ?? `another ${name}`;
    case "text":
      return `${spec.default}blurry`;
  }
}

/** The graph with every link checked: what it reads from must be there. */
function assertLinked(graph: ApiPrompt) {
  for (const [id, node] of Object.entries(graph)) {
    for (const [input, value] of Object.entries(node.inputs)) {
      if (isLink(value)) assert.ok(Object.hasOwn(graph, value[0]), `${id}.${input} -> ${value[0]}`);
    }
  }
}

/** A template of these nodes, with pictures at a.image, b.image, …, and the words at 1.text. */
function templateOf(nodes: ApiPrompt, pictures: readonly string[]): Template {
  const text = JSON.stringify({ "1": { class_type: "Words", inputs: { text: "" } }, ...nodes });
  const manifest = JSON.stringify({
    title: { en: "t", ru: "t" },
    description: { en: "d", ru: "d" },
    pictures: pictures.map((id) => `${id}.image`),
    prompt_text: "1.text",
    output: "out",
    parameters: {},
  });
  return parseManifest({ path: "t.yaml", text: manifest }, {
    name: "t",
    graph: parseGraph({ path: "t.json", text }),
    origin: { graph: "t.json", manifest: "t.yaml" },
  });
}

const loadImage = { class_type: "LoadImage", inputs: { image: "" } };

Deno.test("the embedded templates load without a problem", () => {
  assert.deepEqual(problems, []);
  assert.deepEqual([...templates.keys()], readEmbedded().map(({ name }) => name));
});

Deno.test("fill() gives exactly the graph of the recording when there is one picture", () => {
  const recorded = z.object({ request: z.object({ prompt: z.record(z.string(), z.any()) }) })
    .parse(recording("success_qwen_template_with_previews")).request.prompt;
  const filled = fill(seed, {
    ...request,
    params: { steps: 3, seed: 1 },
    megapixels: 0.01,
    filename: "%time_%seed",
  });
  // The differences that we want: no words of users in files, and what ComfyUI needs since December 2025.
  recorded["102"].inputs.embed_workflow = false;
  recorded["93"].inputs.resolution_steps = 1;
  assert.deepEqual(filled, recorded);
});

Deno.test("fill() leaves the template's graph as it was", () => {
  const before = structuredClone(seed.graph);
  fill(seed, { ...request, pictures: ["a", "b"], params: { steps: 3 } });
  assert.deepEqual(seed.graph, before);
});

// What all the templates that ship have in common is in shipped_test.ts.
for (const each of [seed, core, split]) {
  const { name } = each;
  Deno.test(`fill() of ${name} changes the graph with every parameter that it shows`, () => {
    const fitted = withCatalog(each, catalog);
    const usual = fill(fitted, request);
    assert.ok(Object.keys(fitted.params).length >= 8);
    for (const [param, { spec }] of Object.entries(fitted.params)) {
      const value = otherValue(spec, param);
      assert.equal(clampParam(spec, value), value);
      const changed = fill(fitted, { ...request, params: { [param]: value } });
      assert.notDeepEqual(changed, usual, param);
    }
  });

  Deno.test(`fill() of ${name} puts words, size and file name into the graph`, () => {
    const usual = fill(each, request);
    for (const other of [{ promptText: "x" }, { megapixels: 2 }, { filename: "x" }]) {
      assert.notDeepEqual(fill(each, { ...request, ...other }), usual, JSON.stringify(other));
    }
    assert.deepEqual(fill(each, { ...request, megapixels: undefined }), usual);
  });

  Deno.test(`fill() of ${name} takes unused pictures out, links and all`, () => {
    const names = ["one.png", "two.png", "three.png"];
    for (const count of [1, 2, 3]) {
      const graph = fill(each, { ...request, pictures: names.slice(0, count) });
      assertLinked(graph);
      const loaded = Object.values(graph).filter((node) => node.class_type === "LoadImage");
      assert.deepEqual(loaded.map((node) => node.inputs["image"]), names.slice(0, count));
      assert.equal(Object.keys(graph).length, Object.keys(each.graph).length - 3 + count);
      const encoder = graph[each.promptText[0]!.node]!;
      assert.deepEqual(
        Object.keys(encoder.inputs).filter((input) => input.startsWith("image")),
        ["image1", "image2", "image3"].slice(0, count),
      );
    }
  });

  Deno.test(`fill() of ${name} refuses no picture and a fourth one`, () => {
    for (const pictures of [[], ["1", "2", "3", "4"]]) {
      assert.throws(
        () => fill(each, { ...request, pictures }),
        (error) =>
          error instanceof InvalidParametersError &&
          error.message ===
            `Cannot fill the workflow ${name}: ${pictures.length} pictures were given (wanted 1 to 3)`,
      );
    }
  });
}

Deno.test("fill() lets strength scale denoise up to 0.5 and leave it from there", () => {
  const denoiseOf = (each: Template, params: Record<string, ParamValue>) =>
    fill(each, { ...request, params })["121"]?.inputs["denoise"];
  for (
    const [strength, denoise] of [[0.25, 0.5], [0.3, 0.6], [0.5, 1], [0.7, 1], [1, 1]] as const
  ) {
    assert.equal(denoiseOf(seed, { strength }), denoise);
  }
  assert.equal(denoiseOf(seed, { strength: 0.25, denoise: 0.6 }), 0.3);
  assert.equal(denoiseOf(seed, { strength: 1, denoise: 0.6 }), 0.6);
  assert.equal(denoiseOf(core, { strength: 0 }), 0);
});

Deno.test("fill() never sends RES4LYF a denoise of 0, whatever limits the owner sets", () => {
  const { template: free } = withOverrides(seed, { limits: { denoise: { min: 0 } } });
  for (const params of [{ strength: 0 }, { denoise: 0 }, { strength: 0.001 }]) {
    assert.equal(fill(free, { ...request, params })["121"]?.inputs["denoise"], 0.01);
  }
});

Deno.test("fill() clamps values that today's template does not take", () => {
  const fitted = withCatalog(core, catalog);
  const sampler = fill(fitted, {
    ...request,
    params: { steps: 999, sampler: "linear/euler", eta: 0.1 },
  })["121"]!;
  assert.equal(sampler.inputs["steps"], 50);
  assert.equal(sampler.inputs["sampler_name"], "euler");
  assert.ok(!("eta" in sampler.inputs));
});

Deno.test("fill() takes out what only served an unused picture, and keeps what others need", () => {
  const each = templateOf({
    a: loadImage,
    b: loadImage,
    size: { class_type: "Size", inputs: { value: 1 } },
    shared: { class_type: "Vae", inputs: {} },
    scale: { class_type: "Scale", inputs: { image: ["b", 0], by: ["size", 0] } },
    encode: { class_type: "Encode", inputs: { pixels: ["scale", 0], vae: ["shared", 0] } },
    both: {
      class_type: "Both",
      inputs: { text: ["1", 0], vae: ["shared", 0], image1: ["a", 0], latent2: ["encode", 0] },
    },
    out: { class_type: "Save", inputs: { images: ["both", 0] } },
    aside: { class_type: "Save", inputs: { images: ["a", 0] } },
  }, ["a", "b"]);
  const graph = fill(each, { ...request, pictures: ["x"] });
  assert.deepEqual(Object.keys(graph).sort(), ["1", "a", "aside", "both", "out", "shared"]);
  assert.deepEqual(Object.keys(graph["both"]!.inputs), ["text", "vae", "image1"]);
  assert.deepEqual(
    Object.keys(fill(each, { ...request, pictures: ["x", "y"] })),
    Object.keys(each.graph),
  );
});

Deno.test("specsOf() and classTypesOf() list a template's parameters and nodes", () => {
  assert.deepEqual(Object.keys(specsOf(seed)), [
    "steps",
    "cfg",
    "strength",
    "seed",
    "sampler",
    "scheduler",
    "eta",
    "denoise",
    "negative_prompt",
  ]);
  assert.deepEqual(specsOf(seed)["steps"], { kind: "int", default: 8, min: 1, max: 50, step: 1 });
  assert.ok(!("eta" in specsOf(core)));
  assert.equal(specsOf(split)["steps"]?.default, 4);
  assert.deepEqual(classTypesOf(core), [
    "CheckpointLoaderSimple",
    "ImageScaleToTotalPixels",
    "KSampler",
    "LoadImage",
    "SaveImage",
    "TextEncodeQwenImageEditPlus",
    "VAEDecode",
    "VAEEncode",
  ]);
});

Deno.test("withCatalog() gives choices ComfyUI's own options and narrows limits to ComfyUI's", () => {
  const fitted = specsOf(withCatalog(seed, catalog));
  assert.ok(fitted["sampler"]?.kind === "choice" && fitted["scheduler"]?.kind === "choice");
  assert.equal(fitted["sampler"].options.length, 119);
  assert.ok(fitted["scheduler"].options.includes("beta57"));
  assert.deepEqual(fitted["cfg"], specsOf(seed)["cfg"]); // ComfyUI's limits are wider

  const strict = changedInput("KSampler", "steps", { min: 4, max: 6 });
  const steps = specsOf(withCatalog(core, strict))["steps"];
  assert.deepEqual(steps, { kind: "int", default: 6, min: 4, max: 6, step: 1 });
  const seeds = specsOf(withCatalog(core, changedInput("KSampler", "seed", { max: 99 })))["seed"];
  assert.deepEqual(seeds, { kind: "seed", default: 0, max: 99 });
});

Deno.test("withOverrides() applies config.yaml's defaults inside its limits", () => {
  const { template: changed, problems } = withOverrides(seed, {
    defaults: { steps: 30, cfg: 2, seed: 7, negative_prompt: "fog", colour: 3 },
    limits: { steps: { min: 2, max: 20 }, cfg: { max: 30 }, sampler: { max: 1 } },
  });
  assert.deepEqual(problems, []);
  const specs = specsOf(changed);
  assert.deepEqual(specs["steps"], { kind: "int", default: 20, min: 2, max: 20, step: 1 });
  assert.deepEqual(specs["cfg"], { kind: "float", default: 2, min: 0.1, max: 30, step: 0.5 });
  assert.equal(specs["seed"]?.default, 7);
  assert.equal(specs["negative_prompt"]?.default, "fog");
  assert.deepEqual(Object.keys(specs), Object.keys(specsOf(seed)));
  assert.equal(
    specsOf(withOverrides(seed, { limits: { steps: { max: 5 } } }).template)["steps"]?.default,
    5,
  );
  assert.deepEqual(withOverrides(core, { defaults: { eta: 0.2 } }), {
    template: core,
    problems: [],
  });
});

Deno.test("withOverrides() ignores and reports limits that leave nothing", () => {
  const { template: changed, problems } = withOverrides(seed, { limits: { steps: { min: 60 } } });
  assert.deepEqual(specsOf(changed), specsOf(seed));
  assert.deepEqual(problems.map(describeOverrideProblem), [
    "workflow.limits of steps are ignored in qwen_image_edit: nothing lies between 60 and 50.",
  ]);
});

Deno.test("withOverrides() puts another model file where the manifest lists one", () => {
  const { template: changed, problems } = withOverrides(seed, {
    models: {
      qwen_image_edit: [
        { node: "118", input: "ckpt_name", file: "mine.safetensors" },
        { node: "121", input: "scheduler", file: "x" },
      ],
      qwen_image_edit_core: [{ node: "118", input: "ckpt_name", file: "other.safetensors" }],
    },
  });
  assert.equal(fill(changed, request)["118"]?.inputs["ckpt_name"], "mine.safetensors");
  assert.deepEqual(problems.map(describeOverrideProblem), [
    "workflow.models.qwen_image_edit.121.scheduler is ignored: the manifest lists no such model " +
    "file (it lists 118.ckpt_name).",
  ]);
});

Deno.test("fitTemplate() finds the owner's sampler among each template's own, or says that it is not there", () => {
  const defaults = { sampler: "linear/euler", scheduler: "beta57" };
  for (const [each, sampler] of [[seed, "linear/euler"], [core, "euler"]] as const) {
    const { template: fitted, problems } = fitTemplate(each, { defaults }, catalog);
    assert.deepEqual(problems, []);
    assert.equal(specsOf(fitted)["sampler"]?.default, sampler);
    assert.equal(specsOf(fitted)["scheduler"]?.default, "beta57");
  }
  const wrong = fitTemplate(core, { defaults: { sampler: "exponential/res_9s" } }, catalog);
  assert.equal(specsOf(wrong.template)["sampler"]?.default, "euler");
  assert.match(
    wrong.problems.map(describeOverrideProblem).join(),
    /^workflow\.defaults\.sampler is ignored in qwen_image_edit_core: "exponential\/res_9s" is none of its options \(nearest: .*"res_\ds".*\)\.$/,
  );
});

Deno.test("fitTemplate() widens limits for the owner, never beyond ComfyUI's", () => {
  const limits = { cfg: { min: -500, max: 500 } };
  const cfg = specsOf(fitTemplate(core, { limits }, catalog).template)["cfg"];
  assert.deepEqual(cfg, { kind: "float", default: 1, min: 0, max: 100, step: 0.5 });
});

Deno.test("fitTemplate() takes the owner's sampler on trust until ComfyUI has been heard of", () => {
  const { template: fitted, problems } = fitTemplate(seed, { defaults: { sampler: "new/one" } });
  assert.deepEqual([specsOf(fitted)["sampler"]?.default, problems], ["new/one", []]);
});

/** The recorded catalog with one input changed. */
function changedInput(classType: string, input: string, change: object): NodeCatalog {
  const node = catalog[classType]!;
  const inputs = { ...node.inputs, [input]: { ...node.inputs[input]!, ...change } };
  return { ...catalog, [classType]: { ...node, inputs } };
}

function without(classType: string): NodeCatalog {
  return Object.fromEntries(Object.entries(catalog).filter(([name]) => name !== classType));
}

function sentences(each: Template, installed: NodeCatalog): string[] {
  return checkTemplate(each, installed).map(describeProblem);
}

Deno.test("checkTemplate() finds nothing where everything is installed", () => {
  assert.deepEqual(checkTemplate(seed, catalog), []);
  assert.deepEqual(checkTemplate(core, catalog), []);
});

Deno.test("checkTemplate() names missing nodes with what brings them", () => {
  assert.deepEqual(sentences(seed, without("ClownsharKSampler_Beta")), [
    'Node 121 is a "ClownsharKSampler_Beta", which this ComfyUI does not know: install RES4LYF.',
  ]);
  assert.deepEqual(sentences(core, without("VAEDecode")), [
    'Node 8 is a "VAEDecode", which this ComfyUI does not know: install the custom nodes that have it.',
  ]);
});

Deno.test("checkTemplate() names each missing model file and what is installed, nearest first", () => {
  // Where a file is to be had is another matter: tests/cli/models/.
  const split = { ...template("qwen_image_edit_2509"), modelFiles: [] };
  const core = { ...template("qwen_image_edit_core"), modelFiles: [] };
  assert.deepEqual(sentences(split, catalog), [
    'Node 37 (UNETLoader) wants the file "qwen_image_edit_2509_fp8_e4m3fn.safetensors" as unet_name, which ComfyUI does not have; installed: none.',
    'Node 38 (CLIPLoader) wants the file "qwen_2.5_vl_7b_fp8_scaled.safetensors" as clip_name, which ComfyUI does not have; installed: none.',
    'Node 39 (VAELoader) wants the file "qwen_image_vae.safetensors" as vae_name, which ComfyUI does not have; installed: "pixel_space".',
    'Node 89 (LoraLoaderModelOnly) wants the file "Qwen-Image-Edit-2509-Lightning-4steps-V1.0-bf16.safetensors" as lora_name, which ComfyUI does not have; installed: none.',
  ]);
  const files = ["sd15.ckpt", "flux.safetensors", "a", "b", "c", "Qwen-Rapid-AIO-v12.safetensors"];
  assert.deepEqual(
    sentences(core, changedInput("CheckpointLoaderSimple", "ckpt_name", { options: files })),
    [
      'Node 118 (CheckpointLoaderSimple) wants the file "Qwen-Rapid-AIO-NSFW-v11.4.safetensors" as ' +
      'ckpt_name, which ComfyUI does not have; installed: "Qwen-Rapid-AIO-v12.safetensors", ' +
      '"flux.safetensors", "sd15.ckpt", "a", "b" and 1 more.',
    ],
  );
});

Deno.test("checkTemplate() names options, defaults and inputs that this ComfyUI does not have", () => {
  assert.deepEqual(
    sentences(
      core,
      changedInput("ImageScaleToTotalPixels", "upscale_method", { options: ["area"] }),
    ),
    [
      'Node 93 (ImageScaleToTotalPixels) wants "lanczos" as upscale_method, which ComfyUI does not offer; offered: "area".',
    ],
  );
  assert.deepEqual(
    sentences(core, changedInput("KSampler", "sampler_name", { options: ["heun", "oiler"] })),
    [
      'The default of sampler is "euler", which ComfyUI does not offer; offered: "oiler", "heun".',
    ],
  );
  const renamed = {
    ...catalog,
    SaveImage: {
      outputNode: false,
      inputs: {
        images: { type: "IMAGE", required: true },
        prefix: { type: "COMBO", required: true, options: ["a", "b"] },
      },
    },
  };
  assert.deepEqual(sentences(core, renamed), [
    'Node 102 (SaveImage) has no input "filename_prefix", which the manifest sets; its inputs: "prefix", "images".',
    'Node 102 (SaveImage) needs the input "prefix", which the graph does not give and ComfyUI has no default for (offered: "a", "b"): update the bot, or ComfyUI if that is the older one.',
    "Node 102 (SaveImage) is named as the output and saves nothing: name a node that saves a picture.",
  ]);
});

Deno.test("fill() sends a seed of 64 bits to its last digit, and every other number as the graph has it", () => {
  const digits = "18446744073709551615";
  const graph = parseGraph({
    path: "x.json",
    text: `{"1":{"class_type":"LoadImage","inputs":{"image":"a"}},
      "2":{"class_type":"Edit","inputs":{"text":"x","seed":1,"other":${digits},"image":["1",0]}}}`,
  });
  const template = parseManifest({
    path: "x.yaml",
    text: `title: { en: A, ru: Б }
description: { en: A., ru: Б. }
pictures: 1.image
prompt_text: 2.text
output: 2
parameters:
  seed: { kind: seed, targets: 2.seed }
`,
  }, { name: "x", graph, origin: { graph: "", manifest: "" } });
  const sent = (seed: string | number) =>
    JSON.stringify(fill(template, {
      promptText: "x",
      pictures: ["p"],
      params: { seed },
      megapixels: undefined,
      filename: "f",
    }));
  for (const seed of [digits, "9007199254740993", 42]) {
    assert.match(sent(seed), new RegExp(`"seed":${seed},"other":${digits}[,}]`));
  }
});
