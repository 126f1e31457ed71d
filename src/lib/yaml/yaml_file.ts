/**
 * A YAML text against a zod schema: every problem named with its line, its column and what is wanted.
 * Knows no key of ours: a schema's messages say what is wanted, and for unknown keys which ones there are.
 */
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";

import { z } from "zod";
import { createRedactor, probableName } from "../mod.ts";

/** Between the allowed keys in the message of an `unrecognized_keys` issue. */
const KEY_SEPARATOR = ", ";
const MAX_SHOWN_LENGTH = 60;

/** The message that a strict object's `unrecognized_keys` issue must have to be understood here. */
export function allowedKeysMessage(keys: readonly string[]): string {
  return keys.join(KEY_SEPARATOR);
}

/** What came of a YAML text; `data` is undefined where there are problems. */
export interface YamlResult<T> {
  readonly data: T | undefined;
  /** `path:line:column: Cannot …: <what is> (wanted <what should be>)` each, in the text's order. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** Parses `source` by `schema`. An empty text is undefined to the schema. Never throws. */
export function parseYamlText<T>(source: SourceText, schema: z.ZodType<T>): YamlResult<T> {
  const lines = new LineCounter();
  const document = parseDocument(source.text.replace(/^\uFEFF/, ""), {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  const redact = createRedactor();
  const at = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    return redact(`${source.path}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`);
  };

  const warnings = document.warnings.map(({ pos, message }) => at(pos[0], message));
  const syntax = document.errors.map(({ pos, message, code }) => ({
    offset: pos[0],
    message: code === "DUPLICATE_KEY"
      ? `Cannot use a key twice: ${wordAt(source.text, pos[0])} (wanted each key once)`
      : `Cannot read the YAML: ${message} (wanted valid YAML)`,
  }));
  const found = syntax.length > 0 ? syntax : refusedNodes(document);
  if (found.length > 0) {
    return { data: undefined, problems: inOrder(found, at), warnings };
  }

  const result = schema.safeParse(document.toJS() ?? undefined);
  if (result.success) return { data: result.data, problems: [], warnings };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document));
  return { data: undefined, problems: inOrder(problems, at), warnings };
}

interface Problem {
  readonly offset: number;
  readonly message: string;
}

/** Sorted by place; of several at one place, only the first: a value that is no number is not also too small. */
function inOrder(
  problems: readonly Problem[],
  at: (offset: number, message: string) => string,
): readonly string[] {
  const sorted = [...problems].sort((a, b) => a.offset - b.offset);
  return sorted.filter(({ offset }, i) => offset !== sorted[i - 1]?.offset)
    .map(({ offset, message }) => at(offset, message));
}

/** Aliases (which can grow without bound) and keys that are lists or maps: no config needs them. */
function refusedNodes(document: Document): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias: (_, node) => {
      problems.push({
        offset: node.range?.[0] ?? 0,
        message: `Cannot use *${node.source}: it is an alias (wanted the value itself)`,
      });
    },
    Pair: (_, { key }) => {
      if (isMap(key) || isSeq(key)) {
        problems.push({
          offset: key.range?.[0] ?? 0,
          message: "Cannot use a list or a map as a key (wanted a name)",
        });
      }
    },
  });
  return problems;
}

function problemsOf(issue: z.core.$ZodIssue, document: Document): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      const meant = probableName(key, issue.message.split(KEY_SEPARATOR));
      const hint = meant === undefined ? "" : `, did you mean "${meant}"?`;
      return {
        offset: locate(document, path).keyOffset,
        message: `Cannot use ${nameOf(path)}: unknown key${hint} (wanted one of ${issue.message})`,
      };
    });
  }
  const place = locate(document, issue.path);
  if (issue.code === "invalid_key") {
    const message = `Cannot use the key ${nameOf(issue.path)} (wanted ${issue.message})`;
    return [{ offset: place.keyOffset, message }];
  }
  const message = `Cannot use ${nameOf(issue.path)}: ${
    show(place.value)
  } (wanted ${issue.message})`;
  return [{ offset: place.offset, message }];
}

interface Place {
  /** Where the value stands; the nearest place above it where it is missing. */
  readonly offset: number;
  readonly keyOffset: number;
  readonly value: unknown;
}

function locate(document: Document, path: readonly PropertyKey[]): Place {
  let node: unknown = document.contents;
  let place: Place = { offset: startOf(node) ?? 0, keyOffset: startOf(node) ?? 0, value: node };
  for (const step of path) {
    let key: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && `${item.key.value}` === step);
      key = pair?.key;
      node = pair?.value;
    } else {
      node = isSeq(node) && typeof step === "number" ? node.items[step] : undefined;
    }
    const keyOffset = startOf(key) ?? startOf(node) ?? place.offset;
    place = { offset: startOf(node) ?? keyOffset, keyOffset, value: node };
  }
  return place;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
}

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.map((step) => typeof step === "number" ? `[${step + 1}]` : `.${String(step)}`);
  return name.join("").replace(/^\./, "") || "the file";
}

function show(node: unknown): string {
  if (isMap(node)) return "a map";
  if (isSeq(node)) return "a list";
  if (!isScalar(node) || node.value === null) return "it is missing";
  const text = typeof node.value === "string" ? JSON.stringify(node.value) : `${node.value}`;
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function wordAt(text: string, offset: number): string {
  return /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? "it";
}

/** A file's text and the path that messages name it by. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}
