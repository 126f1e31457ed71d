/** What a manifest says besides the bindings: kind, licence, needs, model files and where they are to be had. */
import assert from "node:assert/strict";
import { ConfigError } from "../../src/lib/errors.ts";
import { parseGraph } from "../../src/templates/graph_file.ts";
import { parseManifest } from "../../src/templates/manifest.ts";

const graph = parseGraph({
  path: "x.json",
  text: JSON.stringify({
    "1": { class_type: "LoadImage", inputs: { image: "a.png" } },
    "2": { class_type: "Edit", inputs: { text: "", vae: "v.safetensors", image: ["1", 0] } },
    "3": {
      class_type: "LoraLoader",
      inputs: { lora_name: "l/x.safetensors", vae: "v.safetensors" },
    },
    "4": { class_type: "SaveImage", inputs: { images: ["2", 0] } },
  }),
});

const plain = `title: { en: Edit, ru: Правка }
description: { en: An edit., ru: Правка. }
pictures: 1.image
prompt_text: 2.text
output: 4
parameters: {}
`;

function parse(text: string) {
  const origin = { graph: "x.json", manifest: "x.yaml" };
  return parseManifest({ path: "x.yaml", text }, { name: "x", graph, origin });
}

function refusal(text: string): string {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  assert.fail("it was taken");
}

Deno.test("parseManifest() takes a manifest that says nothing but its bindings as one that edits", () => {
  const { kind, licence, vramGb, comfyui, pictureName, marks, models, modelFiles } = parse(plain);
  assert.equal(kind, "edit");
  assert.deepEqual([licence, vramGb, comfyui, pictureName, marks], Array(5).fill(undefined));
  assert.deepEqual([models, modelFiles], [[], []]);
});

Deno.test("parseManifest() reads what a template needs and how words name a picture", () => {
  const template = parse(`${plain}
kind: edit
licence: Apache-2.0
vram_gb: 12.5
comfyui: 0.37.0
picture_name: <image{n}>
marks: Red lines only mark a place. Remove them.
`);
  assert.equal(template.licence, "Apache-2.0");
  assert.equal(template.vramGb, 12.5);
  assert.equal(template.comfyui, "0.37.0");
  assert.equal(template.pictureName, "<image{n}>");
  assert.equal(template.marks, "Red lines only mark a place. Remove them.");
});

Deno.test("parseManifest() takes one text for both languages", () => {
  const { title, description } = parse(
    plain.replace("{ en: Edit, ru: Правка }", "Studio").replace(
      /description: .*/,
      "description: ok",
    ),
  );
  assert.deepEqual(title, { en: "Studio", ru: "Studio" });
  assert.deepEqual(description, { en: "ok", ru: "ok" });
});

Deno.test("parseManifest() reads model files beside inputs alone, with sizes in their unit or in bytes", () => {
  const { models, modelFiles } = parse(`${plain}
models:
  - 2.vae
  - input: 3.lora_name
    file: l/x.safetensors
    folder: loras
    url: https://example.org/x.safetensors
    size: 6.76 GB
    sha256: ${"AB".repeat(32)}
  - { input: [2.vae, 3.vae], file: v.safetensors, size: 1234567 }
`);
  const at = (node: string, input: string) => ({ node, input });
  assert.deepEqual(models, [
    at("2", "vae"),
    at("3", "lora_name"),
    at("2", "vae"),
    at("3", "vae"),
  ]);
  assert.deepEqual(modelFiles, [
    {
      inputs: [at("3", "lora_name")],
      file: "l/x.safetensors",
      folder: "loras",
      url: "https://example.org/x.safetensors",
      size: { bytes: Math.round(6.76 * 1024 ** 3), isExact: false },
      sha256: "ab".repeat(32),
    },
    {
      inputs: [at("2", "vae"), at("3", "vae")],
      file: "v.safetensors",
      size: { bytes: 1_234_567, isExact: true },
    },
  ]);
});

Deno.test("parseManifest() takes a template without words only where it is said to upscale or to cut out", () => {
  const wordless = plain.replace("prompt_text: 2.text\n", "");
  const template = parse(`${wordless}kind: upscale\n`);
  assert.equal(template.kind, "upscale");
  assert.deepEqual(template.promptText, []);
  assert.equal(parse(`${wordless}kind: cutout\n`).kind, "cutout");
  assert.match(
    refusal(wordless),
    /^x\.yaml:1:1: Cannot use prompt_text: it is missing \(wanted NODE\.INPUT, such as 115\.value\)$/,
  );
});

Deno.test("parseManifest() names the place of what it cannot use, and what is wanted", () => {
  const cases: [lines: string, message: string][] = [
    ["kind: video", '7:7: Cannot use kind: "video" (wanted edit, upscale or cutout)'],
    [
      "licence: ''",
      '7:10: Cannot use licence: "" (wanted the licence of the model files, such as Apache-2.0)',
    ],
    ["factor: 1", "7:9: Cannot use factor: 1 (wanted a number, 2 at least)"],
    ["outpaint: true", "7:11: Cannot use outpaint: true (wanted a sentence, or false)"],
    ["vram_gb: -1", "7:10: Cannot use vram_gb: -1 (wanted a number above 0)"],
    [
      "comfyui: 0.37",
      "7:10: Cannot use comfyui: 0.37 (wanted a version as a text, such as 0.37.0)",
    ],
    [
      "comfyui: newest",
      '7:10: Cannot use comfyui: "newest" (wanted a version as a text, such as 0.37.0)',
    ],
    [
      "picture_name: Picture",
      '7:15: Cannot use picture_name: "Picture" (wanted a name with {n} in it, such as Picture {n})',
    ],
    [
      "models: 2.vea",
      '7:9: Cannot use models: "2.vea" (wanted an input of node 2 (Edit): text, vae, image)',
    ],
    [
      "models: [2.vae, { input: 9.x, file: a }]",
      '7:26: Cannot use models[2].input: "9.x" (wanted a node of the graph, such as 1, 2, 3, 4)',
    ],
    [
      "models: [{ input: 2.vae, file: a, folder: ../a }]",
      '7:43: Cannot use models[1].folder: "../a" (wanted a folder below ComfyUI\'s models/, such as loras)',
    ],
    [
      "models: [{ input: 2.vae, file: a, url: ftp://b }]",
      '7:40: Cannot use models[1].url: "ftp://b" (wanted an address that begins with https://)',
    ],
    [
      "models: [{ input: 2.vae, file: a, size: large }]",
      '7:41: Cannot use models[1].size: "large" (wanted a size such as 6.76 GB, or a number of bytes)',
    ],
    [
      "models: [{ input: 2.vae, file: a, sha256: beef }]",
      '7:43: Cannot use models[1].sha256: "beef" (wanted 64 hexadecimal digits)',
    ],
    [
      "models: [{ input: 2.vae, file: a, directory: loras }]",
      "7:35: Cannot use models[1].directory: unknown key (wanted one of input, file, folder, url, size, sha256)",
    ],
  ];
  for (const [lines, message] of cases) {
    assert.equal(refusal(`${plain}${lines}\n`), `x.yaml:${message}`, lines);
  }
});
