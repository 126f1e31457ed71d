/** What several ComfyUIs have, as one. */
import assert from "node:assert/strict";
import { mergeCatalogs, type NodeCatalog } from "../../src/templates/graph.ts";

const catalog = (
  options: readonly string[],
  max: number,
  ...classes: readonly string[]
): NodeCatalog =>
  Object.fromEntries(["Sampler", ...classes].map((name) => [name, {
    outputNode: false,
    inputs: {
      sampler: { type: "COMBO", required: true, options },
      steps: { type: "INT", required: true, min: 1, max },
    },
  }]));

Deno.test("what one of several ComfyUIs takes may be chosen", () => {
  const merged = mergeCatalogs([
    catalog(["euler", "heun"], 50, "OnlyFirst"),
    catalog(["euler", "ddim"], 100, "OnlySecond"),
    {},
  ]);
  assert.deepEqual(Object.keys(merged).sort(), ["OnlyFirst", "OnlySecond", "Sampler"]);
  assert.deepEqual(merged["Sampler"]!.inputs["sampler"]!.options, ["euler", "heun", "ddim"]);
  assert.equal(merged["Sampler"]!.inputs["steps"]!.max, 100);
});

Deno.test("an input that one of them alone has is kept, and a limit that one does not have is none", () => {
  const [a, b] = [catalog(["x"], 5), catalog(["x"], 5)];
  const { max: _, ...unlimited } = a["Sampler"]!.inputs["steps"]!;
  const other = {
    ...b["Sampler"]!,
    inputs: { steps: unlimited, extra: { type: "INT", required: false } },
  };
  const { inputs } = mergeCatalogs([a, { Sampler: other }])["Sampler"]!;
  assert.deepEqual(Object.keys(inputs).sort(), ["extra", "sampler", "steps"]);
  assert.equal(inputs["steps"]!.max, undefined);
});

Deno.test("one ComfyUI alone is what it is, and none is nothing", () => {
  const one = catalog(["euler"], 5);
  assert.equal(mergeCatalogs([one]), one);
  assert.deepEqual(mergeCatalogs([]), {});
});
