/** Events on their way to a slow engine. */
import assert from "node:assert/strict";
import { createEventSender } from "../../src/remote/event_sender.ts";

Deno.test("createEventSender() sends the latest step and every turn of a run, in order, past an error", async () => {
  const sent: string[] = [];
  const first = Promise.withResolvers<void>();
  const sender = createEventSender((event) => {
    sent.push(event.type === "step" ? `step ${event.value}` : event.type);
    return sent.length === 1
      ? first.promise
      : sent.length === 2
      ? Promise.reject(new Error())
      : Promise.resolve();
  });
  sender.push({ type: "accepted", attached: false });
  sender.push({ type: "step", nodeId: "3", value: 1, max: 9 });
  sender.push({ type: "started" });
  for (const value of [2, 3, 4]) sender.push({ type: "step", nodeId: "3", value, max: 9 });
  first.resolve();
  await sender.flush();
  assert.deepEqual(sent, ["accepted", "started", "step 4"]);
  sender.push({ type: "started" });
  await sender.flush();
  assert.equal(sent.length, 4);
});
