/**
 * What users hand over as a workflow: graphs inside of other things, odd bytes, odd names, and what was never exported.
 *
 * Drives besides: src/lib/exact_json.ts.
 */
import assert from "node:assert/strict";
import { parseGraph } from "../../src/templates/graph_file.ts";
import { cli, comfyAway, folder } from "../cli/cli_fixture.ts";
import { graphWith, node, sampler } from "./small_graph.ts";

const graph = graphWith();
const wrapped: readonly (readonly [string, unknown])[] = [
  ["a body of POST /prompt", { prompt: graph, client_id: "c", extra_data: { extra_pnginfo: {} } }],
  ["a body of a serverless host", { input: { workflow: graph, images: [] } }],
  ["an entry of the history", {
    "0f-1": { prompt: [3, "0f-1", graph, { client_id: "c" }, ["out"]], outputs: {} },
  }],
  ["an entry of the queue", [3, "0f-1", graph, {}, ["out"]]],
  ["a list of one", [graph]],
  ["both formats", { output: graph, workflow: { nodes: [], links: [] } }],
  ["a graph as text", { prompt: JSON.stringify(graph) }],
];
for (const [name, value] of wrapped) {
  Deno.test(`parseGraph() takes the graph out of ${name}`, () => {
    assert.deepEqual(parseGraph({ path: "x.json", text: JSON.stringify(value) }), graph);
  });
}

Deno.test("parseGraph() does not choose among several graphs, and names places inside of what holds one", () => {
  const parse = (value: unknown) => parseGraph({ path: "x.json", text: JSON.stringify(value) });
  assert.throws(() => parse([graph, graph]), /x\.json:1:1: .*2 are in it, at 0, 1 \(wanted/);
  const { img: _, ...broken } = graph;
  assert.throws(
    () => parse({ input: { workflow: broken } }),
    /^ConfigError: x\.json:1:\d+: Cannot use input\.workflow\.out\.inputs\.images: /,
  );
  assert.throws(() => parse([{ x: 1 }, broken]), /Cannot use \[2\]\.out\.inputs\.images/);
  assert.throws(() => parse({ workflow: { nodes: [], links: [] } }), /the web page's own format/);
});

Deno.test("parseGraph() keeps every number's digits, and reads past a byte order mark", () => {
  const numbers = "18446744073709551615,9007199254740993,-9223372036854775808,1e20,0.1,42";
  const text = `\uFEFF{"1":{"class_type":"X","inputs":{"all":[${numbers}]}}}`;
  const read = parseGraph({ path: "x.json", text });
  assert.equal(JSON.stringify(read), text.slice(1));
});

Deno.test("parseGraph() reads what Python writes bare, and no word of a text for it", () => {
  const text =
    `[3,"id",{"1":{"class_type":"X","inputs":{"text":"NaN \\"Infinity\\"","a":-Infinity},` +
    `"is_changed":[NaN]}},{}]`;
  assert.deepEqual(parseGraph({ path: "x.json", text }), {
    "1": { class_type: "X", inputs: { text: 'NaN "Infinity"', a: null } },
  });
});

Deno.test("workflows import writes the digits of a seed of 64 bits as they are", async () => {
  const seed = "18446744073709551615";
  const second = node("KSampler", { ...sampler, seed: "SEED", latent_image: ["k", 0] });
  const text = JSON.stringify(graphWith({
    k2: second,
    img: node("VAEDecode", { samples: ["k2", 0], vae: ["ckpt", 2] }),
  })).replace('"SEED"', seed);
  await using home = await folder({ "x.json": text });
  const { code, err } = await cli(["workflows", "import", "x.json"], {
    cwd: home.path,
    env: comfyAway,
  });
  assert.equal(code, 0, err);
  assert.ok((await Deno.readTextFile(`${home.path}/workflows/x.json`)).includes(`"seed": ${seed}`));
});

Deno.test("workflows import says to export again when there are nodes of the editor alone", async () => {
  for (
    const [id, each] of [
      ["r", node("Reroute", { "": ["img", 0] })],
      ["p", node("PrimitiveNode")],
      ["n", node("MarkdownNote")],
      ["g", node("workflow>My group")],
      ["s", node("8d3d1f9a-0c1e-4d6b-9a42-5a1f0e2b7c11")],
    ] as const
  ) {
    await using home = await folder({ "x.json": JSON.stringify(graphWith({ [id]: each })) });
    const { code, err } = await cli(["workflows", "import", "x.json"], {
      cwd: home.path,
      env: comfyAway,
    });
    assert.equal(code, 65);
    assert.match(
      err,
      new RegExp(`nodes that exist only in the editor.*node ${id} \\(.*export again`),
    );
    assert.doesNotMatch(err, /custom nodes/);
  }
});

Deno.test("workflows import makes a template's name of a file's name in any script", async () => {
  for (
    const [file, name] of [
      ["Моя Щука.json", "Moya_Shchuka"],
      ["Éléphant (2).json", "Elephant_2"],
      ["图像编辑.json", "workflow"],
      ["🎨.json", "workflow"],
      ["图像 v2.json", "v2"],
    ] as const
  ) {
    await using home = await folder({ [file]: JSON.stringify(graph) });
    const { code, out, err } = await cli(["workflows", "import", file], {
      cwd: home.path,
      env: comfyAway,
    });
    assert.equal(code, 0, err);
    assert.ok(Deno.statSync(`${home.path}/workflows/${name}.yaml`).isFile);
    assert.match(out, new RegExp(`this one is called ${name} \\(--name changes it\\)`));
  }
});

Deno.test("workflows import reads what Windows writes", async () => {
  const text = JSON.stringify(graph);
  const utf16 = new Uint8Array(
    new Uint16Array([0xfeff, ...[...text].map((c) => c.charCodeAt(0))]).buffer,
  );
  for (const bytes of [new TextEncoder().encode(`\uFEFF${text}`), utf16]) {
    await using home = await folder({});
    await Deno.writeFile(`${home.path}/x.json`, bytes);
    const { code, err } = await cli(["workflows", "import", "x.json"], {
      cwd: home.path,
      env: comfyAway,
    });
    assert.equal(code, 0, err);
  }
});
