/** Backend.run() on what a real ComfyUI of either release was recorded to say. */
import assert from "node:assert/strict";
import { historyAnswer } from "../../src/comfyui/http_schema.ts";
import {
  ComfyUIConnectionError,
  ResultGoneError,
  WorkflowExecutionError,
  WorkflowInterruptedError,
  WorkflowRefusedError,
} from "../../src/lib/errors.ts";
import { asking, collect, connect, doneOf, never, typesOf } from "./backend_fixture.ts";
import { allRuns, loadRun, type Release } from "./recordings.ts";
import { startReplay } from "./replay.ts";

/** Node and first file of what the recording saved. */
async function savedIn(name: string, release: Release) {
  const [entry] = Object.values(historyAnswer.parse((await loadRun(name, release)).history));
  const saved = Object.entries(entry?.files ?? {})
    .flatMap(([node, images]) => images.map((image) => ({ node, image })))
    .find(({ image }) => image.type === "output");
  assert.ok(saved, name);
  return saved;
}

for (const [release, name] of allRuns.filter(([, name]) => /^success|^partly/.test(name))) {
  Deno.test(`run() ends with the picture when ComfyUI ${release} answers as in ${name}`, async () => {
    await using replay = await startReplay(name, release);
    await using backend = connect(replay);
    const { node, image } = await savedIn(name, release);
    const events = await collect(backend, asking(node));
    assert.equal(doneOf(events).picture.mime, "image/png");
    const { filename, subfolder } = image;
    const query = new URLSearchParams({ filename, subfolder, type: "output" });
    assert.equal(replay.asked.at(-1), `GET /view?${query}`);
    const { events: recorded } = await loadRun(name, release);
    const isPreview = recorded.some(({ binary }) => binary && binary.length > 1000);
    assert.equal(typesOf(events).includes("preview"), isPreview);
  });
}

Deno.test("run() gives the picture that is only shown when ComfyUI keeps it in temp", async () => {
  await using replay = await startReplay("success_preview_image_temp", "0.33");
  await using backend = connect(replay);
  doneOf(await collect(backend, asking("5")));
  assert.match(replay.asked.at(-1) ?? "", /^GET \/view\?filename=ComfyUI_temp_.*&type=temp$/);
});

for (const [previews, method] of [[true, "auto"], [false, "none"], [undefined, "none"]] as const) {
  Deno.test(`run() asks for previews "${method}" when they are wanted: ${previews}`, async () => {
    await using replay = await startReplay("success_qwen_template_preview_method_auto", "0.33");
    await using backend = connect(replay);
    const request = asking("102", previews === undefined ? {} : { previews });
    doneOf(await collect(backend, request));
    assert.deepEqual(replay.submitted.map((body) => body["extra_data"]), [
      { preview_method: method },
    ]);
  });
}

Deno.test("run() gives the first one when the output node saved several pictures", async () => {
  await using replay = await startReplay("success_several_results", "0.33");
  await using backend = connect(replay);
  doneOf(await collect(backend, asking("4")));
  assert.match(replay.asked.at(-1) ?? "", /^GET \/view\?filename=many_00001_/);
});

for (
  const [name, release, sentence] of [
    [
      "execution_error_broken_checkpoint",
      "0.3.64",
      /^Cannot run node 6 \(CheckpointLoaderSimple\): /,
    ],
    [
      "execution_error_broken_checkpoint",
      "0.33",
      /^Cannot run node \d+ \(CheckpointLoaderSimple\): /,
    ],
    [
      "execution_error_broken_picture",
      "0.33",
      /^Cannot run node 1 \(LoadImage\): UnidentifiedImageError/,
    ],
    [
      "execution_error_dynamic_combo_unknown_option",
      "0.33",
      /^Cannot run node 2 \(ResizeImageMaskNode\): TypeError: .*'resize_type'/,
    ],
  ] as const
) {
  Deno.test(`run() says node and reason when ComfyUI ${release} answers as in ${name}`, async () => {
    await using replay = await startReplay(name, release);
    await using backend = connect(replay);
    await assert.rejects(
      collect(backend, asking("4")),
      (error) => error instanceof WorkflowExecutionError && sentence.test(error.message),
    );
  });
}

for (
  const [name, release] of [
    ["interrupted_mid_sampling", "0.3.64"],
    ["interrupted_mid_sampling", "0.33"],
    ["cancelled_running_by_jobs_api", "0.33"],
  ] as const
) {
  Deno.test(`run() rejects with WorkflowInterruptedError when somebody stops it as in ${name} of ${release}`, async () => {
    await using replay = await startReplay(name, release);
    await using backend = connect(replay);
    const request = asking("102");
    await assert.rejects(async () => {
      for await (const event of backend.run(request, { signal: never })) {
        if (event.type === "step") await backend.interrupt(request.promptId, { signal: never });
      }
    }, WorkflowInterruptedError);
  });
}

/** A 200 whose `node_errors` are `errors`. */
function partly(errors: unknown) {
  return (path: string) =>
    path === "/prompt" ? Response.json({ prompt_id: mine, node_errors: errors }) : undefined;
}
const mine = "0d5f1d6e-9f5e-4a35-9c1a-3a6a4a1d4f0b";
const tooStrong = {
  message: "Value 500.0 bigger than max of 100.0",
  details: "strength_model",
  extra_info: { input_name: "strength_model" },
};

Deno.test("run() fails at once and leaves nothing to run when ComfyUI does not run our output (node_errors in a 200)", async () => {
  await using replay = await startReplay("partly_valid_two_outputs", "0.33", {
    staysPending: true,
  });
  await using backend = connect(replay);
  await assert.rejects(collect(backend, asking("9")), (error) => {
    assert.ok(error instanceof WorkflowRefusedError);
    assert.equal(
      error.message,
      "Cannot run node 8 (LoadImage): image - Invalid image file: nowhere.png",
    );
    assert.deepEqual([error.nodeId, error.nodeType], ["8", "LoadImage"]);
    return true;
  });
  assert.equal(replay.submitted.length, 1);
  assert.equal(replay.state, "nothing", "the output that ComfyUI took is withdrawn");
});

for (
  const [what, errors] of [
    ["names the output itself", {
      "9": { class_type: "SaveImage", errors: [tooStrong], dependent_outputs: ["9"] },
    }],
    ["names it as a number", {
      "30": { class_type: "LoraLoaderModelOnly", errors: [tooStrong], dependent_outputs: [20, 9] },
    }],
    ["names it beside what cannot be read", {
      "1": null,
      "30": {
        class_type: "LoraLoaderModelOnly",
        errors: [tooStrong, 7],
        dependent_outputs: [[], "9"],
      },
    }],
  ] as const
) {
  Deno.test(`run() fails for good when the answer to its POST ${what}`, async () => {
    await using replay = await startReplay("success_core_nodes", "0.33", {
      answer: partly(errors),
    });
    await using backend = connect(replay);
    await assert.rejects(
      collect(backend, asking("9", { promptId: mine })),
      (error) =>
        error instanceof WorkflowRefusedError &&
        /^Cannot run node \d+ \(\w+\): strength_model: Value 500/.test(error.message),
    );
  });
}

for (const name of ["invalid_web_format", "invalid_not_json"]) {
  Deno.test(`run() fails for good after its three tries when ComfyUI answers as in ${name}`, async () => {
    const { response } = await loadRun(name, "0.33");
    await using replay = await startReplay("success_core_nodes", "0.33", {
      answer: (path) =>
        path === "/prompt"
          ? new Response(String(response?.body), { status: response?.http_status ?? 0 })
          : undefined,
    });
    await using backend = connect(replay);
    await assert.rejects(
      collect(backend, asking("4")),
      (error) =>
        error instanceof WorkflowRefusedError &&
        !(error instanceof ComfyUIConnectionError) && /status 500/.test(error.message),
    );
    assert.equal(replay.asked.filter((what) => what === "POST /prompt").length, 3);
  });
}

for (const subfolder of ["../..", "/mnt/pictures", "C:\\pictures", "a/../../b"]) {
  Deno.test(`run() fails for good when the result was saved outside of ComfyUI's folders: ${subfolder}`, async () => {
    const images = [{ filename: "a.png", subfolder, type: "output" }];
    await using replay = await startReplay("success_core_nodes", "0.33", {
      answer: (path) => {
        if (path === "/view") return new Response(null, { status: 403 });
        if (path !== "/history/{id}") return undefined;
        return Response.json({
          [mine]: { prompt: [], outputs: { "4": { images } }, status: null },
        });
      },
    });
    await using backend = connect(replay);
    await assert.rejects(
      collect(backend, asking("4", { promptId: mine })),
      (error) =>
        error instanceof WorkflowExecutionError && error.nodeId === "4" &&
        error.message.includes(`saved it in ${subfolder} (wanted`),
    );
  });
}

Deno.test("run() rejects with ResultGoneError when the file was deleted before it was fetched", async () => {
  await using replay = await startReplay("success_core_nodes", "0.33", {
    answer: (path) => path === "/view" ? new Response(null, { status: 404 }) : undefined,
  });
  await using backend = connect(replay);
  await assert.rejects(
    collect(backend, asking("4")),
    (error) =>
      error instanceof ResultGoneError &&
      error.message ===
        "Cannot fetch the result job1_00001_.png: it is gone from ComfyUI's folder output",
  );
  assert.equal(replay.asked.filter((what) => what.startsWith("GET /view")).length, 1);
});
