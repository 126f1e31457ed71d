import fc from "fast-check";
import assert from "node:assert/strict";
import { z } from "zod";
import { historyError, rejectionError } from "../../src/comfyui/errors.ts";
import {
  featuresAnswer,
  historyAnswer,
  queueAnswer,
  rejectAnswer,
  submitAnswer,
  systemStatsAnswer,
  uploadAnswer,
} from "../../src/comfyui/http_schema.ts";
import { parseJson } from "../../src/comfyui/json.ts";
import { objectInfoAnswer } from "../../src/comfyui/object_info.ts";
import { WorkflowExecutionError, WorkflowInterruptedError } from "../../src/lib/errors.ts";
import { allRuns, loadRun, readRecording, type Release } from "./recordings.ts";

Deno.test("historyAnswer reads every history of the recordings when they ended well", async () => {
  for (const [release, name] of allRuns.filter(([, name]) => name.startsWith("success"))) {
    const entry = Object.values(historyAnswer.parse((await loadRun(name, release)).history))[0];
    assert.ok(entry);
    assert.equal(historyError(entry), undefined);
    const saved = Object.entries(entry.files).filter(([, images]) => images[0]?.type === "output");
    assert.ok(saved.length > 0, name);
    for (const [nodeId] of saved) assert.match(entry.graph[nodeId]?.class_type ?? "", /Save/, name);
  }
});

/** What Python writes where a node is always to run, and what it does to its neighbours. */
const alwaysRuns =
  '{"class_type": "Seed", "inputs": {"seed": NaN, "most": Infinity, "least": -Infinity}}';
const strangers = [
  `[NaN, "s1", {"1": ${alwaysRuns}}, {}, ["1"]]`,
  '["no number", "s2", null, NaN]',
  "[1, 17, {}, {}, []]",
  '"rubbish"',
  "null",
];

Deno.test("queueAnswer finds a prompt when it and its neighbours hold what JSON has not", () => {
  const mine =
    `[4, "mine", {"1": ${alwaysRuns}, "2": {"class_type": "SaveImage", "inputs": {}}}, {}, ["2"]]`;
  for (const place of ["queue_running", "queue_pending"]) {
    const other = place === "queue_running" ? "queue_pending" : "queue_running";
    const { running, pending } = queueAnswer.parse(
      parseJson(`{"${place}": [${[...strangers, mine].join(", ")}], "${other}": []}`),
    );
    const items = place === "queue_running" ? running : pending;
    assert.deepEqual(items.map((item) => item.promptId), ["s1", "s2", "mine"]);
    assert.deepEqual(items.at(-1)?.graph["2"]?.class_type, "SaveImage");
  }
});

Deno.test("queueAnswer is not read as empty when it is no queue", () => {
  for (
    const text of ["{}", '{"queue_running": []}', '{"queue_running": null, "queue_pending": []}']
  ) {
    assert.equal(queueAnswer.safeParse(parseJson(text)).success, false, text);
  }
});

Deno.test("historyAnswer reads an entry when one thing in each of its lists is not as it should be", () => {
  const entry = historyAnswer.parse(parseJson(`{
    "stranger": {"prompt": NaN, "outputs": [NaN], "status": Infinity},
    "rubbish": null,
    "mine": {
      "prompt": [NaN, "mine", {"3": ${alwaysRuns}, "4": {"class_type": "SaveImage", "inputs": {}}}],
      "outputs": {
        "2": {"score": [NaN, -Infinity]},
        "3": {"images": [NaN, {"filename": ""}, {"filename": "a \\"NaN\\".png", "type": "output"}]}
      },
      "status": {"status_str": "success", "messages": [
        NaN, ["execution_start", {"timestamp": NaN}], ["three", 1, 2],
        ["execution_cached", {"nodes": [NaN, "3", 4]}]
      ]}
    }
  }`))["mine"];
  assert.ok(entry);
  assert.deepEqual(entry.files["3"]?.map((image) => image.filename), ['a "NaN".png']);
  assert.deepEqual(entry.cachedNodes, ["3", "4"]);
  assert.equal(entry.graph["4"]?.class_type, "SaveImage");
  assert.equal(historyError(entry), undefined);
});

Deno.test("historyAnswer says that a prompt has ended when nothing else of it can be read", () => {
  const { mine } = historyAnswer.parse(
    parseJson('{"mine": {"prompt": NaN, "outputs": 1, "status": "?"}}'),
  );
  assert.ok(mine);
  assert.deepEqual([mine.files, mine.failed], [{}, false]);
});

Deno.test("parseJson() reads any JSON as JSON.parse() does", () => {
  fc.assert(fc.property(fc.json(), (text) => assert.deepEqual(parseJson(text), JSON.parse(text))));
  for (const text of ["", "{", "NaN1", '{"a": NaN', "Infinityx", '"NaN']) {
    assert.equal(parseJson(text), undefined, text);
  }
});

Deno.test("parseJson() leaves strings alone when numbers that JSON has not stand beside them", () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constant('\\" NaN'))), (strings) => {
    const text = strings.map((each) => `${JSON.stringify(each)}, -Infinity`).join(", ");
    const wanted = [...strings.flatMap((each) => [each, null]), null];
    assert.deepEqual(parseJson(`[${text}${text && ", "}NaN]`), wanted);
  }));
  const long = "NaN ".repeat(5_000_000);
  assert.deepEqual(parseJson(`[${JSON.stringify(long)}, NaN]`), [long, null]);
});

Deno.test("historyAnswer is empty when the prompt runs (trap 2)", async () => {
  const { history_of_running_prompt } = z.looseObject({ history_of_running_prompt: z.unknown() })
    .parse(await readRecording("queue_running_and_pending"));
  assert.deepEqual(historyAnswer.parse(history_of_running_prompt), {});
});

Deno.test("historyAnswer keeps an entry when a custom node's output is not one of pictures", () => {
  const entry = historyAnswer.parse({
    p: {
      prompt: "?",
      outputs: {
        "1": { text: ["hello"] },
        "2": null,
        "3": { images: [{ filename: "a.png", subfolder: "s", type: "output" }] },
      },
      status: null,
    },
  })["p"];
  assert.ok(entry);
  assert.deepEqual(entry.files["3"], [{ filename: "a.png", subfolder: "s", type: "output" }]);
  assert.equal(historyError(entry), undefined);
});

async function failureIn(name: string) {
  const entry = Object.values(historyAnswer.parse((await loadRun(name)).history))[0];
  assert.ok(entry);
  return historyError(entry);
}

Deno.test("historyError() names node, class and reason when the run failed", async () => {
  const error = await failureIn("execution_error_broken_checkpoint");
  assert.ok(error instanceof WorkflowExecutionError);
  assert.equal(
    error.message,
    "Cannot run node 6 (CheckpointLoaderSimple): SafetensorError: Error while deserializing header: " +
      "invalid JSON in header: expected ident at line 1 column 2",
  );
  assert.deepEqual([error.nodeId, error.nodeType], ["6", "CheckpointLoaderSimple"]);
});

Deno.test("historyError() is a WorkflowInterruptedError when the run was interrupted", async () => {
  const error = await failureIn("interrupted_mid_sampling");
  assert.ok(error instanceof WorkflowInterruptedError);
  assert.match(error.message, /interrupted at node 121 \(ClownsharKSampler_Beta\)/);
});

Deno.test("historyError() says that the GPU is out of memory when PyTorch does", () => {
  for (
    const [exception_type, exception_message] of [
      ["torch.OutOfMemoryError", "Allocation on device "],
      ["torch.cuda.OutOfMemoryError", ""],
      ["RuntimeError", "CUDA out of memory. Tried to allocate 20.00 MiB"],
    ]
  ) {
    const entry = historyAnswer.parse({
      p: {
        prompt: [1, "p", {}, {}, []],
        outputs: {},
        status: {
          status_str: "error",
          messages: [["execution_error", {
            node_id: "121",
            node_type: "KSampler",
            exception_type,
            exception_message,
          }]],
        },
      },
    })["p"];
    assert.ok(entry);
    assert.match(
      historyError(entry)?.message ?? "",
      /^Cannot run node 121 \(KSampler\): the GPU is out of memory/,
    );
  }
});

type Rejections = Readonly<Record<string, [sentence: string, nodeId: string | undefined]>>;
const rejections: Readonly<Record<Release, Rejections>> = {
  "0.3.64": {
    invalid_unknown_sampler: [
      "Cannot run node 121 (ClownsharKSampler_Beta): sampler_name: 'bogus' not in (list of length 119)",
      "121",
    ],
    invalid_missing_checkpoint: [
      "Cannot run node 118 (CheckpointLoaderSimple): ckpt_name: 'missing.safetensors' not in " +
      "['Qwen-Rapid-AIO-NSFW-v11.4.safetensors', 'broken.safetensors']",
      "118",
    ],
    invalid_missing_image: [
      "Cannot run node 1 (LoadImage): image - Invalid image file: nope.png",
      "1",
    ],
    invalid_value_out_of_range: [
      "Cannot run node 2 (ImageScaleToTotalPixels): megapixels: Value 99.0 bigger than max of 16.0",
      "2",
    ],
    invalid_required_input_missing: [
      "Cannot run node 3 (ImageInvert): image: Required input is missing",
      "3",
    ],
    invalid_missing_node_type: [
      "Cannot run the workflow: Cannot execute because node NoSuchNode does not exist. Node ID '#3'",
      undefined,
    ],
    invalid_no_outputs: ["Cannot run the workflow: Prompt has no outputs", undefined],
  },
  "0.33": {
    invalid_autogrow_below_min: [
      "Cannot run node 1 (BatchImagesNode): images.image0: Required input is missing",
      "1",
    ],
    invalid_cycle: [
      "Cannot run node 2 (ImageScaleToTotalPixels): Dependency cycle detected: 3 (ImageInvert) -> 2 " +
      "(ImageScaleToTotalPixels) -> 3 (ImageInvert); node 3 (ImageInvert): Dependency cycle detected: " +
      "3 (ImageInvert) -> 2 (ImageScaleToTotalPixels) -> 3 (ImageInvert)",
      "2",
    ],
    invalid_dynamic_combo_missing_sub_input: [
      "Cannot run node 2 (ResizeImageMaskNode): resize_type.multiplier: Required input is missing",
      "2",
    ],
    invalid_dynamic_combo_sub_input_out_of_range: [
      "Cannot run node 2 (ResizeImageMaskNode): resize_type.multiplier: Value 99.0 bigger than max of 8.0",
      "2",
    ],
    invalid_input_type: [
      "Cannot run node 2 (ImageScaleToTotalPixels): megapixels, much, could not convert string to float: 'much'",
      "2",
    ],
    invalid_link_to_an_output_that_is_not_there: [
      "Cannot run node 3 (ImageInvert): images: Exception when validating inner node: list index out of range",
      "3",
    ],
    invalid_missing_node_type: [
      "Cannot run the workflow: Node 'NoSuchNode' not found. The custom node may not be installed. Node ID '#3'",
      "3",
    ],
    invalid_no_class_type: [
      "Cannot run the workflow: Node 'ID #3' has no class_type. The workflow may be corrupted or a " +
      "custom node is missing. Node ID '#3'",
      "3",
    ],
    invalid_no_prompt: ["Cannot run the workflow: No prompt provided", undefined],
    invalid_prompt_id_uppercase_uuid: [
      "Cannot run the workflow: prompt_id must be a valid UUID prompt_id must be a UUID string in " +
      "canonical lowercase hyphenated form; omit it to let the server generate one",
      undefined,
    ],
    invalid_required_input_missing_qwen_image_edit_as_shipped: [
      "Cannot run node 93 (ImageScaleToTotalPixels): resolution_steps: Required input is missing",
      "93",
    ],
    invalid_return_type_mismatch: [
      "Cannot run node 5 (VAEDecode): vae, received_type(IMAGE) mismatch input_type(VAE); samples, " +
      "received_type(IMAGE) mismatch input_type(LATENT)",
      "5",
    ],
  },
};
for (const release of ["0.3.64", "0.33"] as const) {
  for (const [name, [sentence, nodeId]] of Object.entries(rejections[release])) {
    Deno.test(`rejectionError() is readable when ComfyUI ${release} refuses as in ${name}`, async () => {
      const { response } = await loadRun(name, release);
      assert.equal(response?.http_status, 400);
      const error = rejectionError(rejectAnswer.parse(response.body));
      assert.equal(error.message, sentence);
      assert.equal(error.nodeId, nodeId);
    });
  }
}

for (
  const [release, version, vramTotal, vramFree, folder] of [
    ["0.3.64", "0.3.64", 25274793984, 21966585856, "bot/2026-11-22"],
    ["0.33", "0.33.0", 25276510208, 18309136384, "bot/2026-11-28"],
  ] as const
) {
  Deno.test(`the answers of the recordings of ${release} are read when parsed by their schemas`, async () => {
    const queue = z.looseObject({ get_queue: z.unknown(), ids: z.array(z.string()) })
      .parse(await readRecording("queue_running_and_pending", release));
    const { running, pending } = queueAnswer.parse(queue.get_queue);
    assert.deepEqual([...running, ...pending].map((item) => item.promptId), queue.ids);

    const stats = systemStatsAnswer.parse(await readRecording("system_stats", release));
    assert.equal(stats.version, version);
    assert.deepEqual(stats.devices, [{ name: "cpu", vramTotal, vramFree }]);
    assert.deepEqual(featuresAnswer.parse(await readRecording("features", release)), {
      supportsPreviewMetadata: true,
      maxUploadBytes: 104857600,
    });
    const uploads = z.array(z.object({ http_status: z.number(), body: z.unknown() }))
      .parse(await readRecording("upload_image", release))
      .filter((upload) => upload.http_status === 200)
      .map(({ body }) => uploadAnswer.parse(typeof body === "string" ? parseJson(body) : body));
    assert.deepEqual(uploads[1], { name: "rec.png", subfolder: folder });
    assert.ok(uploads.some(({ name }) => name === "..%2F..%2Fevil.png"));
    const { response } = await loadRun("success_core_nodes", release);
    const { prompt_id, node_errors } = submitAnswer.parse(response?.body);
    assert.match(prompt_id, /^[-0-9a-f]{36}$/);
    assert.deepEqual(node_errors, {});
  });
}

Deno.test("objectInfoAnswer reads both ways to write a choice, limits and output nodes", async () => {
  const catalog = objectInfoAnswer.parse(await readRecording("object_info"));
  assert.deepEqual(catalog["CheckpointLoaderSimple"]?.inputs["ckpt_name"], {
    type: "COMBO",
    required: true,
    options: ["Qwen-Rapid-AIO-NSFW-v11.4.safetensors", "broken.safetensors"],
  });
  const scale = catalog["ImageScaleToTotalPixels"];
  assert.equal(scale?.inputs["upscale_method"]?.type, "COMBO");
  assert.ok(scale?.inputs["upscale_method"]?.options?.includes("lanczos"));
  assert.deepEqual(scale?.inputs["megapixels"], {
    type: "FLOAT",
    required: true,
    min: 0.01,
    max: 16,
    default: 1,
  });
  assert.equal(scale?.outputNode, false);
  assert.equal(catalog["Image Saver Simple"]?.outputNode, true);
  const sampler = catalog["ClownsharKSampler_Beta"];
  assert.equal(sampler?.inputs["sampler_name"]?.options?.length, 119);
  assert.equal(sampler?.inputs["options"]?.required, false);
  assert.deepEqual(catalog["PrimitiveInt"]?.inputs["value"]?.type, "INT");
});

Deno.test("objectInfoAnswer leaves out what it cannot read when a custom node writes nonsense", () => {
  const catalog = objectInfoAnswer.parse({
    Broken: "?",
    Half: { input: { required: { good: ["INT", { min: "?" }], bad: 7 }, optional: [] } },
  });
  assert.deepEqual(catalog, {
    Half: { inputs: { good: { type: "INT", required: true } }, outputNode: false },
  });
  assert.deepEqual(objectInfoAnswer.parse({}), {});
});
