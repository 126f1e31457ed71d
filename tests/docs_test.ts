/**
 * The documents against the program: what they list exists, and what exists is listed. Both languages are held to the same.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { rows as faults } from "../chaos/rows.ts";
import { ENV_KEYS, parseEnvSettings } from "../src/config/env.ts";
import { configSchema } from "../src/config/schema.ts";
import { defaultPresets } from "../src/users/mod.ts";
import { textIn } from "../src/i18n/text.ts";
import { languages } from "../src/lib/language.ts";
import { version } from "../src/lib/version.ts";
import { adminCommandNames, commandNames } from "../src/telegram/commands.ts";
import { loadTemplates, readEmbedded } from "../src/templates/loader.ts";
import { type ParamSpec, seedLimit } from "../src/templates/params.ts";
import { specsOf } from "../src/templates/template.ts";
import { cli } from "./cli/cli_fixture.ts";

const root = new URL("../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, root));
const filesIn = (folder: string) =>
  [...Deno.readDirSync(new URL(folder, root))].map(({ name }) => name).sort();

const readmes = { en: "README.md", ru: "README.ru.md" } as const;
const documents = [
  ...Object.values(readmes),
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...languages.flatMap((language) =>
    filesIn(`docs/${language}/`).map((name) => `docs/${language}/${name}`)
  ),
];
const Manifest = z.object({ tasks: z.record(z.string(), z.string()) });
const { templates } = loadTemplates({ embedded: readEmbedded() });

/** The blocks of code, without comments of the shell. */
function codeOf(text: string): string[] {
  return [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, code = ""]) =>
    code.replaceAll(/\s+#.*$/gm, "")
  );
}

function proseOf(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, "");
}

/** The rows of all tables, a list of trimmed cells each, without heads. */
function rowsOf(text: string): string[][] {
  const tables = proseOf(text).match(/^\|.*\n\|[-| :]*\n(?:\|.*\n)*/gm) ?? [];
  return tables.flatMap((table) =>
    table.trimEnd().split("\n").slice(2).map((line) =>
      line.slice(1, -1).split("|").map((cell) => cell.trim())
    )
  );
}

/** The rows of all tables whose first cell is one of ours. */
function rowsWhere(text: string, isOurs: (first: string) => boolean): string[][] {
  return rowsOf(text).filter(([first = ""]) => isOurs(first));
}

const ticked = (name: string) => `\`${name}\``;
const namesIn = (cell: string | undefined) =>
  [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");
}

function anchorsIn(text: string): string[] {
  return [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

/** Where links and pictures point to. */
function targetsIn(text: string): string[] {
  const prose = proseOf(text);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/src="([^"]+)"/g)]
    .map(([, target]) => target!);
}

const isThere = (url: URL) => {
  try {
    return Deno.statSync(url).size >= 0;
  } catch {
    return false;
  }
};

/** The lines of the command line's own help: name, argument, sentence. */
const commands = (await cli(["--help"], { cwd: Deno.cwd() })).out.split("\n").flatMap((line) => {
  const [, usage, about] = /^ {2}image-edit-bot (.+?) {2,}(.+)$/.exec(line) ?? [];
  // `[run]` is the command that runs without being named; `FILE` and `[DIR]` are arguments.
  const name = usage?.replace(/( \[?[A-Z]+\]?)+$/, "").replace(/^\[(\w+)\]$/, "$1");
  return name === undefined || about === undefined ? [] : [{ name, about }];
});

for (const language of languages) {
  const text = read(readmes[language]);
  const settingsPage = `docs/${language}/settings.md`;
  const settingsText = read(settingsPage);

  Deno.test(`${readmes[language]} opens with a picture and the demo, and is no longer than it should be`, () => {
    const lines = text.split("\n");
    assert.ok(lines.length < 250, `${lines.length} lines`);
    const opening = lines.slice(0, 30).join("\n");
    assert.ok(targetsIn(opening).some((target) => target.startsWith("docs/pictures/")));
    assert.ok(codeOf(opening).some((code) => code.trim() === "npx -y deno task demo"));
    for (const page of filesIn(`docs/${language}/`)) {
      assert.ok(targetsIn(text).includes(`docs/${language}/${page}`), `${page} is not in the list`);
    }
  });

  Deno.test(`${readmes[language]} lists the chat commands with the menu's own words`, () => {
    const sentences = textIn(language);
    assert.deepEqual(
      rowsWhere(text, (first) => /^`\/\w+`$/.test(first)),
      [
        ...commandNames.map((name) => [ticked(`/${name}`), sentences.commands[name]]),
        ...adminCommandNames.map((name) => [ticked(`/${name}`), sentences.adminCommands[name]]),
      ],
    );
  });

  Deno.test(`${readmes[language]} lists the subcommands as the help does`, () => {
    assert.ok(commands.length > 5);
    // Parameters and sections have rows of more cells.
    const ours = rowsWhere(text, (first) => /^`[a-z]+( [a-z]+)?`$/.test(first))
      .filter((row) => row.length === 2);
    assert.deepEqual(ours.map(([name]) => name), commands.map(({ name }) => ticked(name)));
    if (language !== "en") return;
    assert.deepEqual(ours.map(([, about]) => about), commands.map(({ about }) => about));
  });

  Deno.test(`${settingsPage} lists the variables of .env with their defaults`, () => {
    const rows = rowsWhere(settingsText, (first) => /^`[A-Z_]+`$/.test(first));
    assert.deepEqual(rows.map(([name]) => name), ENV_KEYS.map(ticked));
    const settings = parseEnvSettings({}, undefined, { tokenOptional: true }).settings;
    for (const [name = "", shown] of rows) {
      const value = (settings as Readonly<Record<string, unknown>>)[name.slice(1, -1)];
      if (typeof value === "string" || typeof value === "number") {
        assert.equal(shown, ticked(String(value)), name);
      }
    }
  });

  Deno.test(`${settingsPage} lists every section and key of config.yaml`, () => {
    const sample = read("config.yaml");
    const sections = Object.keys(configSchema.parse({}));
    const keysOf = (section: string) => {
      const [, body = ""] = new RegExp(`^(?:# )?${section}:\\n([^]*?)(?=^\\S|$(?![^]))`, "m")
        .exec(sample) ?? [];
      return [...body.matchAll(/^ {2}(?:# )?([a-z_]+):/gm)].map(([, key]) => key!);
    };
    const rows = rowsWhere(settingsText, (first) => sections.map(ticked).includes(first));
    const isSection = rows.filter((row) => row.length === 3);
    assert.deepEqual(
      isSection.map(([name]) => name?.slice(1, -1)).sort(),
      [...sections].sort(),
    );
    for (const [name = "", keys] of isSection) {
      assert.deepEqual(namesIn(keys).sort(), keysOf(name.slice(1, -1)).sort(), name);
    }
  });

  Deno.test(`${settingsPage} gives the defaults and limits of the default template`, () => {
    const template = templates.get("qwen_image_edit");
    assert.ok(template);
    const specs: Readonly<Record<string, ParamSpec>> = specsOf(template);
    const rows = rowsWhere(settingsText, (first) => Object.hasOwn(specs, first.slice(1, -1)))
      .filter((row) => row.length === 4);
    assert.deepEqual(
      rows.map(([name]) => name?.slice(1, -1)).sort(),
      Object.keys(specs).sort(),
    );
    for (const [name = "", shown = "", limits = "", meaning = ""] of rows) {
      const spec = specs[name.slice(1, -1)]!;
      switch (spec.kind) {
        case "int":
        case "float":
          assert.deepEqual([shown, limits], [String(spec.default), `${spec.min}–${spec.max}`]);
          break;
        case "seed":
          assert.deepEqual([shown, limits], ["0", `0–${seedLimit(spec.max)}`]);
          break;
        case "choice":
          assert.equal(shown, ticked(spec.default));
          break;
        case "text":
          assert.ok(limits.startsWith(`${spec.maxLength} `), name);
          break;
        default:
          spec satisfies never;
      }
      const about = template.params[name.slice(1, -1)]?.about?.[language];
      assert.ok(about && meaning.toLowerCase().includes(about.toLowerCase().slice(0, -1)), name);
    }
  });

  Deno.test(`${readmes[language]} and docs/${language}/models.md list the templates as they are, the best first`, () => {
    const names = [...templates.keys()];
    const page = rowsWhere(
      read(`docs/${language}/models.md`),
      (first) => names.includes(first.slice(1, -1)),
    );
    const choices = page.filter((row) => row.length === 6);
    const needs = page.filter((row) => row.length === 4);
    const inReadme = rowsWhere(text, (first) => names.includes(first.slice(1, -1)));
    for (const rows of [choices, needs, inReadme]) {
      assert.deepEqual(rows.map(([name]) => name?.slice(1, -1)), names);
    }
    for (const [i, template] of [...templates.values()].entries()) {
      const [, vram = "", , pictures = "", licence = ""] = choices[i]!;
      assert.equal(parseInt(vram), template.vramGb, template.name);
      assert.equal(parseInt(pictures), template.pictures.length, template.name);
      assert.equal(licence.split(/[ ,]/)[0], template.licence?.split(/[ ,]/)[0], template.name);
      const { comfyui, modelFiles, nodePacks = {} } = template;
      const [, version = "", size = "", files] = needs[i]!;
      assert.ok(version.startsWith(comfyui ?? (language === "en" ? "any" : "любая")), version);
      for (const pack of Object.values(nodePacks)) assert.ok(version.includes(pack), version);
      const bytes = modelFiles.reduce((sum, file) => sum + (file.size?.bytes ?? 0), 0);
      assert.ok(Math.abs(parseFloat(size) - bytes / 1024 ** 3) < 0.11, `${template.name} ${size}`);
      assert.deepEqual(namesIn(files), modelFiles.map(({ file }) => file));
    }
  });

  Deno.test(`${readmes[language]} runs the tests as CI does`, () => {
    const [, inCi] = /^(deno task test)\b(?!:)/m.exec(read(".ci/run")) ?? [];
    assert.ok(inCi);
    assert.ok(codeOf(text).some((code) => code.trim().endsWith(inCi)), inCi);
    // Any Deno that is supported runs them.
    assert.doesNotMatch(text, /deno==/);
  });

  Deno.test(`docs/${language}/ calls buttons as the chat does`, () => {
    const { access, admin, batch, buttons: ofResults, done, settings, tryExample, whatCircled } =
      textIn(
        language,
      );
    const buttons = [
      ...Object.values(ofResults),
      whatCircled,
      tryExample,
      done,
      ...Object.values(batch.modes),
      settings.more,
      defaultPresets[0]!.title[language],
      settings.sameSizeOn.split(":")[0],
      ...Object.values(access),
      ...Object.values(admin.buttons),
      ...Object.values(admin.imports.buttons),
    ]
      .filter((label) => typeof label === "string").map((label) =>
        label.replaceAll(/^\P{L}+| [›▸]$/gu, "")
      );
    const ofComfyUI =
      "Load Image|Remove Background (RMBG)|Workflow → Export (API)|Workflow → Save|Browse Templates|Get|Set"
        .split("|");
    for (const page of filesIn(`docs/${language}/`)) {
      const prose = proseOf(read(`docs/${language}/${page}`)).replaceAll(/`[^`]*`/g, "");
      for (const [, name = ""] of prose.matchAll(/(?<!\w)_([^_]+)_(?!\w)/g)) {
        assert.ok([...buttons, ...ofComfyUI].includes(name.replaceAll(/\s+/g, " ")), name);
      }
    }
    assert.deepEqual(
      rowsOf(read(`docs/${language}/access.md`)).map(([name]) => name),
      [access.makeUser, access.makeAdmin, access.block, access.remove]
        .map((label) => label.replace(/^\P{L}+/u, "")),
    );
  });

  Deno.test(`docs/${language}/promises.md has a row for every kind of fault`, () => {
    const page = read(`docs/${language}/promises.md`);
    const [, table = ""] = /<!-- chaos -->([^]*)<!-- \/chaos -->/.exec(page) ?? [];
    assert.deepEqual(
      rowsOf(table).map(([what]) => namesIn(what)[0]),
      faults.map(({ name }) => name),
    );
  });

  Deno.test(`docs/${language}/metrics.md lists every metric and every alert`, () => {
    const page = read(`docs/${language}/metrics.md`);
    const first = rowsOf(page).flatMap(([name]) => namesIn(name));
    const metrics = read("src/monitoring/prometheus.ts").matchAll(/name: "(image_edit_bot_\w+)"/g);
    assert.deepEqual(
      first.filter((name) => name.startsWith("image_edit_bot_")).sort(),
      [...metrics].map(([, name]) => name!).sort(),
    );
    const alerts = read("monitoring/alerts.yaml").matchAll(/- alert: (\w+)/g);
    assert.deepEqual(
      first.filter((name) => name.startsWith("ImageEditBot")).sort(),
      [...alerts].map(([, name]) => name!).sort(),
    );
  });
}

Deno.test("both languages have the same pages, headings, commands and rows", () => {
  assert.deepEqual(filesIn("docs/ru/"), filesIn("docs/en/"));
  const pairs = [
    [readmes.en, readmes.ru] as const,
    ...filesIn("docs/en/").map((name) => [`docs/en/${name}`, `docs/ru/${name}`] as const),
  ];
  const withoutWords = (code: string) => code.replaceAll(/--text "[^"]*"/g, "");
  for (const [en, ru] of pairs) {
    const shapes = [en, ru].map((path) => {
      const text = read(path);
      const code = codeOf(text).map(withoutWords);
      const levels = [...proseOf(text).matchAll(/^#+(?= )/gm)].map(([level]) => level);
      return { code, levels, rows: rowsOf(text).length };
    });
    assert.deepEqual(shapes[1], shapes[0], ru);
  }
});

Deno.test("links and pictures in the documents lead somewhere", () => {
  const broken = documents.flatMap((path) => {
    const text = read(path);
    return targetsIn(text).filter((target) => !/^https?:/.test(target)).filter((target) => {
      const [file = "", anchor] = target.split("#");
      const url = file === "" ? new URL(path, root) : new URL(file, new URL(path, root));
      if (!isThere(url)) return true;
      return anchor !== undefined && !anchorsIn(Deno.readTextFileSync(url)).includes(anchor);
    }).map((target) => `${path}: ${target}`);
  });
  assert.deepEqual(broken, []);
  assert.ok(documents.flatMap((path) => targetsIn(read(path))).length > documents.length);
});

Deno.test("every picture is in a document and small enough to be loaded with it", () => {
  const shown = new Set(documents.flatMap((path) => targetsIn(read(path))));
  for (const name of filesIn("docs/pictures/")) {
    assert.ok(shown.has(`docs/pictures/${name}`), `${name} is in no document`);
    const { size } = Deno.statSync(new URL(`docs/pictures/${name}`, root));
    assert.ok(size <= 250_000, `${name} has ${size} bytes`);
  }
});

Deno.test("what the documents tell to run exists", async () => {
  const { tasks } = Manifest.parse(JSON.parse(read("deno.json")));
  const help = new Map<string, string>();
  for (const path of documents) {
    const text = read(path);
    for (const [, task = ""] of text.matchAll(/\bdeno task ([a-z:]+)/g)) {
      assert.ok(Object.hasOwn(tasks, task), `${path}: deno task ${task}`);
    }
    const quoted = [...proseOf(text).matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
    const lines = [...codeOf(text), ...quoted].flatMap((code) => code.split("\n"));
    for (const line of lines) {
      const [, rest] = /(?:^|\/|\s)image-edit-bot ([a-z].*)$/.exec(line) ?? [];
      if (rest === undefined || /^(systemctl|journalctl|sudo systemctl)/.test(line)) continue;
      const { name } = commands.find(({ name }) => `${rest} `.startsWith(`${name} `)) ?? {};
      assert.ok(name, `${path}: ${line}`);
      if (!help.has(name)) {
        help.set(name, (await cli([...name.split(" "), "--help"], { cwd: Deno.cwd() })).out);
      }
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
        assert.match(help.get(name)!, new RegExp(`^ {2}${option}\\b`, "m"), `${path}: ${line}`);
      }
    }
  }
  assert.ok(help.size > 5);
});

Deno.test("ARCHITECTURE.md has every folder of src/, on the map and in the order of imports", () => {
  const text = read("ARCHITECTURE.md");
  const there = filesIn("src/").map((name) => name.replace(/\.ts$/, ""));
  const onMap = namesIn(rowsOf(text).map(([first]) => first).join())
    .map((name) => /^src\/(\w+)(?:\.ts|\/)$/.exec(name)?.[1]).filter((name) => name !== undefined);
  assert.deepEqual(onMap.sort(), there);
  assert.ok(codeOf(text).some((code) => code.trim().split(/\s+/).sort().join() === there.join()));
});

Deno.test("source files that the documents name exist", () => {
  const named = documents.filter((path) => path !== "CHANGELOG.md").flatMap((path) =>
    namesIn(proseOf(read(path))).filter((name) => /^(?:[\w.]+\/)+\w+\.ts$|^src\//.test(name))
      .map((name) => ({ path, name }))
  );
  // ARCHITECTURE.md leaves `src/` out.
  const folders = (path: string) => path === "ARCHITECTURE.md" ? ["", "src/"] : [""];
  const missing = named.filter(({ path, name }) =>
    !folders(path).some((folder) => isThere(new URL(folder + name, root)))
  );
  assert.deepEqual(missing, []);
  assert.ok(named.length > 30);
});

Deno.test("the changelog speaks of this version", () => {
  assert.match(read("CHANGELOG.md"), new RegExp(`^## \\[${RegExp.escape(version)}\\] - `, "m"));
});
