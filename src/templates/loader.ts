/**
 * Loads templates: those embedded in the executable, and the files in `workflows/` beside config.yaml, each of which overrides its
 * embedded one. Owns which file is used. manifest.ts owns the files' format.
 */
import { basename, join } from "node:path";
import { ConfigError, messageOf, probableName } from "../lib/mod.ts";
import { type SourceText } from "../lib/yaml/mod.ts";
import { parseGraph } from "./graph_file.ts";
import { parseManifest } from "./manifest.ts";
import type { Template } from "./template.ts";

/** A template's two files as text. */
export interface TemplateFiles {
  readonly name: string;
  readonly graph: string;
  readonly manifest: string;
}

/** A folder of templates, as the loader needs it. */
export interface TemplateFolder {
  /** Names of the files in it; empty where there is no such folder. Throws where it cannot be read. */
  list(): readonly string[];
  /** The text of one of them. Throws where it cannot be read. */
  read(file: string): string;
  /** How messages name a file: `workflows/x.json`. */
  label(file: string): string;
}

/** A file that cannot be used; the embedded one, if there is one, is used in its place. */
export interface FileProblem {
  readonly file: string;
  /** Starts with the file, and line and column where they are known. */
  readonly message: string;
}

export interface LoadedTemplates {
  /** By name, the embedded ones first. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly problems: readonly FileProblem[];
}

/** What each template was made of when it was last loaded, by name: the same files are not parsed again. */
export type ParsedFiles = Map<string, { readonly files: string; readonly template: Template }>;

/** One file that a template could be made of. */
interface Candidate<Value> {
  readonly value: Value;
  readonly label: string;
  readonly embedded: boolean;
}

const embeddedFolder = new URL("../../workflows/", import.meta.url);

/** The templates that the executable carries, the best results first: of those that can run, the first is the default. */
const embeddedNames = [
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
];

/** The files of the templates that the executable carries (`deno compile --include workflows`), the best first. */
export function readEmbedded(): TemplateFiles[] {
  const read = (file: string) => Deno.readTextFileSync(new URL(file, embeddedFolder));
  return embeddedNames.map((name) => ({
    name,
    graph: read(`${name}.json`),
    manifest: read(`${name}.yaml`),
  }));
}

/** A folder on disk; it need not exist. */
export function diskFolder(path: string): TemplateFolder {
  return {
    list() {
      try {
        return [...Deno.readDirSync(path)].filter((entry) => !entry.isDirectory)
          .map(({ name }) => name);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return [];
        throw error;
      }
    },
    read: (file) => Deno.readTextFileSync(join(path, file)),
    label: (file) => join(path, file),
  };
}

/**
 * Every template that can be made from the embedded files and those of the folder (NAME.json, NAME.yaml). Never throws for a
 * bad file: it is reported, and the embedded one stays.
 */
export function loadTemplates(
  { embedded, folder, parsed = new Map() }: {
    readonly embedded: readonly TemplateFiles[];
    readonly folder?: TemplateFolder;
    readonly parsed?: ParsedFiles;
  },
): LoadedTemplates {
  const problems = new Map<string, FileProblem>(); // by message: one bad file may be tried twice
  const report = (file: string, message: string) => problems.set(message, { file, message });
  const onDisk = folder ? listFolder(folder, report) : new Set<string>();
  const builtIn = new Map(embedded.map((files) => [files.name, files]));
  const names = new Set([...builtIn.keys(), ...[...onDisk].sort().map(nameOf)]);

  const templates = new Map<string, Template>();
  for (const name of names) {
    const files = builtIn.get(name);
    const sources = (ending: "json" | "yaml", text: string | undefined) => {
      const file = `${name}.${ending}`;
      const disk = folder && onDisk.has(file) ? readSource(folder, file, report) : undefined;
      const own = text === undefined ? undefined : { path: `embedded workflows/${file}`, text };
      return [
        ...(disk ? [{ value: disk, label: disk.path, embedded: false }] : []),
        ...(own ? [{ value: own, label: "embedded", embedded: true }] : []),
      ];
    };
    const template = firstThatFits(
      name,
      sources("json", files?.graph),
      sources("yaml", files?.manifest),
      report,
      parsed,
    );
    if (template) templates.set(name, template);
  }
  return { templates, problems: [...problems.values()] };
}

/** The first pair of a graph and a manifest that makes a template; disk before embedded. */
function firstThatFits(
  name: string,
  graphs: readonly Candidate<SourceText>[],
  manifests: readonly Candidate<SourceText>[],
  report: (file: string, message: string) => void,
  parsed: ParsedFiles,
): Template | undefined {
  const lone = graphs.length === 0 ? manifests[0] : manifests.length === 0 ? graphs[0] : undefined;
  if (lone) {
    const other = `${name}.${graphs.length === 0 ? "json" : "yaml"}`;
    report(lone.label, `${lone.label}: Cannot use it: there is no ${other} (wanted both)`);
    return undefined;
  }
  for (const graph of graphs) {
    const nodes = attempt(() => parseGraph(graph.value), (why) => report(graph.label, why));
    if (!nodes) continue;
    for (const manifest of manifests) {
      const files = JSON.stringify([graph, manifest]);
      const known = parsed.get(name);
      if (known?.files === files) return known.template;
      const template = attempt(
        () =>
          parseManifest(manifest.value, {
            name,
            graph: nodes,
            origin: { graph: graph.label, manifest: manifest.label },
          }),
        (why) =>
          manifest.embedded
            ? report(
              graph.label,
              `${graph.label}: Cannot use it with the embedded manifest: ${why}`,
            )
            : report(manifest.label, why),
      );
      if (!template) continue;
      parsed.set(name, { files, template });
      return template;
    }
  }
  return undefined;
}

/** The files of the folder that belong to templates. */
function listFolder(
  folder: TemplateFolder,
  report: (file: string, message: string) => void,
): ReadonlySet<string> {
  const listed = attempt(() => folder.list(), (why) => {
    report(folder.label(""), `${folder.label("")}: Cannot read the folder: ${why}`);
  }) ?? [];
  const files = listed.filter((file) => /\.(json|yaml)$/.test(file) && !file.startsWith("."));
  for (const file of files) {
    if (isTemplateName(nameOf(file))) continue;
    const label = folder.label(file);
    report(label, `${label}: Cannot use the name (wanted 1 to 40 of A-Z a-z 0-9 _ -)`);
  }
  return new Set(files.filter((file) => isTemplateName(nameOf(file))));
}

/** Names go into buttons, and a button's data has 64 bytes. */
export function isTemplateName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,40}$/.test(name);
}

function nameOf(file: string): string {
  return file.replace(/\.(json|yaml)$/, "");
}

function readSource(
  folder: TemplateFolder,
  file: string,
  report: (file: string, message: string) => void,
): SourceText | undefined {
  const path = folder.label(file);
  return attempt(
    () => ({ path, text: folder.read(file) }),
    (why) => report(path, `${path}: Cannot read the file: ${why}`),
  );
}

/** What `make` makes, or undefined where it refuses: a bad file, or one that cannot be read. */
function attempt<Value>(make: () => Value, refused: (why: string) => void): Value | undefined {
  try {
    return make();
  } catch (error) {
    const expected = error instanceof ConfigError || isFileError(error);
    if (!expected) throw error;
    refused(messageOf(error));
    return undefined;
  }
}

/** True for the system's errors about a file: missing, not allowed, not a file. */
function isFileError(error: unknown): boolean {
  return error instanceof Error && ("code" in error || error.name in Deno.errors);
}

/** Reads the embedded templates and those of `dir`'s `workflows/`, each time it is called. */
export function createTemplateReader(dir: string): () => LoadedTemplates {
  const parsed: ParsedFiles = new Map();
  const folder = diskFolder(join(dir, "workflows"));
  return () => loadTemplates({ embedded: readEmbedded(), folder, parsed });
}

/** The embedded templates and those of `dir`'s `workflows/`. */
export function readTemplates(dir: string): LoadedTemplates {
  return createTemplateReader(dir)();
}

/** The templates that are the embedded ones, whole or in part, because a file of the folder's cannot be used. */
export function embeddedInPlace({ templates, problems }: LoadedTemplates): readonly string[] {
  return [...templates.values()].filter(({ name, origin }) =>
    (origin.graph === "embedded" || origin.manifest === "embedded") &&
    problems.some(({ file }) => isFileOf(file, name) || !/\.(json|yaml)$/.test(file)) // the folder
  ).map(({ name }) => name);
}

/** The message that there is no such template, with the names that exist. */
export function noTemplate(name: string, templates: ReadonlyMap<string, Template>): string {
  const names = [...templates.keys()];
  const meant = probableName(name, names);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return `There is no template "${name}".${hint} There are: ${names.join(", ")}.`;
}

/** True where the file is one of the template's own. */
export function isFileOf(file: string, template: string): boolean {
  return basename(file).replace(/\.(json|yaml)$/, "") === template;
}
