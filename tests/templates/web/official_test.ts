/**
 * webToApi() against what the page itself exported of official workflows. Those lie beside the repository (`../shared`), not in
 * it; where they are not there, the tests are ignored.
 *
 * Drives besides: src/templates/web/convert.ts.
 */
import assert from "node:assert/strict";
import { parseExactly } from "../../../src/lib/exact_json.ts";
import { convert } from "./small_workflow.ts";

const folder = new URL("../../../../shared/comfyui/web-format/", import.meta.url);
const names = pairs();

function pairs(): readonly string[] {
  try {
    return [...Deno.readDirSync(folder)]
      .flatMap(({ name }) => /^(.+)\.web\.json$/.exec(name)?.[1] ?? []).sort();
  } catch {
    return [];
  }
}

function read(file: string): unknown {
  return parseExactly(Deno.readTextFileSync(new URL(file, folder)));
}

/** A class that the recorded `/object_info` leaves out. */
const classes = {
  DualCFGGuider: {
    input: {
      required: {
        model: ["MODEL", {}],
        cond1: ["CONDITIONING", {}],
        cond2: ["CONDITIONING", {}],
        negative: ["CONDITIONING", {}],
        cfg_conds: ["FLOAT", { default: 8 }],
        cfg_cond2_negative: ["FLOAT", { default: 8 }],
        style: ["COMBO", { options: ["regular", "nested"] }],
      },
    },
  },
};

/** Class and inputs of every node, as JSON has them: titles are for users. */
function comparable(graph: unknown): unknown {
  const nodes = JSON.parse(JSON.stringify(graph));
  for (const node of Object.values<Record<string, unknown>>(nodes)) delete node["_meta"];
  return nodes;
}

Deno.test({
  name: `webToApi() gives what the page exported: ${
    names.length > 0 ? `${names.length} pairs` : "no pairs are here (../shared/comfyui/web-format)"
  }`,
  ignore: names.length === 0,
  async fn(test) {
    for (const name of names) {
      await test.step(name, () => {
        const { graph, doubts } = convert(read(`${name}.web.json`), classes);
        assert.deepEqual(comparable(graph), comparable(read(`${name}.api.json`)));
        assert.deepEqual(doubts.filter(({ isUnknown }) => isUnknown), []);
      });
    }
  },
});
