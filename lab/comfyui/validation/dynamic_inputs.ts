/**
 * The inputs that a class has for one node of a graph: an autogrow input is as many as it may grow to, a dynamic combo brings along
 * those of the option that was chosen. As `get_finalized_class_inputs` of comfy_api/latest/_io.py; pure.
 */
import { z } from "zod";
import { Declarations, type InputClass, inputOf, type NodeClass } from "./catalog.ts";

const Template = z.looseObject({
  input: z.record(z.string(), Declarations),
  names: z.array(z.string()).optional(),
  prefix: z.string().optional(),
  min: z.number().default(0),
  max: z.number().default(0),
});
const Autogrow = z.looseObject({ template: Template });
const Option = z.looseObject({ key: z.string(), inputs: z.record(z.string(), Declarations) });
const DynamicCombo = z.looseObject({ options: z.array(Option) });

/** The inputs of a class for a node with the inputs `live`; names under a dynamic input are dotted, `resize_type.multiplier`. */
export function finalInputs(
  { inputs }: NodeClass,
  live: Readonly<Record<string, unknown>>,
): readonly InputClass[] {
  return inputs.flatMap((input) => expand(input, live));
}

/** Names of the dynamic combos of a class whose option is none of theirs: its method is called without them. */
export function unchosenCombos(
  { inputs }: NodeClass,
  live: Readonly<Record<string, unknown>>,
): readonly string[] {
  return inputs
    .filter((input) => input.type === "COMFY_DYNAMICCOMBO_V3" && chosen(input, live) === undefined)
    .map(({ name }) => name);
}

function expand(
  input: InputClass,
  live: Readonly<Record<string, unknown>>,
): readonly InputClass[] {
  switch (input.type) {
    case "COMFY_AUTOGROW_V3":
      return grown(input).flatMap((slot) => expand(slot, live));
    case "COMFY_DYNAMICCOMBO_V3": {
      const option = chosen(input, live);
      if (option === undefined) return [];
      return [input, ...under(input.name, option.inputs).flatMap((sub) => expand(sub, live))];
    }
    default:
      return [input];
  }
}

function grown({ name, config: [, extra] }: InputClass): readonly InputClass[] {
  const { template } = Autogrow.parse(extra);
  const { prefix, names = Array.from({ length: template.max }, (_, i) => `${prefix}${i}`) } =
    template;
  // Only the first input of the template counts.
  const [group] = Object.entries(template.input).filter(([, inputs]) =>
    Object.keys(inputs).length > 0
  );
  const [config] = Object.values(group?.[1] ?? {});
  if (config === undefined) return [];
  return names.map((slot, i) =>
    inputOf(`${name}.${slot}`, config, group?.[0] === "required" && i < template.min)
  );
}

function chosen(
  { name, config: [, extra] }: InputClass,
  live: Readonly<Record<string, unknown>>,
) {
  return DynamicCombo.parse(extra).options.find(({ key }) => key === live[name]);
}

function under(
  name: string,
  groups: Readonly<Record<string, z.infer<typeof Declarations>>>,
): readonly InputClass[] {
  return Object.entries(groups).flatMap(([group, inputs]) =>
    Object.entries(inputs).map(([sub, config]) =>
      inputOf(`${name}.${sub}`, config, group === "required")
    )
  );
}
