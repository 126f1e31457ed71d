/**
 * Workflows of the web page, written short: nodes with what feeds their inputs; the links and their ids are made of that. Holds
 * no test.
 */
import { objectInfoAnswer } from "../../../src/comfyui/object_info.ts";
import { type ApiPrompt } from "../../../src/templates/graph.ts";
import { type Converted, webToApi } from "../../../src/templates/web/convert.ts";
import { readWebWorkflow } from "../../../src/templates/web/read.ts";

/** An input: its name, its type, and the node and slot that feed it; `-10` is the subgraph's own side. */
export interface SmallInput {
  readonly name: string;
  readonly type?: string;
  readonly from?: readonly [node: number, slot: number];
  /** Stands for a widget. */
  readonly widget?: boolean;
}

export interface SmallNode {
  readonly id: number;
  readonly type: string;
  readonly mode?: number;
  readonly inputs?: readonly SmallInput[];
  readonly outputs?: readonly string[];
  readonly values?: unknown;
  readonly models?: readonly unknown[];
}

export interface SmallSubgraph {
  readonly id: string;
  readonly inputs: readonly string[];
  /** The node and slot that feed each output. */
  readonly outputs: readonly (readonly [node: number, slot: number])[];
  readonly nodes: readonly SmallNode[];
}

export const load = (id: number, file: string, mode = 0): SmallNode => ({
  id,
  type: "LoadImage",
  mode,
  outputs: ["IMAGE", "MASK"],
  values: [file, "image"],
});
export const save = (id: number, from: readonly [number, number]): SmallNode => ({
  id,
  type: "SaveImage",
  inputs: [{ name: "images", type: "IMAGE", from }],
  values: ["mine"],
});
export const invert = (id: number, from: readonly [number, number], mode = 0): SmallNode => ({
  id,
  type: "ImageInvert",
  mode,
  inputs: [{ name: "image", type: "IMAGE", from }],
  outputs: ["IMAGE"],
});

/** The file as the page would save it. */
export function workflow(
  nodes: readonly SmallNode[],
  subgraphs: readonly SmallSubgraph[] = [],
  extra: Readonly<Record<string, unknown>> = {},
) {
  const { links, ...root } = graph(nodes);
  return {
    last_node_id: 99,
    ...root,
    // The root has its links as lists.
    links: links.map((link) => [
      link.id,
      link.origin_id,
      link.origin_slot,
      link.target_id,
      link.target_slot,
      "*",
    ]),
    groups: [{ title: "A group", bounding: [0, 0, 100, 100] }],
    definitions: {
      subgraphs: subgraphs.map((each) => {
        const inside = graph(each.nodes);
        const outgoing = each.outputs.map(([origin_id, origin_slot], slot) => ({
          id: 9000 + slot,
          origin_id,
          origin_slot,
          target_id: -20,
          target_slot: slot,
          type: "*",
        }));
        return {
          id: each.id,
          name: each.id,
          ...inside,
          links: [...inside.links, ...outgoing],
          inputs: each.inputs.map((name, slot) => ({
            name,
            type: "*",
            linkIds: inside.links.filter(({ origin_id, origin_slot }) =>
              origin_id === -10 && origin_slot === slot
            ).map(({ id }) => id),
          })),
          outputs: outgoing.map(({ id }) => ({ name: "out", type: "*", linkIds: [id] })),
        };
      }),
    },
    extra,
    version: 0.4,
  };
}

function graph(nodes: readonly SmallNode[]) {
  let last = 100;
  const links: {
    id: number;
    origin_id: number;
    origin_slot: number;
    target_id: number;
    target_slot: number;
    type: string;
  }[] = [];
  const written = nodes.map((
    { id, type, mode = 0, inputs = [], outputs = [], values, models },
  ) => ({
    id,
    type,
    mode,
    pos: [0, 0],
    // A slot's number in a link is often wrong in real files: nobody may go by it.
    inputs: inputs.map(({ name, type = "*", from, widget }) => {
      const link = from === undefined ? null : ++last;
      if (from && link !== null) {
        const [origin_id, origin_slot] = from;
        links.push({ id: link, origin_id, origin_slot, target_id: id, target_slot: 7, type });
      }
      return { name, type, link, ...(widget ? { widget: { name } } : {}) };
    }),
    outputs: outputs.map((type, slot) => ({ name: type, type, slot_index: slot, links: [] })),
    properties: models ? { models } : {},
    ...(values === undefined ? {} : { widgets_values: values }),
  }));
  return { nodes: written, links };
}

/** What a ComfyUI of 2026 says of its classes, with more of them. */
export function catalogWith(classes: Readonly<Record<string, unknown>> = {}) {
  const recorded = new URL(
    "../../../lab/comfyui/validation/object_info_0.33.json",
    import.meta.url,
  );
  return objectInfoAnswer.parse({ ...JSON.parse(Deno.readTextFileSync(recorded)), ...classes });
}

/** What it becomes on that ComfyUI. */
export function convert(file: unknown, classes?: Readonly<Record<string, unknown>>): Converted {
  return webToApi(readWebWorkflow(file, "small.json"), catalogWith(classes));
}

/** The inputs of every node, by id; a class stands under `class`. */
export function inputsBy(graph: ApiPrompt) {
  return Object.fromEntries(
    Object.entries(graph).map((
      [id, { class_type, inputs }],
    ) => [id, { class: class_type, ...inputs }]),
  );
}
