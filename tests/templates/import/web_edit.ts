/**
 * A workflow that edits two pictures, as the web page saves it: a subgraph with an enhancer of words behind a switch that is off,
 * a LoRA behind another one, a second picture that comes by a Set node, and a viewer. Holds no test.
 */
import { type SmallNode, workflow } from "../web/small_workflow.ts";

const subgraph = "5fce7fb9-aaaa-4bbb-8ccc-ddddeeeeffff";
export const checkpoint = {
  name: "Qwen-Rapid-AIO-NSFW-v11.4.safetensors",
  url: "https://example.org/models/Qwen-Rapid-AIO-NSFW-v11.4.safetensors",
  directory: "checkpoints",
};

const inside: readonly SmallNode[] = [
  {
    id: 1,
    type: "CheckpointLoaderSimple",
    outputs: ["MODEL", "CLIP", "VAE"],
    inputs: [{ name: "ckpt_name", from: [-10, 4], widget: true }],
    values: ["inner.safetensors"],
    models: [checkpoint],
  },
  {
    id: 2,
    type: "LoraLoaderModelOnly",
    inputs: [{ name: "model", type: "MODEL", from: [1, 0] }],
    outputs: ["MODEL"],
    values: ["nowhere.safetensors", 1],
  },
  {
    id: 3,
    type: "ComfySwitchNode",
    inputs: [
      { name: "on_false", from: [1, 0] },
      { name: "on_true", from: [2, 0] },
      { name: "switch", type: "BOOLEAN", from: [4, 0], widget: true },
    ],
    outputs: ["*"],
    values: [true],
  },
  { id: 4, type: "PrimitiveBoolean", outputs: ["BOOLEAN"], values: [false] },
  {
    id: 5,
    type: "TextGenerate",
    inputs: [
      { name: "clip", type: "CLIP", from: [1, 1] },
      { name: "prompt", type: "STRING", from: [-10, 2], widget: true },
    ],
    outputs: ["STRING"],
    values: ["", 512, "off", true, true, "one value too many"],
  },
  {
    id: 6,
    type: "ComfySwitchNode",
    inputs: [
      { name: "on_false", from: [-10, 2] },
      { name: "on_true", from: [5, 0] },
    ],
    outputs: ["*"],
    values: [false],
  },
  { id: 7, type: "PreviewAny", inputs: [{ name: "source", from: [6, 0] }], outputs: ["STRING"] },
  {
    id: 8,
    type: "TextEncodeQwenImageEditPlus",
    inputs: [
      { name: "clip", type: "CLIP", from: [1, 1] },
      { name: "vae", type: "VAE", from: [1, 2] },
      { name: "image2", type: "IMAGE", from: [-10, 1] },
      { name: "image1", type: "IMAGE", from: [-10, 0] },
      { name: "prompt", type: "STRING", from: [7, 0], widget: true },
    ],
    outputs: ["CONDITIONING"],
    values: [""],
  },
  {
    id: 9,
    type: "TextEncodeQwenImageEditPlus",
    inputs: [{ name: "clip", type: "CLIP", from: [1, 1] }],
    outputs: ["CONDITIONING"],
    values: ["ugly, blurry"],
  },
  {
    id: 10,
    type: "VAEEncode",
    inputs: [
      { name: "pixels", type: "IMAGE", from: [-10, 0] },
      { name: "vae", type: "VAE", from: [1, 2] },
    ],
    outputs: ["LATENT"],
  },
  {
    id: 11,
    type: "KSampler",
    inputs: [
      { name: "model", type: "MODEL", from: [3, 0] },
      { name: "positive", type: "CONDITIONING", from: [8, 0] },
      { name: "negative", type: "CONDITIONING", from: [9, 0] },
      { name: "latent_image", type: "LATENT", from: [10, 0] },
      { name: "seed", type: "INT", from: [-10, 3], widget: true },
    ],
    outputs: ["LATENT"],
    values: [5, "randomize", 6, 2.5, "euler", "simple", 0.8],
  },
  {
    id: 12,
    type: "VAEDecode",
    inputs: [
      { name: "samples", type: "LATENT", from: [11, 0] },
      { name: "vae", type: "VAE", from: [1, 2] },
    ],
    outputs: ["IMAGE"],
  },
];

/** The file; `values` are the instance's: words, seed, checkpoint. */
export function webEdit(
  values: readonly unknown[] = ["make it night", 77, checkpoint.name],
  more: readonly SmallNode[] = [],
) {
  return workflow([
    { id: 20, type: "LoadImage", outputs: ["IMAGE", "MASK"], values: ["one.png", "image"] },
    { id: 21, type: "LoadImage", outputs: ["IMAGE", "MASK"], values: ["two.png", "image"] },
    {
      id: 22,
      type: "SetNode",
      inputs: [{ name: "IMAGE", type: "IMAGE", from: [21, 0] }],
      outputs: ["*"],
      values: ["second"],
    },
    { id: 23, type: "GetNode", outputs: ["IMAGE"], values: ["second"] },
    {
      id: 24,
      type: subgraph,
      inputs: [
        { name: "image", type: "IMAGE", from: [20, 0] },
        { name: "image2", type: "IMAGE", from: [23, 0] },
      ],
      outputs: ["IMAGE"],
      values,
    },
    {
      id: 25,
      type: "SaveImage",
      inputs: [{ name: "images", type: "IMAGE", from: [24, 0] }],
      values: ["night"],
    },
    {
      id: 26,
      type: "ImageCompare",
      inputs: [
        { name: "image_a", type: "IMAGE", from: [20, 0] },
        { name: "image_b", type: "IMAGE", from: [24, 0] },
      ],
      values: [],
    },
    ...more,
  ], [{
    id: subgraph,
    inputs: ["image", "image2", "words", "seed", "ckpt_name"],
    outputs: [[12, 0]],
    nodes: inside,
  }]);
}
