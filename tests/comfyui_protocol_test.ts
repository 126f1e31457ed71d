import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { WorkflowExecutionError, WorkflowInterruptedError } from "../src/errors.ts";
import {
  featuresAnswer,
  historyAnswer,
  queueAnswer,
  rejectAnswer,
  submitAnswer,
  systemStatsAnswer,
  uploadAnswer,
} from "../src/comfyui/answers.ts";
import { objectInfoAnswer } from "../src/comfyui/catalog.ts";
import { historyError, rejectionError } from "../src/comfyui/failure.ts";
import { type Frame, parseFrame, parseJson } from "../src/comfyui/protocol.ts";

const recording = z.looseObject({
  response: z.object({ http_status: z.number(), body: z.unknown().optional() }).optional(),
  events: z.array(z.object({
    text: z.unknown().optional(),
    binary: z.object({ length: z.number(), base64: z.string().nullable() }).optional(),
  })).default([]),
  history: z.unknown().optional(),
});

async function readJson(name: string): Promise<unknown> {
  const url = new URL(`./recordings/${name}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

async function load(name: string) {
  return recording.parse(await readJson(name));
}

/** Frames of a recording as the socket gives them; a binary one that was not kept in full is left out. */
async function framesOf(name: string): Promise<Frame[]> {
  const { events } = await load(name);
  return events.flatMap(({ text, binary }) => {
    if (text !== undefined) return [parseFrame(JSON.stringify(text))];
    return binary?.base64 ? [parseFrame(Uint8Array.fromBase64(binary.base64).buffer)] : [];
  });
}

const runs = [
  "success_core_nodes",
  "success_subfolder_input",
  "success_qwen_template_with_previews",
  "success_previews_with_metadata",
  "success_all_cached",
  "interrupted_mid_sampling",
  "execution_error_broken_checkpoint",
  "reconnect_mid_run",
];

for (const name of runs) {
  Deno.test(`parseFrame() knows every frame of the recording ${name}`, async () => {
    const { events } = await load(name);
    const texts = events.filter((event) => event.text !== undefined);
    assert.ok(texts.length > 5);
    for (const { text } of texts) {
      const frame = parseFrame(JSON.stringify(text));
      assert.notEqual(frame.type, "unknown", JSON.stringify(text));
    }
  });
}

Deno.test("parseFrame() reads a run's life when it is the recording of one", async () => {
  const frames = await framesOf("success_core_nodes");
  const promptId = "8dcc35f6-0f5f-436d-9dfa-339bd1ccbbda";
  assert.deepEqual(
    frames.filter((frame) => frame.type === "executing"),
    ["1", "2", "3", "4", undefined].map((nodeId) => ({ type: "executing", promptId, nodeId })),
  );
  assert.ok(frames.some((frame) => frame.type === "execution_success"));
});

Deno.test("parseFrame() reads steps when the sampler reports them", async () => {
  const steps = (await framesOf("success_qwen_template_with_previews"))
    .filter((frame) => frame.type === "progress");
  assert.deepEqual(
    steps.map(({ nodeId, value, max }) => [nodeId, value, max]),
    [["121", 1, 3], ["121", 2, 3], ["121", 3, 3], ["121", 3, 3]],
  );
});

Deno.test("parseFrame() leaves the prompt open when the first executing follows a reconnect (trap 5)", async () => {
  const frames = await framesOf("reconnect_mid_run");
  assert.ok(
    frames.some((frame) =>
      frame.type === "executing" && frame.promptId === undefined && frame.nodeId === "121"
    ),
  );
});

Deno.test("parseFrame() reads a preview of either kind (trap 7)", async () => {
  const plain = (await framesOf("success_qwen_template_with_previews"))
    .find((frame) => frame.type === "preview");
  assert.equal(plain?.promptId, undefined);
  assert.equal(plain?.picture.mime, "image/jpeg");
  assert.deepEqual([...plain?.picture.bytes.subarray(0, 3) ?? []], [0xff, 0xd8, 0xff]);
  assert.equal(plain?.picture.bytes.length, 3963 - 8);

  const named = (await framesOf("success_previews_with_metadata"))
    .find((frame) => frame.type === "preview");
  assert.equal(named?.promptId, "cfafad7c-a9a5-46e0-a561-f140e2a758c1");
  assert.equal(named?.picture.mime, "image/jpeg");
  assert.deepEqual([...named?.picture.bytes.subarray(0, 3) ?? []], [0xff, 0xd8, 0xff]);
});

Deno.test("parseFrame() gives unknown when the frame is new, of another shape or rubbish (trap 21)", () => {
  const unknown = (name?: string, promptId?: string) => ({ type: "unknown", name, promptId });
  const cases: [unknown, unknown][] = [
    ['{"type":"brand_new","data":{"prompt_id":"p"}}', unknown("brand_new", "p")],
    ['{"type":"brand_new","data":null}', unknown("brand_new")],
    ['{"type":"executing","data":{"prompt_id":"p"}}', unknown("executing", "p")],
    ['{"type":"progress","data":{"prompt_id":"p","value":1,"max":0}}', unknown("progress", "p")],
    ['{"type":7}', unknown()],
    ['{"type":"exec', unknown()],
    ["null", unknown()],
    ["", unknown()],
    [new ArrayBuffer(0), unknown()],
    [new Uint8Array([0, 0, 0, 99, 0, 0, 0, 1, 5, 5]).buffer, unknown()],
    // A head that is longer than the frame.
    [new Uint8Array([0, 0, 0, 4, 255, 255, 255, 255, 5, 5]).buffer, unknown()],
    [new Uint8Array([0, 0, 0, 1, 0, 0, 0, 9, 5, 5]).buffer, unknown()],
    [42, unknown()],
  ];
  for (const [data, wanted] of cases) assert.deepEqual(parseFrame(data), wanted);
});

Deno.test("parseFrame() never throws when given any text or bytes", () => {
  const words = fc.constantFrom(
    "executing",
    "progress",
    "execution_start",
    "execution_success",
    "status",
    "type",
    "data",
    "prompt_id",
    "node",
    "value",
    "max",
  );
  const frameLike = fc.record({
    type: fc.oneof(words, fc.jsonValue()),
    data: fc.oneof(fc.dictionary(words, fc.jsonValue()), fc.jsonValue()),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        frameLike.map((value) => JSON.stringify(value)),
      ),
      (text) => {
        assert.equal(typeof parseFrame(text).type, "string");
      },
    ),
  );
  const bytes = fc.tuple(fc.nat(5), fc.nat(64), fc.uint8Array({ maxLength: 80 }))
    .map(([type, second, rest]) => {
      const buffer = new ArrayBuffer(8 + rest.length);
      new DataView(buffer).setUint32(0, type);
      new DataView(buffer).setUint32(4, second);
      new Uint8Array(buffer).set(rest, 8);
      return buffer;
    });
  fc.assert(fc.property(bytes, (buffer) => {
    assert.match(parseFrame(buffer).type, /^(preview|unknown)$/);
  }));
});

Deno.test("parseFrame() gives back the preview when any head and picture are put together", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array({ minLength: 1 }), (promptId, picture) => {
      const head = new TextEncoder().encode(
        JSON.stringify({ prompt_id: promptId, image_type: "image/png" }),
      );
      const frame = new Uint8Array(8 + head.length + picture.length);
      new DataView(frame.buffer).setUint32(0, 4);
      new DataView(frame.buffer).setUint32(4, head.length);
      frame.set(head, 8);
      frame.set(picture, 8 + head.length);
      const parsed = parseFrame(frame.buffer);
      assert.ok(parsed.type === "preview");
      assert.equal(parsed.promptId, promptId);
      assert.deepEqual([...parsed.picture.bytes], [...picture]);
    }),
  );
});

Deno.test("historyAnswer reads every history of the recordings when they ended well", async () => {
  for (const name of runs.filter((name) => name.startsWith("success"))) {
    const entry = Object.values(historyAnswer.parse((await load(name)).history))[0];
    assert.ok(entry);
    assert.equal(historyError(entry), undefined);
    const [[nodeId, images] = ["", []]] = Object.entries(entry.images);
    assert.equal(images[0]?.type, "output", name);
    assert.ok(entry.graph[nodeId]?.class_type.includes("Save"), name);
  }
});

Deno.test("historyAnswer is empty when the prompt runs (trap 2)", async () => {
  const { history_of_running_prompt } = z.looseObject({ history_of_running_prompt: z.unknown() })
    .parse(await readJson("queue_running_and_pending"));
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
  assert.deepEqual(entry.images["3"], [{ filename: "a.png", subfolder: "s", type: "output" }]);
  assert.equal(historyError(entry), undefined);
});

async function failureIn(name: string) {
  const entry = Object.values(historyAnswer.parse((await load(name)).history))[0];
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

const rejections: Readonly<Record<string, [sentence: string, nodeId: string | undefined]>> = {
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
};
for (const [name, [sentence, nodeId]] of Object.entries(rejections)) {
  Deno.test(`rejectionError() is readable when ComfyUI refuses as in ${name}`, async () => {
    const { response } = await load(name);
    assert.equal(response?.http_status, 400);
    const error = rejectionError(rejectAnswer.parse(response.body));
    assert.equal(error.message, sentence);
    assert.equal(error.nodeId, nodeId);
  });
}

Deno.test("the answers of the recordings are read when parsed by their schemas", async () => {
  const queue = z.looseObject({ get_queue: z.unknown(), ids: z.array(z.string()) })
    .parse(await readJson("queue_running_and_pending"));
  const { running, pending } = queueAnswer.parse(queue.get_queue);
  assert.deepEqual([...running, ...pending].map((item) => item.promptId), queue.ids);

  const stats = systemStatsAnswer.parse(await readJson("system_stats"));
  assert.equal(stats.version, "0.3.64");
  assert.deepEqual(stats.devices, [
    { name: "cpu", vramTotal: 25274793984, vramFree: 21966585856 },
  ]);
  assert.deepEqual(featuresAnswer.parse(await readJson("features")), {
    supportsPreviewMetadata: true,
    maxUploadBytes: 104857600,
  });
  const uploads = z.array(z.object({ http_status: z.number(), body: z.unknown() }))
    .parse(await readJson("upload_image"))
    .filter((upload) => upload.http_status === 200)
    .map(({ body }) => uploadAnswer.parse(typeof body === "string" ? parseJson(body) : body));
  assert.deepEqual(uploads[1], { name: "rec.png", subfolder: "bot/2026-11-22" });
  assert.equal(uploads[3]?.name, "..%2F..%2Fevil.png");
  const { response } = await load("success_core_nodes");
  assert.equal(
    submitAnswer.parse(response?.body).prompt_id,
    "8dcc35f6-0f5f-436d-9dfa-339bd1ccbbda",
  );
});

Deno.test("objectInfoAnswer reads both ways to write a choice, limits and output nodes", async () => {
  const catalog = objectInfoAnswer.parse(await readJson("object_info"));
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
