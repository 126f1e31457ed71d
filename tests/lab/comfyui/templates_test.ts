/**
 * The graphs that ship run in the simulated ComfyUI of either release, and give a picture that stems from the first one.
 */
import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { releases } from "../../../lab/comfyui/mod.ts";
import { decode } from "../../../lab/comfyui/nodes/bitmap.ts";
import { Body, Client, pictureBytes, post, start, upload } from "./client.ts";

type Graph = Record<string, { class_type: string; inputs: Record<string, unknown> }>;

const folder = new URL("../../../workflows/", import.meta.url);
const names = [...Deno.readDirSync(folder)]
  .flatMap(({ name }) => name.endsWith(".json") ? [name.slice(0, -".json".length)] : [])
  .sort();
/** Where words stand, by class. */
const words: Readonly<Record<string, string>> = {
  TextEncodeQwenImageEditPlus: "prompt",
  TextEncodeQwenImage21: "prompt",
  CLIPTextEncode: "text",
};

/** A shipped graph with its pictures, its words and a small size. */
async function filled(name: string): Promise<Graph> {
  const graph: Graph = JSON.parse(await Deno.readTextFile(new URL(`${name}.json`, folder)));
  let pictures = 0;
  for (const { class_type, inputs } of Object.values(graph)) {
    if (class_type === "LoadImage") inputs["image"] = `${++pictures}.png`;
    const input = words[class_type];
    if (input !== undefined) inputs[input] = "make it black and white";
    for (const size of ["megapixels", "resize_type.megapixels"]) {
      if (size in inputs) inputs[size] = 0.05;
    }
  }
  return graph;
}

for (const release of releases) {
  Deno.test(`every shipped graph gives a picture, ComfyUI ${release}`, async (t) => {
    await using comfy = await start({ release });
    for (let i = 1; i <= 10; i++) {
      const colour = i === 1 ? 0xc08040ff : 0x20e020ff;
      await upload(comfy, `${i}.png`, {}, await pictureBytes(80, 60, colour));
    }
    let ran = 0;
    for (const name of names) {
      const graph = await filled(name);
      await using client = await Client.connect(comfy);
      const answer = await post(comfy, "/prompt", { prompt: graph, client_id: client.id });
      if (answer.status === 400) {
        // Some are made for later releases than the older one.
        equal(release, "0.3.64", `${name}: ${JSON.stringify(answer.body)}`);
        continue;
      }
      ran++;
      await t.step(name, async () => {
        const { prompt_id, node_errors } = Body.parse(answer.body);
        deepEqual(node_errors, {});
        await client.end(String(prompt_id));
        const histories = await (await fetch(`${comfy.url}/history/${prompt_id}`)).json();
        const history = Body.parse(histories[String(prompt_id)]);
        const status = Body.parse(history["status"]);
        equal(status["status_str"], "success", JSON.stringify(status["messages"]));
        const [output] = Object.values(Body.parse(history["outputs"]));
        const [image] = Body.parse(output)["images"] as Record<string, string>[];
        const bytes = comfy.file("output", image?.["subfolder"] ?? "", image?.["filename"] ?? "");
        const bitmap = await decode(bytes ?? new Uint8Array());
        ok(bitmap, "what was saved is a picture");
        const [r, g, b] = bitmap.rgba;
        // Words are obeyed; a graph without any, an upscaler, keeps the colours.
        const isGrey = r === g && g === b;
        const hasWords = Object.values(graph).some(({ class_type }) => class_type in words);
        equal(isGrey, hasWords, `${r} ${g} ${b}`);
        if (!hasWords) deepEqual([r, g, b], [0xc0, 0x80, 0x40]);
        else notDeepEqual([r, g, b], [128, 128, 128]);
      });
    }
    ok(ran >= 3);
  });
}
