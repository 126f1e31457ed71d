/**
 * `edit`: one edit at the command line. Owns its steps and output; checks all input before ComfyUI gets work. Knows no
 * Telegram, and no store.
 */
import { basename, dirname, extname, resolve } from "node:path";
import { type Config } from "../../config/mod.ts";
import { textIn } from "../../i18n/mod.ts";
import { extensionOf, withoutMetadata } from "../../images/mod.ts";
import {
  ComfyUIConnectionError,
  joinSignals,
  messageOf,
  WorkflowTimeoutError,
} from "../../lib/mod.ts";
import {
  checkTemplate,
  classTypesOf,
  defaultOn,
  describeProblem,
  fill,
  fitTemplate,
  type NodeCatalog,
  noTemplate,
  readTemplates,
  specsOf,
  type Template,
} from "../../templates/mod.ts";
import { wordsFor } from "../../templates/tasks/mod.ts";
import { createPolicy, judgeWish } from "../../users/policy/mod.ts";
import { type Backend, type BackendEvent, createProgress, isWaiting } from "../../worker/mod.ts";
import { createProgressBar, exitCode, type Io, print, write } from "../core/mod.ts";
import { removeCopies } from "./edit_copies.ts";
import {
  type EditValues,
  type Picture,
  readPicture,
  readValues,
  uploadName,
} from "./edit_request.ts";

export interface EditDeps {
  readonly io: Io;
  readonly backend: Backend;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly newId: () => string;
  /** 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface EditOptions {
  readonly config: Config;
  /** The folder of `workflows/`. */
  readonly dir: string;
  /** Paths, picture 1 first; one at least. */
  readonly images: readonly string[];
  /** Undefined where none was given: some templates take none. */
  readonly text: string | undefined;
  /** A path, or `-` for stdout. */
  readonly out: string;
  /** `NAME=VALUE`. */
  readonly sets: readonly string[];
  /** Undefined for the default: the configured one, else the best that this ComfyUI can run. */
  readonly template: string | undefined;
  /** Overwrites an existing file. */
  readonly force: boolean;
}

/** The request cannot be carried out: lines for stderr, and the exit code. */
class Refused extends Error {
  constructor(readonly code: number, readonly lines: readonly string[]) {
    super(lines.join("\n"));
  }
}

/** Edits and writes the result; returns the exit code. Rejects as `Backend.run` does, and with the signal's reason. */
export async function edit(deps: EditDeps, options: EditOptions): Promise<number> {
  const { io } = deps;
  try {
    return await editOrRefuse(deps, options);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    print(io.stderr, ...error.lines);
    return error.code;
  }
}

async function editOrRefuse(deps: EditDeps, options: EditOptions): Promise<number> {
  const { io, now } = deps;
  const { out } = options;
  const path = out === "-" ? undefined : resolve(io.cwd, out);
  // What needs no ComfyUI comes first.
  const pictures = await picturesOf(io.cwd, options);
  if (path !== undefined) await checkOut(path, options);
  const loaded = await templateFor(deps, options);
  refuseTooMany(loaded, pictures);
  const fitted = await fit(deps, loaded, options);
  const { template, values } = fitted;

  const startedAt = now();
  const [bytes, ...more] = (await render(deps, options, { ...fitted, pictures }))
    .map(withoutMetadata) as [Bytes, ...Bytes[]];
  const seconds = ((now() - startedAt) / 1000).toFixed(1);

  if (path === undefined) write(io.stdout, bytes);
  else await writeOut(path, bytes, options);
  // One stream holds one file.
  const others = path === undefined ? [] : more.map((each, i) => ({
    path: `${path.slice(0, path.length - extname(path).length)}_${i + 2}.${extensionOf(each)}`,
    bytes: each,
  }));
  for (const other of others) await writeOut(other.path, other.bytes, options);
  const { seed, steps = template.params["steps"]?.spec.default } = values.params;
  const facts = [
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(steps === undefined ? [] : [`${steps} steps`]),
    `${seconds} s`,
  ];
  const names = [out, ...others.map((other) => basename(other.path))].join(", ");
  print(path === undefined ? io.stderr : io.stdout, `${names}: ${facts.join(", ")}`);
  return exitCode.ok;
}

async function templateFor(
  { backend, io }: EditDeps,
  { dir, template: named, config }: EditOptions,
): Promise<Template> {
  const { templates, problems } = readTemplates(dir);
  const { workflow } = config;
  const name = named ?? workflow.template;
  if (named === undefined && (name === undefined || templates.has(name))) {
    const all = [...templates.values()];
    const catalog = await backend.catalog(all.flatMap(classTypesOf), { signal: io.signal });
    const found = defaultOn(all, workflow, [catalog]);
    if (found) {
      const { template } = found;
      if (name !== undefined && template.name !== name) {
        print(io.stderr, `Using ${template.name}: this ComfyUI cannot run ${name}.`);
      }
      return template;
    }
  }
  const template = templates.get(name ?? "");
  if (template) return template;
  throw new Refused(exitCode.dataErr, [
    ...problems.map(({ message }) => message),
    noTemplate(name ?? "", templates),
  ]);
}

function refuseTooMany({ name, pictures }: Template, { length }: readonly Picture[]): void {
  const most = pictures.length;
  if (length <= most) return;
  throw new Refused(exitCode.dataErr, [
    `Cannot edit ${length} pictures: ${name} takes ${most === 1 ? "1" : `1 to ${most}`}`,
  ]);
}

async function picturesOf(
  cwd: string,
  { images, config }: EditOptions,
): Promise<readonly Picture[]> {
  const read = await Promise.all(
    images.map((image) => readPicture(resolve(cwd, image), config.image)),
  );
  const problems = read.flatMap((each) => each.ok ? [] : each.problems);
  if (problems.length > 0) throw new Refused(exitCode.dataErr, problems);
  return read.flatMap((each) => each.ok ? [each.value] : []);
}

/** Checks that the result can be written, before a GPU spends time on it. */
async function checkOut(path: string, { force }: EditOptions): Promise<void> {
  const stat = await Deno.stat(path).catch(() => undefined);
  if (stat?.isDirectory) throw cannotWrite(path, "it is a folder (wanted a file)");
  if (stat && !force) throw cannotWrite(path, "it exists already (wanted --force to replace it)");
  const folder = await Deno.stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory) throw cannotWrite(path, "there is no such folder");
}

async function writeOut(path: string, bytes: Uint8Array, { force }: EditOptions): Promise<void> {
  try {
    await Deno.writeFile(path, bytes, { createNew: !force });
  } catch (error) {
    throw cannotWrite(path, messageOf(error));
  }
}

function cannotWrite(path: string, why: string): Refused {
  return new Refused(exitCode.cantCreate, [`Cannot write ${path}: ${why}`]);
}

/** The template as this ComfyUI can run it, and parameters within its limits. */
interface Fitted {
  readonly template: Template;
  readonly values: EditValues;
  readonly catalog: NodeCatalog;
}

async function fit(
  { backend, io, random }: EditDeps,
  loaded: Template,
  { config, text, sets }: EditOptions,
): Promise<Fitted> {
  const catalog = await backend.catalog(classTypesOf(loaded), { signal: io.signal });
  const { template } = fitTemplate(loaded, config.workflow, catalog);
  const values = readValues(template, { text, sets, random });
  if (!values.ok) throw new Refused(exitCode.dataErr, values.problems);
  const verdict = judgeWish(createPolicy(config.policy), specsOf(template), values.value);
  if (!verdict.allowed) {
    const what = verdict.param ?? "--text";
    throw new Refused(exitCode.dataErr, [
      `Cannot edit: the policy refuses ${what} (${verdict.rule}; wanted what policy in config.yaml allows)`,
    ]);
  }
  const { params } = values.value;
  const missing = checkTemplate(template, catalog)
    .filter((problem) => !("param" in problem) || params[problem.param ?? ""] === undefined);
  if (missing.length > 0) {
    throw new Refused(exitCode.config, [
      `Cannot run ${template.name} on this ComfyUI:`,
      ...missing.map((problem) => `  ${describeProblem(problem)}`),
    ]);
  }
  return { template, values: values.value, catalog };
}

type Bytes = Uint8Array<ArrayBuffer>;

interface Order extends Fitted {
  readonly pictures: readonly Picture[];
}

/** Runs the prompt and removes what ComfyUI keeps of it; returns the result's files, the first one first. */
async function render(
  deps: EditDeps,
  { config }: EditOptions,
  order: Order,
): Promise<readonly [Bytes, ...Bytes[]]> {
  const promptId = deps.newId();
  const uploaded: string[] = [];
  try {
    return await run(deps, config, order, { promptId, uploaded });
  } finally {
    await removeCopies(deps, config, { promptId, uploaded });
  }
}

/** Runs the prompt to the end and shows its progress; notes the names of what it uploads. */
async function run(
  { backend, io, now }: EditDeps,
  config: Config,
  { template, values, catalog, pictures }: Order,
  { promptId, uploaded }: { readonly promptId: string; readonly uploaded: string[] },
): Promise<readonly [Bytes, ...Bytes[]]> {
  const progress = createProgress({ now, expectedMs: undefined, expectedStepMs: undefined });
  using silence = watchSilence(config.queue.timeoutMs);
  using stop = joinSignals(io.signal, silence.signal);
  using bar = createProgressBar(io.stderr, textIn("en").duration);
  const events = backend.run({
    promptId,
    outputNode: template.output.node,
    pictures: () => {
      const uploads = pictures.map((picture, i) => ({
        name: uploadName(promptId, i, picture),
        mime: picture.info.mime,
        bytes: picture.bytes,
      }));
      uploaded.push(...uploads.map(({ name }) => name));
      return Promise.resolve(uploads);
    },
    fill: (names) =>
      fill(template, {
        ...values,
        promptText: wordsFor(template, values),
        pictures: names,
        megapixels: config.image.megapixels,
        filename: `image-edit-bot_${promptId}`,
      }, catalog),
  }, { signal: stop.signal });
  const more: Bytes[] = [];
  for await (const event of events) {
    silence.heard(event);
    const shown = progress.apply(event);
    if (event.type === "accepted") bar.wait("waiting for ComfyUI…");
    else bar.show(shown);
    if (event.type === "extra") more.push(event.picture.bytes);
    if (event.type === "done") return [event.picture.bytes, ...more];
  }
  io.signal.throwIfAborted();
  throw new ComfyUIConnectionError("Cannot follow the prompt: its events ended early");
}

/** Aborts when a running prompt shows no progress for `timeoutMs`; time in ComfyUI's queue does not count. */
function watchSilence(timeoutMs: number) {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    signal: controller.signal,
    heard(event: BackendEvent) {
      clearTimeout(timer);
      if (isWaiting(event) || event.type === "done") return;
      timer = setTimeout(() => {
        const seconds = timeoutMs / 1000;
        controller.abort(
          new WorkflowTimeoutError(
            `Cannot wait any longer: ComfyUI shows no progress for ${seconds} s (queue.timeout_seconds)`,
          ),
        );
      }, timeoutMs);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
