/** The jobs API: what of it is used where ComfyUI has it, and that nothing depends on it. */
import assert from "node:assert/strict";
import { z } from "zod";
import { until } from "../../lab/until.ts";
import { historyError } from "../../src/comfyui/errors.ts";
import { historyAnswer, jobAnswer } from "../../src/comfyui/http_schema.ts";
import { WorkflowInterruptedError } from "../../src/lib/errors.ts";
import {
  again,
  asking,
  collect,
  connect,
  doneOf,
  followTo,
  never,
  typesOf,
} from "./backend_fixture.ts";
import { readRecording } from "./recordings.ts";
import { startReplay } from "./replay.ts";

const gaveUp = new Error("gave up");
const submission = ["POST /upload/image", "POST /prompt"];
const view = "GET /view?filename=job1_00001_.png&subfolder=&type=output";

Deno.test("run() asks one question before it submits and one at the end when there is a jobs API", async () => {
  await using replay = await startReplay("success_core_nodes", "0.33");
  await using backend = connect(replay);
  for (let n = 0; n < 2; n++) doneOf(await collect(backend, asking("4")));
  const once = ["GET /api/jobs/{id}", ...submission, "GET /history/{id}", view];
  assert.deepEqual(replay.asked, [...once, ...once]);
});

Deno.test("run() asks for a jobs API once when ComfyUI has none", async () => {
  await using replay = await startReplay("success_core_nodes", "0.3.64");
  await using backend = connect(replay);
  for (let n = 0; n < 2; n++) doneOf(await collect(backend, asking("4")));
  const looks = ["GET /history/{id}", "GET /queue", "GET /history/{id}"];
  const once = [...looks, ...submission, "GET /history/{id}", view];
  assert.deepEqual(replay.asked, ["GET /api/jobs/{id}", ...once, ...once]);
});

Deno.test("run() asks the jobs API alone while it hears nothing, and cancels what waits without a look", async () => {
  await using replay = await startReplay("success_core_nodes", "0.33", { staysPending: true });
  await using backend = connect(replay, { pollMs: 5 });
  const controller = new AbortController();
  const run = assert.rejects(collect(backend, asking("4"), controller.signal), gaveUp);
  run.catch(() => {});
  const looks = () => replay.asked.filter((what) => what === "GET /api/jobs/{id}").length;
  await until("five looks", () => looks() > 5);
  controller.abort(gaveUp);
  await run;
  assert.equal(replay.state, "nothing");
  assert.deepEqual(
    [...new Set(replay.asked)],
    ["GET /api/jobs/{id}", ...submission, "POST /api/jobs/{id}/cancel"],
  );
});

Deno.test("run() cancels what runs in one go when there is a jobs API", async () => {
  await using replay = await startReplay("cancelled_running_by_jobs_api", "0.33");
  await using backend = connect(replay);
  const controller = new AbortController();
  await assert.rejects(async () => {
    for await (const event of backend.run(asking("102"), { signal: controller.signal })) {
      if (event.type === "step") controller.abort(gaveUp);
    }
  }, gaveUp);
  await until("the end", () => replay.state === "ended");
  assert.ok(replay.asked.includes("POST /api/jobs/{id}/cancel"));
  assert.equal(replay.asked.some((what) => /interrupt|queue/.test(what)), false);
});

Deno.test("run() gives the result in two questions when the prompt has ended before", async () => {
  await using replay = await startReplay("success_core_nodes", "0.33");
  const request = asking("4");
  {
    await using backend = connect(replay);
    await followTo(backend, request, "accepted");
    await until("the end", () => replay.state === "ended");
  }
  const before = replay.asked.length;
  await using backend = connect(replay);
  const events = await collect(backend, again(request));
  assert.deepEqual(events[0], { type: "accepted", attached: true });
  doneOf(events);
  assert.deepEqual(replay.asked.slice(before), ["GET /api/jobs/{id}", view]);
});

Deno.test("run() asks the queue for the graph when it attaches, for the jobs API does not say it", async () => {
  await using replay = await startReplay("success_core_nodes", "0.33", { staysPending: true });
  const request = asking("4");
  {
    await using backend = connect(replay);
    await followTo(backend, request, "accepted");
  }
  const before = replay.asked.length;
  await using backend = connect(replay);
  assert.deepEqual(await followTo(backend, again(request), "accepted"), [
    { type: "accepted", attached: true },
  ]);
  assert.deepEqual(replay.asked.slice(before), ["GET /api/jobs/{id}", "GET /queue"]);
});

const json = (body: unknown, status = 200) => () => Response.json(body, { status });
/** Answers that are none of ComfyUI's, or not of one that is known. */
const odd: Readonly<Record<string, () => Response>> = {
  "an empty 404": () => new Response(null, { status: 404 }),
  "a page's 404": () => new Response("<html>not found</html>", { status: 404 }),
  "somebody else's 404": json({ error: "no such route" }, 404),
  "an error as an object": json({ error: { message: "Job not found" } }, 404),
  "a 405": () => new Response(null, { status: 405 }),
  "a 401": json({ error: "Job not found" }, 401),
  "a 500": () => new Response("500 Internal Server Error", { status: 500 }),
  "a page": () => new Response("<html>welcome</html>"),
  "nothing": () => new Response(),
  "an unknown state": json({ id: "?", status: "archived", cancelled: "maybe" }),
  "another's job": json({ id: "another", status: "pending" }),
  "an ending without outputs": json({ status: "completed" }),
  "no answer": () => new Response(new ReadableStream()),
};
for (const [what, answer] of Object.entries(odd)) {
  /** Where no answer comes, it is waited for. */
  const times = what === "no answer" ? { requestTimeoutMs: 200 } : {};
  Deno.test(`run() submits once and ends when the jobs API answers ${what}`, async () => {
    await using replay = await startReplay("success_core_nodes", "0.33", {
      answer: (path) => path.startsWith("/api/jobs") ? answer() : undefined,
    });
    await using backend = connect(replay, times);
    const request = asking("4");
    const events = await collect(backend, request);
    assert.deepEqual(typesOf(events), ["accepted", "started", "executing", "done"]);
    await using next = connect(replay, times);
    doneOf(await collect(next, again(request)));
    assert.equal(replay.submitted.length, 1);
  });

  Deno.test(`run() stops what runs when the jobs API answers ${what}`, async () => {
    await using replay = await startReplay("cancelled_running_by_jobs_api", "0.33", {
      answer: (path) => path.startsWith("/api/jobs") ? answer() : undefined,
    });
    await using backend = connect(replay, times);
    const request = asking("102");
    await assert.rejects(async () => {
      for await (const event of backend.run(request, { signal: never })) {
        if (event.type === "step") await backend.interrupt(request.promptId, { signal: never });
      }
    }, WorkflowInterruptedError);
    assert.ok(replay.asked.includes("POST /interrupt"));
  });
}

Deno.test("run() asks for the jobs API again when ComfyUI has been restarted, for it may be newer", async () => {
  let isOld = true;
  await using replay = await startReplay("success_core_nodes", "0.33", {
    staysPending: true,
    answer: (path) =>
      isOld && path.startsWith("/api/jobs") ? new Response(null, { status: 404 }) : undefined,
  });
  await using backend = connect(replay, { pollMs: 5 });
  const controller = new AbortController();
  const run = assert.rejects(collect(backend, asking("4"), controller.signal), gaveUp);
  run.catch(() => {});
  const jobsAsked = () => replay.asked.filter((what) => what === "GET /api/jobs/{id}").length;
  const queueAsked = () => replay.asked.filter((what) => what === "GET /queue").length;
  await until("the queue asked", () => queueAsked() > 5);
  assert.equal(jobsAsked(), 1);
  isOld = false;
  replay.cut();
  await until("the jobs API asked", () => jobsAsked() > 5);
  controller.abort(gaveUp);
  await run;
});

const answered = z.array(z.looseObject({
  request: z.string(),
  http_status: z.number(),
  body: z.unknown(),
  when: z.string().optional(),
}));

Deno.test("jobAnswer tells every state apart when ComfyUI says them as recorded", async () => {
  const seen = answered.parse(await readRecording("jobs_api", "0.33"))
    .filter(({ request, http_status }) =>
      /^GET \/api\/jobs\/[-0-9a-f]{36}$/.test(request) && http_status === 200
    )
    .map(({ when, body }) => {
      const { status } = jobAnswer.parse(body);
      const error = status.type === "ended" ? historyError(status.entry) : undefined;
      return [when, status.type, error?.name];
    });
  assert.deepEqual(seen, [
    ["running (sampling)", "running", undefined],
    ["pending", "pending", undefined],
    ["running one at once after its cancel", "running", undefined],
    ["running one after execution_interrupted", "ended", "WorkflowInterruptedError"],
    ["finished", "ended", undefined],
  ]);
});

const both = z.looseObject({
  history: z.unknown(),
  api_job_afterwards: z.looseObject({ body: z.unknown() }),
});
for (const name of ["interrupted_mid_sampling", "execution_error_broken_checkpoint"]) {
  Deno.test(`jobAnswer says of an end what the history says when both are recorded in ${name}`, async () => {
    const { history, api_job_afterwards } = both.parse(await readRecording(name, "0.33"));
    const [entry] = Object.values(historyAnswer.parse(history));
    const { status } = jobAnswer.parse(api_job_afterwards.body);
    assert.ok(entry && status.type === "ended");
    const error = historyError(entry);
    assert.ok(error);
    assert.deepEqual(historyError(status.entry), error);
    assert.deepEqual(status.entry.cachedNodes, entry.cachedNodes);
  });
}

Deno.test("jobAnswer takes a cancelled job for interrupted when its messages do not say so", () => {
  const { status } = jobAnswer.parse({
    id: "p",
    status: "cancelled",
    outputs: {},
    execution_status: { status_str: "error", completed: false, messages: [] },
  });
  assert.ok(status.type === "ended");
  assert.ok(historyError(status.entry) instanceof WorkflowInterruptedError);
});
