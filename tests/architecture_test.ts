/**
 * Who may know whom. A file in src/ is ours, a folder in src/ is a foreign system: files never import a folder, but for
 * those that wire the program; folders never import each other; nothing goes in a circle.
 */
import assert from "node:assert/strict";
import { z } from "zod";

const root = new URL("../", import.meta.url);

/** The files in src/ that wire the program. */
const wiring = ["src/app.ts", "src/cli/cli.ts"];

const maxLines = 500;

const graphOf = z.object({
  modules: z.array(z.object({
    specifier: z.string(),
    dependencies: z.array(z.object({
      specifier: z.string(),
      code: z.object({ specifier: z.string().optional() }).optional(),
      type: z.object({ specifier: z.string().optional() }).optional(),
    })).default([]),
  })),
});

/** One import of one of our files: of another one, by its path, or of a package, as it is written. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly written: string;
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
    files: ours.map(({ from }) => from),
    imports: ours.flatMap(({ from, dependencies }) =>
      dependencies.map(({ specifier, code, type }) => ({
        from,
        to: pathOf(code?.specifier ?? type?.specifier ?? "") ?? specifier,
        written: specifier,
      }))
    ),
  };
}

const { files, imports } = await readGraph();
const texts = new Map(
  await Promise.all(
    files.map(async (file) => [file, await Deno.readTextFile(new URL(file, root))] as const),
  ),
);

/** `comfyui` of src/comfyui/run_prompt.ts; undefined for what is in no folder of src/. */
function folderOf(path: string): string | undefined {
  return /^src\/(\w+)\//.exec(path)?.[1];
}

/** Imports that break a rule, one a line. */
function breaking(rule: (each: Import) => boolean): string[] {
  return imports.filter(rule).map(({ from, to }) => `${from} imports ${to}`);
}

/** True for an import of types alone: nothing of it is left when the program runs. */
function isOfTypes({ from, written }: Import): boolean {
  const statement = new RegExp(`(import|export) (type )?[^;]*?"${RegExp.escape(written)}"`, "g");
  const statements = [...texts.get(from)!.matchAll(statement)];
  return statements.length > 0 && statements.every(([, , type]) => type !== undefined);
}

/** A file's code without its comments. */
function codeOf(file: string): string {
  return texts.get(file)!.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*/g, "");
}

Deno.test("deno info shows the whole program", () => {
  for (
    const file of ["main.ts", "src/jobs/queue.ts", "src/kv/jobs.ts", "src/comfyui/run_prompt.ts"]
  ) {
    assert.ok(files.includes(file), file);
  }
  assert.ok(
    imports.some(({ from, to }) => from === "src/worker/worker.ts" && to === "src/jobs/job.ts"),
  );
  assert.ok(imports.some(({ from, to }) => from === "src/kv/jobs.ts" && to === "src/jobs/job.ts"));
});

Deno.test("files in src/ import no folder of src/ unless they wire the program", () => {
  assert.deepEqual(
    breaking(({ from, to }) =>
      folderOf(from) === undefined && !wiring.includes(from) && folderOf(to) !== undefined
    ),
    [],
  );
});

Deno.test("folders of src/ do not import each other", () => {
  assert.deepEqual(
    breaking(({ from, to }) => {
      const [here, there] = [folderOf(from), folderOf(to)];
      return here !== undefined && there !== undefined && here !== there;
    }),
    [],
  );
});

Deno.test("no folder of src/ knows who wires it", () => {
  assert.deepEqual(
    breaking(({ from, to }) => folderOf(from) !== undefined && wiring.includes(to)),
    [],
  );
});

Deno.test("files import each other in no circle when the program runs", () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports.filter((each) => !isOfTypes(each))) {
    next.set(from, [...next.get(from) ?? [], to]);
  }
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

Deno.test("grammY is imported under src/telegram/ alone", () => {
  assert.deepEqual(
    breaking(({ from, to }) => /grammy/.test(to) && folderOf(from) !== "telegram"),
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
  assert.match(codeOf("src/telegram/bot.ts"), /const client = \{[^}]*fetch: fetchOnce/);
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
  assert.deepEqual(silent.filter((file) => file.endsWith(".ts")), []);
});

Deno.test("nothing in the program is left to do", () => {
  const unfinished = [...texts].filter(([, text]) => /\b(TODO|FIXME|XXX|HACK)\b/.test(text));
  assert.deepEqual(unfinished.map(([file]) => file), []);
});

Deno.test("what was read is parsed, not taken for a type", () => {
  const trusting = files.filter((file) => /JSON\.parse\([^;]*?\) as /.test(codeOf(file)));
  assert.deepEqual(trusting, []);
});
