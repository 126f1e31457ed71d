/** A parameter in a user's words: its name, its value, its limits. Knows no menu. */
import { formatParam, type ParamSpec, type ParamValue, randomSeed } from "../templates/mod.ts";
import type { Text } from "./en.ts";

/** A parameter's name as users read it; one that only the owner's manifest has keeps its own. */
export function paramLabel(text: Text, name: string): string {
  return text.params[name] ?? name;
}

/** A value as users read it: `8`, `1.0`, `random`, `nothing`. */
export function shownValue(text: Text, spec: ParamSpec, value: ParamValue): string {
  if (spec.kind === "seed" && value === randomSeed) return text.random;
  return value === "" ? text.nothing : formatParam(spec, value);
}

/** What may be typed; empty where that takes a list. */
export function shownLimits(text: Text, spec: ParamSpec): string {
  switch (spec.kind) {
    case "int":
    case "float":
      return text.settings.limits(spec);
    case "seed":
      return text.settings.seedLimits;
    case "text":
      return text.settings.textLimits;
    case "choice":
      return "";
    default:
      return spec satisfies never;
  }
}
