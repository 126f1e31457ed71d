import assert from "node:assert/strict";
import { PromptEvents } from "../../src/comfyui/prompt_events.ts";
import type { Frame } from "../../src/comfyui/ws_schema.ts";
import { never } from "./backend_fixture.ts";

const promptId = "mine";
const start: Frame = { type: "execution_start", promptId };

function step(value: number, of = promptId): Frame {
  return { type: "progress", promptId: of, nodeId: "121", value, max: 9 };
}

function preview(byte: number, of: string | undefined): Frame {
  return {
    type: "preview",
    promptId: of,
    picture: { bytes: new Uint8Array([byte]), mime: "image/jpeg" },
  };
}

/** A feed on a clock that the test moves, fed with frames. */
function fed(...frames: Frame[]) {
  const clock = { ms: 0 };
  const feed = new PromptEvents(promptId, () => clock.ms);
  for (const frame of frames) feed.onFrame(frame);
  return { feed, clock };
}

/** What the feed holds; what follows is a question that nothing was heard. */
async function itemsOf({ feed, clock }: ReturnType<typeof fed>) {
  const items = [];
  clock.ms += 1000;
  while (true) {
    const item = await feed.next(1000, never);
    if (item.type === "ask" && item.why === "silent") return items;
    items.push(item.type === "event" ? item.event : item.why);
  }
}

Deno.test("RunFeed takes frames of its own prompt only", async () => {
  const items = await itemsOf(fed(
    { type: "execution_start", promptId: "other" },
    step(1, "other"),
    preview(1, "other"),
    { type: "execution_success", promptId: "other" },
  ));
  assert.deepEqual(items, []);
});

Deno.test("RunFeed takes a preview without a prompt while its own runs (trap 7)", async () => {
  const picture = { bytes: new Uint8Array([2]), mime: "image/jpeg" };
  const items = await itemsOf(fed(preview(1, undefined), start, preview(2, undefined)));
  assert.deepEqual(items, [{ type: "started" }, { type: "preview", picture }]);
});

Deno.test("RunFeed keeps the latest step and preview when it is not read", async () => {
  const items = await itemsOf(fed(
    start,
    ...[1, 2, 3].flatMap((value) => [step(value), preview(value, promptId)]),
    { type: "execution_success", promptId },
    { type: "executing", promptId, nodeId: undefined },
  ));
  assert.deepEqual(items, [
    { type: "started" },
    { type: "step", nodeId: "121", value: 3, max: 9 },
    { type: "preview", picture: { bytes: new Uint8Array([3]), mime: "image/jpeg" } },
    "ended",
  ]);
});

Deno.test("RunFeed asks for the truth when another prompt starts while its own runs (trap 6)", async () => {
  const items = await itemsOf(fed(start, { type: "execution_start", promptId: "other" }));
  assert.deepEqual(items, [{ type: "started" }, "ended"]);
});

Deno.test("RunFeed is not kept from asking by frames that are not about its prompt (trap 6)", async () => {
  const { feed, clock } = fed(start);
  assert.equal((await feed.next(1000, never)).type, "event");
  clock.ms = 1000;
  feed.onFrame({ type: "unknown", name: "monitor", promptId: undefined });
  feed.onFrame({ type: "status", promptId: undefined });
  assert.deepEqual(await feed.next(1000, never), { type: "ask", why: "silent" });
});

Deno.test("RunFeed takes an unknown frame of its prompt as a sign of life (trap 21)", async () => {
  const items = await itemsOf(fed({ type: "unknown", name: "new", promptId }));
  assert.deepEqual(items, [{ type: "executing", nodeId: undefined, classType: undefined }]);
});

Deno.test("RunFeed takes a node's text as a sign of life while its own prompt runs", async () => {
  const text: Frame = { type: "text", promptId: undefined, nodeId: "5", text: "118 x 89" };
  assert.deepEqual(await itemsOf(fed(text)), []);
  const { feed, clock } = fed(start);
  assert.equal((await feed.next(1000, never)).type, "event");
  clock.ms = 999;
  feed.onFrame(text);
  clock.ms = 1000;
  assert.deepEqual(await feed.next(1000, never), {
    type: "event",
    event: { type: "executing", nodeId: undefined, classType: undefined },
  });
});

Deno.test("RunFeed.next() rejects with the reason when aborted while it waits", async () => {
  const { feed } = fed();
  const controller = new AbortController();
  const next = feed.next(60_000, controller.signal);
  controller.abort(new Error("enough"));
  await assert.rejects(next, /enough/);
});
