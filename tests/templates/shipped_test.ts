/**
 * Every template that ships, on a simulated ComfyUI of either release: with one picture to all, every parameter at both ends. What is
 * shown changes something that flows into the result; what would only spoil it is not shown.
 */
import assert from "node:assert/strict";
import {
  type ModelFiles,
  modelsOf2025,
  type Release,
  releases,
  type SimulatedComfyUI,
  startComfyUI,
} from "../../lab/comfyui/mod.ts";
import { gradientPng } from "../../lab/pictures.ts";
import { readCatalog } from "../../src/comfyui/object_info_reader.ts";
import { checkTemplate, describeProblem, isRunnable } from "../../src/templates/check.ts";
import type { ApiPrompt, NodeCatalog } from "../../src/templates/graph.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import type { ParamSpec, ParamValue } from "../../src/templates/params.ts";
import { fitTemplate } from "../../src/templates/resolve.ts";
import {
  fill,
  graphFor,
  sourcesOf,
  takesWords,
  type Template,
} from "../../src/templates/template.ts";

const { templates, problems } = loadTemplates({ embedded: readEmbedded() });
assert.deepEqual(problems, []);

/** What each shows, and how many pictures it takes. */
const shown: Readonly<Record<string, readonly [pictures: number, parameters: string]>> = {
  qwen_image_2_1: [10, "steps cfg seed sampler scheduler negative_prompt"],
  qwen_image_2_1_turbo: [10, "seed sampler"],
  qwen_image_edit_2511: [
    3,
    "steps cfg strength seed sampler scheduler denoise negative_prompt",
  ],
  qwen_image_edit: [
    3,
    "steps cfg strength seed sampler scheduler eta denoise negative_prompt",
  ],
  qwen_image_edit_core: [
    3,
    "steps cfg strength seed sampler scheduler denoise negative_prompt",
  ],
  qwen_image_edit_2509: [
    3,
    "steps cfg strength seed sampler scheduler denoise negative_prompt",
  ],
  flux2_klein_4b: [4, "steps seed sampler"],
  flux1_kontext: [3, "steps guidance strength seed sampler scheduler denoise"],
  upscale: [1, "megapixels seed color_match"],
  upscale_simple: [1, "megapixels upscale_model"],
};

/** Those whose nodes an old ComfyUI has. */
const inOldRelease = [
  "qwen_image_edit",
  "qwen_image_edit_core",
  "qwen_image_edit_2509",
  "flux1_kontext",
  "upscale_simple",
];

/** The files of one template, by folder. */
function filesOf({ modelFiles }: Template): ModelFiles {
  const files: Record<string, string[]> = {};
  for (const { folder = "", file } of modelFiles) (files[folder] ??= []).push(file);
  return files;
}

async function catalogOf({ url }: SimulatedComfyUI): Promise<NodeCatalog> {
  const bytes = await (await fetch(`${url}/object_info`)).bytes();
  return await readCatalog(bytes, new AbortController().signal);
}

/** Sends a graph and waits for its end. */
async function run(comfy: SimulatedComfyUI, prompt: ApiPrompt): Promise<void> {
  const answer = await fetch(`${comfy.url}/prompt`, {
    method: "POST",
    body: JSON.stringify({ prompt, client_id: crypto.randomUUID() }),
  });
  const body = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(body));
  assert.deepEqual(body.node_errors, {});
  const ran = await comfy.until(
    () =>
      comfy.ran.find(({ promptId, outcome }) =>
        promptId === body.prompt_id && outcome !== "running"
      ),
    { what: "the end of the prompt" },
  );
  assert.equal(ran.outcome, "success");
}

/** The first and the last value that the menu offers. */
function endsOf(spec: ParamSpec): readonly ParamValue[] {
  switch (spec.kind) {
    case "int":
    case "float":
      return [spec.min, spec.max];
    case "seed":
      return [1, "18446744073709551615"];
    case "choice":
      assert.ok(spec.options.length > 0);
      return [spec.options[0]!, spec.options.at(-1)!];
    case "text":
      return ["x", "x".repeat(spec.maxLength)];
  }
}

Deno.test("every template that ships is in the table of this test, in the order of the loader", () => {
  assert.deepEqual([...templates.keys()], Object.keys(shown));
});

for (const [name, template] of templates) {
  const [pictures, parameters] = shown[name]!;

  Deno.test(`${name} says what it is, what it needs, and shows what it can change`, () => {
    assert.equal(template.pictures.length, pictures);
    assert.deepEqual(Object.keys(template.params), parameters.split(" "));
    for (const text of [template.title, template.description]) {
      assert.match(text.en, /^[A-Z]/);
      assert.match(text.ru, /^[А-ЯA-Z]/);
    }
    for (const [param, { about }] of Object.entries(template.params)) {
      assert.match(about?.en ?? "", /^[A-Z].*\.$/, param);
      assert.match(about?.ru ?? "", /^[А-Я].*\.$/, param);
    }
    assert.ok(template.licence);
    assert.ok(template.vramGb! >= 4);
    assert.equal(takesWords(template), template.kind === "edit");
    if (pictures > 1 && name !== "flux1_kontext") assert.match(template.pictureName!, /\{n\}/);
    // Where it is to be had is said of every file that the graph names.
    const named = template.models.map(({ node, input }) => template.graph[node]!.inputs[input]);
    assert.deepEqual(template.modelFiles.map(({ file }) => file), named);
    for (const { file, url, folder, size } of template.modelFiles) {
      assert.ok(url?.startsWith("https://huggingface.co/") && url.endsWith(`/${file}`), url);
      assert.ok(folder && size);
    }
  });

  Deno.test(`${name} shows nothing that changes nothing`, () => {
    for (let count = 1; count <= pictures; count++) {
      const graph = graphFor(template, count);
      const flowing = sourcesOf(graph, template.output.node);
      for (const [param, { targets, scales }] of Object.entries(template.params)) {
        assert.ok(targets.length > 0 || scales, param);
        for (const { node, input } of targets) {
          assert.ok(flowing.has(node), `${param} -> ${node}.${input} with ${count} pictures`);
        }
      }
      assert.deepEqual([...flowing].sort(), Object.keys(graph).sort(), "nothing is left over");
      for (const { node } of template.pictures.slice(0, count)) assert.ok(flowing.has(node));
    }
  });
}

/** Each release with those that run in it. */
const runs = releases.flatMap((release) =>
  [...templates.values()].filter(({ name }) => release === "0.33" || inOldRelease.includes(name))
    .map((template): [Release, Template] => [release, template])
);

for (const [release, loaded] of runs) {
  const { name } = loaded;
  Deno.test(`${name} runs with one to all pictures and every parameter at both ends, ComfyUI ${release}`, async () => {
    await using comfy = await startComfyUI({
      release,
      stepMs: 0,
      scale: false,
      models: filesOf(loaded),
    });
    const catalog = await catalogOf(comfy);
    const { template } = fitTemplate(loaded, {}, catalog);
    assert.deepEqual(checkTemplate(template, catalog).map(describeProblem), []);
    const names = template.pictures.map((_, i) => `${i + 1}.png`);
    for (const picture of names) {
      const form = new FormData();
      form.append("image", new File([gradientPng(16, 12)], picture, { type: "image/png" }));
      await (await fetch(`${comfy.url}/upload/image`, { method: "POST", body: form })).json();
    }
    const request = {
      promptText: "make it night",
      pictures: names,
      params: { seed: 5 },
      megapixels: 1,
      filename: "job",
    };
    for (let count = 1; count <= names.length; count++) {
      const graph = fill(template, { ...request, pictures: names.slice(0, count) }, catalog);
      const loads = Object.values(graph).filter(({ class_type }) => class_type === "LoadImage");
      assert.deepEqual(
        loads.map(({ inputs }) => inputs["image"]).sort(),
        names.slice(0, count).sort(),
      );
      await run(comfy, graph);
    }
    const usual = fill(template, request, catalog);
    for (const [param, { spec }] of Object.entries(template.params)) {
      const [first, last] = endsOf(spec);
      const graphs = [first, last].map((value) =>
        fill(template, { ...request, params: { ...request.params, [param]: value! } }, catalog)
      );
      const isOne = spec.kind === "choice" && spec.options.length === 1;
      if (!isOne) {
        assert.ok(
          graphs.some((graph) => JSON.stringify(graph) !== JSON.stringify(usual)),
          `${param} changes nothing`,
        );
      }
      for (const graph of graphs) await run(comfy, graph);
    }
  });
}

Deno.test("an old ComfyUI is offered none of the templates whose nodes it lacks", async () => {
  const models: Record<string, string[]> = {};
  for (const template of templates.values()) {
    for (const [folder, files] of Object.entries(filesOf(template))) {
      (models[folder] ??= []).push(...files);
    }
  }
  await using comfy = await startComfyUI({ release: "0.3.64", models });
  const catalog = await catalogOf(comfy);
  const able = [...templates.values()].filter((loaded) =>
    isRunnable(checkTemplate(fitTemplate(loaded, {}, catalog).template, catalog))
  );
  assert.deepEqual(able.map(({ name }) => name), inOldRelease);
  const klein = templates.get("flux2_klein_4b")!;
  const problems = checkTemplate(klein, catalog).map(describeProblem);
  assert.match(problems.join("\n"), /"Flux2Scheduler".*: update ComfyUI to 0\.3\.72 or newer\.$/m);
});

Deno.test("no template that ships can run where only a file of another is missing", async () => {
  for (const template of templates.values()) {
    await using comfy = await startComfyUI({ models: filesOf(template) });
    for (const { file, folder = "" } of template.modelFiles) {
      const files = filesOf(template);
      comfy.setModels({ ...files, [folder]: files[folder]!.filter((each) => each !== file) });
      const catalog = await catalogOf(comfy);
      const found = checkTemplate(fitTemplate(template, {}, catalog).template, catalog);
      assert.deepEqual(
        found.map(({ kind }) => kind),
        ["missing_model"],
        `${template.name} ${file}`,
      );
      assert.match(describeProblem(found[0]!), new RegExp(`models get ${template.name}\\)`));
    }
  }
  assert.ok(modelsOf2025["checkpoints"]);
});
