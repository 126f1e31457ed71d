/**
 * `deno task compat URL`: the checks that only a real ComfyUI can answer, by the bot's own code. Owns the command line and the
 * order of the report. Changes nothing on the server but its own files, and stops no other client's prompts.
 */
import { parseArgs } from "node:util";
import { inspectImage } from "../src/images/inspect.ts";
import { ADDRESS, parseAddress } from "../src/lib/address.ts";
import { Secret } from "../src/lib/secret.ts";
import { version } from "../src/lib/version.ts";
import { checkTemplate, describeProblem, notesOn } from "../src/templates/check.ts";
import { noTemplate, readTemplates } from "../src/templates/loader.ts";
import { fitTemplate } from "../src/templates/resolve.ts";
import { classTypesOf, type Template } from "../src/templates/template.ts";
import { check, ensure, type Outcome, Skip, tableOf } from "./check.ts";
import {
  checkCancel,
  checkHistory,
  checkJobsApi,
  checkPreviews,
  checkProgress,
  checkReconnect,
  checkSocket,
  type Run,
} from "./protocol.ts";
import {
  filePrefix,
  follow,
  openServer,
  requestFor,
  type Server,
  type Trial,
  withdrawAll,
} from "./trial.ts";

const help = `deno task compat URL [--header "NAME: VALUE"] [--template NAME] [--timeout SECONDS]

  URL                     a ComfyUI: http://127.0.0.1:8188, https://name:password@host/path
  --header "NAME: VALUE"  sent with each request, for a login; may be given several times
  --template NAME         runs this template alone; may be given several times
  --timeout SECONDS       the longest that one check may take; default 600

Runs every template whose nodes and models this ComfyUI has, tries what the bot relies on, and prints a table for an
issue report. Leaves input/${filePrefix}.jpg and output/${filePrefix}_* on the server. Exit code 1 when a check did not
hold.
`;

/** Ends the program: the command line cannot be used. */
function refuse(message: string): never {
  console.error(message);
  Deno.exit(2);
}

const { values: args, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    header: { type: "string", multiple: true, default: [] },
    template: { type: "string", multiple: true },
    timeout: { type: "string", default: "600" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (args.help) {
  console.log(help);
  Deno.exit(0);
}
const [url, ...more] = positionals;
if (url === undefined || more.length > 0) refuse(help);
const address = parseAddress(url);
if (!address) refuse(`Cannot try ${url}: it is no address (wanted ${ADDRESS})`);
const headers = Object.fromEntries(args.header.map((line) => {
  const [, name, value] = /^([\w!#$%&'*+.^`|~-]+): *([\t\x20-\x7e]+)$/.exec(line) ?? [];
  if (!name || !value) refuse('Cannot take --header: it is none (wanted "NAME: VALUE")');
  return [name.toLowerCase(), new Secret(value)];
}));
const timeoutMs = Number(args.timeout) * 1000;
if (!(timeoutMs > 0)) {
  refuse(`Cannot take --timeout ${args.timeout}: no span (wanted seconds above 0)`);
}
const { templates, problems } = readTemplates(Deno.cwd());
for (const { message } of problems) console.error(message);
const wanted = (args.template ?? [...templates.keys()]).map((name) =>
  templates.get(name) ?? refuse(noTemplate(name, templates))
);

const server = openServer({ ...address, headers: { ...address.headers, ...headers } });
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort(new Error("Stopped")));
const outcomes: Outcome[] = [];
let comfyui = "of an unknown version";

/** Makes a check and tells of it at once; true where it held. */
async function add(name: string, act: (signal: AbortSignal) => Promise<string>): Promise<boolean> {
  const outcome = await check(name, act, { timeoutMs, signal: stop.signal });
  outcomes.push(outcome);
  console.error(`${outcome.result.padEnd(13)} ${name}: ${outcome.seen}`);
  return outcome.result === "held";
}

/** Everything, in the order of the report. */
async function checkAll(): Promise<void> {
  const answers = await add("answers", async (signal) => {
    await using backend = server.connect();
    const health = await backend.health({ signal });
    comfyui = health.version ?? comfyui;
    const devices = health.devices.map(({ name, vramTotal }) => `${name}, ${inGb(vramTotal)} GB`);
    const { running, pending } = health;
    return [...devices, `${running.length} running and ${pending.length} waiting`].join("; ");
  });
  if (!answers) return;
  await add("WebSocket", (signal) => checkSocket(server, signal));
  const runs: Run[] = [];
  for (const template of wanted) await addTemplate(template, runs);

  /** Takes the template that ran first. */
  const addProtocol = (name: string, act: (run: Run, signal: AbortSignal) => Promise<string>) =>
    add(name, (signal) => {
      if (!runs[0]) throw new Skip("no template has run");
      return act(runs[0], signal);
    });
  await addProtocol("progress", () => Promise.resolve(checkProgress(runs)));
  await addProtocol("previews", (_, signal) => checkPreviews(server, runs, signal));
  await addProtocol(
    "a finished prompt is found by its id",
    (run, signal) => checkHistory(server, run, signal),
  );
  await addProtocol(
    "a running prompt is followed after a reconnect",
    (run, signal) => checkReconnect(server, run, signal),
  );
  await addProtocol(
    "a running and a waiting prompt are cancelled",
    (run, signal) => checkCancel(server, run, signal),
  );
  await addProtocol("jobs API", (run, signal) => checkJobsApi(server, run, signal));
}

/** Two checks: has this ComfyUI what the template needs, and does the template run. Adds the run to `runs`. */
async function addTemplate(template: Template, runs: Run[]): Promise<void> {
  const { name } = template;
  let trial: Trial | undefined;
  await add(`${name}: nodes and models`, async (signal) => {
    const fitted = await fit(server, template, signal);
    trial = fitted;
    return ["all there", ...notesOn(fitted.template, fitted.catalog)].join("; ");
  });
  await add(`${name}: one run`, async (signal) => {
    if (!trial) throw new Skip("it cannot run here");
    const request = requestFor(server, trial);
    await using backend = server.connect();
    const seen = await follow(backend, request, signal);
    const inspected = inspectImage(seen.picture.bytes, {
      maxBytes: Infinity,
      allowedFormats: ["png", "jpeg", "webp"],
    });
    ensure(inspected.ok, `the result is no picture (${seen.picture.mime})`);
    runs.push({ trial, request, seen });
    const { format, width, height } = inspected.image;
    return `${format}, ${width}×${height}; ${seen.steps} steps, ${seen.previews} previews`;
  });
}

/** The template as this ComfyUI can run it. Throws Skip where a node, a model or an option is not there, else what is wrong. */
async function fit(server: Server, loaded: Template, signal: AbortSignal): Promise<Trial> {
  await using backend = server.connect();
  const catalog = await backend.catalog(classTypesOf(loaded), { signal });
  const { template } = fitTemplate(loaded, {}, catalog);
  const problems = checkTemplate(template, catalog);
  const missing = problems.filter(({ kind }) =>
    kind === "missing_node" || kind === "missing_model" || kind === "unknown_option"
  );
  if (missing.length > 0) throw new Skip(missing.map(describeProblem).join(" "));
  ensure(problems.length === 0, problems.map(describeProblem).join(" "));
  return { template, catalog };
}

function inGb(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

let isComplete = true;
try {
  await checkAll();
} catch (error) {
  if (!stop.signal.aborted) throw error;
  isComplete = false;
}
const holds = isComplete && outcomes.every(({ result }) => result !== "did not hold");
if (!holds) await withdrawAll(server);
console.log(`ComfyUI ${comfyui}, image-edit-bot ${version}, Deno ${Deno.version.deno}\n`);
console.log(tableOf(outcomes));
if (!isComplete) console.log("\nStopped before the end.");
Deno.exit(holds ? 0 : 1);
