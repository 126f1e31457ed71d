/** Which backends are asked what they have when one of several is back. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { until } from "../../lab/until.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { createTemplateSet } from "../../src/templates/registry.ts";
import { createCatalogPoller } from "../../src/worker/catalog_poller.ts";

Deno.test("cameBack() has that backend asked alone, askNow() each of them", async () => {
  const set = createTemplateSet(loadTemplates({ embedded: readEmbedded() }).templates, {});
  const poller = createCatalogPoller({
    templates: () => set,
    store: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    tell: () => {},
    tellDefault: () => {},
  });
  const stop = new AbortController();
  await poller.run();
  const asked: string[] = [];
  const attending = ["one", "two", "three"].map((name) =>
    poller.attend({
      name,
      catalog() {
        asked.push(name);
        return Promise.resolve({});
      },
    }, stop.signal)
  );
  /** Those that are asked next, when as many as that have been. */
  async function next(count: number): Promise<string[]> {
    await until(`${count} are asked`, () => asked.length >= count);
    await pause(0); // each has taken in its answer
    return asked.splice(0).sort();
  }
  assert.deepEqual(await next(3), ["one", "three", "two"]);
  for (const name of ["two", "one", "two"]) {
    poller.cameBack(name);
    assert.deepEqual(await next(1), [name]);
  }
  poller.cameBack("stranger");
  poller.askNow();
  assert.deepEqual(await next(3), ["one", "three", "two"]);
  stop.abort();
  await Promise.all(attending);
});
