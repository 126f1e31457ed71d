/** What the manifest of an imported file binds, as one table. Holds no test. */
import { type NodeInput } from "../../../src/templates/graph.ts";
import { importWorkflow } from "../../../src/templates/import/importer.ts";
import { catalogWith } from "../web/small_workflow.ts";

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
export const catalog = catalogWith();

/** What the manifest binds, as names such as `24:11.steps`. */
export async function bound(
  file: unknown,
  ask = () => Promise.resolve<typeof catalog | undefined>(catalog),
) {
  const { template, warnings } = await importWorkflow(
    { file: "mine.json", bytes: file instanceof Uint8Array ? file : bytesOf(file) },
    { name: "mine", title: "Mine", ask },
  );
  const names = (at: readonly NodeInput[]) => at.map(({ node, input }) => `${node}.${input}`);
  const params = Object.entries(template.params).flatMap(([name, { targets, spec }]) =>
    targets.length === 0 ? [] : [[name, [...names(targets), spec.default]] as const]
  );
  return {
    template,
    warnings: warnings.join("\n"),
    table: {
      words: names(template.promptText),
      pictures: names(template.pictures),
      output: template.output.node,
      ...Object.fromEntries(params),
    },
  };
}

/** Of the workflow of web_edit.ts. */
export const edit = {
  words: ["24:8.prompt"],
  pictures: ["20.image", "21.image"],
  output: "25",
  steps: ["24:11.steps", 6],
  cfg: ["24:11.cfg", 2.5],
  seed: ["24:11.seed", 0],
  sampler: ["24:11.sampler_name", "euler"],
  scheduler: ["24:11.scheduler", "simple"],
  denoise: ["24:11.denoise", 0.8],
  negative_prompt: ["24:9.prompt", "ugly, blurry"],
};
