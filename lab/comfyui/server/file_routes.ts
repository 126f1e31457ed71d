/**
 * `/upload/image` and `/view`: pictures in and out. Owns statuses and headers; names and paths are the folders'.
 */
import { type Folders, isFolderType, normalisePath, parseAnnotated } from "../folders.ts";
import { decode, encodeJpeg, encodeWebp } from "../nodes/bitmap.ts";
import type { ComfySettings } from "../options.ts";
import { empty, json, text } from "./http.ts";

/** `POST /upload/image`: anything is taken, a picture or not. */
export async function upload(
  { settings, folders }: {
    readonly settings: Pick<ComfySettings, "maxUploadBytes">;
    readonly folders: Folders;
  },
  request: Request,
): Promise<Response> {
  // A body in chunks tells no length: it is counted, as aiohttp does.
  const body = await request.bytes();
  if (body.length > settings.maxUploadBytes) {
    return text(
      `Maximum request body size ${settings.maxUploadBytes} exceeded, actual body size ${body.length}`,
      413,
    );
  }
  const form = await new Response(body, { headers: request.headers }).formData();
  const image = form.get("image");
  const type = String(form.get("type") ?? "input");
  if (!(image instanceof File) || image.name === "" || !isFolderType(type)) return empty(400);
  const subfolder = String(form.get("subfolder") ?? "");
  const kept = folders.upload({
    folder: type,
    subfolder,
    name: image.name,
    overwrite: ["true", "1"].includes(String(form.get("overwrite")).toLowerCase()),
    bytes: new Uint8Array(await image.arrayBuffer()),
  });
  switch (kept.type) {
    case "kept":
      return json({ name: kept.name, subfolder, type });
    case "refused":
      return empty(400);
    case "full":
      return text("500 Internal Server Error\n\nServer got itself in trouble", 500);
  }
}

/** `GET /view`: a file of the three folders, or re-encoded with `preview=jpeg;80`. */
export async function view(folders: Folders, query: URLSearchParams): Promise<Response> {
  const type = query.get("type") ?? "output";
  if (!isFolderType(type)) return empty(400);
  const filename = query.get("filename");
  if (filename === null) return empty(404);
  const { folder, path } = parseAnnotated(filename, type);
  if (path === "" || path.startsWith("/") || path.includes("..")) return empty(400);
  const subfolder = normalisePath(query.get("subfolder") ?? "");
  if (subfolder === undefined) return empty(403);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const file = folders.read(folder, subfolder, name);
  if (file === undefined) return empty(404);
  const preview = query.get("preview");
  if (preview === null) return picture(file.bytes, name, mimeOf(name));
  const [wanted, quality] = preview.split(";");
  const bitmap = await decode(file.bytes);
  if (bitmap === undefined) {
    return text("500 Internal Server Error\n\nServer got itself in trouble", 500);
  }
  const format = wanted === "jpeg" ? "jpeg" : "webp";
  const encode = format === "jpeg" ? encodeJpeg : encodeWebp;
  const bytes = await encode(bitmap, Number(quality ?? 90));
  return picture(bytes, name, `image/${format}`);
}

function picture(bytes: Uint8Array<ArrayBuffer>, name: string, mime: string): Response {
  const headers = { "content-type": mime, "content-disposition": `filename="${name}"` };
  return new Response(bytes, { headers });
}

function mimeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  switch (ending) {
    case "png":
    case "webp":
    case "gif":
      return `image/${ending}`;
    case "jpg":
    case "jpeg":
      return "image/jpeg";
    default:
      return "application/octet-stream";
  }
}
