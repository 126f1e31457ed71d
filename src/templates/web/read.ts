/**
 * Reads a workflow file of the web page. Owns what may be missing or odd in it; what it cannot be read without is an error.
 */
import { z } from "zod";
import { ConfigError } from "../../lib/mod.ts";
import type { WebGraph, WebLink, WebNode, WebSubgraph, WebWorkflow } from "./workflow.ts";

const id = z.union([z.number(), z.string()]).transform(String);
const linkId = id.nullish().catch(undefined).transform((value) => value ?? undefined);
/** A slot's type: several are joined by commas, any is `*` (or 0). */
const slotType = z.unknown().optional().transform((type) =>
  type === 0 || type === "" || type === undefined || type === null ? "*" : String(type)
);
const slot = z.number().int().min(0);

const input = z.object({
  name: z.string().catch(""),
  type: slotType,
  link: linkId,
  widget: z.unknown().optional(),
}).transform(({ widget, ...rest }) => ({
  ...rest,
  isWidget: typeof widget === "object" && widget !== null,
}));

const model = z.object({ name: z.string(), url: z.string(), directory: z.string() });
const models = z.object({
  models: z.array(z.unknown()).catch([]).transform((all) =>
    all.flatMap((each) => model.safeParse(each).data ?? [])
  ).optional(),
}).catch({});

const node = z.object({
  id,
  type: z.string(),
  title: z.string().optional().catch(undefined),
  mode: z.number().catch(0),
  inputs: z.array(input).nullish(),
  outputs: z.array(z.object({ type: slotType })).nullish(),
  widgets_values: z.unknown().optional(),
  properties: models.optional(),
}).transform((read): WebNode => ({
  id: read.id,
  type: read.type,
  title: read.title,
  mode: read.mode,
  inputs: read.inputs ?? [],
  outputs: (read.outputs ?? []).map(({ type }) => type),
  values: z.array(z.unknown()).safeParse(read.widgets_values).data ?? [],
  named: z.record(z.string(), z.unknown()).safeParse(read.widgets_values).data,
  models: read.properties?.models ?? [],
}));

/** `[id, from, slot, to, slot, type]`, or the same with names. */
const link = z.union([
  z.tuple([id, id, slot, id, slot]).rest(z.unknown()).transform(
    ([id, from, fromSlot, to, toSlot]) => ({ id, from, fromSlot, to, toSlot }),
  ),
  z.object({ id, origin_id: id, origin_slot: slot, target_id: id, target_slot: slot }).transform(
    (read) => ({
      id: read.id,
      from: read.origin_id,
      fromSlot: read.origin_slot,
      to: read.target_id,
      toSlot: read.target_slot,
    }),
  ),
]);

/** A link that cannot be read leads nowhere, and is none. */
const links = z.array(z.unknown()).nullish().transform((all) =>
  (all ?? []).flatMap((each) => link.safeParse(each).data ?? [])
);
const graph = z.object({ nodes: z.array(node), links });

const linkIds = z.array(id).nullish().transform((ids) => ids ?? []);
/** Definitions inside of it are taken out before. */
const subgraph = graph.extend({
  id: z.string(),
  inputs: z.array(z.object({ name: z.string(), linkIds })).default([]),
  outputs: z.array(z.object({ linkIds })).default([]),
});
const definitions = z.object({ subgraphs: z.array(z.unknown()) });
const workflow = graph.extend({
  definitions: z.object({ subgraphs: z.array(subgraph) }),
  extra: z.object({ ue_links: z.array(z.unknown()) }).nullish().catch(undefined),
});

/** Throws ConfigError that names the place which cannot be read; `path` is the file, for messages. */
export function readWebWorkflow(json: unknown, path: string): WebWorkflow {
  const flat = { ...Object(json), definitions: { subgraphs: definitionsIn(json) } };
  const { data, error } = workflow.safeParse(flat);
  if (!data) {
    const place = error.issues[0]?.path.join(".") ?? "";
    throw new ConfigError(
      `${path}: Cannot read the workflow of the web page: ${place || "it"} is not as the page ` +
        "writes it (wanted the file as ComfyUI saved it)",
    );
  }
  return {
    root: graphOf(data),
    subgraphs: new Map(
      data.definitions.subgraphs.map((each) => [each.id, subgraphOf(each)]),
    ),
    hasUnseenLinks: (data.extra?.ue_links.length ?? 0) > 0,
  };
}

function graphOf({ nodes, links }: z.output<typeof graph>): WebGraph {
  return {
    nodes: new Map(nodes.map((each) => [each.id, each])),
    links: new Map(links.map(({ id, ...each }): [string, WebLink] => [id, each])),
  };
}

function subgraphOf(read: z.output<typeof subgraph>): WebSubgraph {
  return {
    ...graphOf(read),
    id: read.id,
    inputs: read.inputs.map(({ name, linkIds }) => ({ name, links: linkIds })),
    outputs: read.outputs.map(({ linkIds }) => linkIds),
  };
}

/** Definitions may hold definitions; an instance finds its own wherever it is. */
function definitionsIn(json: unknown): readonly unknown[] {
  const all: unknown[] = [];
  const within = (value: unknown) =>
    definitions.safeParse(Object(value).definitions).data?.subgraphs ?? [];
  all.push(...within(json));
  for (const each of all) all.push(...within(each)); // the iteration takes in what is added on the way
  return all;
}
