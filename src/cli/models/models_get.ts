/**
 * `models get`: the model files that a template lacks, and their download into ComfyUI's folders. Owns what is asked and said. Does
 * not know how a file is downloaded (download.ts), nor what a template needs: its manifest says that.
 */
import { basename, dirname, join, resolve } from "node:path";
import { askModelFolders, openBackends } from "../../comfyui/mod.ts";
import { type Config } from "../../config/mod.ts";
import { textIn } from "../../i18n/mod.ts";
import {
  BotError,
  ComfyUIConnectionError,
  formatBytes,
  freeBytesAt,
  messageOf,
  type Secret,
} from "../../lib/mod.ts";
import {
  type ApiPrompt,
  classTypesOf,
  fitTemplate,
  inputInfo,
  type LoadedTemplates,
  type ModelFile,
  type NodeCatalog,
  noTemplate,
  readTemplates,
  type Template,
} from "../../templates/mod.ts";
import { confirm, type Context, createProgressBar, exitCode, type Io, print } from "../core/mod.ts";
import { download, type DownloadSource } from "./download.ts";

const hub = "https://huggingface.co";

/** It cannot be done: the message is a sentence. */
class ModelsError extends BotError {}

interface ModelsGetDeps {
  readonly io: Io;
  /** What ComfyUI has; rejects with ComfyUIConnectionError where it does not answer. */
  readonly catalog: (template: Template) => Promise<NodeCatalog>;
  /** Where ComfyUI looks for files, by folder. Rejects as `catalog` does. */
  readonly modelFolders: () => Promise<Readonly<Record<string, readonly string[]>>>;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
}

interface ModelsGetOptions {
  readonly config: Config;
  readonly templates: LoadedTemplates;
  readonly name: string | undefined;
  /** ComfyUI's `models/`, where it is not to be asked. */
  readonly modelsDir: string | undefined;
  /** Downloads without asking. */
  readonly yes: boolean;
}

/** `models get`, with the backend of the configuration. */
export async function modelsGetCommand(
  { io, place, args, load, resources }: Context,
): Promise<number> {
  const { config } = await load({ tokenOptional: true });
  const [backend] = openBackends(config, "image-edit-bot-models");
  resources.use(backend!);
  const { signal } = io;
  return await modelsGet({
    io,
    catalog: (template) => backend!.catalog(classTypesOf(template), { signal }),
    modelFolders: () => askModelFolders(config.comfyui.backends[0]!, signal),
    now: () => performance.now(),
  }, {
    config,
    templates: readTemplates(place.dir),
    name: args.argument,
    modelsDir: args.values("models-dir")[0],
    yes: args.has("yes"),
  });
}

/** One file to download. */
interface Wanted {
  readonly file: ModelFile;
  readonly url: string;
  readonly path: string;
}

/** Returns the exit code. Rejects with a sentence, as `download` does, and with the signal's reason. */
async function modelsGet(deps: ModelsGetDeps, options: ModelsGetOptions): Promise<number> {
  const { io } = deps;
  const template = templateOf(options);
  if (template === undefined) {
    const { templates } = options.templates;
    print(
      io.stderr,
      options.name === undefined
        ? `Cannot get models: NAME is missing (wanted a template: ${
          [...templates.keys()].join(", ")
        })`
        : noTemplate(options.name, templates),
    );
    return exitCode.usage;
  }
  const { lacking, unknown } = await findLacking(deps, options, template);
  print(io.stderr, ...unknown);
  if (lacking.length === 0) {
    if (unknown.length > 0) return exitCode.found;
    print(io.stdout, `${template.name} lacks no model file.`);
    return exitCode.ok;
  }
  print(io.stdout, ...describe(template, lacking));
  checkSpace(lacking);
  if (!options.yes && !await isWanted(io)) return exitCode.found;
  for (const wanted of lacking) await get(deps, options, wanted);
  print(
    io.stdout,
    "Done. ComfyUI finds new files without a restart; send /reload to a running bot, so that it looks at once.",
  );
  return unknown.length > 0 ? exitCode.found : exitCode.ok;
}

function templateOf({ name, templates }: ModelsGetOptions): Template | undefined {
  return name === undefined ? undefined : templates.templates.get(name);
}

/** What is to be downloaded, and a sentence for each file that is missing and that nothing is known of. */
async function findLacking(
  { catalog, modelFolders }: ModelsGetDeps,
  { config, modelsDir }: ModelsGetOptions,
  template: Template,
): Promise<{ readonly lacking: readonly Wanted[]; readonly unknown: readonly string[] }> {
  const known = await catalog(template).catch(ifAway);
  const folders = modelsDir === undefined ? await modelFolders().catch(ifAway) : undefined;
  const lacking: Wanted[] = [];
  const unknown: string[] = [];
  const { graph } = fitTemplate(template, config.workflow).template;
  for (const file of template.modelFiles.filter((each) => isNamed(each, graph))) {
    if (known && isListed(file, known, template)) continue;
    const { folder, url } = file;
    if (folder === undefined || url === undefined) {
      unknown.push(
        `Cannot download ${file.file}: the manifest of ${template.name} does not say from where (wanted url and folder)`,
      );
      continue;
    }
    const paths = pathsOf(folder, { modelsDir, folders }).map((path) => join(path, file.file));
    if (paths.some(exists)) continue;
    lacking.push({ file, url, path: paths[0]! });
  }
  return { lacking, unknown };
}

function ifAway(error: unknown): undefined {
  if (!(error instanceof ComfyUIConnectionError)) throw error;
}

/** False where the owner has chosen another file in its place. */
function isNamed({ file, inputs }: ModelFile, graph: ApiPrompt): boolean {
  return inputs.some(({ node, input }) => graph[node]?.inputs[input] === file);
}

/** True where one of the inputs that name the file offers it. */
function isListed({ file, inputs }: ModelFile, catalog: NodeCatalog, template: Template): boolean {
  return inputs.some((at) => inputInfo(template, catalog, at)?.options?.includes(file) ?? false);
}

/** Where ComfyUI looks for the files of a folder, the one of that name first. Throws where no such folder is on this host. */
function pathsOf(
  folder: string,
  { modelsDir, folders }: {
    readonly modelsDir: string | undefined;
    readonly folders: Readonly<Record<string, readonly string[]>> | undefined;
  },
): readonly string[] {
  if (modelsDir !== undefined) return [join(modelsDir, folder)];
  const said = (folders?.[folder] ?? []).toSorted((a, b) =>
    Number(basename(b) === folder) - Number(basename(a) === folder)
  );
  const here = said.filter((path) => exists(dirname(path)));
  if (here.length > 0) return here;
  throw new ModelsError(
    `Cannot tell where ComfyUI keeps its models: ${
      said.length > 0 ? `it says ${said[0]}, which is not on this host` : "it does not say"
    } (wanted --models-dir DIR, its folder models/)`,
  );
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function describe(template: Template, lacking: readonly Wanted[]): string[] {
  const { licence } = template;
  return [
    `${template.name} lacks ${lacking.length === 1 ? "a file" : `${lacking.length} files`}${
      licence === undefined ? "" : `; licence: ${licence}`
    }`,
    ...lacking.flatMap(({ file, url, path }) => [
      `  ${path}${file.size ? `  ${formatBytes(file.size.bytes)}` : ""}`,
      `    ${url}`,
    ]),
  ];
}

/** Throws where the disk has no room for what is known of the sizes. */
function checkSpace(lacking: readonly Wanted[]): void {
  const disks = Map.groupBy(lacking, ({ path }) => Deno.statSync(existingFolder(path)).dev);
  for (const files of disks.values()) {
    const folder = existingFolder(files[0]!.path);
    const left = files.map(({ file, path }) => (file.size?.bytes ?? 0) - sizeOf(`${path}.part`));
    reserve(folder, left.reduce((sum, bytes) => sum + Math.max(bytes, 0), 0));
  }
}

function reserve(folder: string, bytes: number): void {
  const free = freeBytesAt(folder);
  if (bytes <= free) return;
  throw new ModelsError(
    `Cannot download: ${formatBytes(free)} are free at ${folder} (wanted ${formatBytes(bytes)})`,
  );
}

function existingFolder(path: string): string {
  let folder = dirname(resolve(path));
  while (!exists(folder)) folder = dirname(folder);
  return folder;
}

function sizeOf(path: string): number {
  return exists(path) ? Deno.statSync(path).size : 0;
}

/** Asks at a terminal; elsewhere nothing is downloaded without `--yes`. */
async function isWanted(io: Io): Promise<boolean> {
  if (io.stdin.isTerminal()) return await confirm(io, "Download?");
  print(io.stderr, "Nothing was downloaded: there is no terminal to confirm on (wanted --yes)");
  return false;
}

async function get(
  { io, now }: ModelsGetDeps,
  { config }: ModelsGetOptions,
  wanted: Wanted,
): Promise<void> {
  const { path } = wanted;
  using bar = createProgressBar(io.stderr, textIn("en").duration);
  let begun: { readonly ms: number; readonly bytes: number } | undefined;
  await download(sourceOf(wanted, io, config.huggingFaceToken), path, {
    signal: io.signal,
    reserve: (bytes) => reserve(dirname(path), bytes),
    onRetry: (error) => bar.wait(`${basename(path)}: ${messageOf(error)}; trying again`),
    onCheck: () => bar.wait(`${basename(path)}: computing its SHA-256`),
    onProgress(done, total) {
      begun ??= { ms: now(), bytes: done };
      if (total === undefined) return bar.wait(`${basename(path)}: ${formatBytes(done)}`);
      const msPerByte = (now() - begun.ms) / (done - begun.bytes);
      bar.show({
        fraction: done / total,
        note: `${formatBytes(done)} of ${formatBytes(total)}  ${basename(path)}`,
        leftMs: Number.isFinite(msPerByte) ? (total - done) * msPerByte : undefined,
      });
    },
  });
}

/** The address and what is sent there: `HF_ENDPOINT` names a mirror, as for Hugging Face's own programs. */
function sourceOf({ file, url }: Wanted, { env }: Io, token: Secret | undefined): DownloadSource {
  const sha256 = file.sha256 === undefined ? {} : { sha256: file.sha256 };
  if (!url.startsWith(`${hub}/`)) return { url, ...sha256 };
  const mirror = env["HF_ENDPOINT"]?.replace(/\/+$/, "") || hub;
  return { url: mirror + url.slice(hub.length), ...sha256, ...token && { token } };
}
