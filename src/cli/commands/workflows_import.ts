/**
 * `workflows import`: makes a template, a graph with a drafted manifest, from a workflow that ComfyUI exported. Owns its files and
 * output; writes nothing that could not be loaded. Does not know how a manifest is drafted: that is templates/import/'s.
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
import { checkOnBackend, paramLines, type Report, type TemplateReport } from "./workflows.ts";

export interface ImportOptions {
  /** The exported workflow; undefined where no FILE was given. */
  readonly file: string | undefined;
  /** Relative paths are resolved against it. */
  readonly cwd: string;
  /** Of the template; undefined derives it from the file's. */
  readonly name: string | undefined;
  /** The template goes to its `workflows/`. */
  readonly dir: string;
  /** Overwrites existing files. */
  readonly force: boolean;
  readonly config: Config;
}

/** A graph and its manifest as text, and the template that they load as. */
interface Imported {
  readonly template: Template;
  readonly graph: string;
  readonly manifest: string;
  readonly warnings: ManifestDraft["warnings"];
}

/** The embedded template whose parameters serve as a model. */
const modelName = "qwen_image_edit";

/** Imports one file and checks it against ComfyUI, if that answers. Rejects only with the signal's reason. */
export async function importTemplate(
  { backend }: { readonly backend: Pick<Backend, "catalog"> },
  options: ImportOptions,
  signal: AbortSignal,
): Promise<Report> {
  const { file } = options;
  if (file === undefined) {
    return refused(
      exitCode.usage,
      `Cannot import: FILE is missing (wanted a workflow; ${howToExport})`,
    );
  }
  const name = options.name ?? nameFor(file);
  if (!isTemplateName(name)) {
    return refused(
      exitCode.usage,
      `Cannot use the name "${name}" (wanted 1 to 40 of A-Z a-z 0-9 _ -)`,
    );
  }
  let imported: Imported;
  try {
    imported = await readTemplate(name, file, options.cwd);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refused(exitCode.dataErr, error.message);
  }
  const folder = resolve(options.cwd, options.dir, "workflows");
  const files = [
    { path: join(folder, `${name}.json`), text: imported.graph },
    { path: join(folder, `${name}.yaml`), text: imported.manifest },
  ];
  const problem = await writeAll(folder, files, options.force);
  if (problem !== undefined) return refused(exitCode.cantCreate, problem);

  const { problems, notes } = await checked(imported.template, backend, options.config, signal);
  return {
    lines: [
      ...files.map(({ path }) => `wrote ${path}`),
      ...(options.name !== undefined || isPlain(file) ? [] : [
        `Template names take Latin letters only: this one is called ${name} (--name changes it).`,
      ]),
      `  pictures    ${imported.template.pictures.map(({ node }) => node).join(", ")}`,
      ...paramLines(imported.template).map((line, i) =>
        (i === 0 ? "  parameters  " : " ".repeat(14)) + line
      ),
      ...notes,
    ],
    problems: [...imported.warnings.map((warning) => `⚠ ${warning}`), ...problems],
    code: problems.length === 0 ? exitCode.ok : exitCode.found,
  };
}

async function readTemplate(name: string, file: string, cwd: string): Promise<Imported> {
  const bytes = await Deno.readFile(resolve(cwd, file)).catch((error) => {
    throw new ConfigError(`Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  });
  const exported = parseGraph({ path: file, text: textOf(bytes) });
  refuseEditorNodes(exported, file);
  const { templates } = loadTemplates({ embedded: readEmbedded() });
  const model = templates.get(modelName);
  if (!model) throw new Error(`Cannot import: there is no embedded template ${modelName}`);
  const draft = draftManifest(exported, {
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

/** Writes all files, or none where one exists already; returns the problem. */
async function writeAll(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
  force: boolean,
): Promise<string | undefined> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const { path } of files) {
      if (!force && await exists(path)) {
        return `Cannot write ${path}: it exists already (wanted --force to replace it, or --name)`;
      }
    }
    for (const { path, text } of files) await Deno.writeTextFile(path, text, { createNew: !force });
    return undefined;
  } catch (error) {
    return `Cannot write in ${folder}: ${messageOf(error)}`;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether this ComfyUI can run the template. */
async function checked(
  template: Template,
  backend: Pick<Backend, "catalog">,
  config: Config,
  signal: AbortSignal,
): Promise<TemplateReport> {
  try {
    const catalog = await backend.catalog(classTypesOf(template), { signal });
    const { problems, notes } = checkOnBackend(template, config.workflow, catalog);
    const verdict = problems.length === 0
      ? "This ComfyUI can run it."
      : "This ComfyUI cannot run it yet.";
    return { problems, notes: [...notes, verdict] };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ComfyUIConnectionError)) throw error;
    return {
      problems: [],
      notes: [`Not checked: ComfyUI does not answer. Try later: workflows check ${template.name}`],
    };
  }
}

/** Throws at nodes that only the editor knows: the values that they stand for are not in the file, so it must be exported again. */
function refuseEditorNodes(graph: ApiPrompt, file: string): void {
  const found = Object.entries(graph).filter(([, { class_type }]) => isEditorNode(class_type))
    .map(([id, { class_type }]) => `node ${id} (${class_type})`);
  if (found.length === 0) return;
  throw new ConfigError(
    `${file}: Cannot use nodes that exist only in the editor, which ComfyUI does not run: ${
      found.join(", ")
    } (wanted the API format without them: export again, ${howToExport})`,
  );
}

/** Programs on Windows may write UTF-16 with a byte order mark. */
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

/** True for a file name that needs no transliteration. */
function isPlain(file: string): boolean {
  return /^[\x20-\x7e]+$/.test(stemOf(file));
}

/** `My workflow (api).json` → `My_workflow_api`, `Мой.json` → `Moy`; `workflow` where nothing is left. */
function nameFor(file: string): string {
  return latin(stemOf(file)).replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "").slice(
    0,
    40,
  ) || "workflow";
}

function refused(code: number, problem: string): Report {
  return { lines: [], problems: [problem], code };
}
