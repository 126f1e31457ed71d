/** Which model files the simulated ComfyUI has: by its options, and as they change while it runs. */
import { deepEqual, equal } from "node:assert/strict";
import { releases, startComfyUI } from "../../../lab/comfyui/mod.ts";
import { pictureBytes, upload } from "./client.ts";

/** The options of a node's input, in either spelling of a list. */
async function optionsOf(url: string, classType: string, input: string): Promise<unknown> {
  const answer = await (await fetch(`${url}/object_info/${classType}`)).json();
  const [type, extra] = answer[classType].input.required[input];
  return Array.isArray(type) ? type : extra.options;
}

for (const release of releases) {
  Deno.test(`models says which files the loaders list and take, ComfyUI ${release}`, async () => {
    await using comfy = await startComfyUI({
      release,
      models: { vae: ["a.safetensors"], upscale_models: ["2x.pth"], text_encoders: ["t.gguf"] },
    });
    const listed = (classType: string, input: string) => optionsOf(comfy.url, classType, input);
    deepEqual(await listed("VAELoader", "vae_name"), ["a.safetensors", "pixel_space"]);
    deepEqual(await listed("UpscaleModelLoader", "model_name"), ["2x.pth"]);
    deepEqual(await listed("DualCLIPLoader", "clip_name2"), ["t.gguf"]);
    deepEqual(await listed("UNETLoader", "unet_name"), []);
    const folder = await (await fetch(`${comfy.url}/models/vae`)).json();
    deepEqual(folder, ["a.safetensors"]);

    await upload(comfy, "a.png", {}, await pictureBytes(8, 8, 0xffffffff));
    const post = async () => {
      const prompt = {
        "1": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "new.safetensors" } },
        "2": { class_type: "LoadImage", inputs: { image: "a.png" } },
        "5": { class_type: "VAEEncode", inputs: { pixels: ["2", 0], vae: ["1", 2] } },
        "3": { class_type: "VAEDecode", inputs: { samples: ["5", 0], vae: ["1", 2] } },
        "4": { class_type: "SaveImage", inputs: { images: ["3", 0], filename_prefix: "x" } },
      };
      const body = JSON.stringify({ prompt });
      const answer = await fetch(`${comfy.url}/prompt`, { method: "POST", body });
      await answer.body?.cancel();
      return answer.status;
    };
    equal(await post(), 400);
    comfy.setModels({ checkpoints: ["new.safetensors"] });
    equal(await post(), 200);
    deepEqual(await listed("VAELoader", "vae_name"), ["pixel_space"]);
  });
}
