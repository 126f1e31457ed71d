/** Templates that are written by accident: whatever a file says, it is a template that can be filled, or one ConfigError. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { ConfigError } from "../../src/lib/errors.ts";
import { parseGraph } from "../../src/templates/graph_file.ts";
import { readEmbedded } from "../../src/templates/loader.ts";
import { parseManifest } from "../../src/templates/manifest.ts";
import { fill } from "../../src/templates/template.ts";

const embedded = readEmbedded();
const origin = { graph: "x.json", manifest: "x.yaml" };

/** What is put in the place of a stretch of a file. */
const foreign = fc.oneof(
  fc.constantFrom(
    ...'null|~|{}|[]|-1|1e999|.nan|0x10|true|""|\'\'|*a|&a|!!js|<<: |__proto__|constructor|- |: |\t|\n|["0", 0]'
      .split("|"),
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);

/** A file with some stretches of it replaced; each as a place and a length, in shares of a thousand of the file. */
function damaged(text: string): fc.Arbitrary<string> {
  const place = fc.tuple(fc.nat(1_000), fc.nat(40), foreign);
  return fc.array(place, { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce((now, [at, length, put]) => {
      const from = Math.floor(now.length * at / 1_000);
      return now.slice(0, from) + put + now.slice(from + length);
    }, text)
  );
}

/** What the two files make: a template, or undefined where they are refused as they should be. */
function templateFrom(files: { readonly graph: string; readonly manifest: string }) {
  try {
    const graph = parseGraph({ path: "x.json", text: files.graph });
    const source = { path: "x.yaml", text: files.manifest };
    return parseManifest(source, { name: "x", graph, origin });
  } catch (error) {
    assert.ok(error instanceof ConfigError, `${error}`);
    assert.match(error.message, /^x\.(json|yaml):\d+:\d+: Cannot /);
    return undefined;
  }
}

/** Whatever was taken can be filled, and stays JSON. */
function assertFills(template: ReturnType<typeof templateFrom>): void {
  if (!template) return;
  const graph = fill(template, {
    promptText: "night",
    pictures: ["a.png"],
    params: {},
    megapixels: 1,
    filename: "b",
  });
  assert.deepEqual(JSON.parse(JSON.stringify(graph)), graph);
}

for (const { name, graph = "", manifest = "" } of embedded) {
  Deno.test(`parseManifest() of a damaged ${name}.yaml throws ConfigError or gives what fills`, () => {
    fc.assert(
      fc.property(
        damaged(manifest),
        (text) => assertFills(templateFrom({ graph, manifest: text })),
      ),
      { numRuns: 150 },
    );
  });

  Deno.test(`parseGraph() of a damaged ${name}.json throws ConfigError or gives what fills`, () => {
    fc.assert(
      fc.property(damaged(graph), (text) => assertFills(templateFrom({ graph: text, manifest }))),
      { numRuns: 150 },
    );
  });
}

Deno.test("parseManifest() and parseGraph() throw nothing but ConfigError whatever the text", () => {
  const text = fc.string({ unit: "binary", maxLength: 80 });
  fc.assert(
    fc.property(text, text, (graph, manifest) => assertFills(templateFrom({ graph, manifest }))),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.json(), (graph) => assertFills(templateFrom({ graph, manifest: "{}" }))),
    { numRuns: 300 },
  );
});
