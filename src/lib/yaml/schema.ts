/**
 * The kinds of fields that config.yaml is made of. Owns how each says what it wants: every message of an issue
 * reads after "wanted", parseYamlText makes the sentence. Knows no key.
 */
import { z } from "zod";
import { allowedKeysMessage } from "./yaml_file.ts";

/** A section: any of its keys, each once; absent and empty are the same. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = allowedKeysMessage(Object.keys(shape));
  return z.preprocess(
    (value) => value ?? {},
    z.strictObject(shape, {
      error: (issue) => issue.code === "unrecognized_keys" ? keys : "a map with keys and values",
    }),
  );
}

/** A value that may be absent or empty, and is `fallback` then. */
export function optional<Schema extends z.ZodType>(schema: Schema, fallback: z.output<Schema>) {
  return schema.nullish().transform((value) => value ?? fallback);
}

/** A whole number within inclusive limits. */
export function int(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A number within inclusive limits. */
export function float(min: number, max: number) {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A text that `parse` makes a value of; undefined from it refuses the text. `error` says what is wanted. */
export function parsed<T>(error: string, parse: (text: string) => T | undefined) {
  return z.string({ error }).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });
}

/** A text that is not blank. */
export function filled(error: string) {
  return z.string({ error }).regex(/\S/, { error });
}
