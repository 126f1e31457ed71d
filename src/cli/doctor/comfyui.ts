/** `doctor` on ComfyUI: is it there, and has it what the templates need. Owns the advice; the questions are Backend's. */
import { type BackendConfig, type Config } from "../../config/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import {
  isFileOf,
  type LoadedTemplates,
  type NodeCatalog,
  noTemplate,
  type Template,
} from "../../templates/mod.ts";
import { type BackendHealth } from "../../worker/mod.ts";
import { holdAgainst } from "../commands/mod.ts";
import { startComfyUI } from "../core/mod.ts";
import { fail, type Finding, ok, warn } from "./check.ts";

const trustCertificate =
  "have a certificate that this machine trusts, or trust its issuer: its file in DENO_CERT, or " +
  "update-ca-certificates and DENO_TLS_CA_STORE=system, in the environment of the bot";

/** An answer, or why there is none. */
export type Asked<Value> =
  | { readonly type: "answered"; readonly value: Value }
  | { readonly type: "failed"; readonly reason: string };

/** Waits for an answer; rejects only where `signal` (the person's, not the deadline's) aborts. */
export async function asked<Value>(
  question: Promise<Value>,
  signal: AbortSignal,
): Promise<Asked<Value>> {
  try {
    return { type: "answered", value: await question };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof DOMException && error.name === "TimeoutError"
      ? "no answer in time"
      : messageOf(error);
    return { type: "failed", reason };
  }
}

/** What is asked of a backend: how it is, and whether its WebSocket opens. */
export interface BackendLook {
  readonly health: Asked<BackendHealth>;
  readonly socket: Asked<void>;
}

export function checkBackend({ url }: BackendConfig, { health, socket }: BackendLook): Finding {
  if (health.type === "failed") {
    // Something answers, and not as ComfyUI does.
    const isOther = /status \d|cannot be read/.test(health.reason);
    const advice = isOther
      ? "is this ComfyUI's address? It is COMFYUI_HOST and COMFYUI_PORT or COMFYUI_URL in .env, or comfyui.backends in " +
        "config.yaml"
      : /certificate/.test(health.reason)
      ? trustCertificate
      : startComfyUI;
    return fail(`${health.reason}, at ${url}`, advice);
  }
  if (socket.type === "failed") {
    return warn(
      `ComfyUI at ${url} answers, but: ${socket.reason}`,
      "let what stands before it pass WebSockets on: without, there is no progress and no preview, and ends are seen late",
    );
  }
  const { version, devices, queueRunning, queuePending } = health.value;
  const cards = devices.map(({ name, vramFree, vramTotal }) =>
    `${name}, ${inGb(vramFree)} of ${inGb(vramTotal)} GB VRAM free`
  );
  return ok([
    `ComfyUI ${version ?? "of an unknown version"} at ${url}`,
    ...cards,
    `${queueRunning} running and ${queuePending} waiting`,
  ].join("; "));
}

/** Files of the owner's that cannot be used, and a configured template that is not there. */
export function checkTemplateFiles(
  { templates, problems }: LoadedTemplates,
  configured: string,
): Finding {
  const files = problems.map(({ message }) => message);
  if (!templates.has(configured)) {
    return fail(
      [...files, noTemplate(configured, templates)].join("\n"),
      "name one of them in config.yaml: workflow.default_file",
    );
  }
  if (files.length === 0) return ok([...templates.keys()].join(", "));
  return problems.some(({ file }) => isFileOf(file, configured))
    ? fail(files.join("\n"))
    : warn(files.join("\n"));
}

/** What of one template a ComfyUI lacks; only the configured one must be able to run. */
export function checkTemplate(
  template: Template,
  workflow: Config["workflow"],
  catalog: Asked<NodeCatalog>,
): Finding {
  if (catalog.type === "failed") return warn("cannot be checked while ComfyUI does not answer");
  const { problems, notes } = holdAgainst(template, workflow, catalog.value);
  if (problems.length === 0) {
    return ok(["ComfyUI has all its nodes and models", ...notes].join("; "));
  }
  const isConfigured = template.name === workflow.template;
  const todo = "install what is missing and restart ComfyUI, or name the files that you have in " +
    `config.yaml: workflow.models.${template.name}`;
  return isConfigured
    ? fail(problems.join("\n"), todo)
    : warn(problems.join("\n"), `nothing, unless you want this template: ${todo}`);
}

function inGb(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
