/**
 * Choices of files: which of ComfyUI's LoRAs, checkpoints and sizes a manifest offers, what a default that is not there means,
 * and the size of an imported upscaler.
 *
 * Drives besides: src/templates/option_filter.ts.
 */
import assert from "node:assert/strict";
import { ConfigError } from "../../src/lib/errors.ts";
import { checkTemplate, describeProblem } from "../../src/templates/check.ts";
import type { NodeCatalog } from "../../src/templates/graph.ts";
import { parseGraph } from "../../src/templates/graph_file.ts";
import { draftManifest } from "../../src/templates/import/draft.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { parseManifest } from "../../src/templates/manifest.ts";
import { isFilter, optionMatches } from "../../src/templates/option_filter.ts";
import { fitTemplate } from "../../src/templates/resolve.ts";
import { fill, specsOf } from "../../src/templates/template.ts";
import { graphWith, node } from "./small_graph.ts";

const text = JSON.stringify(graphWith({
  lora: node("LoraLoader", {
    model: ["ckpt", 0],
    clip: ["ckpt", 1],
    lora_name: "style/ink.safetensors",
    strength_model: 0.8,
    strength_clip: 1,
  }),
  k: node("KSampler", {
    seed: 5,
    steps: 12,
    cfg: 3,
    sampler_name: "euler",
    scheduler: "simple",
    denoise: 1,
    model: ["lora", 0],
    positive: ["yes", 0],
    negative: ["no", 0],
    latent_image: ["latent", 0],
  }),
}));
const graph = parseGraph({ path: "t.json", text });

function templateWith(parameters: string, models = "") {
  const manifest = `title: t
description: t
pictures: a.image
prompt_text: yes.text
output: out
${models}
parameters:
${parameters}`;
  return parseManifest({ path: "t.yaml", text: manifest.replace("yes.text", '"yes.text"') }, {
    name: "t",
    graph,
    origin: { graph: "t.json", manifest: "t.yaml" },
  });
}

/** A ComfyUI with these LoRAs. */
function catalogWith(loras: readonly string[]): NodeCatalog {
  const any = { type: "*", required: false };
  const nodes = Object.values(graph).map(({ class_type, inputs }) => [class_type, {
    outputNode: class_type === "SaveImage",
    inputs: Object.fromEntries(
      Object.keys(inputs).map((input) => [
        input,
        input === "lora_name" ? { type: "COMBO", required: true, options: loras } : any,
      ]),
    ),
  }]);
  return Object.fromEntries(nodes);
}

const lora = (filter: string, more = "") =>
  `  lora: { kind: choice, targets: lora.lora_name, options_from: lora.lora_name, filter: ${filter}, default: style/ink.safetensors${more} }
  lora_strength: { kind: float, targets: [lora.strength_model, lora.strength_clip], default: 0.8, min: 0, max: 1.5, step: 0.1 }
`;

const installed = [
  "style/ink.safetensors",
  "style/oil.safetensors",
  "style\\Watercolour.safetensors",
  "qwen-lightning-4steps.safetensors",
  "other.pt",
];

function optionsOf(filter: string): readonly string[] {
  const { template } = fitTemplate(templateWith(lora(filter)), {}, catalogWith(installed));
  const spec = specsOf(template)["lora"];
  assert.ok(spec?.kind === "choice");
  return spec.options;
}

Deno.test("optionMatches() takes globs and regular expressions, in any letter case, with any slash", () => {
  const cases: [filter: string, option: string, matches: boolean][] = [
    ["*", "anything at all", true],
    ["*lightning*", "Qwen-LIGHTNING-4steps.safetensors", true],
    ["*lightning*", "style/ink.safetensors", false],
    ["style/*", "style\\ink.safetensors", true],
    ["style/*", "other/style/ink.safetensors", false],
    ["?nk.safetensors", "ink.safetensors", true],
    ["ink.safetensors", "inkXsafetensors", false],
    ["/^style.(ink|oil)/", "style/Oil.safetensors", true],
    ["/^style.(ink|oil)/", "style/wood.safetensors", false],
    ["(a|b)*", "(a|b)c", true],
  ];
  for (const [filter, option, matches] of cases) {
    assert.equal(optionMatches(option, [filter]), matches, `${filter} ${option}`);
  }
  assert.equal(optionMatches("x", ["y", "x"]), true, "one of several is enough");
  assert.equal(optionMatches("x", undefined), true);
  assert.deepEqual(["*", "/a/", "a b", "/(/", " ", ""].map(isFilter), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("a choice offers what its filter lets through of the server's list", () => {
  assert.deepEqual(optionsOf('"*"'), installed);
  assert.deepEqual(optionsOf('"style/*"'), installed.slice(0, 3));
  assert.deepEqual(optionsOf('["*ink*", "/watercolour/"]'), [installed[0], installed[2]]);
  assert.deepEqual(optionsOf('"style/ink*"'), ["style/ink.safetensors"]);
});

Deno.test("a filter that cannot be read, or that keeps the default away, is refused with its place", () => {
  const refusal = (filter: string) => {
    try {
      templateWith(lora(filter));
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message;
    }
    assert.fail(`${filter} was taken`);
  };
  for (const filter of ['"/(/"', '""', "3", '["*", ""]']) {
    assert.match(
      refusal(filter),
      /parameters\.lora\.filter.*\(wanted options such as \*lightning\*, or \/a regular expression\/\)$/,
    );
  }
  assert.match(
    refusal('"*lightning*"'),
    /parameters\.lora\.default: "style\/ink\.safetensors" \(wanted what the filter lets through: \*lightning\*\)$/,
  );
});

Deno.test("a default that the server does not have is a missing file where the manifest lists it", () => {
  const models =
    "models: [{ input: lora.lora_name, file: style/ink.safetensors, folder: loras, url: 'https://x.test/ink' }]";
  const catalog = catalogWith(installed.slice(1));
  const problems = (template: ReturnType<typeof templateWith>, overrides = {}) =>
    checkTemplate(fitTemplate(template, overrides, catalog).template, catalog);
  const [missing, ...others] = problems(templateWith(lora('"style/*"'), models));
  assert.deepEqual(others, []);
  assert.equal(missing?.kind, "missing_model");
  assert.match(
    describeProblem(missing!),
    /belongs into models\/loras, is at https:\/\/x\.test\/ink/,
  );
  assert.equal(problems(templateWith(lora('"style/*"')))[0]?.kind, "bad_default");

  // The owner's file in its place is also the one to begin with.
  const at = { node: "lora", input: "lora_name", file: "style/oil.safetensors" };
  const overrides = { models: { t: [at] } };
  assert.deepEqual(problems(templateWith(lora('"style/*"'), models), overrides), []);
  const { template } = fitTemplate(templateWith(lora('"*"'), models), overrides, catalog);
  assert.equal(specsOf(template)["lora"]?.default, "style/oil.safetensors");
});

Deno.test("a chosen LoRA and its strength go into the graph, and so does a size of the manifest's own", () => {
  const size =
    `  size: { kind: choice, targets: k.steps, options: ["512", "1024"], default: "512" }\n`;
  const { template } = fitTemplate(
    templateWith(lora('"style/*"') + size),
    {},
    catalogWith(installed),
  );
  const request = { promptText: "x", pictures: ["a"], megapixels: undefined, filename: "f" };
  const params = { lora: "style/oil.safetensors", lora_strength: 0.3, size: "1024" };
  const filled = fill(template, { ...request, params });
  const { lora_name, strength_model, strength_clip } = filled["lora"]!.inputs;
  assert.deepEqual([lora_name, strength_model, strength_clip], ["style/oil.safetensors", 0.3, 0.3]);
  assert.equal(filled["k"]!.inputs["steps"], "1024");
  const other = fill(template, { ...request, params: { lora: "other.pt" } });
  assert.equal(other["lora"]!.inputs["lora_name"], "style/ink.safetensors", "not offered");
});

const model = loadTemplates({ embedded: readEmbedded() }).templates.get("qwen_image_edit")!;
const draft = (drawn: typeof graph) =>
  draftManifest(drawn, { name: "T", file: "t.json", model, nodePacks: {} });

Deno.test("an import of an upscaler lets users choose its size, and no setting of the owner's shrinks it", () => {
  const { templates } = loadTemplates({ embedded: readEmbedded() });
  for (
    const [name, at] of [["upscale", "57.resize_type.megapixels"], [
      "upscale_simple",
      "4.megapixels",
    ]]
  ) {
    const { entries, parameters } = draft(templates.get(name!)!.graph);
    assert.ok(!entries.some(({ key }) => key === "megapixels"), name);
    const [size] = parameters;
    assert.equal(size?.key, "megapixels");
    const { targets, default: value, min, max } = size!.value as Record<string, unknown>;
    assert.deepEqual([targets, value, min, max], [at, 4, 1, 16]);
  }
});
