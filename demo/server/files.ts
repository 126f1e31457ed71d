/**
 * The files that the page loads: its own (page/), the photos that it offers (lab/photos/, as pictures/) and the pictures of the
 * chats. Knows where they lie and what they are; serves nothing else of the disk.
 */
import type { Telegram } from "../../lab/telegram/mod.ts";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  jpg: "image/jpeg",
};

/** The page talks only to its server, and nothing that is not its own file runs. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const folders: Readonly<Record<string, URL>> = {
  page: new URL("../page/", import.meta.url),
  pictures: new URL("../../lab/photos/", import.meta.url),
};

/** One file of page/ or pictures/, by the path of its address; undefined where there is none. */
export async function ownFile(path: string): Promise<Response | undefined> {
  const name = path === "/" ? "page/index.html" : path.slice(1);
  const [, folder = "", file = "", ending = ""] = /^([a-z]+)\/([a-z_]+\.([a-z]+))$/.exec(name) ??
    [];
  const from = folders[folder];
  const type = types[ending];
  if (from === undefined || type === undefined) return undefined;
  try {
    const bytes = await Deno.readFile(new URL(file, from));
    return new Response(bytes, {
      headers: {
        "content-type": type,
        "cache-control": "no-cache",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
      },
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A file of the chats: a picture is shown, everything else is only ever saved, under `name`. */
export async function chatFile(
  telegram: Telegram,
  fileId: string,
  name: string | null,
): Promise<Response> {
  let bytes: Uint8Array;
  try {
    bytes = await telegram.file(fileId);
  } catch (error) {
    return new Response(error instanceof Error ? error.message : String(error), { status: 404 });
  }
  const type = pictureType(bytes);
  const headers = new Headers({
    "content-type": type ?? "application/octet-stream",
    "cache-control": "private, max-age=86400",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  });
  if (type === undefined || name !== null) {
    const quoted = encodeURIComponent(name ?? "file").replaceAll("'", "%27");
    headers.set("content-disposition", `attachment; filename*=UTF-8''${quoted}`);
  }
  return new Response(new Uint8Array(bytes), { headers });
}

/** The type of a picture that browsers show, by its first bytes; undefined for anything else. */
export function pictureType(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF8")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "image/webp";
  return undefined;
}
