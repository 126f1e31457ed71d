/**
 * What a node takes as its graph has it: ComfyUI's dynamic inputs spelt out under the names that a graph gives them. Pure;
 * how `/object_info` writes them is comfyui/object_info.ts's.
 *
 *   images (COMFY_AUTOGROW_V3)          -> images.image_1, images.image_2, …
 *   resize_type (COMFY_DYNAMICCOMBO_V3) -> resize_type, and of the chosen option resize_type.megapixels
 */
import type { ApiNode, NodeClass, NodeInputInfo, NodeInputs } from "./graph.ts";

/** Types whose value a graph may hold itself; any other comes from another node. */
const valueTypes = ["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "COMFY_DYNAMICCOMBO_V3"];

/** The inputs of a node that holds these values, as ComfyUI takes and checks them. */
export function inputsOf(node: NodeClass, values: ApiNode["inputs"]): NodeInputs {
  return Object.fromEntries(spelt(node.inputs, values).map(({ name, info }) => [name, info]));
}

/** The names of each growing list of the node, in order, and whether one of them is needed. */
export function listsOf(
  node: NodeClass,
  values: ApiNode["inputs"],
): readonly (readonly { readonly name: string; readonly required: boolean }[])[] {
  const lists = Map.groupBy(spelt(node.inputs, values), ({ list }) => list);
  lists.delete(undefined);
  return [...lists.values()].map((items) =>
    items.map(({ name, info }) => ({ name, required: info.required }))
  );
}

/** True for an input that only another node can give: a picture, a model, whatever is no value of the page's. */
export function isLinkInput({ type, link }: NodeInputInfo): boolean {
  return link ?? !type.split(",").every((each) => valueTypes.includes(each));
}

/** True for an input of a kind that this program does not know, and for what may stand for one of its own. */
export function isOfUnknownKind({ inputs }: NodeClass, name: string): boolean {
  return Object.entries(inputs).some(([known, { dynamic }]) =>
    dynamic?.kind === "unknown" && (name === known || name.startsWith(`${known}.`))
  );
}

/** One input under the name that a graph gives it, and the list that it is one of. */
interface Spelt {
  readonly name: string;
  readonly info: NodeInputInfo;
  readonly list?: string;
}

function spelt(inputs: NodeInputs, values: ApiNode["inputs"], prefix = ""): readonly Spelt[] {
  return Object.entries(inputs).flatMap(([short, info]): readonly Spelt[] => {
    const name = `${prefix}${short}`;
    const own = { name, info };
    const { dynamic } = info;
    switch (dynamic?.kind) {
      case undefined:
        return [own];
      case "choice": {
        const chosen = values[name];
        const isKnown = typeof chosen === "string" && Object.hasOwn(dynamic.inputs, chosen);
        return isKnown ? [own, ...spelt(dynamic.inputs[chosen]!, values, `${name}.`)] : [own];
      }
      case "slot": {
        const isGiven = Object.hasOwn(values, name);
        return isGiven ? [own, ...spelt(dynamic.inputs, values, `${name}.`)] : [own];
      }
      case "list": {
        const { names, min, item } = dynamic;
        return names.map((each, i) => ({
          name: `${name}.${each}`,
          info: { ...item, required: item.required && i < min },
          list: name,
        }));
      }
      case "unknown":
        return [{ name, info: { ...info, required: false } }];
      default:
        return dynamic satisfies never;
    }
  });
}
