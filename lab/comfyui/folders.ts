/**
 * ComfyUI's input, output and temp folders, kept in memory. Owns which paths are inside, names that are taken, and how full it is.
 * Knows no HTTP.
 */
import type { ComfySettings } from "./options.ts";

/** The folders, as `/view`'s `type` names them. */
export type FolderType = "input" | "output" | "temp";

/** One file. */
export interface StoredFile {
  readonly folder: FolderType;
  /** Relative, normalised, without a slash at the ends; `""` for the folder itself. */
  readonly subfolder: string;
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Changes whenever the content may have: what ComfyUI's hash of a LoadImage file is for. */
  readonly version: number;
}

/** Output and temp pictures that are kept; older ones are forgotten, to bound a long run's memory. */
const MAX_RESULTS = 4_096;

/** True for one of the three names. */
export function isFolderType(text: string): text is FolderType {
  return text === "input" || text === "output" || text === "temp";
}

/**
 * `os.path.normpath` of a relative path; undefined where it leaves the folder.
 * `a/./b/../c` becomes `a/c`, `""` and `.` become `""`.
 */
export function normalisePath(path: string): string | undefined {
  if (path.startsWith("/")) return undefined;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** A file as a node or `/view` names it: `bot/a.png`, `a.png [output]`. */
export function parseAnnotated(
  text: string,
  fallback: FolderType,
): { readonly folder: FolderType; readonly path: string } {
  for (const folder of ["input", "output", "temp"] as const) {
    const ending = ` [${folder}]`;
    if (text.endsWith(ending)) return { folder, path: text.slice(0, -ending.length) };
  }
  return { folder: fallback, path: text };
}

/** The files of one simulator; they outlive `kill`, as files on a disk would. */
export class Folders {
  readonly #files = new Map<string, StoredFile>();
  readonly #settings: Pick<ComfySettings, "uploadFolderLimit">;
  #inputBytes = 0;
  #results = 0;
  #version = 0;

  constructor(settings: Pick<ComfySettings, "uploadFolderLimit">) {
    this.#settings = settings;
  }

  /** The file, or undefined. `subfolder` need not be normalised. */
  read(folder: FolderType, subfolder: string, name: string): StoredFile | undefined {
    const path = normalisePath(subfolder === "" ? name : `${subfolder}/${name}`);
    return path === undefined ? undefined : this.#files.get(`${folder}/${path}`);
  }

  /** The file that an annotated name means, looked for in the input folder where it names none. */
  find(annotated: string): StoredFile | undefined {
    const { folder, path } = parseAnnotated(annotated, "input");
    return this.read(folder, "", path);
  }

  /** Names directly in a subfolder, sorted as Python sorts. */
  names(folder: FolderType, subfolder: string): readonly string[] {
    const names = [];
    for (const file of this.#files.values()) {
      if (file.folder === folder && file.subfolder === subfolder) names.push(file.name);
    }
    return names.sort();
  }

  /** Writes a file over what is there. `full`: the input folder has no room left. */
  write(
    folder: FolderType,
    subfolder: string,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): "written" | "full" {
    const key = `${folder}/${subfolder === "" ? name : `${subfolder}/${name}`}`;
    const before = this.#files.get(key);
    if (folder === "input") {
      const after = this.#inputBytes - (before?.bytes.length ?? 0) + bytes.length;
      if (after > this.#settings.uploadFolderLimit) return "full";
      this.#inputBytes = after;
    } else if (before === undefined) {
      this.#results++;
    }
    this.#files.set(key, { folder, subfolder, name, bytes, version: ++this.#version });
    if (this.#results > MAX_RESULTS) this.#forgetOldest();
    return "written";
  }

  /** Deletes a file, as a user of the server would; false where there is none. */
  remove(folder: FolderType, subfolder: string, name: string): boolean {
    const file = this.read(folder, subfolder, name);
    if (file === undefined) return false;
    if (folder === "input") this.#inputBytes -= file.bytes.length;
    else this.#results--;
    return this.#files.delete(`${folder}/${subfolder === "" ? name : `${subfolder}/${name}`}`);
  }

  /**
   * Keeps an upload as ComfyUI does: without `overwrite` a taken name gets ` (1)`, ` (2)`, …, but equal content keeps the name.
   * `refused`: the path leaves the folder.
   */
  upload(file: {
    readonly folder: FolderType;
    readonly subfolder: string;
    readonly name: string;
    readonly overwrite: boolean;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }): { readonly type: "kept"; readonly name: string } | { readonly type: "refused" | "full" } {
    const subfolder = normalisePath(file.subfolder);
    if (subfolder === undefined) return { type: "refused" };
    // A slash in a file name arrives percent-encoded: recordings/upload_image.
    const wanted = file.name.replaceAll("/", "%2F");
    if (wanted === "" || wanted === ".." || wanted === ".") return { type: "refused" };
    const dot = wanted.lastIndexOf(".");
    const stem = dot > 0 ? wanted.slice(0, dot) : wanted;
    const ending = dot > 0 ? wanted.slice(dot) : "";
    let name = wanted;
    for (let i = 1; !file.overwrite; i++) {
      const taken = this.read(file.folder, subfolder, name);
      if (taken === undefined) break;
      if (areEqual(taken.bytes, file.bytes)) return { type: "kept", name };
      name = `${stem} (${i})${ending}`;
    }
    const written = this.write(file.folder, subfolder, name, file.bytes);
    return written === "full" ? { type: "full" } : { type: "kept", name };
  }

  #forgetOldest(): void {
    for (const [key, file] of this.#files) {
      if (file.folder === "input") continue;
      this.#files.delete(key);
      this.#results--;
      return;
    }
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
