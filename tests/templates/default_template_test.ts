/** Which template users get who have chosen none, by what ComfyUI can run, and as that changes. */
import assert from "node:assert/strict";
import {
  type ModelFiles,
  modelsOf2025,
  releases,
  type SimulatedComfyUI,
  startComfyUI,
} from "../../lab/comfyui/mod.ts";
import { createComfyBackend } from "../../src/comfyui/backend.ts";
import { chooseDefault, mayBeDefault } from "../../src/templates/default_template.ts";
import { loadTemplates, readEmbedded } from "../../src/templates/loader.ts";
import { createTemplateSet, type UnusableDefault } from "../../src/templates/registry.ts";
import type { TemplateOverrides } from "../../src/templates/resolve.ts";
import { createCatalogPoller, type RunnableTemplates } from "../../src/worker/catalog_poller.ts";

const { templates } = loadTemplates({ embedded: readEmbedded() });
const names = [...templates.keys()];

/** What is chosen where these can run. */
function chosen(able: readonly string[], configured?: string): string | undefined {
  return chooseDefault(templates.values(), (name) => able.includes(name), configured)?.name;
}

Deno.test("chooseDefault() takes the first that can run, the configured one before all others", () => {
  assert.equal(chosen(names), "qwen_image_2_1");
  for (const [i, name] of names.entries()) {
    assert.equal(chosen(names.slice(i)), name, "the order is that of quality");
    if (mayBeDefault(templates.get(name)!)) assert.equal(chosen(names, name), name);
    assert.equal(chosen([name]), name);
    assert.equal(chosen([name], "qwen_image_edit_2509"), name);
  }
});

Deno.test("chooseDefault() prefers what takes words, and speaks of one where none can run", () => {
  for (const upscaler of ["upscale", "upscale_simple"]) {
    assert.equal(chosen(names, upscaler), "qwen_image_2_1", "not even where it is configured");
    assert.equal(chosen([upscaler, "flux1_kontext"], upscaler), "flux1_kontext");
  }
  assert.equal(chosen([]), "qwen_image_2_1");
  assert.equal(chosen([], "flux1_kontext"), "flux1_kontext");
  assert.equal(chosen([], "gone"), "qwen_image_2_1");
  assert.equal(chooseDefault([], () => true), undefined);
});

function askAt(comfy: SimulatedComfyUI) {
  const backend = createComfyBackend({ now: () => performance.now() }, {
    name: "comfyui",
    baseUrl: comfy.url,
    clientId: "test",
  });
  const { signal } = new AbortController();
  return {
    backend,
    ask: (types: readonly string[]) => backend.catalog(types, { signal }),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

for (const release of releases) {
  Deno.test(`learn() offers what can run and changes the default with the files, ComfyUI ${release}`, async () => {
    await using comfy = await startComfyUI({ release, models: {} });
    await using server = askAt(comfy);
    const set = createTemplateSet(templates, {});
    assert.deepEqual([...set.runnable.keys()], names, "nothing is known yet");
    assert.equal(set.isLearned, false);

    const found = await set.learn("gpu", server.ask);
    assert.deepEqual([...set.runnable.keys()], []);
    assert.match(found.join("\n"), /ComfyUI can run none of them.*models get NAME/);
    assert.equal(set.insteadOf("qwen_image_2_1"), undefined);

    comfy.setModels(modelsOf2025);
    assert.deepEqual(await set.learn("gpu", server.ask), []);
    assert.deepEqual([...set.runnable.keys()], [
      "qwen_image_edit",
      "qwen_image_edit_core",
      "qwen_image_edit_2509",
    ]);
    assert.equal(set.defaultTemplate.name, "qwen_image_edit");
    assert.equal(set.insteadOf("qwen_image_2_1")?.name, "qwen_image_edit");
    assert.equal(set.insteadOf("qwen_image_edit_2509"), undefined);

    // What could run and no longer can is worth a word.
    comfy.setModels({ ...modelsOf2025, checkpoints: [] });
    const lost = await set.learn("gpu", server.ask);
    assert.deepEqual(lost.map((line) => line.split(":")[0]), [
      "qwen_image_edit",
      "qwen_image_edit_core",
    ]);
    assert.equal(set.defaultTemplate.name, "qwen_image_edit_2509");
  });
}

/** Runs a poller until `steps` are through; gives what was told of the default. */
async function toldBy(
  overrides: TemplateOverrides,
  models: ModelFiles,
  steps: (at: {
    readonly comfy: SimulatedComfyUI;
    readonly told: readonly UnusableDefault[];
    askAgain(): Promise<void>;
  }) => Promise<void>,
  kept: { record?: RunnableTemplates | undefined } = {},
): Promise<void> {
  await using comfy = await startComfyUI({ models });
  await using server = askAt(comfy);
  const set = createTemplateSet(templates, overrides);
  const told: UnusableDefault[] = [];
  let asked = Promise.withResolvers<void>();
  const poller = createCatalogPoller({
    templates: () => set,
    store: {
      load: () => Promise.resolve(kept.record),
      save: (record) => Promise.resolve(void (kept.record = record)),
    },
    tell: () => {},
    tellDefault: (unusable) => told.push(unusable),
  });
  const stop = new AbortController();
  await poller.run();
  const running = poller.attend({
    name: "comfyui",
    async catalog(types, options) {
      const answer = await server.backend.catalog(types, options);
      setTimeout(asked.resolve, 0); // after all that the answer brings about
      return answer;
    },
  }, stop.signal);
  await asked.promise;
  try {
    await steps({
      comfy,
      told,
      async askAgain() {
        asked = Promise.withResolvers();
        poller.cameBack("comfyui");
        await asked.promise;
      },
    });
  } finally {
    stop.abort();
    await running;
  }
}

Deno.test("run() tells once of a configured default that cannot run, and again when what users get changes", async () => {
  await toldBy({ template: "flux2_klein_4b" }, modelsOf2025, async ({ comfy, told, askAgain }) => {
    assert.deepEqual(told.map(({ name, instead }) => [name, instead?.name]), [
      ["flux2_klein_4b", "qwen_image_edit"],
    ]);
    assert.match(told[0]!.problems.join("\n"), /flux-2-klein-4b-fp8\.safetensors/);
    await askAgain();
    assert.equal(told.length, 1);
    comfy.setModels({ ...modelsOf2025, checkpoints: [] });
    await askAgain();
    assert.equal(told[1]?.instead?.name, "qwen_image_edit_2509");
    comfy.setModels({});
    await askAgain();
    assert.deepEqual([told.length, told[2]?.instead], [3, undefined]);
  });
});

Deno.test("run() remembers over a restart what can run and what was told", async () => {
  const kept: { record?: RunnableTemplates } = {};
  const overrides = { template: "flux2_klein_4b" };
  await toldBy(overrides, modelsOf2025, ({ told }) => {
    assert.equal(told.length, 1);
    return Promise.resolve();
  }, kept);
  const runnable = ["qwen_image_edit", "qwen_image_edit_core", "qwen_image_edit_2509"];
  assert.deepEqual(kept.record?.runnable, runnable);
  await toldBy(overrides, modelsOf2025, ({ told }) => {
    assert.deepEqual(told, [], "a restart tells nothing again");
    return Promise.resolve();
  }, kept);

  const set = createTemplateSet(templates, {});
  set.recall(kept.record!.runnable);
  assert.deepEqual([...set.runnable.keys()], runnable);
  assert.equal(set.defaultTemplate.name, "qwen_image_edit");
  assert.equal(set.isLearned, false);
  await using comfy = await startComfyUI();
  await using server = askAt(comfy);
  await set.learn("gpu", server.ask);
  assert.equal(set.defaultTemplate.name, "qwen_image_2_1", "an answer counts before a memory");
});

Deno.test("run() says nothing of a default that runs, or that is not configured", async () => {
  await toldBy({ template: "qwen_image_edit_core" }, modelsOf2025, async ({ told, askAgain }) => {
    await askAgain();
    assert.deepEqual(told, []);
  });
  await toldBy({}, {}, ({ told }) => Promise.resolve(assert.deepEqual(told, [])));
});

Deno.test("on() tells what each of several ComfyUIs can run, those too that have the same", async () => {
  await using one = await startComfyUI({ models: modelsOf2025 });
  await using two = await startComfyUI({ models: modelsOf2025 });
  await using first = askAt(one);
  await using second = askAt(two);
  const set = createTemplateSet(templates, {});
  const name = "qwen_image_edit";
  const seen = () => [set.on("one")?.get(name), set.on("two")?.get(name), set.runnable.has(name)];
  assert.deepEqual(seen(), [undefined, undefined, true]);
  assert.deepEqual([set.runsOn("one", name), set.runsOn("two", name)], [true, true]);
  await set.learn("one", first.ask);
  assert.deepEqual(seen(), [true, undefined, true]);
  await set.learn("two", second.ask);
  assert.deepEqual(seen(), [true, true, true]);

  two.setModels({});
  await set.learn("two", second.ask);
  assert.deepEqual(seen(), [true, false, true]);
  assert.deepEqual([set.runsOn("one", name), set.runsOn("two", name)], [true, false]);
  one.setModels({});
  const missing = await set.learn("one", first.ask);
  assert.deepEqual(seen(), [false, false, false]);
  assert.match(missing.join("\n"), /qwen_image_edit: .*Qwen-Rapid/);
  two.setModels(modelsOf2025);
  await set.learn("two", second.ask);
  assert.deepEqual(seen(), [false, true, true]);
  assert.equal(set.missing.has(name), false);
});

Deno.test("forget() takes back what only a backend that has gone could run, and keeps what the last one had", async () => {
  await using one = await startComfyUI({ models: {} });
  await using two = await startComfyUI({ models: modelsOf2025 });
  await using first = askAt(one);
  await using second = askAt(two);
  const set = createTemplateSet(templates, {});
  const name = "qwen_image_edit";
  assert.equal(set.knows("two"), false);
  await set.learn("one", first.ask);
  await set.learn("two", second.ask);
  assert.deepEqual([set.knows("two"), set.runnable.has(name)], [true, true]);
  set.forget("two");
  assert.deepEqual([set.knows("two"), set.runnable.has(name)], [false, false]);
  await set.learn("two", second.ask);
  set.forget("one");
  set.forget("two");
  assert.deepEqual([set.knows("two"), set.runnable.has(name)], [true, true]);
});
