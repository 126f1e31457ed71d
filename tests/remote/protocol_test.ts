/**
 * What bot and worker tell each other: errors keep what they mean for the job, and what cannot be read is refused.
 *
 * Drives besides: src/remote/catalog_schema.ts.
 */
import assert from "node:assert/strict";
import {
  ComfyUIConnectionError,
  PromptLostError,
  ResultGoneError,
  WorkflowExecutionError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
} from "../../src/lib/mod.ts";
import { Catalog } from "../../src/remote/catalog_schema.ts";
import {
  Announcement,
  errorOf,
  failedOf,
  readEvent,
  readOutcome,
  readRun,
  RunData,
  RunOutcome,
  writeEvent,
} from "../../src/remote/protocol.ts";
import { type BackendEvent } from "../../src/worker/mod.ts";

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

Deno.test("errorOf() gives an error of the kind that failedOf() was given", () => {
  const errors = [
    new ComfyUIConnectionError("away"),
    new PromptLostError("lost"),
    new ResultGoneError("gone"),
    new WorkflowExecutionError("failed", "12", "KSampler"),
    new WorkflowRefusedError("refused", "3", "LoadImage"),
    new WorkflowInterruptedError("stopped"),
  ];
  for (const error of errors) {
    const outcome = RunOutcome.parse(overTheWire(failedOf(error)));
    assert.ok(outcome.type === "failed");
    const again = errorOf(outcome);
    assert.equal(again.constructor, error.constructor);
    assert.equal(again.message, error.message);
    if (!(error instanceof WorkflowExecutionError)) continue;
    assert.ok(again instanceof WorkflowExecutionError);
    assert.deepEqual([again.nodeId, again.nodeType], [error.nodeId, error.nodeType]);
  }
  const bug = RunOutcome.parse(overTheWire(failedOf(new TypeError("x is undefined"))));
  assert.ok(bug.type === "failed" && errorOf(bug) instanceof WorkflowExecutionError);
});

Deno.test("readEvent() gives what writeEvent() was given", () => {
  const picture = { bytes: Uint8Array.of(255, 216, 0, 7), mime: "image/jpeg" };
  const events: readonly BackendEvent[] = [
    { type: "accepted", attached: true },
    { type: "started" },
    { type: "executing", nodeId: undefined, classType: undefined },
    { type: "executing", nodeId: "3", classType: "KSampler" },
    { type: "step", nodeId: "3", value: 1, max: 8 },
    { type: "storage_away" },
  ];
  for (const event of events) assert.deepEqual(readEvent(overTheWire(writeEvent(event))), event);
  const preview = readEvent(overTheWire(writeEvent({ type: "preview", picture })));
  assert.ok(preview?.type === "preview");
  assert.deepEqual(preview.picture.bytes, picture.bytes);
  assert.equal(writeEvent({ type: "done", picture, cached: false }), undefined);
});

Deno.test("what a worker sends and should not is refused", () => {
  for (
    const event of [null, "step", { type: "step", nodeId: 3 }, { type: "preview", bytes: "§" }]
  ) {
    assert.equal(readEvent(event), undefined);
  }
  const announcement = {
    protocol: 1,
    name: "gpu",
    instance: crypto.randomUUID(),
    version: "1.0.0",
    comfyui: null,
    isLeaving: false,
    at: 0,
  };
  assert.ok(Announcement.safeParse(announcement).success);
  for (const wrong of [{ name: 3 }, { name: "x".repeat(99) }, { instance: "?" }, { comfyui: 1 }]) {
    assert.equal(Announcement.safeParse({ ...announcement, ...wrong }).success, false);
  }
  const outcomes = [
    { type: "done", files: [], cached: false, saved: [] },
    { type: "failed", kind: "constructor", message: "" },
    { type: "done", files: [{ key: 3, mime: "image/png" }], cached: false, saved: [] },
  ];
  for (const outcome of outcomes) assert.equal(RunOutcome.safeParse(outcome).success, false);
});

/** Keys that are not of the pictures of that run. */
function foreignKeys(promptId: string, folder: "in" | "out"): readonly string[] {
  const own = `${promptId}/${folder}`;
  return [
    `${crypto.randomUUID()}/${folder}/0`,
    `${promptId}/${folder === "in" ? "out" : "in"}/0`,
    `${own}/../../../input/a.png`,
    `${own}/0/../1`,
    `../${own}/0`,
    `${own}/`,
    `${own}/-1`,
    `${own}/01`,
    "input/a.png",
  ];
}

Deno.test("a worker's files are those of its own run, or its outcome cannot be read", () => {
  const promptId = crypto.randomUUID();
  const outcome = (...keys: string[]) => ({
    type: "done",
    files: keys.map((key) => ({ key, mime: "image/png" })),
    cached: false,
    saved: [],
  });
  const own = [`${promptId}/out/1`, `${promptId}/out/0`, `${promptId}/out/12`];
  const read = readOutcome(outcome(...own), promptId);
  assert.deepEqual(read.type === "done" && read.files.map(({ key }) => key), own);
  for (const key of foreignKeys(promptId, "out")) {
    assert.throws(() => readOutcome(outcome(key), promptId), /of another run/, key);
    assert.throws(() => readOutcome(outcome(own[0]!, key), promptId), /of another run/, key);
  }
});

Deno.test("what the bot sends and should not is refused", () => {
  const promptId = crypto.randomUUID();
  const data = {
    protocol: 1,
    promptId,
    graph: { "1": { class_type: "LoadImage", inputs: { image: "a.png" } } },
    outputNode: "1",
    previews: false,
    pictures: [{ key: `${promptId}/in/0`, mime: "image/png", name: "a.png" }],
  };
  // As a bot of before sends it.
  const { isWithdrawn, picturesIn } = RunData.parse(data);
  assert.deepEqual({ isWithdrawn, picturesIn }, { isWithdrawn: false, picturesIn: "engine" });
  assert.ok(readRun(data, promptId));
  assert.equal(readRun(data, crypto.randomUUID()), undefined);
  const wrongs = [
    { protocol: 2 },
    { promptId: "../x" },
    { graph: { "1": {} } },
    { pictures: [{ ...data.pictures[0], name: "../../etc/passwd" }] },
    { picturesIn: "disk" },
    ...foreignKeys(promptId, "in").map((key) => ({ pictures: [{ ...data.pictures[0], key }] })),
  ];
  for (const wrong of wrongs) assert.equal(RunData.safeParse({ ...data, ...wrong }).success, false);
});

Deno.test("a catalog keeps what inputs stand for, and none that cannot be read is taken", () => {
  const image = { type: "IMAGE", required: true, link: true };
  const catalog = {
    Batch: {
      outputNode: false,
      inputs: {
        images: {
          type: "COMFY_AUTOGROW_V3",
          required: true,
          dynamic: { kind: "list", names: ["image0"], min: 1, item: image },
        },
        mode: {
          type: "COMBO",
          required: false,
          options: ["a"],
          default: "a",
          dynamic: {
            kind: "choice",
            inputs: { a: { strength: { type: "FLOAT", required: true, min: 0 } } },
          },
        },
      },
    },
  };
  assert.deepEqual(Catalog.parse(overTheWire(catalog)), catalog);
  for (const wrong of [{ A: {} }, { A: { inputs: { x: {} }, outputNode: true } }, []]) {
    assert.equal(Catalog.safeParse(wrong).success, false);
  }
});
