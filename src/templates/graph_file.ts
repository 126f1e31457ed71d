/**
 * Parses a workflow file to a graph in ComfyUI's API format. Owns which wrappers around a graph are accepted;
 * every error names file, line and column. Numbers keep their digits. Reads no files and asks no ComfyUI.
 */
import { z } from "zod";
import { ConfigError, parseExactly } from "../lib/mod.ts";
import { filled, parseYamlText, type SourceText } from "../lib/yaml/mod.ts";
import { type ApiPrompt, isLink } from "./graph.ts";

/** How a graph gets out of the web page. */
export const howToExport = "in ComfyUI choose Workflow > Export (API)";

/**
 * Reads a graph in ComfyUI's API format, alone or inside of something: a request's body (`prompt`, `input.workflow`), an
 * entry of the history or of the queue, a list. Throws ConfigError for what is no JSON, for several graphs, for links that
 * lead nowhere, and for a workflow in the web page's own format, with how to export it.
 */
export function parseGraph(source: SourceText): ApiPrompt {
  const { graph, web } = findWorkflow(source);
  if (graph) return graph;
  throw new ConfigError(
    web === undefined
      ? `${source.path}:1:1: Cannot use the graph`
      : `${source.path}:1:1: Cannot use a workflow in the web page's own format ` +
        `(wanted the API format: ${howToExport})`,
  );
}

/**
 * What is in a file: a graph in the API format, a workflow of the web page as JSON, or both (the graph that was sent, and the
 * workflow that it was made of). Throws as parseGraph does, but for the web page's format.
 */
export function findWorkflow(
  source: SourceText,
): { readonly graph?: ApiPrompt; readonly web?: unknown } {
  const json = parseJson(source);
  const graphs = found(json, looksLikeGraph);
  const webs = found(json, isWebFormat);
  for (const all of graphs.length > 0 ? [graphs] : [webs]) {
    if (all.length < 2) continue;
    const places = all.map(({ path }) => path.join(".")).slice(0, 5).join(", ");
    throw new ConfigError(
      `${source.path}:1:1: Cannot choose a graph: ${all.length} are in it, at ${places} (wanted a file with one)`,
    );
  }
  const [web] = webs.map(({ value }) => value);
  if (graphs.length === 0 && web !== undefined) return { web };
  const graph = graphs[0] ?? { path: [], value: json };
  const parsed = graphSchema.safeParse(graph.value);
  if (parsed.success) return { graph: parsed.data, ...(web === undefined ? {} : { web }) };
  const { problems } = parseYamlText(source, within(graph)); // JSON is YAML, and YAML knows where each value stands
  throw new ConfigError(problems.join("\n") || `${source.path}:1:1: Cannot use the graph`);
}

/** True for what the web page saves: it has a list of nodes. */
export function isWebFormat(value: unknown): boolean {
  return typeof value === "object" && value !== null && "nodes" in value &&
    Array.isArray(value.nodes);
}

/**
 * Nodes that only the web page has and that its export removes: a graph with some of them was not exported, and no
 * ComfyUI runs it.
 */
export function isEditorNode(classType: string): boolean {
  return editorNodes.has(classType) || /^workflow[>/]/.test(classType) || uuid.test(classType);
}

const editorNodes: ReadonlySet<string> = new Set([
  "Reroute",
  "Note",
  "MarkdownNote",
  "PrimitiveNode",
  "GetNode",
  "SetNode",
  "Reroute (rgthree)",
  "Bookmark (rgthree)",
  "Label (rgthree)",
  "Node Collector (rgthree)",
  "Mute / Bypass Repeater (rgthree)",
  "Fast Muter (rgthree)",
  "Fast Bypasser (rgthree)",
  "Fast Groups Muter (rgthree)",
  "Fast Groups Bypasser (rgthree)",
]);
/** A subgraph's instance has its definition's id as its type. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function parseJson({ path, text }: SourceText): unknown {
  try {
    return parseExactly(/NaN|Infinity/.test(text) ? withoutNaN(text) : text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const [, line = "1", column = "1"] = /\(line (\d+) column (\d+)\)$/.exec(reason) ?? [];
    const what = reason.replace(/ (?:in JSON )?at position \d+ \(line.*$/, "").replace(/\s+/g, " ");
    throw new ConfigError(
      `${path}:${line}:${column}: Cannot read the JSON: ${what} (wanted valid JSON)`,
      { cause: error },
    );
  }
}

/** Python writes these bare, into the history too, where a node wants to run always. */
function withoutNaN(text: string): string {
  return text.replace(
    /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g,
    (token) => token.startsWith('"') ? token : "null",
  );
}

/** A value inside of another, and the keys that lead to it. */
interface Found {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Wraps go no deeper: `{ID: {prompt: [number, id, graph]}}` in a list. */
const maxDepth = 5;

/** What is such a thing and lies least deep in it. */
function found(json: unknown, isSought: (value: unknown) => boolean): readonly Found[] {
  let level: readonly Found[] = [{ path: [], value: json }];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const sought = level.filter(({ value }) => isSought(value));
    if (sought.length > 0) return sought;
    level = level.filter(({ value }) => !isWebFormat(value) && !looksLikeGraph(value)).flatMap((
      { path, value },
    ) =>
      Object.entries(opened(value)).map(([key, inner]: [string, unknown]) => ({
        path: [...path, Array.isArray(value) ? Number(key) : key],
        value: inner,
      }))
    );
  }
  return [];
}

/** What is in it; of a text that is JSON (PNG files and some requests have graphs as such), what it says. */
function opened(value: unknown): object {
  if (typeof value === "object" && value !== null) return value;
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return {};
  try {
    return { json: parseExactly(value) };
  } catch {
    return {};
  }
}

function looksLikeGraph(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).some((inner: unknown) =>
      typeof inner === "object" && inner !== null && "class_type" in inner && "inputs" in inner
    );
}

/** The graph's problems under the places where they stand in the file. */
function within({ path, value }: Found): z.ZodType {
  return z.unknown().superRefine((_file, context) => {
    for (const issue of graphSchema.safeParse(value).error?.issues ?? []) {
      context.addIssue({
        code: "custom",
        path: [...path, ...issue.path],
        message: issue.message,
      });
    }
  });
}

const node = z.object({
  class_type: filled("a node's class"),
  inputs: z.record(z.string(), z.unknown(), { error: "a map of inputs" }),
  _meta: z.unknown().optional(),
}, { error: "a node: class_type and inputs" });

const graphSchema = z.record(z.string(), node, { error: "a graph: nodes by their ids" })
  .superRefine((graph, context) => {
    if (Object.keys(graph).length === 0) {
      context.addIssue({ code: "custom", message: "a graph with nodes in it" });
    }
    for (const [id, { inputs }] of Object.entries(graph)) {
      for (const [input, value] of Object.entries(inputs)) {
        if (!isLink(value) || Object.hasOwn(graph, value[0])) continue;
        const message = `a link to a node of the graph, which has no ${value[0]}`;
        context.addIssue({ code: "custom", path: [id, "inputs", input], message });
      }
    }
  });
