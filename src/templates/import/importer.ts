/**
 * Makes a template of a workflow file: finds the graph, turns the web page's format into the API format, leaves out what the
 * result does not need, drafts the manifest, and reads both back as the bot would. Owns the order of these steps. Writes no
 * file; asks ComfyUI through the caller.
 */
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ConfigError } from "../../lib/mod.ts";
import {
  type ApiPrompt,
  howToExport,
  isEditorNode,
  loadTemplates,
  type NodeCatalog,
  parseGraph,
  parseManifest,
  readEmbedded,
  type Template,
} from "../mod.ts";
import { type Converted, readWebWorkflow, webClassTypes, webToApi } from "../web/mod.ts";
import { draftManifest, manifestText } from "./draft.ts";
import { trim } from "./trim.ts";
import { findInFile, type FoundWorkflow, type WorkflowFile } from "./workflow_file.ts";

/** What ComfyUI has of these node classes; undefined where it does not answer. */
export type AskClasses = (classTypes: readonly string[]) => Promise<NodeCatalog | undefined>;

/** A graph and its manifest as text, and the template that they load as. */
export interface Imported {
  readonly template: Template;
  readonly graph: string;
  readonly manifest: string;
  /** Points to look at, a sentence each. */
  readonly warnings: readonly string[];
}

/** The embedded template whose parameters serve as a model; it knows all node packs that templates here need. */
const modelName = "qwen_image_edit";

/** People's graphs have some hundred nodes; one of many more would keep every chat waiting while it is read. */
const maxNodes = 2_000;

/** Imports a file as the template `name`, which users see as `title`. Throws ConfigError, and what `ask` rejects with. */
export async function importWorkflow(
  file: WorkflowFile,
  { name, title, ask }: { readonly name: string; readonly title: string; readonly ask: AskClasses },
): Promise<Imported> {
  const { graph, models, notes, doubts } = await readAsApi(file, ask);
  const size = Object.keys(graph).length;
  if (size > maxNodes) {
    throw new ConfigError(
      `${file.file}: Cannot make a template from it: it has ${size} nodes (wanted at most ${maxNodes})`,
    );
  }
  refuseEditorNodes(graph, file.file);
  const classTypes = [...new Set(Object.values(graph).map(({ class_type }) => class_type))];
  const trimmed = trim(graph, await ask(classTypes));
  const left = doubts.filter(({ node }) => Object.hasOwn(trimmed.graph, node));
  const unknown = left.filter(({ isUnknown }) => isUnknown);
  if (unknown.length > 0) {
    throw new ConfigError(
      `${file.file}: Cannot know all values of the workflow: ${
        unknown.map(({ message }) => message).join("; ")
      } (wanted this ComfyUI to have those nodes, or the API format: ${howToExport})`,
    );
  }
  const embedded = readEmbedded().filter((files) => files.name === modelName);
  const model = loadTemplates({ embedded }).templates.get(modelName);
  if (!model) throw new Error(`Cannot import: there is no embedded template ${modelName}`);
  const draft = draftManifest(trimmed.graph, {
    name: title,
    file: basename(file.file),
    model,
    nodePacks: model.nodePacks ?? {},
    models,
  });
  const graphText = `${JSON.stringify(draft.graph, undefined, 2)}\n`;
  const manifest = manifestText(
    draft,
    `What of ${name}.json may change. NODE.INPUT names an input of the graph. Drafted by reading it: look it over.`,
  );
  const labels = { graph: `${name}.json`, manifest: `${name}.yaml` };
  const template = parseManifest({ path: labels.manifest, text: manifest }, {
    name,
    graph: parseGraph({ path: labels.graph, text: graphText }),
    origin: labels,
  });
  return {
    template,
    graph: graphText,
    manifest,
    warnings: [
      ...notes,
      ...left.map(({ message }) => `${message[0]!.toUpperCase()}${message.slice(1)}.`),
      ...leftOut(graph, trimmed.gone),
      ...draft.warnings,
    ],
  };
}

interface AsApi {
  readonly graph: ApiPrompt;
  readonly models: Converted["models"];
  readonly doubts: Converted["doubts"];
  /** What is said of the file as a whole, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * The graph of a file in the API format, as the web page would export it. Throws ConfigError, where the file has the page's format
 * and ComfyUI does not answer too, and what `ask` rejects with.
 */
export async function readAsApi(file: WorkflowFile, ask: AskClasses): Promise<AsApi> {
  const found = findInFile(file);
  const { graph, web } = found;
  if (web === undefined) return { graph: graph!, models: {}, doubts: [], notes: [] };
  const workflow = readWebWorkflow(web, file.file);
  const catalog = await ask(webClassTypes(workflow));
  if (!catalog) {
    if (graph) return { graph, models: {}, doubts: [], notes: [] };
    throw new ConfigError(
      `${file.file}: Cannot turn the web page's format into the API format: ComfyUI does not answer, and it alone ` +
        `knows the inputs of its nodes (wanted ComfyUI running, or the API format: ${howToExport})`,
    );
  }
  const converted = webToApi(workflow, catalog);
  if (graph) return { ...asSent({ graph, web }, converted), models: converted.models };
  return {
    ...converted,
    notes: workflow.hasUnseenLinks
      ? [
        "A pack draws links in it that are not in the file (use-everywhere): what they feed is not " +
        "known. Make them real links in ComfyUI.",
      ]
      : [],
  };
}

/** Of both the graph was sent: it is taken, and a difference is said. */
function asSent(
  { graph }: FoundWorkflow & { readonly graph: ApiPrompt },
  converted: Converted,
): Omit<AsApi, "models"> {
  const comparable = (prompt: ApiPrompt) =>
    JSON.parse(
      JSON.stringify(
        Object.fromEntries(
          Object.entries(prompt).map((
            [id, { class_type, inputs }],
          ) => [id, { class_type, inputs }]),
        ),
      ),
    );
  const isSame = isDeepStrictEqual(comparable(graph), comparable(converted.graph));
  return {
    graph,
    doubts: [],
    notes: isSame || converted.doubts.some(({ isUnknown }) => isUnknown) ? [] : [
      "The workflow beside the graph in this file is another one; the graph that was sent is taken.",
    ],
  };
}

function leftOut(graph: ApiPrompt, gone: readonly string[]): string[] {
  if (gone.length === 0) return [];
  const shown = gone.slice(0, 8).map((id) => `node ${id} (${graph[id]!.class_type})`).join(", ");
  const more = gone.length > 8 ? ` and ${gone.length - 8} more` : "";
  return [`Left out, because the result does not need it: ${shown}${more}.`];
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
