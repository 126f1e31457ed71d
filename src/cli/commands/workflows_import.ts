/**
 * `workflows import`: makes a template, a graph with a drafted manifest, from a workflow in any form. Owns where it comes from and
 * what is printed; writes nothing that could not be loaded. Does not know how a manifest is drafted: that is templates/import/'s.
 */
import { resolve } from "node:path";
import { type Config } from "../../config/mod.ts";
import { ComfyUIConnectionError, ConfigError, messageOf, nearest } from "../../lib/mod.ts";
import {
  type AskClasses,
  type Imported,
  importWorkflow,
  isPlain,
  nameFor,
  readAsApi,
  stemOf,
  type WorkflowFile,
  writeTemplate,
} from "../../templates/import/mod.ts";
import {
  checkOnBackend,
  classTypesOf,
  howToExport,
  isTemplateName,
  type Template,
  type TemplateReport,
} from "../../templates/mod.ts";
import { type Backend } from "../../worker/mod.ts";
import { exitCode } from "../core/mod.ts";
import { paramLines, type Report } from "./workflows.ts";

export interface ImportDeps {
  readonly backend: Pick<Backend, "catalog">;
  /** See comfyui/backend.ts. */
  readonly readOfficial: (
    name: string,
    signal: AbortSignal,
  ) => Promise<{ readonly file: Uint8Array } | { readonly names: readonly string[] }>;
}

export interface ImportOptions {
  /** The workflow; undefined where no FILE was given. */
  readonly file: string | undefined;
  /** The name of one of ComfyUI's own templates, in place of a file. */
  readonly official: string | undefined;
  /** Relative paths are resolved against it. */
  readonly cwd: string;
  /** Of the template; undefined derives it from the file's. */
  readonly name: string | undefined;
  /** The template goes to its `workflows/`. */
  readonly dir: string;
  /** Overwrites existing files. */
  readonly force: boolean;
  /** Writes nothing: the graph in the API format goes to stdout. */
  readonly print: boolean;
  readonly config: Config;
}

/** Imports one workflow and checks it against ComfyUI, if that answers. Rejects only with the signal's reason. */
export async function importTemplate(
  deps: ImportDeps,
  options: ImportOptions,
  signal: AbortSignal,
): Promise<Report> {
  const { official } = options;
  if ((options.file === undefined) === (official === undefined)) {
    return refused(
      exitCode.usage,
      official === undefined
        ? `Cannot import: FILE is missing (wanted a workflow, or --official NAME; ${howToExport})`
        : "Cannot import both FILE and --official (wanted one of them)",
    );
  }
  const source = official ?? options.file!;
  const name = options.name ?? nameFor(source);
  if (!isTemplateName(name)) {
    return refused(
      exitCode.usage,
      `Cannot use the name "${name}" (wanted 1 to 40 of A-Z a-z 0-9 _ -)`,
    );
  }
  const ask = askOnce(deps.backend, signal);
  let file: WorkflowFile;
  let imported: Imported;
  try {
    file = official === undefined
      ? { file: source, bytes: await read(source, options.cwd) }
      : { file: `${official}.json`, bytes: await readOfficial(deps, official, signal) };
    if (options.print) return await printed(file, ask);
    const title = isPlain(source) ? name : stemOf(source);
    imported = await importWorkflow(file, { name, title, ask });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ComfyUIConnectionError) {
      return refused(exitCode.unavailable, error.message);
    }
    if (!(error instanceof ConfigError)) throw error;
    return refused(exitCode.dataErr, error.message);
  }
  const folder = resolve(options.cwd, options.dir, "workflows");
  const written = await writeTemplate(folder, { ...imported, name }, options);
  if (written.type === "exists") {
    return refused(
      exitCode.cantCreate,
      `Cannot write ${written.path}: it exists already (wanted --force to replace it, or --name)`,
    );
  }
  if (written.type === "failed") {
    return refused(exitCode.cantCreate, `Cannot write in ${folder}: ${written.reason}`);
  }

  const { problems, notes } = await checked(
    imported.template,
    deps.backend,
    options.config,
    signal,
  );
  return {
    lines: [
      ...written.paths.map((path) => `wrote ${path}`),
      ...(options.name !== undefined || isPlain(source) ? [] : [
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

async function read(file: string, cwd: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(resolve(cwd, file));
  } catch (error) {
    throw new ConfigError(`Cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

/** Throws ConfigError where ComfyUI has none of that name. */
async function readOfficial(
  deps: ImportDeps,
  name: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const read = await deps.readOfficial(name, signal);
  if ("file" in read) return read.file;
  const { names } = read;
  throw new ConfigError(
    names.length === 0
      ? "Cannot take one of ComfyUI's own templates: this ComfyUI has none " +
        "(wanted one with the package comfyui-workflow-templates)"
      : `Cannot take ComfyUI's own template "${name}": there is none of that name ` +
        `(wanted one that it has, such as ${nearest(name, names).join(", ")})`,
  );
}

/** The graph as the page would export it, and what is not sure in it. */
async function printed(file: WorkflowFile, ask: AskClasses): Promise<Report> {
  const { graph, doubts, notes } = await readAsApi(file, ask);
  return {
    lines: [JSON.stringify(graph, undefined, 2)],
    problems: [...notes, ...doubts.map(({ message }) => message)].map((each) => `⚠ ${each}`),
    code: doubts.some(({ isUnknown }) => isUnknown) ? exitCode.found : exitCode.ok,
  };
}

/** Asks ComfyUI for classes, unless it was silent once: an import waits for it one time at most. */
function askOnce(backend: Pick<Backend, "catalog">, signal: AbortSignal): AskClasses {
  let isAway = false;
  return async (classTypes) => {
    if (isAway || classTypes.length === 0) return isAway ? undefined : {};
    try {
      return await backend.catalog(classTypes, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ComfyUIConnectionError)) throw error;
      isAway = true;
      return undefined;
    }
  };
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

function refused(code: number, problem: string): Report {
  return { lines: [], problems: [problem], code };
}
