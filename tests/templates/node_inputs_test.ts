/** Inputs as a ComfyUI of 2026 has them: what a graph lacks is filled in, dynamic inputs are understood, and nothing else is alarming. */
import assert from "node:assert/strict";
import { z } from "zod";
import { objectInfoAnswer } from "../../src/comfyui/object_info.ts";
import { parseConfig } from "../../src/config/config.ts";
import { WorkflowRefusedError } from "../../src/lib/errors.ts";
import { checkTemplate, describeProblem, notesOn } from "../../src/templates/check.ts";
import { completeGraph } from "../../src/templates/complete.ts";
import { type ApiPrompt, type NodeCatalog, type NodeInput } from "../../src/templates/graph.ts";
import { draftManifest } from "../../src/templates/import/draft.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { createTemplateSet } from "../../src/templates/registry.ts";
import { fitTemplate, inputInfo } from "../../src/templates/resolve.ts";
import { fill, type Template } from "../../src/templates/template.ts";
import { cli, folder } from "../cli/cli_fixture.ts";

const graphSchema = z.record(
  z.string(),
  z.object({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) }),
);

function recording(name: string): unknown {
  const url = new URL(`../recordings-0.33/${name}.json`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url));
}

/** The graph that a recorded request held. */
function promptOf(name: string): ApiPrompt {
  const schema = z.object({ request: z.object({ prompt: graphSchema }) });
  return schema.parse(recording(name)).request.prompt;
}

const today = objectInfoAnswer.parse(recording("object_info"));
const yesterday = objectInfoAnswer.parse(
  JSON.parse(
    Deno.readTextFileSync(new URL("../recordings/object_info.json", import.meta.url)),
  ),
);
const { templates } = loadTemplates({ embedded: readEmbedded() });

/** A template of this graph that changes nothing but its pictures. */
function templateOf(
  graph: ApiPrompt,
  { output, pictures = [], origin = "workflows/t.json", choice }: {
    readonly output: string;
    readonly pictures?: readonly string[];
    readonly origin?: string;
    readonly choice?: NodeInput;
  },
): Template {
  const text = { en: "t", ru: "t" };
  return {
    name: "t",
    title: text,
    description: text,
    kind: "edit",
    graph,
    pictures: pictures.map((node) => ({ node, input: "image" })),
    promptText: [],
    params: choice
      ? {
        mode: {
          spec: { kind: "choice", default: "scale by multiplier", options: [] },
          targets: [choice],
          optionsFrom: choice,
        },
      }
      : {},
    megapixels: [],
    output: { node: output, filename: [] },
    models: [],
    modelFiles: [],
    origin: { graph: origin, manifest: origin },
  };
}

/** What is wrong with a recorded graph whose output is node 4. */
function problemsOf(graph: ApiPrompt, catalog = today): string[] {
  return checkTemplate(templateOf(graph, { output: "4" }), catalog).map(describeProblem);
}

const request = { promptText: "", params: {}, megapixels: undefined, filename: "f" };

function without(graph: ApiPrompt, node: string, input: string): ApiPrompt {
  const { [input]: _gone, ...inputs } = graph[node]!.inputs;
  return { ...graph, [node]: { ...graph[node]!, inputs } };
}

Deno.test("last year's templates lack nothing in either release, and an older export is completed as the page would", () => {
  for (const name of ["qwen_image_edit", "qwen_image_edit_core", "qwen_image_edit_2509"]) {
    const { graph, output } = templates.get(name)!;
    for (const catalog of [yesterday, today]) {
      assert.deepEqual(completeGraph(graph, catalog).filled, []);
      const kinds = checkTemplate(templateOf(graph, { output: output.node }), catalog)
        .map(({ kind }) => kind).filter((kind) => kind !== "unknown_option");
      assert.deepEqual(kinds, []);
    }
    const older = without(graph, "93", "resolution_steps");
    assert.deepEqual(completeGraph(older, yesterday).graph, older);
    assert.deepEqual(completeGraph(older, today).graph, graph);
    const template = templateOf(older, { output: output.node });
    assert.deepEqual(notesOn(template, today), ["filled in: 93.resolution_steps = 1"]);
  }
});

Deno.test("completeGraph() gives a text and a switch where the page has an empty one, never a link, and never over the graph's own", () => {
  const catalog = objectInfoAnswer.parse({
    N: {
      input: {
        required: {
          words: ["STRING", { multiline: true }],
          tall: ["STRING", { forceInput: true }],
          on: ["BOOLEAN"],
          count: ["INT", { default: 3 }],
          own: ["INT", { default: 3 }],
          bare: ["INT", {}],
          picture: ["IMAGE", { default: "x" }],
          same: ["COMFY_MATCHTYPE_V3", {
            default: 1,
            template: { template_id: "a", allowed_types: "*" },
          }],
          list: [["a", "b"], { default: "b" }],
          pick: [["a", "b"]],
          colors: ["COLORS", { default: ["#fff"], socketless: true }],
          either: ["FLOAT,INT", { default: 0.5 }],
        },
        optional: { more: ["INT", { default: 9 }] },
        hidden: { prompt: "PROMPT" },
      },
    },
  });
  const graph = { "1": { class_type: "N", inputs: { own: 7 } } };
  const done = completeGraph(graph, catalog);
  assert.deepEqual(done.graph["1"]!.inputs, {
    own: 7,
    words: "",
    on: false,
    count: 3,
    list: "b",
    colors: { __value__: ["#fff"] },
    either: 0.5,
  });
  assert.equal(done.filled.length, 6);
  const template = templateOf(graph, { output: "1", origin: "embedded" });
  const found = checkTemplate(template, catalog).map(describeProblem);
  assert.deepEqual(found.slice(0, 5), [
    'Node 1 (N) needs the input "tall" (STRING) from another node, which the graph does not give: update the bot, or ComfyUI if that is the older one.',
    'Node 1 (N) needs the input "bare", which the graph does not give: update the bot, or ComfyUI if that is the older one.',
    'Node 1 (N) needs the input "picture" (IMAGE) from another node, which the graph does not give: update the bot, or ComfyUI if that is the older one.',
    'Node 1 (N) needs the input "same" (*) from another node, which the graph does not give: update the bot, or ComfyUI if that is the older one.',
    'Node 1 (N) needs the input "pick", which the graph does not give and ComfyUI has no default for (offered: "a", "b"): update the bot, or ComfyUI if that is the older one.',
  ]);
});

Deno.test("checkTemplate() refuses the dynamic inputs that ComfyUI refuses, and those that fail in its run", () => {
  assert.deepEqual(problemsOf(promptOf("invalid_autogrow_below_min")), [
    'Node 1 (BatchImagesNode) needs the input "images.image0" (IMAGE) from another node, which the graph does not give: export the workflow from this ComfyUI again.',
  ]);
  assert.deepEqual(problemsOf(promptOf("invalid_autogrow_given_as_plain_input")), [
    'Node 2 (BatchImagesNode) needs the input "images.image0" (IMAGE) from another node, which the graph does not give: export the workflow from this ComfyUI again.',
  ]);
  assert.deepEqual(problemsOf(promptOf("invalid_dynamic_combo_sub_input_out_of_range")), [
    "Node 2 (ResizeImageMaskNode) has 99 as resize_type.multiplier, which ComfyUI does not accept (wanted a number from 0.01 to 8).",
  ]);
  assert.match(
    problemsOf(promptOf("accepted_dynamic_combo_unknown_option")).join("\n"),
    /^Node 2 \(ResizeImageMaskNode\) wants "no such option" as resize_type, which ComfyUI does not offer; offered: "match size", [^\n]*$/,
  );
  assert.match(
    problemsOf(without(promptOf("success_dynamic_inputs"), "2", "resize_type")).join("\n"),
    /needs the input "resize_type", which the graph does not give and ComfyUI has no default/,
  );
  assert.deepEqual(problemsOf(promptOf("invalid_value_out_of_range")), [
    "Node 2 (ImageScaleToTotalPixels) has 99 as megapixels, which ComfyUI does not accept (wanted a number from 0.01 to 16).",
  ]);
  assert.deepEqual(problemsOf(promptOf("invalid_input_type")), [
    'Node 2 (ImageScaleToTotalPixels) has "much" as megapixels, which ComfyUI does not accept (wanted a number from 0.01 to 16).',
  ]);
  // Its default is the server's own word.
  const healed = completeGraph(promptOf("invalid_dynamic_combo_missing_sub_input"), today);
  assert.deepEqual(healed.filled, [{ node: "2", input: "resize_type.multiplier", value: 1 }]);
});

Deno.test("checkTemplate() has nothing against dynamic inputs that ran", () => {
  const graph = promptOf("success_dynamic_inputs");
  assert.deepEqual(problemsOf(graph), []);
  assert.deepEqual(completeGraph(graph, today).graph, graph);
  const template = templateOf(graph, { output: "4" });
  const at = (input: string) => inputInfo(template, today, { node: "2", input });
  assert.equal(at("resize_type.megapixels")?.max, 16);
  assert.equal(at("resize_type.multiplier"), undefined);
  assert.ok(at("resize_type")?.options?.includes("scale by multiplier"));
  assert.equal(at("input")?.type, "IMAGE,MASK");
});

Deno.test("fill() gives the option that is chosen for a job what it brings, and offers none that would lack a link", () => {
  const choice = { node: "2", input: "resize_type" };
  const graph = promptOf("success_dynamic_inputs");
  const template = templateOf(graph, { output: "4", pictures: ["1", "5"], choice });
  const fitted = fitTemplate(template, {}, today).template;
  const { spec } = fitted.params["mode"]!;
  assert.ok(spec.kind === "choice" && spec.options.includes("scale dimensions"));
  assert.ok(!spec.options.includes("match size"), spec.options.join());
  const filled = fill(fitted, { ...request, pictures: ["a", "b"] }, today);
  assert.equal(filled["2"]!.inputs["resize_type"], "scale by multiplier");
  assert.equal(filled["2"]!.inputs["resize_type.multiplier"], 1);
});

/** Pictures 1, 2 and 3 in a list, in this order of names. */
function batch(names: readonly string[]): Template {
  const load = { class_type: "LoadImage", inputs: { image: "" } };
  const links = Object.fromEntries(names.map((name, i) => [`images.${name}`, [String(i + 1), 0]]));
  return templateOf({
    "1": load,
    "2": load,
    "3": load,
    "6": { class_type: "BatchImagesNode", inputs: links },
    "4": { class_type: "SaveImage", inputs: { images: ["6", 0], filename_prefix: "x" } },
  }, { output: "4", pictures: ["1", "2", "3"] });
}

Deno.test("fill() moves the rest of a list up where a picture that is not there was needed in it, and leaves other gaps", () => {
  const given = (names: readonly string[], pictures: readonly string[]) =>
    fill(batch(names), { ...request, pictures }, today)["6"]!.inputs;
  assert.deepEqual(given(["image0", "image1", "image2"], ["a"]), { "images.image0": ["1", 0] });
  assert.deepEqual(given(["image2", "image1", "image0"], ["a", "b"]), {
    "images.image0": ["2", 0],
    "images.image1": ["1", 0],
  });
  assert.deepEqual(given(["image0", "image3", "image1"], ["a", "b"]), {
    "images.image0": ["1", 0],
    "images.image3": ["2", 0],
  });
});

Deno.test("fill() refuses what would lack a link with so many pictures, and the check notes it", () => {
  const two: NodeCatalog = {
    ...today,
    BatchImagesNode: objectInfoAnswer.parse({
      B: {
        input: {
          required: {
            images: ["COMFY_AUTOGROW_V3", {
              template: {
                input: { required: { i: ["IMAGE", {}] } },
                prefix: "image",
                min: 2,
                max: 9,
              },
            }],
          },
        },
      },
    })["B"]!,
  };
  const template = batch(["image0", "image1", "image2"]);
  assert.throws(
    () => fill(template, { ...request, pictures: ["a"] }, two),
    (error) =>
      error instanceof WorkflowRefusedError &&
      /with 1 picture: node 6 \(BatchImagesNode\) needs the input "images.image1"/.test(
        error.message,
      ),
  );
  fill(template, { ...request, pictures: ["a", "b"] }, two);
  assert.deepEqual(checkTemplate(template, two), []);
  assert.deepEqual(notesOn(template, two), [
    'With 1 picture it cannot run: Node 6 (BatchImagesNode) needs the input "images.image1".',
  ]);
});

Deno.test("an input of a kind that is yet to come is let through, with a note", () => {
  const catalog = objectInfoAnswer.parse({
    N: { input: { required: { stack: ["COMFY_STACK_V4", { of: "IMAGE" }] } }, output_node: true },
  });
  const graph = { "1": { class_type: "N", inputs: { "stack.top": 1 } } };
  const template = {
    ...templateOf(graph, { output: "1" }),
    megapixels: [{ node: "1", input: "stack.top" }],
  };
  assert.deepEqual(checkTemplate(template, catalog), []);
  assert.deepEqual(notesOn(template, catalog), [
    "Node 1 (N) takes stack as COMFY_STACK_V4, which this program does not know: not checked.",
  ]);
  assert.deepEqual(completeGraph(graph, catalog).graph, graph);
});

Deno.test("objectInfoAnswer names choices that are objects, and opens what comes with a slot", () => {
  const catalog = objectInfoAnswer.parse({
    N: {
      input: {
        required: {
          lora: [[{ content: "a.safetensors", image: null }, "b", { odd: 1 }, 3]],
          slot: ["COMFY_DYNAMICSLOT_V3", {
            slotType: "MASK",
            inputs: { required: { grow: ["INT", { default: 4 }] } },
          }],
        },
      },
    },
  });
  assert.deepEqual(catalog["N"]!.inputs["lora"]!.options, ["a.safetensors", "b", "3"]);
  const node = (inputs: Record<string, unknown>) => ({ "1": { class_type: "N", inputs } });
  const filledIn = (inputs: Record<string, unknown>) =>
    completeGraph(node(inputs), catalog).filled.map(({ input }) => input);
  assert.deepEqual(filledIn({ lora: "b", slot: ["1", 0] }), ["slot.grow"]);
  assert.deepEqual(filledIn({ lora: "b" }), []);
});

Deno.test("draftManifest() binds the size that a dynamic input holds, and config.yaml can name a model file in one", () => {
  const shipped = templates.get("qwen_image_edit_core")!;
  const graph = {
    ...shipped.graph,
    "93": {
      class_type: "ResizeImageMaskNode",
      inputs: {
        input: ["78", 0],
        resize_type: "scale total pixels",
        "resize_type.megapixels": 1,
        scale_method: "area",
      },
    },
  };
  const draft = draftManifest(graph, { name: "d", file: "d.json", model: shipped, nodePacks: {} });
  const megapixels = draft.entries.find(({ key }) => key === "megapixels");
  assert.equal(megapixels?.value, "93.resize_type.megapixels");

  const text = 'workflow:\n  models: { d: { "5.model.unet_name": "m.safetensors" } }\n';
  const config = parseConfig({
    env: {},
    yaml: { path: "config.yaml", text },
    cwd: "/srv/bot",
    tokenOptional: true,
  });
  assert.ok(config.ok, JSON.stringify(config));
  assert.deepEqual(config.config.workflow.models["d"], [
    { node: "5", input: "model.unet_name", file: "m.safetensors" },
  ]);
});

Deno.test("learn() knows which template lacks what nothing gives, and no more when ComfyUI is another one", async () => {
  const shipped = templates.get("qwen_image_edit_core")!;
  const set = createTemplateSet(new Map([[shipped.name, shipped]]), {});
  const scale = today["ImageScaleToTotalPixels"]!;
  const mask = { type: "MASK", required: true };
  const stricter = {
    ...today,
    ImageScaleToTotalPixels: { ...scale, inputs: { ...scale.inputs, mask } },
  };
  assert.equal(set.lacking.size, 0);
  await set.learn("gpu", () => Promise.resolve(stricter));
  assert.equal(set.lacking.get(shipped.name)?.input, "mask");
  await set.learn("gpu", () => Promise.resolve(today));
  assert.equal(set.lacking.size, 0);
});

Deno.test("workflows check says of an owner's older export what is filled in, and takes it", async () => {
  await using server = Deno.serve({ port: 0, onListen: () => {} }, ({ url }) => {
    const name = decodeURIComponent(new URL(url).pathname.split("/")[2] ?? "");
    const all = z.record(z.string(), z.unknown()).parse(recording("object_info"));
    return Response.json(name in all ? { [name]: all[name] } : {});
  });
  const shipped = readEmbedded().find(({ name }) => name === "qwen_image_edit")!;
  const older = shipped.graph.replace(/,\s*"resolution_steps": 1/, "");
  assert.notEqual(older, shipped.graph);
  await using home = await folder();
  await Deno.mkdir(`${home.path}/workflows`);
  await Deno.writeTextFile(`${home.path}/workflows/mine.json`, older);
  await Deno.writeTextFile(`${home.path}/workflows/mine.yaml`, shipped.manifest);
  const { code, out } = await cli(["workflows", "check", "mine"], {
    cwd: home.path,
    env: { COMFYUI_PORT: String(server.addr.port) },
  });
  assert.equal(out, "mine: OK\n  filled in: 93.resolution_steps = 1\n");
  assert.equal(code, 0);
});
