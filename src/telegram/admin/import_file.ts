/**
 * A workflow file from the chat becomes a template in the owner's folder. Owns its name and what is found out about it. Loaded
 * when an admin sends one; does not know Telegram.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ComfyUIConnectionError, ConfigError } from "../../lib/mod.ts";
import {
  type AskClasses,
  importWorkflow,
  nameFor,
  removeTemplate,
  stemOf,
  type WorkflowFile,
  writeTemplate,
} from "../../templates/import/mod.ts";
import {
  checkOnBackend,
  classTypesOf,
  type NodeCatalog,
  type Template,
  type TemplateOverrides,
} from "../../templates/mod.ts";

export interface ImportFileDeps {
  /** The owner's `workflows/`. */
  readonly folder: string;
  readonly templates: () => ReadonlyMap<string, Template>;
  readonly overrides: () => TemplateOverrides;
  /** What ComfyUI has of these classes. Rejects with ComfyUIConnectionError. */
  readonly catalog: (classTypes: readonly string[]) => Promise<NodeCatalog>;
}

export type ImportOutcome =
  | {
    readonly type: "imported";
    readonly template: Template;
    /** Tells these very files from others of the same name. */
    readonly tag: string;
    /** True where the same graph was there already; nothing was written then. */
    readonly isKnown: boolean;
    /** Points to look at, a sentence each, in English. */
    readonly warnings: readonly string[];
    /** What keeps it from running, likewise; undefined where ComfyUI did not answer. */
    readonly problems: readonly string[] | undefined;
  }
  /** `reason` is a sentence in English. */
  | { readonly type: "refused"; readonly reason: string }
  | { readonly type: "not_written"; readonly reason: string };

/** As many templates may be named after files of one name. */
const maxNames = 50;

/** Imports the file under a free name, and checks it against ComfyUI, if that answers. */
export async function importFile(
  file: WorkflowFile,
  deps: ImportFileDeps,
): Promise<ImportOutcome> {
  const ask = remembered(deps.catalog);
  const title = stemOf(file.file) || "Workflow";
  try {
    const first = await importWorkflow(file, { name: nameFor(file.file), title, ask });
    const { name, isKnown } = await nameIn(deps, first.template.name, first.graph);
    const { template, graph, manifest, warnings } = name === first.template.name
      ? first
      : await importWorkflow(file, { name, title, ask });
    if (!isKnown) {
      const written = await writeTemplate(deps.folder, { name, graph, manifest }, { force: false });
      if (written.type === "exists") {
        return { type: "not_written", reason: `${written.path} exists` };
      }
      if (written.type === "failed") return { type: "not_written", reason: written.reason };
    }
    const catalog = await ask(classTypesOf(template));
    return {
      type: "imported",
      template,
      tag: await tagOf(deps.folder, name) ?? "",
      isKnown,
      warnings,
      problems: catalog && checkOnBackend(template, deps.overrides(), catalog).problems,
    };
  } catch (error) {
    if (error instanceof ConfigError) return { type: "refused", reason: error.message };
    throw error;
  }
}

/**
 * Takes an imported template away again. `changed`: its files are not those that were imported; `not_written`: the folder
 * cannot be written to.
 */
export async function takeBack(
  folder: string,
  name: string,
  tag: string,
): Promise<"gone" | "changed" | "taken" | "not_written"> {
  const now = await tagOf(folder, name);
  if (now === undefined) return "gone";
  if (now !== tag) return "changed";
  try {
    await removeTemplate(folder, name);
    return "taken";
  } catch {
    return "not_written";
  }
}

/** `name`, or with a number behind it where that is taken; one that has the same graph is it already. */
async function nameIn(
  { folder, templates }: ImportFileDeps,
  name: string,
  graph: string,
): Promise<{ readonly name: string; readonly isKnown: boolean }> {
  for (let i = 1; i <= maxNames; i++) {
    const ending = i === 1 ? "" : `_${i}`;
    const candidate = `${name.slice(0, 40 - ending.length)}${ending}`;
    const there = await readIfThere(join(folder, `${candidate}.json`));
    if (there === graph) return { name: candidate, isKnown: true };
    const isTaken = there !== undefined || templates().has(candidate) ||
      await readIfThere(join(folder, `${candidate}.yaml`)) !== undefined;
    if (!isTaken) return { name: candidate, isKnown: false };
  }
  throw new ConfigError(
    `Cannot name the template: there are ${maxNames} called ${name} already (wanted a file of another name)`,
  );
}

/** The first 8 hexadecimal digits of both files' SHA-256; undefined where one of them is gone. */
async function tagOf(folder: string, name: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  for (const ending of ["json", "yaml"]) {
    const text = await readIfThere(join(folder, `${name}.${ending}`));
    if (text === undefined) return undefined;
    hash.update(text).update("\0");
  }
  return hash.digest("hex").slice(0, 8);
}

/** Undefined for a file that cannot be read, too: nothing can be said of it. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return undefined;
  }
}

/** Asks for each class once, and not again where ComfyUI was silent. */
function remembered(catalog: ImportFileDeps["catalog"]): AskClasses {
  const known = new Map<string, NodeCatalog[string] | undefined>();
  let isAway = false;
  return async (classTypes) => {
    const unknown = classTypes.filter((each) => !known.has(each));
    try {
      const answer = isAway || unknown.length === 0 ? {} : await catalog(unknown);
      for (const each of unknown) known.set(each, answer[each]);
    } catch (error) {
      if (!(error instanceof ComfyUIConnectionError)) throw error;
      isAway = true;
    }
    if (isAway) return undefined;
    return Object.fromEntries(
      classTypes.flatMap((each) => {
        const info = known.get(each);
        return info ? [[each, info]] : [];
      }),
    );
  };
}
