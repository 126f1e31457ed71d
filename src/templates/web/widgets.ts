/**
 * What the widgets of a node held: a file has their values in a row, and the node's class says which is whose. Owns the order
 * of widgets on the page and which values there belong to nobody. Knows no links.
 */
import { isRawNumber } from "../../lib/mod.ts";
import { isLinkInput, type NodeClass, type NodeInputInfo, type NodeInputs } from "../mod.ts";
import type { WebNode } from "./workflow.ts";

/** Values by input, as the API format has them. */
export interface WidgetValues {
  readonly values: Readonly<Record<string, unknown>>;
  /** Why they cannot be known: completes "node 5 (KSampler): …". There are no values then. */
  readonly unknown?: string;
  /** What to look at though they are known. */
  readonly note?: string;
}

/** Types beside those of values that the page has a widget for. */
const otherWidgets: ReadonlySet<string> = new Set(
  "MARKDOWN TEXTAREA COLOR COLORS IMAGECOMPARE BOUNDING_BOX BOUNDING_BOXES CHART GALLERIA PAINTER COMPOSITOR CURVE RANGE VIDEO_EDIT RESOLUTION_PREVIEW"
    .split(" "),
);
/** What stands behind a seed: whether the page draws another one. Nobody sends it. */
const controls: readonly unknown[] = [
  "fixed",
  "increment",
  "decrement",
  "randomize",
  "increment-wrap",
];

/** What buttons for uploads and the like hold, behind all others. */
const ofButtons: readonly unknown[] = ["image", "video", "audio", "", null, ...controls];

/** True for an input that has a place among a node's values. */
export function isWidget(info: NodeInputInfo): boolean {
  return !isLinkInput(info) || info.link === undefined && otherWidgets.has(info.type);
}

/** Reads a node's values; undefined is a class that the server does not have. */
export function widgetValues(node: WebNode, nodeClass: NodeClass | undefined): WidgetValues {
  if (node.named) return { values: named(node.named) };
  const saved = node.values;
  if (!nodeClass) {
    if (saved.length === 0) return { values: {} };
    return {
      values: {},
      unknown: "its values cannot be told apart, because this ComfyUI does not have its class",
    };
  }
  const row = new Row(saved);
  const problem = readRow(nodeClass.inputs, "", row);
  if (problem !== undefined) return { values: {}, unknown: problem };
  if (node.type === "CustomCombo") readOptions(row);
  const left = row.left();
  const notes = [
    ...(left.length > 0
      ? [`the file has more values than this ComfyUI's class takes (${left.map(short).join(", ")})`]
      : []),
    ...(row.missing.length > 0
      ? [`the file has no value for ${row.missing.join(", ")}, so the class's own is taken`]
      : []),
  ];
  return { values: row.values, ...(notes.length > 0 ? { note: notes.join("; ") } : {}) };
}

/** The value with lists as the API format has them: a bare one would be a link. */
export function sent(value: unknown): unknown {
  return Array.isArray(value) ? { __value__: value } : value;
}

/** The saved values, read from the first to the last, and what was read. */
class Row {
  readonly #saved: readonly unknown[];
  #at = 0;
  readonly values: Record<string, unknown> = {};
  /** Inputs that the row was too short for. */
  readonly missing: string[] = [];

  constructor(saved: readonly unknown[]) {
    this.#saved = saved;
  }

  get next(): unknown {
    return this.#saved[this.#at];
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#saved.length;
  }

  take(): unknown {
    return this.#saved[this.#at++];
  }

  /** What nobody took, without what a button or an empty preview keeps there. */
  left(): readonly unknown[] {
    return this.#saved.slice(this.#at).filter((value) =>
      !ofButtons.includes(value) && JSON.stringify(value) !== "{}" && JSON.stringify(value) !== "[]"
    );
  }
}

/** Gives the row's values to the inputs in their order; gives what is wrong, after which nothing can be known. */
function readRow(inputs: NodeInputs, prefix: string, row: Row): string | undefined {
  for (const [short, info] of Object.entries(inputs)) {
    const name = `${prefix}${short}`;
    if (info.dynamic?.kind === "unknown" && !row.isAtEnd) {
      return `its input ${name} is of a kind that this program does not know`;
    }
    if (!isWidget(info)) continue;
    const isSaved = !row.isAtEnd;
    const saved = row.take();
    const value = saved ?? ownValue(info);
    if (!isSaved && saved === undefined && info.type !== "IMAGECOMPARE") row.missing.push(name);
    if (value === undefined) continue;
    if (!suits(value, info)) return unsuited(name, info, value);
    row.values[name] = sent(value);
    const isSeed = info.control || prefix === "" && info.type === "INT" &&
        /^(noise_)?seed$/.test(short);
    if (isSeed && controls.includes(row.next)) {
      row.take();
      if (info.type === "COMBO" && row.next === "") row.take(); // the filter of its list
    }
    if (info.dynamic?.kind !== "choice") continue;
    const chosen = typeof value === "string" && Object.hasOwn(info.dynamic.inputs, value)
      ? info.dynamic.inputs[value]
      : undefined;
    if (!chosen) return unsuited(name, info, value);
    const problem = readRow(chosen, `${name}.`, row);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The options of a combo that its user wrote: the page adds a widget for each. */
function readOptions(row: Row): void {
  if (!("index" in row.values) && !row.isAtEnd) row.values["index"] = row.take();
  for (let i = 1; !row.isAtEnd; i++) row.values[`option${i}`] = row.take();
}

/** What the page puts into a new widget. */
function ownValue(info: NodeInputInfo): unknown {
  if (info.default !== undefined) return info.default;
  switch (info.type) {
    case "STRING":
      return "";
    case "BOOLEAN":
      return false;
    case "INT":
    case "FLOAT":
      return info.min ?? 0;
    case "IMAGECOMPARE":
      return ["", ""];
    default:
      return info.options?.[0];
  }
}

/** False for a value that no such widget can have held: the row is of another version of the class. */
export function suits(value: unknown, { type, options = [] }: NodeInputInfo): boolean {
  const isNumber = typeof value === "number" || isRawNumber(value) ||
    typeof value === "string" && /^\s*[-+]?\d+(\.\d*)?(e[-+]?\d+)?\s*$/i.test(value);
  switch (type) {
    case "INT":
      return isNumber && (typeof value !== "number" || Number.isInteger(value));
    case "FLOAT":
      return isNumber;
    case "BOOLEAN":
      return typeof value === "boolean";
    case "STRING":
      return typeof value === "string";
    case "COMBO":
      // A file that is not here is a string all the same, and for check.ts to say.
      return typeof value === "string" || Array.isArray(value) || options.includes(String(value));
    default:
      return true;
  }
}

function unsuited(name: string, { type, dynamic }: NodeInputInfo, value: unknown): string {
  const wanted = type === "COMBO" || dynamic ? "one of its options" : type;
  return `${short(value)} stands where ${name} is expected (wanted ${wanted}), so the file is of ` +
    "another version of this node";
}

/** A value as messages show it. */
export function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** A pack that saves its values by their names (VHS_*): those of previews are no inputs. */
function named(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => typeof value !== "object" || Array.isArray(value))
      .map(([name, value]) => [name, sent(value)]),
  );
}
