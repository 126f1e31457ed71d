/**
 * Proposes parameters for a graph's LoRAs: which one, of those that ComfyUI has, and how strong. Owns which loaders a user may
 * choose at: a LoRA that makes few steps possible belongs to its model.
 */
import { type ApiPrompt, type NodeInput } from "../mod.ts";
import { upstream } from "./graph_trace.ts";
import { type DraftEntry, written } from "./params.ts";

/** So many may be chosen; a menu has other buttons too. */
const maxLoras = 3;
/** Names of LoRAs that exchange steps for time. */
const speedsUp = /lightning|turbo|hyper|lcm|dmd|[1-9]\d?-?_?steps?/i;
const strengths = ["strength_model", "strength_clip", "strength"];

/** The parameters `lora` and `lora_strength`, `lora_2` …: those nearest to the model first. */
export function loraParameters(graph: ApiPrompt, output: string): readonly DraftEntry[] {
  const loaders = upstream(graph, output).toReversed().filter((id) => {
    const file = graph[id]!.inputs["lora_name"];
    return typeof file === "string" && file !== "" && !speedsUp.test(file);
  }).slice(0, maxLoras);
  return loaders.flatMap((node, i) => {
    const { class_type, inputs } = graph[node]!;
    const key = i === 0 ? "lora" : `lora_${i + 1}`;
    const at = (input: string): NodeInput => ({ node, input });
    const about = `node ${node} (${class_type})`;
    const held = strengths.filter((input) => typeof inputs[input] === "number");
    const strength = Number(inputs[held[0] ?? ""]);
    // LoRAs are made for one kind of model, and people keep those of a kind together.
    const [folder] = /^.+[\\/](?=[^\\/]+$)/.exec(String(inputs["lora_name"])) ?? [];
    return [
      {
        key,
        value: {
          kind: "choice",
          targets: written([at("lora_name")]),
          options_from: written([at("lora_name")]),
          ...(folder === undefined ? {} : { filter: `${folder.replaceAll("\\", "/")}*` }),
          default: inputs["lora_name"],
          about: {
            en: "The LoRA: a small model that adds a style or a subject.",
            ru: "LoRA: небольшая модель, которая добавляет стиль или объект.",
          },
        },
        note: `Guessed: the LoRA of ${about}. Without these two users get it as it is.`,
      },
      // Where both strengths differ, one number cannot stand for them.
      ...(held.length === 0 || held.some((input) => inputs[input] !== strength) ? [] : [{
        key: `${key}_strength`,
        value: {
          kind: "float",
          targets: written(held.map(at)),
          default: strength,
          min: Math.min(0, strength),
          max: Math.max(2, strength),
          step: 0.05,
          about: {
            en: "How strong the LoRA is; 0 switches it off.",
            ru: "Сила LoRA; 0 отключает её.",
          },
        },
        note: `Guessed: the strength of ${about}.`,
      }]),
    ];
  });
}
