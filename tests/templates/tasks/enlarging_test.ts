/** By which factors a template enlarges, and with which parameters. */
import assert from "node:assert/strict";
import { enlarge, factorsOf } from "../../../src/templates/tasks/enlarging.ts";
import { loadTemplates, readEmbedded } from "../../../src/templates/loader.ts";
import type { Template } from "../../../src/templates/template.ts";

const { templates } = loadTemplates({ embedded: readEmbedded() });
const shipped = (name: string) => templates.get(name)!;
const megapixels = (width: number, height: number) => width * height / 1024 / 1024;

Deno.test("factorsOf() gives the shipped upscalers 2 and 4 within their 16 megapixels, and editors none", () => {
  for (const name of ["upscale", "upscale_simple"]) {
    const of = (width: number, height: number) => factorsOf(shipped(name), { width, height });
    assert.deepEqual(factorsOf(shipped(name)), [2, 4]);
    assert.deepEqual(of(1024, 1024), [2, 4]);
    assert.deepEqual(of(1184, 896), [2, 4], "1.01 megapixels: sides 0.6 % short");
    assert.deepEqual(of(1500, 1500), [2]);
    assert.deepEqual(of(4000, 3000), []);
  }
  for (const name of ["qwen_image_edit", "flux2_klein_4b", "qwen_image_2_1"]) {
    assert.deepEqual(factorsOf(shipped(name)), [], name);
  }
});

Deno.test("enlarge() asks for exactly the size, or for the most that there is", () => {
  const of = (width: number, height: number, factor: number) =>
    enlarge(shipped("upscale"), { width, height }, factor);
  assert.deepEqual(of(1000, 700, 2), { megapixels: megapixels(2000, 1400) });
  assert.deepEqual(of(1184, 896, 4), { megapixels: 16 });
  assert.equal(of(1500, 1500, 4), undefined);
  assert.equal(of(100, 100, 3), undefined);
  assert.equal(enlarge(shipped("qwen_image_edit"), { width: 9, height: 9 }, 2), undefined);
});

Deno.test("a template whose manifest has a factor does that, whatever the size", () => {
  const { megapixels: _, ...params } = shipped("upscale_simple").params;
  const fixed: Template = { ...shipped("upscale_simple"), params, factor: 3 };
  assert.deepEqual(factorsOf(fixed, { width: 5000, height: 5000 }), [3]);
  assert.deepEqual(enlarge(fixed, { width: 5000, height: 5000 }, 3), {});
  assert.equal(enlarge(fixed, { width: 10, height: 10 }, 2), undefined);
  const unknown: Template = { ...shipped("upscale_simple"), params };
  assert.deepEqual(factorsOf(unknown), []);
});
