/**
 * `/object_info` read as a NodeCatalog: what each node class takes. Lenient: a class or an input that cannot be read is
 * left out, for custom nodes write what they like. Pure.
 */
import { z } from "zod";
import type { NodeCatalog, NodeInputInfo } from "../workflow.ts";

/**
 * An input is `[type, config?]`. A list of choices stands in the type's place (`[["a", "b"], {…}]`) or, from newer nodes,
 * in the config's (`["COMBO", { options: ["a", "b"] }]`).
 */
const inputSpec = z.tuple([z.union([z.string(), z.array(z.unknown())])]).rest(z.unknown());
const inputConfig = z.object({
  options: z.array(z.unknown()).optional().catch(undefined),
  min: z.number().optional().catch(undefined),
  max: z.number().optional().catch(undefined),
}).catch({});
const inputs = z.record(z.string(), z.unknown()).optional().catch(undefined);
const nodeClass = z.object({
  input: z.object({ required: inputs, optional: inputs }),
  output_node: z.boolean().catch(false),
});

/** `GET /object_info` and `GET /object_info/{class_type}` (`{}` for a class that is not installed). */
export const objectInfoAnswer = z.record(z.string(), z.unknown()).transform(
  (classes): NodeCatalog =>
    Object.fromEntries(
      Object.entries(classes).flatMap(([classType, value]) => {
        const parsed = nodeClass.safeParse(value).data;
        if (!parsed) return [];
        const inputs = {
          ...readInputs(parsed.input.optional, false),
          ...readInputs(parsed.input.required, true),
        };
        return [[classType, { inputs, outputNode: parsed.output_node }]];
      }),
    ),
);

function readInputs(
  specs: Readonly<Record<string, unknown>> = {},
  required: boolean,
): Record<string, NodeInputInfo> {
  return Object.fromEntries(
    Object.entries(specs).flatMap(([name, spec]) => {
      const parsed = inputSpec.safeParse(spec).data;
      return parsed ? [[name, readInput(parsed, required)]] : [];
    }),
  );
}

function readInput(
  [typeOrChoices, rest]: z.output<typeof inputSpec>,
  required: boolean,
): NodeInputInfo {
  const config = inputConfig.parse(rest);
  const choices = typeof typeOrChoices === "string" ? config.options : typeOrChoices;
  return {
    type: typeof typeOrChoices === "string" ? typeOrChoices : "COMBO",
    required,
    ...(choices ? { options: choices.map(String) } : {}),
    ...(config.min === undefined ? {} : { min: config.min }),
    ...(config.max === undefined ? {} : { max: config.max }),
  };
}
