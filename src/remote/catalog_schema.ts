/** A NodeCatalog as a worker sends it, checked. Owns how deep inputs may nest. */
import { z } from "zod";
import { type NodeCatalog, type NodeInputInfo } from "../templates/mod.ts";

const name = z.string().max(1_000);

/** One input; those that a dynamic one stands for are inputs again. */
const input: z.ZodType<NodeInputInfo> = z.lazy(() => {
  const inputs = z.record(name, input);
  return z.object({
    type: name,
    required: z.boolean(),
    options: z.array(name).exactOptional(),
    min: z.number().exactOptional(),
    max: z.number().exactOptional(),
    default: z.unknown().exactOptional(),
    link: z.boolean().exactOptional(),
    control: z.boolean().exactOptional(),
    dynamic: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("choice"), inputs: z.record(name, inputs) }),
      z.object({ kind: z.literal("slot"), inputs }),
      z.object({
        kind: z.literal("list"),
        names: z.array(name),
        min: z.number(),
        item: input,
      }),
      z.object({ kind: z.literal("unknown") }),
    ]).exactOptional(),
  });
});

export const Catalog: z.ZodType<NodeCatalog> = z.record(
  name,
  z.object({ inputs: z.record(name, input), outputNode: z.boolean() }),
);
