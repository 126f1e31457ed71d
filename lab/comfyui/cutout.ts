/**
 * Cutting out, which ComfyUI has no node of its own for: the class of the node pack ComfyUI-RMBG, for `objectInfo`, and a template that
 * uses it, as an owner would add it. In the simulator an oval in the middle of a picture stays.
 */

const input = (type: unknown, options: Record<string, unknown> = {}) => [type, options];

/** `RMBG` as the pack describes it (py/AILab_RMBG.py), for `objectInfo`. */
export const cutoutClasses: Readonly<Record<string, unknown>> = {
  RMBG: {
    input: {
      required: {
        image: input("IMAGE"),
        model: input(["RMBG-2.0", "INSPYRENET", "BEN", "BEN2"]),
      },
      optional: {
        sensitivity: input("FLOAT", { default: 1, min: 0, max: 1, step: 0.01 }),
        process_res: input("INT", { default: 1024, min: 256, max: 2048, step: 8 }),
        mask_blur: input("INT", { default: 0, min: 0, max: 64, step: 1 }),
        background: input(["Alpha", "Color"], { default: "Alpha" }),
      },
    },
    input_order: {
      required: ["image", "model"],
      optional: ["sensitivity", "process_res", "mask_blur", "background"],
    },
    is_input_list: false,
    output: ["IMAGE", "MASK", "IMAGE"],
    output_is_list: [false, false, false],
    output_name: ["IMAGE", "MASK", "MASK_IMAGE"],
    name: "RMBG",
    display_name: "Remove Background (RMBG)",
    description: "",
    python_module: "custom_nodes.ComfyUI-RMBG",
    category: "RMBG",
    output_node: false,
  },
};

/** The files of the template, by name. */
const files = {
  "cutout.json": JSON.stringify({
    "1": { class_type: "LoadImage", inputs: { image: "example.png" } },
    "2": {
      class_type: "RMBG",
      inputs: { image: ["1", 0], model: "RMBG-2.0", background: "Alpha" },
    },
    "3": {
      class_type: "SaveImage",
      inputs: { images: ["2", 0], filename_prefix: "image-edit-bot" },
    },
  }),
  "cutout.yaml": `title: { en: Cut-out, ru: Без фона }
description: { en: Removes the background; takes no words., ru: Убирает фон; слова не нужны. }
kind: cutout
pictures: 1.image
output: 3
filename: 3.filename_prefix
node_packs: { RMBG: ComfyUI-RMBG }
parameters: {}
`,
};

/** Adds the template to the folder of a bot. */
export async function addCutoutTemplate(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/workflows`, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/workflows/${name}`, text);
  }
}
