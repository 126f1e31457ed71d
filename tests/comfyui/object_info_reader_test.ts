/** The whole of `/object_info`, read bit by bit. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { objectInfoAnswer } from "../../src/comfyui/object_info.ts";
import { readCatalog } from "../../src/comfyui/object_info_reader.ts";

const { signal } = new AbortController();
const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readCatalog(bytesOf(text), signal);

for (const release of ["recordings", "recordings-0.33"]) {
  Deno.test(`readCatalog() reads what objectInfoAnswer reads of ${release}, however it is set`, async () => {
    const url = new URL(`../${release}/object_info.json`, import.meta.url);
    const value: unknown = JSON.parse(await Deno.readTextFile(url));
    const expected = objectInfoAnswer.parse(value);
    for (const space of [0, 2]) {
      assert.deepEqual(await read(`\n ${JSON.stringify(value, undefined, space)}\r\n`), expected);
    }
  });
}

Deno.test("readCatalog() is not misled by what stands in texts", async () => {
  const value = {
    'a{"[': { input: { required: { 'x",}]\\': [["Ö{", '"', "\\"], { tooltip: '\\"}{,' }] } } },
    "b": { input: {}, output_node: true },
  };
  assert.deepEqual(await read(JSON.stringify(value)), objectInfoAnswer.parse(value));
  assert.deepEqual(await read(" { } "), {});
});

Deno.test("readCatalog() reads limits that JSON has not, as Python writes them, and keeps the rest", async () => {
  const limits = '["FLOAT", {"default": NaN, "min": -Infinity, "max": 8}]';
  const catalog = await read(
    `{"a": {"input": {"required": {"x": ${limits}}}}, "b": {"input": {}}}`,
  );
  assert.deepEqual(Object.keys(catalog), ["a", "b"]);
  const { min, max } = catalog["a"]?.inputs["x"] ?? {};
  assert.deepEqual([min, max], [undefined, 8]);
});

Deno.test("readCatalog() throws for what is no object, not whole or followed by more", async () => {
  const whole = JSON.stringify({ a: { input: {} }, b: { input: {} } });
  for (let length = 0; length < whole.length; length++) {
    await assert.rejects(read(whole.slice(0, length)), SyntaxError, whole.slice(0, length));
  }
  for (const text of ["[]", "null", '"{}"', "<html>", `${whole}${whole}`, `x${whole}`, '{"a" 1}']) {
    await assert.rejects(read(text), SyntaxError, text);
  }
});

Deno.test("readCatalog() lets others have their turn, and ends with its signal", async () => {
  const url = new URL("../recordings-0.33/object_info.json", import.meta.url);
  const recorded = z.record(z.string(), z.unknown()).parse(
    JSON.parse(await Deno.readTextFile(url)),
  );
  const text = JSON.stringify(Object.fromEntries(
    Array.from(
      { length: 24 },
      (_, i) => Object.entries(recorded).map(([name, value]) => [`${name} ${i}`, value] as const),
    ).flat(),
  ));
  let turns = 0;
  let isDone = false;
  const reading = read(text).finally(() => isDone = true);
  for (; !isDone; turns++) await turn();
  assert.equal(Object.keys(await reading).length, 24 * Object.keys(recorded).length);
  assert.ok(turns > 3, `${turns} turns`);

  const stop = new AbortController();
  const stopped = readCatalog(bytesOf(text), stop.signal);
  stop.abort();
  await assert.rejects(stopped, { name: "AbortError" });
});
