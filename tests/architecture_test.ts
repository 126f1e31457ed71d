/**
 * The rooms of src/ and who may know whom; ARCHITECTURE.md has the map. A folder is one concept with one door, its mod.ts;
 * imports point to the left in the order of rooms, types included, and never in a circle.
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path/posix";
import { z } from "zod";

const root = new URL("../", import.meta.url);

/** From those that import none to the one that imports all. */
const rooms = [
  ..."lib images jobs templates users i18n worker wake config comfyui monitoring kv postgres s3 remote systemd"
    .split(
      " ",
    ),
  ..."telegram maintenance copies history stores pool workers backends app cli".split(" "),
];
/** The order inside the rooms that have rooms; the room's own files stand last. */
const inner: Readonly<Record<string, readonly string[]>> = {
  telegram: ["buttons", "api", "status", "intake", "settings", "admin", ""],
  cli: ["core", "commands", "models", "doctor", ""],
  images: ["", "pixels", "drawing"],
  lib: ["", "yaml"],
  templates: ["", "tasks", "web", "import"],
  users: ["policy/words", "policy/spelling", "policy", ""],
};

const maxLines = 500;
/** A folder with more files holds two concepts; its door is not counted. */
const maxFiles = 15;

const graphOf = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({
      specifier: z.string(),
      isDynamic: z.boolean().default(false),
      code: z.object({ specifier: z.string().optional() }).optional(),
      type: z.object({ specifier: z.string().optional() }).optional(),
    })).default([]),
  })),
});

/** One import of one of our files: of another one, by its path, or of a package, as it is written. */
interface Import {
  readonly from: string;
  readonly to: string;
  /** `import()`: loaded when it is needed. */
  readonly isDynamic: boolean;
}

/** Everything that main.ts needs, as Deno sees it. */
async function readGraph(): Promise<{ files: string[]; imports: Import[] }> {
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: root,
    stderr: "null",
  }).output();
  assert.ok(success, "deno info failed");
  const graph = graphOf.parse(JSON.parse(new TextDecoder().decode(stdout)));
  const pathOf = (specifier: string) =>
    specifier.startsWith(root.href) ? specifier.slice(root.href.length) : undefined;
  const ours = graph.modules.flatMap((module) => {
    const from = pathOf(module.specifier);
    return from === undefined ? [] : [{ from, dependencies: module.dependencies }];
  });
  return {
    files: ours.map(({ from }) => from).filter((file) => file.endsWith(".ts")),
    imports: ours.flatMap(({ from, dependencies }) =>
      dependencies.map(({ specifier, isDynamic, code, type }) => ({
        from,
        to: pathOf(code?.specifier ?? type?.specifier ?? "") ?? specifier,
        isDynamic,
      }))
    ),
  };
}

/** Every TypeScript file below a folder of the project, by its path from the root. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, root))].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? filesBelow(`${folder}/${name}`)
      : name.endsWith(".ts")
      ? [`${folder}/${name}`]
      : []
  );
}

const read = (file: string) => Deno.readTextFileSync(new URL(file, root));
const { files, imports } = await readGraph();
const sources = filesBelow("src");
const texts = new Map([...files, ...sources].map((file) => [file, read(file)]));

/** The folder of a file of ours below src/: `telegram/api`; `maintenance` and `app` for the files beside the folders. */
function folderOf(path: string): string | undefined {
  if (!path.startsWith("src/")) return undefined;
  return path.split("/").length === 2
    ? path.slice("src/".length, -".ts".length)
    : dirname(path).slice("src/".length);
}

/** Where a folder stands among all: its room's place, then its place inside of that. */
function placeOf(folder: string): number {
  const [room = "", ...rest] = folder.split("/");
  const place = rooms.indexOf(room);
  const within = inner[room]?.indexOf(rest.join("/")) ?? 0;
  assert.ok(place >= 0 && within >= 0, `${folder} has no place in the order of rooms`);
  return place * 10 + within;
}

/** Imports that break a rule, one a line. */
function breaking(rule: (each: Import) => boolean): string[] {
  return imports.filter(rule).map(({ from, to }) => `${from} imports ${to}`);
}

/** A file's code without its comments. */
function codeOf(file: string): string {
  return texts.get(file)!.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*/g, "");
}

/** What the text of a file imports of ours, by paths from the root. */
function importedBy(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)]
    .map(([, path]) => join(dirname(file), path!));
}

/** The modules whose code runs because that file's does: what is imported for its types alone, or by `import()`, is not there. */
function loadedBy(file: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(file)) return loaded;
  loaded.add(file);
  if (!file.endsWith(".ts")) return loaded;
  const statement = /^(?:im|ex)port\s+(?:([^;"]*?)\s*from\s*)?"([^"]+)"/gm;
  for (const [, names = "", to = ""] of codeOf(file).matchAll(statement)) {
    const isForTypes = /^type\b/.test(names) || /^\{(\s*type\s[^,}]+,?)*\s*\}$/.test(names);
    if (!isForTypes) loadedBy(to.startsWith(".") ? join(dirname(file), to) : to, loaded);
  }
  return loaded;
}

Deno.test("deno info shows the whole program", () => {
  const left = sources.filter((file) => !files.includes(file) && !file.endsWith("/mod.ts"));
  assert.deepEqual(left, [], "files that nothing imports");
  assert.ok(imports.some(({ to }) => to === "src/jobs/mod.ts"));
});

Deno.test("imports point to the left in the order of rooms", () => {
  assert.deepEqual(
    breaking(({ from, to }) => {
      const [here, there] = [folderOf(from), folderOf(to)];
      return here !== undefined && there !== undefined && placeOf(there) > placeOf(here);
    }),
    [],
  );
});

Deno.test("what is said without a command, such as --version, loads no parser of files and no command", () => {
  const loaded = [...loadedBy("main.ts")];
  assert.ok(loaded.includes("src/lib/nearest.ts") && loadedBy("src/app.ts").has("zod"));
  assert.deepEqual(loaded.filter((each) => !/^(src|node:|main)/.test(each)), ["@logtape/logtape"]);
  const rooms = new Set(loaded.flatMap((file) => folderOf(file) ?? []));
  assert.deepEqual(rooms, new Set(["cli", "cli/core", "lib"]));
});

Deno.test("what the configuration may ask for is loaded when it does", () => {
  const clients = ["bullmq", "ioredis", "pg", "s3mini"];
  for (const file of ["src/app.ts", "src/cli/commands/worker.ts"]) {
    const loaded = loadedBy(file);
    assert.deepEqual(clients.filter((client) => loaded.has(client)), [], file);
  }
});

Deno.test("a room is entered by its door, or for one file when that is needed", () => {
  const isOutside = ({ from, to }: Import) =>
    folderOf(to) !== undefined && folderOf(from) !== folderOf(to) && to.split("/").length > 2;
  assert.deepEqual(
    breaking((each) => isOutside(each) && !each.isDynamic && !each.to.endsWith("/mod.ts")),
    [],
  );
  assert.deepEqual(
    breaking((each) => !isOutside(each) && each.to.endsWith("/mod.ts") && each.from !== "main.ts"),
    [],
    "nobody goes out to come in again",
  );
});

Deno.test("every folder says what it owns and what it does not know", () => {
  const folders = new Set(
    sources.filter((file) => file.split("/").length > 2).map((file) => dirname(file)),
  );
  assert.ok(folders.size > 15);
  for (const folder of folders) {
    const [comment = ""] = /^\/\*\*[^]*?\*\//.exec(texts.get(`${folder}/mod.ts`) ?? "") ?? [];
    assert.match(comment, /\bown|\bOwn|Does not know|know nothing/, `${folder}/mod.ts`);
    const count = sources.filter((file) => dirname(file) === folder).length - 1;
    assert.ok(count <= maxFiles, `${folder} has ${count} files`);
  }
});

Deno.test("a folder beside src/ is one concept too, and its files are as short", () => {
  const beside = ["lab", "demo", "bench", "chaos", "compat"].flatMap(filesBelow);
  assert.ok(beside.some((file) => file.startsWith("lab/comfyui/")));
  const full = [...new Set(beside.map((file) => dirname(file)))]
    .map((folder) => ({
      folder,
      count: beside.filter((file) => dirname(file) === folder && !file.endsWith("/mod.ts")).length,
    }))
    .filter(({ count }) => count > maxFiles);
  assert.deepEqual(full, []);
  const long = beside.map((file) => ({ file, lines: read(file).split("\n").length - 1 }))
    .filter(({ lines }) => lines > maxLines);
  assert.deepEqual(long, []);
  const silent = beside.filter((file) => !read(file).startsWith("/**"));
  assert.deepEqual(silent, [], "files that do not say first what they own");
});

Deno.test("files import each other in no circle, types included", () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...next.get(from) ?? [], to]);
  const finished = new Set<string>();
  function visit(file: string, path: readonly string[]): void {
    if (finished.has(file)) return;
    if (path.includes(file)) {
      assert.fail([...path.slice(path.indexOf(file)), file].join(" -> "));
    }
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    finished.add(file);
  }
  for (const file of files) visit(file, []);
  assert.ok(finished.size >= files.length);
});

Deno.test("lab/ knows nothing of the rest, bench/, chaos/, compat/ and demo/ nothing of tests/", () => {
  const bad = ["lab", "bench", "chaos", "compat", "demo"].flatMap((folder) =>
    filesBelow(folder).flatMap((file) =>
      importedBy(file)
        .filter((to) =>
          folder === "lab"
            ? !to.startsWith("lab/") && to !== "permissions.ts"
            : to.startsWith("tests/")
        )
        .map((to) => `${file} imports ${to}`)
    )
  );
  assert.deepEqual(bad, []);
});

Deno.test("a test stands in the folder of what it tests", () => {
  const own = ["chaos", "compat", "demo", "e2e", "lab"];
  const homeless = filesBelow("tests")
    .filter((file) => file.endsWith("_test.ts") && file.split("/").length > 2)
    .map((file) => dirname(file).slice("tests/".length))
    .filter((folder) => !own.includes(folder.split("/")[0]!))
    .filter((folder) => !sources.some((file) => dirname(file) === `src/${folder}`));
  assert.deepEqual([...new Set(homeless)], []);
});

Deno.test("every file of the program is named by a test", () => {
  const tests = filesBelow("tests");
  const named = new Set(tests.flatMap((file) => [
    ...importedBy(file),
    ...[...read(file).matchAll(/\bsrc\/[\w/.]+\.ts\b/g)].map(([path]) => path),
  ]));
  const alone = sources.filter((file) =>
    !file.endsWith("/mod.ts") && !named.has(file) &&
    !tests.includes(file.replace(/^src\/(.*)\.ts$/, "tests/$1_test.ts"))
  );
  assert.deepEqual(alone, []);
});

Deno.test("grammY is imported under src/telegram/ alone", () => {
  assert.deepEqual(
    breaking(({ from, to }) => /grammy/.test(to) && !from.startsWith("src/telegram/")),
    [],
  );
});

Deno.test("Deno KV is named under src/kv/ alone", () => {
  const naming = files.filter((file) => /\bopenKv\b|\bDeno\.Kv\w*/.test(codeOf(file)));
  assert.ok(naming.length > 0);
  assert.deepEqual(naming.filter((file) => folderOf(file) !== "kv"), []);
});

Deno.test("records are written through src/kv/commit.ts alone, which knows what a commit takes", () => {
  const writing = files.filter((file) => /\bkv\.(atomic|set)\(/.test(codeOf(file)));
  assert.deepEqual(writing, ["src/kv/commit.ts"]);
});

Deno.test("ComfyUI's addresses are named under src/comfyui/ alone", () => {
  const addresses =
    /["'`/](system_stats|object_info|upload\/image|interrupt|history|ws\?clientId)\b["'`/?$]/;
  const naming = files.filter((file) => addresses.test(codeOf(file)));
  assert.ok(naming.length > 0);
  assert.deepEqual(naming.filter((file) => folderOf(file) !== "comfyui"), []);
});

Deno.test("what has an effect elsewhere goes out through fetchOnce()", () => {
  // The others ask only, and say so.
  const asking = [
    "src/cli/models/download.ts",
    "src/lib/fetch_once.ts",
    "src/telegram/api/download.ts",
    "src/telegram/api/probe.ts",
  ];
  assert.deepEqual(
    files.filter((file) =>
      /\b(await|return) fetch\(|(\?\?|=>|[(,:]) fetch\b(?!: )/.test(codeOf(file))
    ).sort(),
    asking,
  );
  // grammY brings a fetch of its own where it is given none.
  const clients = files.filter((file) => /new (Api|Bot)\b/.test(codeOf(file)));
  assert.deepEqual(clients, ["src/telegram/bot.ts"]);
  assert.match(codeOf("src/telegram/bot.ts"), /fetch: readableRefusals\(fetchOnce\)/);
});

Deno.test("promises are raced by race(), which leaves nothing behind on one that stays pending", () => {
  const racing = files.filter((file) => /\bPromise\.(race|any)\b/.test(codeOf(file)));
  assert.deepEqual(racing, []);
});

Deno.test("the console is for main.ts and the commands", () => {
  const naming = files.filter((file) => /\bconsole\./.test(codeOf(file)));
  assert.deepEqual(naming.filter((file) => file !== "main.ts" && file !== "src/cli/cli.ts"), []);
});

Deno.test(`no file of the program has more than ${maxLines} lines`, () => {
  const long = [...texts].map(([file, text]) => ({ file, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > maxLines);
  assert.deepEqual(long, []);
});

Deno.test("every file of the program says first what it owns", () => {
  const silent = [...texts].filter(([, text]) => !text.startsWith("/**")).map(([file]) => file);
  assert.deepEqual(silent, []);
});

Deno.test("nothing in the program is left to do", () => {
  const unfinished = [...texts].filter(([, text]) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text));
  assert.deepEqual(unfinished.map(([file]) => file), []);
});

Deno.test("what was read is parsed, not taken for a type", () => {
  const trusting = files.filter((file) => /JSON\.parse\([^;]*?\) as /.test(codeOf(file)));
  assert.deepEqual(trusting, []);
});
