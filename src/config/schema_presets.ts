/** The `presets` section of config.yaml: edits that can be had with a tap. A list of its own takes the shipped one's place. */
import { z } from "zod";
import { filled, section } from "../lib/schema.ts";
import { defaultPresets, type Preset } from "../users/presets.ts";

/** A sentence for both languages, or one in each. */
const localized = (error: string) =>
  z.union([
    filled(error).transform((text) => ({ en: text, ru: text })),
    section({ en: filled(error), ru: filled(error) }),
  ], { error: `${error}, or one under each of en and ru` });

const preset = section({
  title: localized("what stands on the button"),
  text: localized("what the model is told"),
  params: z.record(z.string(), z.union([z.number(), z.string()]), {
    error: "parameters and their values, such as { steps: 12 }",
  }).nullish(),
}).transform(({ title, text, params }): Preset => ({ title, words: text, params: params ?? {} }));

export const presetsSchema = z.array(preset, { error: "a list of title and text" }).max(60, {
  error: "at most 60 presets",
}).nullish().transform((presets): readonly Preset[] => presets ?? defaultPresets);
