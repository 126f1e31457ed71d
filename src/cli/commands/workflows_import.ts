/**
 * `workflows import`: a workflow exported from ComfyUI becomes a template with a drafted manifest. Owns which files are written
 * and what is printed; nothing is written that could not be loaded.
 */
import { basename, join, resolve } from "node:path";
import { type Config } from "../../config/mod.ts";
import { ComfyUIConnectionError, ConfigError, messageOf } from "../../lib/mod.ts";
import {
  draftManifest,
  latin,
  type ManifestDraft,
  manifestText,
} from "../../templates/import/mod.ts";
import {
  type ApiPrompt,
  classTypesOf,
  howToExport,
  isEditorNode,
  isTemplateName,
  loadTemplates,
  parseGraph,
  parseManifest,
  readEmbedded,
  type Template,
} from "../../templates/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { exitCode } from "../core/mod.ts";
import { holdAgainst, type Holding, paramLines, type Report } from "./workflows.ts";

export interface ImportOptions {
  /** The export; undefined where none was named. */
  readonly file: string | undefined;
  /** Relative paths are taken from here. */
  readonly cwd: string;
  /** Of the template; undefined for the file's, as far as it can be one. */
  readonly name: string | undefined;
  /** In its `workflows/` the template is written. */
  readonly dir: string;
  /** Writes over files that are there. */
  readonly force: boolean;
  readonly config: Config;
}

/** A graph and a manifest that fit each other, as text. */
interface Made {
  readonly template: Template;
  readonly graph: string;
  readonly manifest: string;
  readonly warnings: ManifestDraft["warnings"];
}

/** Whose parameters are looked for in every graph. */
const modelName = "qwen_image_edit";

/** Imports one file and holds it against ComfyUI, where that answers. Rejects only with the signal's reason. */
export async function importTemplate(
  { backend }: { readonly backend: Pick<Backend, "catalog"> },
  options: ImportOptions,
  signal: AbortSignal,
): Promise<Report> {
  const { file } = options;
  if (file === undefined) {
    return refused(exitCode.usage, `Cannot import: no file is named (wanted FILE; ${howToExport})`);
  }
  const name = options.name ?? nameFor(file);
  if (!isTemplateName(name)) {
    return refused(
      exitCode.usage,
      `Cannot use the name "${name}" (wanted 1 to 40 of A-Z a-z 0-9 _ -)`,
    );
  }
  let made: Made;
  try {
    made = await make(name, file, options.cwd);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refused(exitCode.dataErr, error.message);
  }
  const folder = resolve(options.cwd, options.dir, "workflows");
  const files = [
    { path: join(folder, `${name}.json`), text: made.graph },
    { path: join(folder, `${name}.yaml`), text: made.manifest },
  ];
  const problem = await writeAll(folder, files, options.force);
  if (problem !== undefined) return refused(exitCode.cantCreate, problem);

  const { problems, notes } = await held(made.template, backend, options.config, signal);
  return {
    lines: [
      ...files.map(({ path }) => `wrote ${path}`),
      ...(options.name !== undefined || isPlain(file) ? [] : [
        `Template names have Latin letters alone: this one is ${name} (another one: --name).`,
      ]),
      `  pictures    ${made.template.pictures.map(({ node }) => node).join(", ")}`,
      ...paramLines(made.template).map((line, i) =>
        (i === 0 ? "  parameters  " : " ".repeat(14)) + line
      ),
      ...notes,
    ],
    problems: [...made.warnings.map((warning) => `⚠ ${warning}`), ...problems],
    code: problems.length === 0 ? exitCode.ok : exitCode.found,
  };
}

async function make(name: string, file: string, cwd: string): Promise<Made> {
  const bytes = await Deno.readFile(resolve(cwd, file)).catch((error) => {
    throw new ConfigError(`Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  });
  const given = parseGraph({ path: file, text: textOf(bytes) });
  refuseEditorNodes(given, file);
  const { templates } = loadTemplates({ embedded: readEmbedded() });
  const model = templates.get(modelName);
  if (!model) throw new Error(`Cannot import: there is no embedded template ${modelName}`);
  const draft = draftManifest(given, {
    name: isPlain(file) ? name : stemOf(file),
    file: basename(file),
    model,
    nodePacks: Object.assign({}, ...[...templates.values()].map(({ nodePacks }) => nodePacks)),
  });
  const graph = `${JSON.stringify(draft.graph, undefined, 2)}\n`;
  const manifest = manifestText(
    draft,
    `What of ${name}.json may change. NODE.INPUT names an input of the graph. Drafted by reading it: look it over.`,
  );
  const labels = { graph: `${name}.json`, manifest: `${name}.yaml` };
  const template = parseManifest({ path: labels.manifest, text: manifest }, {
    name,
    graph: parseGraph({ path: labels.graph, text: graph }),
    origin: labels,
  });
  return { template, graph, manifest, warnings: draft.warnings };
}

/** Writes all of them or, where one is there already, none; gives the problem. */
async function writeAll(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
  force: boolean,
): Promise<string | undefined> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { path } of files) {
      if (!force && await isThere(path)) {
        return `Cannot write ${path}: it is there already (wanted --force to replace it, or --name)`;
      }
    }
    for (const { path, text } of files) await Deno.writeTextFile(path, text, { createNew: !force });
    return undefined;
  } catch (error) {
    return `Cannot write in ${folder}: ${messageOf(error)}`;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** What this ComfyUI says of the template. */
async function held(
  template: Template,
  backend: Pick<Backend, "catalog">,
  config: Config,
  signal: AbortSignal,
): Promise<Holding> {
  try {
    const catalog = await backend.catalog(classTypesOf(template), { signal });
    const { problems, notes } = holdAgainst(template, config.workflow, catalog);
    const verdict = problems.length === 0
      ? "This ComfyUI has everything that it needs."
      : "This ComfyUI cannot run it yet.";
    return { problems, notes: [...notes, verdict] };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ComfyUIConnectionError)) throw error;
    return {
      problems: [],
      notes: [`Not checked, for ComfyUI does not answer; later: workflows check ${template.name}`],
    };
  }
}

/** A graph that was not exported as it should be is better exported again than mended: what a lost node held is nowhere in it. */
function refuseEditorNodes(graph: ApiPrompt, file: string): void {
  const found = Object.entries(graph).filter(([, { class_type }]) => isEditorNode(class_type))
    .map(([id, { class_type }]) => `node ${id} (${class_type})`);
  if (found.length === 0) return;
  throw new ConfigError(
    `${file}: Cannot use nodes of the editor alone, which ComfyUI does not run: ${
      found.join(", ")
    } (wanted the API format without them: export again, ${howToExport})`,
  );
}

/** Windows' own programs write UTF-16, with a byte order mark. */
function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const label = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  return new TextDecoder(label).decode(bytes);
}

function stemOf(file: string): string {
  return basename(file).replace(/\.json$/i, "");
}

/** True for a file whose name loses no letter when it names a template. */
function isPlain(file: string): boolean {
  return /^[\x20-\x7e]+$/.test(stemOf(file));
}

/** `My workflow (api).json` → `My_workflow_api`, `Мой.json` → `Moy`; `workflow` where nothing can be spelt in Latin letters. */
function nameFor(file: string): string {
  return latin(stemOf(file)).replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "").slice(
    0,
    40,
  ) || "workflow";
}

function refused(code: number, problem: string): Report {
  return { lines: [], problems: [problem], code };
}
