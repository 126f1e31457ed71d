/**
 * Where pictures come into a graph: which nodes load one that a user can send, in which order they are seen, which load a mask or
 * something else that users cannot send.
 */
import { type ApiPrompt, isLink } from "../mod.ts";
import { upstream } from "./graph_trace.ts";

/** True for a node that loads a picture by its name in ComfyUI's input folder. */
function loadsPicture(graph: ApiPrompt, id: string): boolean {
  const { class_type, inputs } = graph[id]!;
  const image = inputs["image"];
  return isLoader(class_type) &&
    !/mask|base64|url|output|folder|path|batch|list/i.test(class_type) &&
    typeof image === "string" && !isInline(image);
}

/** True for a node that loads a picture or a mask, from wherever. */
export function isLoader(classType: string): boolean {
  return /load/i.test(classType) && /image|mask|picture/i.test(classType) &&
    !/loader/i.test(classType);
}

/** True for a loader that has the picture itself in the graph, as text. */
export function loadsInline(graph: ApiPrompt, id: string): boolean {
  const { class_type, inputs } = graph[id]!;
  return /base64/i.test(class_type) ||
    isLoader(class_type) && Object.values(inputs).some((value) => isInline(value));
}

function isInline(value: unknown): boolean {
  return typeof value === "string" && (value.startsWith("data:") || value.length > 1000);
}

/** Conditionings come before what is put beside them: the encoder sees its own pictures first. */
const conditioningInputs = /^(conditioning|positive|cond|guider)/;

/**
 * The loaders of pictures that flow into a node as pictures, in the order in which they are seen: along the conditioning from the
 * encoder on, then by the numbers of the inputs. What comes in as a mask is none.
 */
export function picturesInto(graph: ApiPrompt, id: string): readonly string[] {
  const seen = new Set<string>();
  const order: string[] = [];
  function visit(node: string): void {
    if (seen.has(node)) return;
    seen.add(node);
    for (const [, source] of pictureFeeders(graph, node)) visit(source);
    order.push(node);
  }
  visit(id);
  return order.filter((node) => loadsPicture(graph, node));
}

function pictureFeeders(graph: ApiPrompt, id: string): readonly (readonly [string, string])[] {
  const inputs = Object.entries(graph[id]!.inputs).flatMap(([input, value]) => {
    const isPicture = isLink(value) && !/mask/i.test(input) && !isAlphaOf(graph, value);
    return isPicture ? [[input, value[0]] as const] : [];
  });
  const stems = inputs.map(([input]) => stemOf(input));
  const place = (input: string) =>
    (conditioningInputs.test(input) ? 0 : 1000) + stems.indexOf(stemOf(input));
  return inputs.sort(([a], [b]) => place(a) - place(b) || numberOf(a) - numberOf(b));
}

/** `images.image_10` → `images.image_`. */
function stemOf(input: string): string {
  return input.replace(/\d+$/, "");
}

function numberOf(input: string): number {
  return Number(/\d+$/.exec(input)?.[0] ?? 0);
}

/** A loader's second output is the mask that a picture may have in it. */
function isAlphaOf(graph: ApiPrompt, [id, output]: readonly [string, number]): boolean {
  return output === 1 && graph[id] !== undefined && loadsPicture(graph, id);
}

/** The loaders that flow into a node as masks alone, or whose pictures' transparency is used as one. */
export function masksInto(graph: ApiPrompt, id: string): readonly string[] {
  const pictures = picturesInto(graph, id);
  const flowing = upstream(graph, id);
  const alphas = flowing.flatMap((node) =>
    Object.entries(graph[node]!.inputs).flatMap(([input, value]) =>
      isLink(value) && /mask/i.test(input) && isAlphaOf(graph, value) ? [value[0]] : []
    )
  );
  const others = flowing.filter((node) =>
    isLoader(graph[node]!.class_type) && !pictures.includes(node) &&
    (loadsPicture(graph, node) || /mask/i.test(graph[node]!.class_type))
  );
  return [...new Set([...alphas, ...others])];
}

/** True where the latent is a picture that is painted over, and not an empty one: less `denoise` keeps more of it. */
export function isPicture(graph: ApiPrompt, latent: readonly [string, number]): boolean {
  const seen = new Set<string>();
  for (let [id] = latent; !seen.has(id);) {
    seen.add(id);
    const { class_type, inputs } = graph[id]!;
    const encoded = inputs["pixels"] ??
      (/encode/i.test(class_type) && inputs["clip"] === undefined
        ? inputs["image"] ?? inputs["images"]
        : undefined);
    if (isLink(encoded)) return picturesInto(graph, encoded[0]).length > 0;
    const names = Object.keys(inputs);
    const through = names.find((name) =>
      /^(samples|latent|latent_image|samples1|latents)$/.test(name)
    ) ??
      (names.length === 1 ? names[0] : undefined);
    const next = through === undefined ? undefined : inputs[through];
    if (!isLink(next)) return false;
    [id] = next;
  }
  return false;
}
