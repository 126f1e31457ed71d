/** The workflow in a picture or a video: where it is found, which of two is taken, and what is said where there is none. */
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import assert from "node:assert/strict";
import { findInFile } from "../../../src/templates/import/workflow_file.ts";
import { convert } from "../web/small_workflow.ts";
import { bound, edit } from "./bound.ts";
import { png } from "./text_png.ts";
import { checkpoint, webEdit } from "./web_edit.ts";

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
  // Without ComfyUI they cannot be compared.
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

Deno.test("importWorkflow() finds a saved workflow inside of something else", async () => {
  const encode = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
  for (
    const json of [
      { workflow: webEdit() },
      [webEdit()],
      { extra_data: { extra_pnginfo: { workflow: web } } },
      { id: { prompt: [1, "id", JSON.parse(prompt), {}, ["25"]], outputs: {} } },
    ]
  ) assert.deepEqual((await bound(encode(json))).table, edit);
});
