/** Templates of an owner's, written into the folder of a bot that is measured. Owns what is changed of the shipped ones. */
import { z } from "zod";

const shipped = new URL("../workflows/", import.meta.url);
const Graph = z.record(z.string(), z.looseObject({ inputs: z.record(z.string(), z.unknown()) }));

/** The default template as it was exported before December 2025: without the input that ComfyUI has come to require. */
export async function writeOldTemplate(dir: string): Promise<void> {
  const name = "qwen_image_edit.json";
  const graph = Graph.parse(JSON.parse(await Deno.readTextFile(new URL(name, shipped))));
  const nodes = Object.values(graph).filter(({ inputs }) => "resolution_steps" in inputs);
  if (nodes.length === 0) throw new Error(`Cannot measure: nothing of ${name} is to be completed`);
  for (const { inputs } of nodes) delete inputs["resolution_steps"];
  await Deno.mkdir(`${dir}/workflows`);
  await Deno.writeTextFile(`${dir}/workflows/${name}`, JSON.stringify(graph));
}

/** So many templates of the owner's, beside the shipped ones. */
export async function writeOwnTemplates(dir: string, count: number): Promise<void> {
  await Deno.mkdir(`${dir}/workflows`);
  for (let own = 1; own <= count; own++) {
    for (const ending of ["json", "yaml"]) {
      const from = new URL(`qwen_image_edit_2509.${ending}`, shipped);
      await Deno.copyFile(from, `${dir}/workflows/own_${own}.${ending}`);
    }
  }
}
