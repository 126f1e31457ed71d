/** `deno task compat` as a process, on the simulated ComfyUI of both releases and on broken ones: its table and its exit code. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  type FaultHandle,
  modelsOf2025,
  releases,
  type SimulatedComfyUI,
  startComfyUI,
} from "../../lab/comfyui/mod.ts";
import { readEmbedded } from "../../src/templates/loader.ts";
import { type AuthProxy, type AuthProxyOptions, startAuthProxy } from "../comfyui/auth_proxy.ts";
import { folder } from "../cli/cli_fixture.ts";
import { endOf, submitAsStranger } from "../comfyui/backend_fixture.ts";

const fileOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const core = "qwen_image_edit_core";
const protocol = [
  "progress",
  "previews",
  "a finished prompt is found by its id",
  "a running prompt is followed after a reconnect",
  "a running and a waiting prompt are cancelled",
  "jobs API",
];
const paced = { stepMs: 20 } as const;

interface Report {
  readonly code: number;
  readonly text: string;
  readonly rows: ReadonlyMap<string, { readonly result: string; readonly seen: string }>;
  /** Names of the checks with that result. */
  named(result: string): readonly string[];
}

function begin(args: readonly string[], cwd = fileOf("")): Deno.ChildProcess {
  const options = ["--allow-all", "--config", fileOf("deno.json")];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...options, fileOf("compat/main.ts"), ...args],
    cwd,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function compat(args: readonly string[], cwd?: string): Promise<Report> {
  return reportOf(begin(args, cwd));
}

async function reportOf(child: Deno.ChildProcess): Promise<Report> {
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const lines = out!.split("\n").filter((line) => line.startsWith("|")).slice(2);
  const rows = new Map(lines.map((line) => {
    const [name = "", result = "", seen = ""] = line.slice(1).split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return [name, { result: result.replaceAll("*", ""), seen }];
  }));
  return {
    code,
    text: `${out}${err}`,
    rows,
    named: (result) => [...rows].filter(([, row]) => row.result === result).map(([name]) => name),
  };
}

/**
 * A proxy before a ComfyUI whose runs stand still after their first step, however slow compat is to see it: until ComfyUI is asked
 * where they stand, which compat does when it has heard nothing for a second. A run of many steps does until another connection asks,
 * and again after its second step; the next one, until it is interrupted, or not at all with `holdsLast: false`.
 */
function startHoldingProxy(
  comfy: SimulatedComfyUI,
  { holdsLast = true, ...options }: Partial<AuthProxyOptions> & { readonly holdsLast?: boolean } =
    {},
): AuthProxy {
  const passed = new Set<string>();
  const hold = (afterStep: number) =>
    comfy.faults.add({ kind: "stuck", afterStep, match: ({ promptId }) => !passed.has(promptId) });
  let held: FaultHandle | undefined = hold(1);
  let isAnother = false;
  let followed: string | undefined;
  return startAuthProxy({
    to: comfy.url,
    path: "",
    headers: {},
    ...options,
    onPassed(what) {
      if (!held?.hits) return;
      isAnother ||= what === "ws";
      const { promptId, graph } = comfy.ran.at(-1)!;
      const isLong = /"(steps|value)":40\b/.test(JSON.stringify(graph));
      const isFound = isAnother && (followed !== undefined || what.endsWith("/queue"));
      if (!/\/queue$|\/api\/jobs\//.test(what) || isLong && !isFound) return;
      held.remove();
      if (isLong && followed === undefined) {
        followed = promptId;
        held = hold(2);
      } else {
        passed.add(promptId);
        isAnother = false;
        held = isLong && !holdsLast ? undefined : hold(1);
      }
    },
  });
}

/** Waits until nothing is left in its queue: what runs ends a moment after it was interrupted. */
function untilIdle(comfy: SimulatedComfyUI): Promise<unknown> {
  return comfy.until(() => Object.values(comfy.queue()).every(({ length }) => length === 0), {
    what: "an empty queue",
  });
}

for (const release of releases) {
  Deno.test(`compat holds on ComfyUI ${release}, leaves other files alone and stops no other client's prompt`, async () => {
    await using comfy = await startComfyUI({ release, models: modelsOf2025, ...paced });
    await using proxy = startHoldingProxy(comfy);
    const stranger = await submitAsStranger(comfy, 20);
    const { code, text, rows, named } = await compat([proxy.url]);
    assert.equal(code, 0, text);
    assert.match(
      text,
      new RegExp(`^ComfyUI ${RegExp.escape(release)}.*, image-edit-bot .*, Deno `, "m"),
    );
    const templates = ["qwen_image_edit", core, "qwen_image_edit_2509"];
    const others = readEmbedded().map(({ name }) => name)
      .filter((name) => !templates.includes(name));
    const rowsOf = (names: readonly string[]) =>
      names.flatMap((name) => [`${name}: nodes and models`, `${name}: one run`]);
    assert.deepEqual(
      new Set(named("skipped")),
      new Set([...rowsOf(others), ...(release === "0.33" ? [] : ["previews", "jobs API"])]),
    );
    assert.deepEqual(
      new Set(rows.keys()),
      new Set(["answers", "WebSocket", ...rowsOf([...templates, ...others]), ...protocol]),
    );
    assert.equal(await endOf(comfy, stranger), "success");
    assert.deepEqual(comfy.queue(), { running: [], pending: [] });
    const ours = comfy.ran.filter(({ promptId }) => promptId !== stranger);
    // Each template once, the one that is reconnected to, and those that are cancelled, if the waiting one had begun at all.
    const outcomes = ours.map(({ outcome }) => outcome);
    const cancelled = outcomes.splice(templates.length + 1);
    assert.deepEqual(new Set(outcomes), new Set(["success"]));
    assert.deepEqual(new Set(cancelled), new Set(["interrupted"]));
    for (const { graph } of ours) {
      const written = [...JSON.stringify(graph).matchAll(/"filename(?:_prefix)?":"([^"]*)"/g)];
      assert.deepEqual(written.length, 1);
      assert.match(written[0]![1]!, /^image-edit-bot-compat_/);
    }
  });
}

Deno.test("compat takes headers and one template, and shows no header's value", async () => {
  await using comfy = await startComfyUI(paced);
  await using proxy = startHoldingProxy(comfy, {
    path: "/comfy",
    headers: { "x-key": "SECRET-KEY", "x-other": "a: b" },
  });
  const outside = await compat([proxy.url, "--header", "X-Key: WRONG-KEY"]);
  assert.equal(outside.code, 1);
  assert.deepEqual(outside.named("did not hold"), ["answers"]);
  assert.equal(outside.rows.size, 1);
  assert.match(outside.rows.get("answers")!.seen, /status 401/);
  const headers = ["--header", "X-Key: SECRET-KEY", "--header", "x-other: a: b"];
  const inside = await compat([proxy.url, ...headers, "--template", core]);
  assert.equal(inside.code, 0, inside.text);
  assert.equal(inside.rows.size, 4 + protocol.length);
  assert.doesNotMatch(outside.text + inside.text, /WRONG-KEY|SECRET-KEY/);
});

Deno.test("compat: a ComfyUI of 2026 that sends no preview does not hold", async () => {
  await using comfy = await startComfyUI(paced);
  await using proxy = startHoldingProxy(comfy, { passes: (frame) => typeof frame === "string" });
  const { code, named } = await compat([proxy.url, "--template", core]);
  assert.deepEqual(named("did not hold"), ["previews"]);
  assert.equal(code, 1);
});

Deno.test("compat: a WebSocket that does not open is seen, and all that hangs on it", async () => {
  await using comfy = await startComfyUI(paced);
  await using proxy = startAuthProxy({ to: comfy.url, path: "", headers: {}, sockets: false });
  const { code, named, rows } = await compat([proxy.url, "--template", core]);
  assert.deepEqual(named("did not hold"), ["WebSocket", "progress", "previews"]);
  assert.match(rows.get("WebSocket")!.seen, /404/);
  assert.equal(rows.get(`${core}: one run`)?.result, "held");
  assert.equal(code, 1);
});

const encoder = { output: ["LATENT"], output_node: false };
for (
  const [what, objectInfo, { result, seen }] of [
    ["lacks a model", {
      CheckpointLoaderSimple: {
        input: { required: { ckpt_name: [["other.safetensors"]] } },
        output: ["MODEL", "CLIP", "VAE"],
        output_node: false,
      },
    }, { result: "skipped", seen: /does not have; installed: "other\.safetensors"/ }],
    ["lacks a node", { VAEEncode: null }, { result: "skipped", seen: /"VAEEncode", which this/ }],
    ["wants an input that nothing gives", {
      VAEEncode: {
        ...encoder,
        input: { required: { pixels: ["IMAGE"], vae: ["VAE"], mask: ["MASK"] } },
      },
    }, { result: "did not hold", seen: /needs the input "mask" \(MASK\)/ }],
  ] as const
) {
  Deno.test(`compat: that ComfyUI ${what} is told as "${result}"`, async () => {
    await using comfy = await startComfyUI({ ...paced, objectInfo });
    const { code, rows, named } = await compat([comfy.url, "--template", core]);
    const check = rows.get(`${core}: nodes and models`);
    assert.equal(check?.result, result);
    assert.match(check.seen, seen);
    assert.deepEqual(named("held"), ["answers", "WebSocket"]);
    assert.deepEqual(comfy.ran, []);
    assert.equal(code, result === "did not hold" ? 1 : 0);
  });
}

Deno.test("compat: a template of one's own that ComfyUI refuses does not hold, the others are tried", async () => {
  await using comfy = await startComfyUI(paced);
  await using dir = await folder({});
  await Deno.mkdir(`${dir.path}/workflows`);
  const graph = await Deno.readTextFile(fileOf(`workflows/${core}.json`));
  // A model where a picture's latents belong.
  const refused = graph.replace('"samples": ["121", 0]', '"samples": ["118", 0]');
  assert.notEqual(refused, graph);
  await Deno.writeTextFile(`${dir.path}/workflows/own.json`, refused);
  await Deno.copyFile(fileOf(`workflows/${core}.yaml`), `${dir.path}/workflows/own.yaml`);
  await using proxy = startHoldingProxy(comfy);
  const templates = ["--template", "own", "--template", core];
  const { code, named, rows } = await compat([proxy.url, ...templates], dir.path);
  assert.deepEqual(named("did not hold"), ["own: one run"]);
  assert.match(rows.get("own: one run")!.seen, /Cannot run node 8 \(VAEDecode\)/);
  assert.equal(rows.get(`${core}: one run`)?.result, "held");
  assert.equal(code, 1);
});

Deno.test("compat: prompts that cannot be cancelled do not hold", async () => {
  await using comfy = await startComfyUI({ release: "0.3.64", ...paced });
  comfy.faults.add({ kind: "http", path: /^\/interrupt$/, answer: "500" });
  await using proxy = startHoldingProxy(comfy, { holdsLast: false });
  const { code, named, rows } = await compat([proxy.url, "--template", core]);
  const check = "a running and a waiting prompt are cancelled";
  assert.deepEqual(named("did not hold"), [check]);
  assert.equal(rows.get(check)?.seen, "one was rendered all the same");
  assert.equal(code, 1);
});

Deno.test("compat: a finished prompt that ComfyUI does not find again does not hold", async () => {
  await using comfy = await startComfyUI({ release: "0.3.64", ...paced });
  let asked = 0;
  // Its end is told once; the two questions of the next connection find nothing.
  const match = ({ promptId }: { promptId: string }) =>
    promptId === comfy.ran[0]?.promptId && [2, 3].includes(++asked);
  comfy.faults.add({ kind: "late-history", match });
  await using proxy = startHoldingProxy(comfy);
  const { code, named } = await compat([proxy.url, "--template", core]);
  assert.deepEqual(named("did not hold"), ["a finished prompt is found by its id"]);
  assert.equal(code, 1);
});

Deno.test("compat: a second connection that hears nothing of a running prompt does not hold", async () => {
  await using comfy = await startComfyUI(paced);
  await using proxy: AuthProxy = startHoldingProxy(comfy, {
    holdsLast: false,
    // The first look, the run, the finished prompt, and the connection that is lost come before it.
    passes: () => proxy.passed.filter((what) => what === "ws").length < 5,
  });
  const { code, named, rows } = await compat([proxy.url, "--template", core]);
  const check = "a running prompt is followed after a reconnect";
  assert.deepEqual(named("did not hold"), [check]);
  assert.equal(rows.get(check)?.seen, "no step came on the second connection");
  assert.equal(code, 1);
});

Deno.test("compat: a check that takes too long does not hold, and leaves nothing to run", async () => {
  await using comfy = await startComfyUI(paced);
  comfy.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  const { code, named, rows } = await compat([comfy.url, "--template", core, "--timeout", "5"]);
  assert.deepEqual(named("did not hold"), [`${core}: one run`]);
  assert.equal(rows.get(`${core}: one run`)?.seen, "not within 5 s");
  await untilIdle(comfy);
  assert.equal(code, 1);
});

Deno.test("compat: nothing is left to run by a check that breaks off in the middle", async () => {
  await using comfy = await startComfyUI(paced);
  await using proxy = startHoldingProxy(comfy);
  const child = begin([proxy.url, "--template", core]);
  // The third run is the one that would be cancelled; the picture of the one that would wait is refused.
  await comfy.until(() => comfy.ran.length === 3, { what: "the third run" });
  comfy.faults.add({ kind: "http", path: /^\/upload\/image$/, answer: 400 });
  const { code, named, rows } = await reportOf(child);
  const check = "a running and a waiting prompt are cancelled";
  assert.deepEqual(named("did not hold"), [check]);
  assert.match(rows.get(check)!.seen, /^Cannot upload the picture /);
  await endOf(comfy, comfy.ran[2]!.promptId);
  assert.equal(comfy.ran[2]!.outcome, "interrupted");
  assert.equal(code, 1);
});

Deno.test("compat: Ctrl-C prints what was seen and takes its prompts away", async () => {
  await using comfy = await startComfyUI(paced);
  comfy.faults.add({ kind: "stuck", times: 1, afterStep: 1 });
  const child = begin([comfy.url, "--template", core]);
  await comfy.until(() => comfy.queue().running.length > 0, { what: "a run" });
  child.kill("SIGINT");
  const { code, text, named } = await reportOf(child);
  assert.equal(code, 1);
  assert.match(text, /^Stopped before the end\.$/m);
  assert.deepEqual(named("did not hold"), []);
  await untilIdle(comfy);
});

for (
  const [what, args, said] of [
    ["no address", [], /^deno task compat URL/],
    ["two addresses", ["http://a", "http://b"], /^deno task compat URL/],
    ["what is no address", ["ftp://a"], /^Cannot try ftp:\/\/a: it is no address \(wanted /],
    ["a header without a name", ["http://a", "--header", "SECRET"], /^Cannot take --header: /],
    [
      "a template that is not there",
      ["http://a", "--template", "qwen_image_edit_cor"],
      /mean qwen_image_edit_core\?/,
    ],
    ["no time", ["http://a", "--timeout", "0"], /^Cannot take --timeout 0: /],
  ] as const
) {
  Deno.test(`compat refuses ${what}`, async () => {
    const { code, text } = await compat(args);
    assert.equal(code, 2, text);
    assert.match(text, said);
    assert.doesNotMatch(text, /SECRET/);
  });
}
