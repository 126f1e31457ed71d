import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError } from "../../src/lib/errors.ts";
import { parseGraph } from "../../src/templates/graph_file.ts";
import {
  createTemplateReader,
  diskFolder,
  type LoadedTemplates,
  loadTemplates,
  readEmbedded,
} from "../../src/templates/loader.ts";
import { parseManifest } from "../../src/templates/manifest.ts";

const graph = `{
  "1": {
    "class_type": "LoadImage",
    "inputs": { "image": "a.png" }
  },
  "2": {
    "class_type": "Edit",
    "inputs": { "text": "", "steps": 4, "cfg": 1.5, "image": ["1", 0] }
  },
  "3": { "class_type": "SaveImage", "inputs": { "images": ["2", 0] } }
}
`;

const manifest = `title: { en: Edit, ru: Правка }
description: { en: An edit., ru: Правка. }
pictures: 1.image
prompt_text: [2.text]
output: 3
parameters:
  steps: { kind: int, targets: 2.steps, default: 4, min: 1, max: 9, step: 1 }
  cfg: { kind: float, targets: 2.cfg, default: 1, min: 0, max: 2, step: 0.1 }
`;

const embedded = [{ name: "edit", graph, manifest }];

/** Loads with these files on disk; a function makes the file itself. */
async function loadWith(
  files: Readonly<Record<string, string>>,
  use: (loaded: LoadedTemplates, at: (file: string) => string) => void,
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [file, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, file), text);
    }
    use(loadTemplates({ embedded, folder: diskFolder(folder) }), (file) => join(folder, file));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  assert.fail("it was taken");
}

const graphRefusal = (text: string) => refusal(() => parseGraph({ path: "x.json", text }));
const manifestRefusal = (text: string) =>
  refusal(() =>
    parseManifest({ path: "x.yaml", text }, {
      name: "x",
      graph: parseGraph({ path: "x.json", text: graph }),
      origin: { graph: "x.json", manifest: "x.yaml" },
    })
  );

Deno.test("loadTemplates() makes templates of the embedded files alone", () => {
  const { templates, problems } = loadTemplates({ embedded });
  assert.deepEqual(problems, []);
  const edit = templates.get("edit")!;
  assert.deepEqual(edit.origin, { graph: "embedded", manifest: "embedded" });
  assert.deepEqual(edit.pictures, [{ node: "1", input: "image" }]);
  assert.deepEqual(edit.promptText, [{ node: "2", input: "text" }]);
  assert.deepEqual(edit.output, { node: "3", filename: [] });
  assert.deepEqual(Object.keys(edit.params), ["steps", "cfg"]);
});

Deno.test("readEmbedded() finds a graph and a manifest for each template in the repository, the best first", () => {
  const names = readEmbedded().map(({ name }) => name);
  assert.deepEqual(names, [
    "qwen_image_2_1",
    "qwen_image_2_1_turbo",
    "qwen_image_edit_2511",
    "qwen_image_edit",
    "qwen_image_edit_core",
    "qwen_image_edit_2509",
    "flux2_klein_4b",
    "flux1_kontext",
    "upscale",
    "upscale_simple",
  ]);
  const there = [...Deno.readDirSync(new URL("../../workflows/", import.meta.url))];
  assert.deepEqual(
    there.map(({ name }) => name).sort(),
    names.flatMap((name) => [`${name}.json`, `${name}.yaml`]).sort(),
  );
});

Deno.test("loadTemplates() lets a manifest on disk win over the embedded one, the graph staying", async () => {
  await loadWith({ "edit.yaml": manifest.replace("default: 4", "default: 7") }, (loaded, at) => {
    assert.deepEqual(loaded.problems, []);
    const edit = loaded.templates.get("edit")!;
    assert.equal(edit.params["steps"]?.spec.default, 7);
    assert.deepEqual(edit.origin, { graph: "embedded", manifest: at("edit.yaml") });
  });
});

Deno.test("loadTemplates() lets a graph on disk win over the embedded one, the manifest staying", async () => {
  await loadWith({ "edit.json": graph.replace('"Edit"', '"Edit2"') }, (loaded, at) => {
    assert.deepEqual(loaded.problems, []);
    const edit = loaded.templates.get("edit")!;
    assert.equal(edit.graph["2"]?.class_type, "Edit2");
    assert.deepEqual(edit.origin, { graph: at("edit.json"), manifest: "embedded" });
  });
});

Deno.test("loadTemplates() adds a template that is on disk alone and ignores other files", async () => {
  const files = { "mine.json": graph, "mine.yaml": manifest, "README.md": "x", ".mine.json": "x" };
  await loadWith(files, ({ templates, problems }) => {
    assert.deepEqual(problems, []);
    assert.deepEqual([...templates.keys()], ["edit", "mine"]);
  });
});

Deno.test("loadTemplates() reports a bad file on disk and keeps the embedded one", async () => {
  const files = { "edit.json": '{\n  "1": }\n', "edit.yaml": `${manifest}colour: red\n` };
  await loadWith(files, ({ templates, problems }, at) => {
    assert.deepEqual(templates.get("edit")?.origin, { graph: "embedded", manifest: "embedded" });
    assert.deepEqual(problems.map(({ file }) => file), [at("edit.json"), at("edit.yaml")]);
    assert.match(
      problems[0]!.message,
      /edit\.json:\d+:\d+: Cannot read the JSON: Unexpected token/,
    );
    assert.match(problems[1]!.message, /edit\.yaml:9:1: Cannot use colour: unknown key/);
  });
});

Deno.test("loadTemplates() keeps a good manifest beside a bad graph, and a good graph beside a bad manifest", async () => {
  const other = manifest.replace("default: 4", "default: 7");
  await loadWith({ "edit.json": "{", "edit.yaml": other }, ({ templates, problems }, at) => {
    assert.equal(problems.length, 1);
    assert.deepEqual(templates.get("edit")?.origin, {
      graph: "embedded",
      manifest: at("edit.yaml"),
    });
  });
  await loadWith(
    { "edit.json": graph, "edit.yaml": "title: 3\n" },
    ({ templates, problems }, at) => {
      assert.deepEqual(problems.map(({ file }) => file), [at("edit.yaml")]);
      assert.deepEqual(templates.get("edit")?.origin, {
        graph: at("edit.json"),
        manifest: "embedded",
      });
    },
  );
});

Deno.test("loadTemplates() blames a graph on disk that the embedded manifest does not fit", async () => {
  const renumbered = graph.replaceAll('"2"', '"5"');
  await loadWith({ "edit.json": renumbered }, ({ templates, problems }, at) => {
    assert.deepEqual(templates.get("edit")?.origin, { graph: "embedded", manifest: "embedded" });
    assert.deepEqual(problems.map(({ file }) => file), [at("edit.json")]);
    assert.match(
      problems[0]!.message,
      /edit\.json: Cannot use it with the embedded manifest: .*edit\.yaml:4:\d+: Cannot use prompt_text\[1\]: "2\.text" \(wanted a node of the graph, such as/,
    );
  });
});

Deno.test("loadTemplates() reports a file without its other half, and a name that no button can carry", async () => {
  const long = "x".repeat(41);
  const files = {
    "lone.json": graph,
    "half.yaml": manifest,
    "a b.json": graph,
    [`${long}.yaml`]: "",
  };
  await loadWith(files, ({ templates, problems }, at) => {
    assert.deepEqual([...templates.keys()], ["edit"]);
    const messages = problems.map(({ message }) => message).sort();
    assert.deepEqual(
      messages,
      [
        `${at("a b.json")}: Cannot use the name (wanted 1 to 40 of A-Z a-z 0-9 _ -)`,
        `${at(`${long}.yaml`)}: Cannot use the name (wanted 1 to 40 of A-Z a-z 0-9 _ -)`,
        `${at("half.yaml")}: Cannot use it: there is no half.json (wanted both)`,
        `${at("lone.json")}: Cannot use it: there is no lone.yaml (wanted both)`,
      ].sort(),
    );
  });
});

Deno.test("loadTemplates() works without the folder, and reports one that is a file", async () => {
  const file = await Deno.makeTempFile();
  try {
    const absent = loadTemplates({ embedded, folder: diskFolder(`${file}-absent`) });
    assert.deepEqual(absent.problems, []);
    const { templates, problems } = loadTemplates({ embedded, folder: diskFolder(file) });
    assert.equal(templates.size, 1);
    assert.match(problems[0]?.message ?? "", /Cannot read the folder: /);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("loadTemplates() reports a file that cannot be read and uses the embedded one", () => {
  const { templates, problems } = loadTemplates({
    embedded,
    folder: {
      list: () => ["edit.json"],
      read: () => {
        throw new Deno.errors.PermissionDenied("not for you");
      },
      label: (file) => `workflows/${file}`,
    },
  });
  assert.ok(templates.has("edit"));
  assert.deepEqual(problems, [{
    file: "workflows/edit.json",
    message: "workflows/edit.json: Cannot read the file: not for you",
  }]);
});

Deno.test("createTemplateReader() parses again what has changed, and that alone", async () => {
  const dir = await Deno.makeTempDir();
  const write = (file: string, text: string) =>
    Deno.writeTextFile(join(dir, "workflows", file), text);
  try {
    await Deno.mkdir(join(dir, "workflows"));
    for (const name of ["one", "two"]) {
      await write(`${name}.json`, graph);
      await write(`${name}.yaml`, manifest);
    }
    const read = createTemplateReader(dir);
    const first = read();
    await write("two.yaml", manifest.replace("An edit.", "Another edit."));
    const second = read();
    await write("two.yaml", "title: [");
    const broken = read();
    await write("two.yaml", manifest);
    const third = read();

    const changed = (a: LoadedTemplates, b: LoadedTemplates) =>
      [...a.templates].filter(([name, template]) => template !== b.templates.get(name))
        .map(([name]) => name);
    assert.deepEqual(changed(first, second), ["two"]);
    assert.equal(second.templates.get("two")?.description.en, "Another edit.");
    assert.deepEqual(changed(second, broken), ["two"]);
    assert.deepEqual(broken.problems.map(({ file }) => file), [join(dir, "workflows/two.yaml")]);
    assert.deepEqual(changed(second, third), ["two"]);
    assert.equal(third.templates.get("two")?.description.en, "An edit.");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("parseGraph() refuses the web page's own format and says how to export", () => {
  assert.equal(
    graphRefusal('{"last_node_id": 3, "nodes": [], "links": [], "version": 0.4}'),
    "x.json:1:1: Cannot use a workflow in the web page's own format " +
      "(wanted the API format: in ComfyUI choose Workflow > Export (API))",
  );
});

Deno.test("parseGraph() names the place of what is no JSON and no graph", () => {
  assert.equal(
    graphRefusal('{\n  "1": {},\n}'),
    "x.json:3:1: Cannot read the JSON: Expected double-quoted property name (wanted valid JSON)",
  );
  assert.equal(
    graphRefusal(graph.replace('"class_type": "Edit",', "")),
    "x.json:6:8: Cannot use 2.class_type: it is missing (wanted a node's class)",
  );
  assert.equal(
    graphRefusal(graph.replace('["1", 0]', '["7", 0]')),
    "x.json:8:62: Cannot use 2.inputs.image: a list (wanted a link to a node of the graph, which has no 7)",
  );
  assert.equal(
    graphRefusal("[]"),
    "x.json:1:1: Cannot use the file: a list (wanted a graph: nodes by their ids)",
  );
  assert.equal(
    graphRefusal("{}"),
    "x.json:1:1: Cannot use the file: a map (wanted a graph with nodes in it)",
  );
  assert.match(graphRefusal(""), /^x\.json:1:1: Cannot read the JSON: /);
});

Deno.test("parseManifest() names the place of every target that the graph does not have", () => {
  const cases: [from: string, to: string, message: string][] = [
    [
      "2.steps",
      "9.steps",
      '7:32: Cannot use parameters.steps.targets: "9.steps" (wanted a node of the graph, such as 1, 2, 3)',
    ],
    [
      "2.steps",
      "2.step",
      '7:32: Cannot use parameters.steps.targets: "2.step" (wanted an input of node 2 (Edit): text, steps, cfg, image)',
    ],
    [
      "2.steps",
      "[2.cfg, 2.image]",
      '7:40: Cannot use parameters.steps.targets[2]: "2.image" (wanted an input with a value of its own, this one is fed by node 1)',
    ],
    [
      "2.steps",
      "steps",
      '7:32: Cannot use parameters.steps.targets: "steps" (wanted NODE.INPUT, such as 115.value)',
    ],
    [
      "output: 3",
      "output: 4",
      "5:9: Cannot use output: 4 (wanted a node of the graph, such as 1, 2, 3)",
    ],
    [
      "1.image",
      "4.image",
      '3:11: Cannot use pictures: "4.image" (wanted a node of the graph, such as 1, 2, 3)',
    ],
  ];
  for (const [from, to, message] of cases) {
    assert.equal(manifestRefusal(manifest.replace(from, to)), `x.yaml:${message}`);
  }
});

Deno.test("parseManifest() names what is wrong with a parameter", () => {
  const cases: [from: string, to: string, message: string][] = [
    [
      "kind: int",
      "kind: integer",
      '7:18: Cannot use parameters.steps.kind: "integer" (wanted one of int, float, choice, seed, text)',
    ],
    [
      "default: 4",
      "default: 12",
      "7:50: Cannot use parameters.steps.default: 12 (wanted a number from 1 to 9)",
    ],
    [
      "default: 4",
      "default: four",
      '7:50: Cannot use parameters.steps.default: "four" (wanted a number)',
    ],
    [
      "min: 1, max: 9",
      "min: 9, max: 1",
      "7:58: Cannot use parameters.steps.min: 9 (wanted at most max, which is 1)",
    ],
    [
      "default: 4",
      "default: 4.5",
      "7:50: Cannot use parameters.steps.default: 4.5 (wanted a whole number)",
    ],
    [
      "targets: 2.steps, ",
      "",
      "7:10: Cannot use parameters.steps.targets: it is missing (wanted NODE.INPUT: a parameter has to change something)",
    ],
    [
      "targets: 2.steps",
      "scales: cfg",
      "7:10: Cannot use parameters.steps.full_at: it is missing (wanted both scales and full_at)",
    ],
    [
      "targets: 2.steps",
      "full_at: 1, scales: cgf",
      '7:43: Cannot use parameters.steps.scales: "cgf" (wanted a float that scales nothing itself)',
    ],
    [
      "  steps:",
      "  Steps:",
      "7:3: Cannot use the key parameters.Steps (wanted a name such as steps)",
    ],
    [
      "min: 1,",
      "min: 1, mim: 1,",
      '7:61: Cannot use parameters.steps.mim: unknown key, did you mean "min"?',
    ],
    [
      "title: { en: Edit, ru: Правка }\n",
      "",
      "1:1: Cannot use title: it is missing (wanted a map of en, ru)",
    ],
    [", ru: Правка }", " }", "1:8: Cannot use title.ru: it is missing (wanted a text in Russian)"],
    [
      "prompt_text: [2.text]\n",
      "",
      "1:1: Cannot use prompt_text: it is missing (wanted NODE.INPUT, such as 115.value)",
    ],
    ["parameters:", "parameters: [", "8:"],
  ];
  for (const [from, to, message] of cases) {
    const refused = manifestRefusal(manifest.replace(from, to));
    assert.ok(refused.startsWith(`x.yaml:${message}`), `${refused}\nwanted ${message}`);
  }
});

Deno.test("parseManifest() reads each kind of parameter with what it may leave out", () => {
  const { params } = parseManifest({
    path: "x.yaml",
    text: `${manifest}  seed: { kind: seed, targets: 2.steps, about: { en: A., ru: Б. } }
  mode: { kind: choice, targets: 2.text, default: a }
  fixed: { kind: choice, targets: 2.text, options: [a, b], default: a }
  neg: { kind: text, targets: [2.text, 1.image] }
  strength: { kind: float, scales: cfg, full_at: 0.5, default: 1, min: 0, max: 1, step: 0.1 }
`,
  }, {
    name: "x",
    graph: parseGraph({ path: "x.json", text: graph }),
    origin: { graph: "", manifest: "" },
  });
  const words = { node: "2", input: "text" };
  assert.deepEqual(params["seed"], {
    spec: { kind: "seed", default: 0, max: 2 ** 64 },
    targets: [{ node: "2", input: "steps" }],
    about: { en: "A.", ru: "Б." },
  });
  assert.deepEqual(params["mode"], {
    spec: { kind: "choice", default: "a", options: [] },
    targets: [words],
    optionsFrom: words,
  });
  assert.deepEqual(params["fixed"], {
    spec: { kind: "choice", default: "a", options: ["a", "b"] },
    targets: [words],
  });
  assert.deepEqual(params["neg"], {
    spec: { kind: "text", default: "", maxLength: 2000 },
    targets: [words, { node: "1", input: "image" }],
  });
  assert.deepEqual(params["strength"], {
    spec: { kind: "float", default: 1, min: 0, max: 1, step: 0.1 },
    targets: [],
    scales: { param: "cfg", fullAt: 0.5 },
  });
});
