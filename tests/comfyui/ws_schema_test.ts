import fc from "fast-check";
import assert from "node:assert/strict";
import { type Frame, parseFrame } from "../../src/comfyui/ws_schema.ts";
import { allRuns, loadRun, type Release } from "./recordings.ts";

/** Frames of a recording as the socket gives them; a binary one that was not kept in full is left out. */
async function framesOf(name: string, release?: Release): Promise<Frame[]> {
  const { events } = await loadRun(name, release);
  return events.flatMap(({ text, binary }) => {
    if (text !== undefined) return [parseFrame(JSON.stringify(text))];
    return binary?.base64 ? [parseFrame(Uint8Array.fromBase64(binary.base64).buffer)] : [];
  });
}

for (const [release, name] of allRuns) {
  Deno.test(`parseFrame() knows every frame of the recording ${name} of ${release}`, async () => {
    const frames = await framesOf(name, release);
    assert.ok(frames.length > 5);
    for (const frame of frames) assert.notEqual(frame.type, "unknown", JSON.stringify(frame));
  });
}

Deno.test("parseFrame() reads what a node says of itself when it is binary type 3", async () => {
  const frames = await framesOf("success_text_output", "0.33");
  assert.deepEqual(frames.filter((frame) => frame.type === "text"), [{
    type: "text",
    promptId: undefined,
    nodeId: "5",
    text: "width: 118, height: 89\n batch size: 1",
  }]);
});

Deno.test("parseFrame() reads a frame when a custom node has put a bare NaN into it", () => {
  assert.deepEqual(
    parseFrame('{"type": "executed", "data": {"prompt_id": "p", "output": {"score": [NaN]}}}'),
    { type: "executed", promptId: "p" },
  );
});

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
    assert.match(parseFrame(buffer).type, /^(preview|text|unknown)$/);
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
