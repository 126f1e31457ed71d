/** readWebWorkflow() on files that are odd, old or damaged. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { ConfigError } from "../../../src/lib/errors.ts";
import { webToApi } from "../../../src/templates/web/convert.ts";
import { isWebFormat } from "../../../src/templates/graph_file.ts";
import { readWebWorkflow } from "../../../src/templates/web/read.ts";
import { catalogWith, workflow } from "./small_workflow.ts";

const catalog = catalogWith();

Deno.test("readWebWorkflow() reads files without what older pages did not write", () => {
  const read = readWebWorkflow({
    nodes: [{ id: 1, type: "LoadImage", widgets_values: ["cat.png"] }, {
      id: "two",
      type: "SaveImage",
      mode: "odd",
      inputs: [{ name: "images", type: 0, link: 5 }, { link: null }],
      outputs: null,
      widgets_values: null,
    }],
    links: [[5, 1, 0, "two", 0, "IMAGE"], null, [6]],
  }, "old.json");
  assert.deepEqual(webToApi(read, catalog).graph["two"]!.inputs, {
    filename_prefix: "ComfyUI",
    images: ["1", 0],
  });
});

Deno.test("readWebWorkflow() names the place that it cannot read", () => {
  for (
    const [file, place] of [
      [{ nodes: [{ id: 1 }] }, "nodes.0.type"],
      [{ nodes: ["a"] }, "nodes.0"],
      [{ nodes: [], definitions: { subgraphs: [{ id: "a" }] } }, "definitions.subgraphs.0.nodes"],
    ] as const
  ) {
    assert.throws(
      () => readWebWorkflow(file, "bad.json"),
      (error) =>
        error instanceof ConfigError && error.message.startsWith("bad.json: ") &&
        error.message.includes(place),
    );
  }
});

Deno.test("readWebWorkflow() finds definitions inside of definitions, however deep they lie", () => {
  const empty = { nodes: [], links: [] };
  let deepest: object[] = [];
  for (let i = 0; i < 3000; i++) {
    deepest = [{ ...empty, id: `level ${i}`, definitions: { subgraphs: deepest } }];
  }
  const read = readWebWorkflow({ ...empty, definitions: { subgraphs: deepest } }, "deep.json");
  assert.equal(read.subgraphs.size, 3000);
});

Deno.test("isWebFormat() is true for what has a list of nodes alone", () => {
  assert.equal(isWebFormat(workflow([])), true);
  for (
    const other of [null, [], "nodes", {}, { nodes: {} }, { 1: { class_type: "A", inputs: {} } }]
  ) {
    assert.equal(isWebFormat(other), false);
  }
});

Deno.test("webToApi() gives a graph or a ConfigError whatever is in the file", () => {
  const id = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant("x"));
  const type = fc.constantFrom(
    ..."KSampler SaveImage Reroute PrimitiveNode GetNode SetNode ResizeImageMaskNode A Nowhere"
      .split(
        " ",
      ),
  );
  const input = fc.record({
    name: fc.constantFrom("images", "seed", "input", ""),
    type: fc.constantFrom("IMAGE", "*", 0),
    link: fc.option(fc.integer({ min: 1, max: 6 })),
  });
  const node = fc.record({
    id,
    type,
    mode: fc.constantFrom(0, 2, 4),
    inputs: fc.array(input, { maxLength: 3 }),
    outputs: fc.array(fc.record({ type: fc.constantFrom("IMAGE", "INT") }), { maxLength: 2 }),
    widgets_values: fc.oneof(fc.array(fc.jsonValue(), { maxLength: 4 }), fc.jsonValue()),
  });
  const end = fc.oneof(id, fc.constantFrom(-10, -20));
  const slot = fc.integer({ min: 0, max: 2 });
  const links = fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), end, slot, end, slot));
  const ids = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 });
  const nodes = fc.array(node, { maxLength: 5 });
  const file = fc.record({
    nodes,
    links,
    definitions: fc.record({
      subgraphs: fc.array(
        fc.record({
          id: fc.constant("A"),
          nodes,
          links: links.map((all) =>
            all.map(([id, origin_id, origin_slot, target_id, target_slot]) => ({
              id,
              origin_id,
              origin_slot,
              target_id,
              target_slot,
            }))
          ),
          inputs: fc.array(fc.record({ name: fc.constantFrom("seed", "input"), linkIds: ids })),
          outputs: fc.array(fc.record({ linkIds: ids })),
        }),
        { maxLength: 1 },
      ),
    }),
  });
  fc.assert(fc.property(file, (json) => {
    try {
      const { graph } = webToApi(readWebWorkflow(json, "any.json"), catalog);
      for (const { inputs } of Object.values(graph)) {
        for (const value of Object.values(inputs)) {
          if (Array.isArray(value)) assert.ok(Object.hasOwn(graph, value[0]));
        }
      }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }));
});
