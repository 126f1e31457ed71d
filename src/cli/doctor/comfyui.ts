/** ComfyUI: does it answer, and does it have what the templates need. Owns the advice. Does not send requests: `Backend` does. */
import { type BackendConfig, type Config } from "../../config/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import {
  checkOnBackend,
  defaultOn,
  isFileOf,
  type LoadedTemplates,
  type NodeCatalog,
  noTemplate,
  type Template,
} from "../../templates/mod.ts";
import { type BackendHealth } from "../../worker/mod.ts";
import { startComfyUI } from "../core/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

const trustCertificate =
  "use a certificate that this host trusts, or trust its issuer: set DENO_CERT to its file, or " +
  "run update-ca-certificates and set DENO_TLS_CA_STORE=system, in the environment of the bot";

/** The outcome of a request. */
export type Answer<Value> =
  | { readonly type: "answered"; readonly value: Value }
  | { readonly type: "failed"; readonly reason: string };

/** Turns a rejection into a value; rejects only when `signal` aborts, which is the command's and not the deadline's. */
export async function answerOf<Value>(
  request: Promise<Value>,
  signal: AbortSignal,
): Promise<Answer<Value>> {
  try {
    return { type: "answered", value: await request };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof DOMException && error.name === "TimeoutError"
      ? "no answer in time"
      : messageOf(error);
    return { type: "failed", reason };
  }
}

/** A backend's health, and whether its WebSocket opens. */
export interface BackendProbe {
  readonly health: Answer<BackendHealth>;
  readonly socket: Answer<void>;
}

export function checkBackend(
  { url, wake }: BackendConfig,
  { health, socket }: BackendProbe,
): Finding {
  if (health.type === "failed") {
    if (wake) {
      return warn(
        `${health.reason}, at ${url}`,
        `nothing, if its machine sleeps: the bot wakes it (${wake.mac}) when jobs wait`,
      );
    }
    // Something else answers at this address.
    const isOther = /status \d|cannot be read/.test(health.reason);
    const advice = isOther
      ? "is this the address of ComfyUI? Set COMFYUI_HOST and COMFYUI_PORT or COMFYUI_URL in .env, or comfyui.backends in " +
        "config.yaml"
      : /certificate/.test(health.reason)
      ? trustCertificate
      : startComfyUI;
    return fail(`${health.reason}, at ${url}`, advice);
  }
  if (socket.type === "failed") {
    return warn(
      `ComfyUI at ${url} answers, but: ${socket.reason}`,
      "make the proxy before it pass WebSockets: without them there is no progress and no preview, and results come late",
    );
  }
  const { version, devices, running, pending } = health.value;
  const cards = devices.map(({ name, vramFree, vramTotal }) =>
    `${name}, ${inGb(vramFree)} of ${inGb(vramTotal)} GB VRAM free`
  );
  return ok([
    `ComfyUI ${version ?? "of an unknown version"} at ${url}`,
    ...cards,
    `${running.length} running and ${pending.length} waiting`,
  ].join("; "));
}

/** Template files that do not load, a configured template that is missing, and which one is the default. */
export function checkTemplateFiles(
  { templates, problems }: LoadedTemplates,
  workflow: Config["workflow"],
  /** Of each backend. */
  catalogs: readonly Answer<NodeCatalog>[],
): Finding {
  const configured = workflow.template;
  const files = problems.map(({ message }) => message);
  if (configured !== undefined && !templates.has(configured)) {
    return fail(
      [...files, noTemplate(configured, templates)].join("\n"),
      "set workflow.default_file in config.yaml to one of them",
    );
  }
  if (configured !== undefined && problems.some(({ file }) => isFileOf(file, configured))) {
    return fail(files.join("\n"));
  }
  const names = [...templates.keys()].join(", ");
  const answered = catalogs.flatMap((each) => each.type === "answered" ? [each.value] : []);
  if (answered.length === 0) return files.length === 0 ? ok(names) : warn(files.join("\n"));
  const used = defaultOn(templates.values(), workflow, answered);
  if (!used?.canRun) {
    return fail(
      [...files, `ComfyUI can run none of them: ${names}`].join("\n"),
      "install the model files of one: image-edit-bot models get NAME",
    );
  }
  if (files.length > 0) return warn(files.join("\n"));
  return ok(`${names}; the default is ${used.template.name}`);
}

/**
 * Nodes and models of one template that ComfyUI lacks. Fails for the configured template only; a built-in one that nobody asked
 * for need not run, nor one that another of several backends (`others`) can run.
 */
export function checkTemplate(
  template: Template,
  workflow: Config["workflow"],
  catalog: Answer<NodeCatalog>,
  others: readonly Answer<NodeCatalog>[] = [],
): Finding {
  if (catalog.type === "failed") return warn("not checked: ComfyUI does not answer");
  const { canRun, problems, notes } = checkOnBackend(template, workflow, catalog.value);
  if (problems.length === 0) {
    return ok(["ComfyUI has all its nodes and models", ...notes].join("; "));
  }
  const { origin } = template;
  const isConfigured = template.name === workflow.template;
  const isOwn = origin.graph !== "embedded" || origin.manifest !== "embedded";
  if (!canRun && !isConfigured && !isOwn) return ok(["not offered:", ...problems].join("\n"));
  const todo = "install what is missing and restart ComfyUI, or choose installed files in " +
    `config.yaml: workflow.models.${template.name}`;
  const runsElsewhere = others.some((other) =>
    other.type === "answered" && checkOnBackend(template, workflow, other.value).canRun
  );
  if (!canRun && runsElsewhere) {
    const elsewhere = ["its jobs go to another ComfyUI:", ...problems].join("\n");
    return isConfigured ? warn(elsewhere, todo) : ok(elsewhere);
  }
  return isConfigured
    ? fail(problems.join("\n"), todo)
    : warn(problems.join("\n"), `only if you want this template: ${todo}`);
}

function inGb(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
