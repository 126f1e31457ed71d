/**
 * `multipart/form-data` -> fields and files. Written out because `Request.formData()` walks megabytes byte by byte;
 * this one jumps from line break to line break. It does not know what the fields mean.
 */

export interface UploadedFile {
  readonly filename: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
}

export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

const CR = 13;

/** Where `needle`, which begins with CR or is at `from`, is found in `bytes`; -1 when nowhere. */
function find(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  const first = needle[0] ?? CR;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let i = 1;
    while (i < needle.length && bytes[at + i] === needle[i]) i++;
    if (i === needle.length) return at;
  }
  return -1;
}

/** A parameter of a header line: `name="a b"` or grammY's unquoted `filename=a.png`. */
function parameter(line: string, name: string): string | undefined {
  const match = new RegExp(`[;\\s]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;]*))`, "i").exec(line);
  if (match === null) return undefined;
  return match[1]?.replace(/\\(["\\])/g, "$1") ?? match[2]?.trim();
}

/** Parses a whole body; a part that is cut off is dropped. Bytes of files are views into `body`. */
export function parseMultipart(body: Uint8Array, boundary: string): Form {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const fields = new Map<string, string>();
  const files = new Map<string, UploadedFile>();
  const separator = encoder.encode(`\r\n--${boundary}`);
  const blankLine = encoder.encode("\r\n\r\n");
  const opening = encoder.encode(`--${boundary}`);

  let at = find(body, opening, 0);
  if (at === -1) return { fields, files };
  at += opening.length;
  while (at < body.length) {
    const headEnd = find(body, blankLine, at);
    if (headEnd === -1) break;
    const start = headEnd + blankLine.length;
    const end = find(body, separator, start);
    if (end === -1) break;
    const head = decoder.decode(body.subarray(at, headEnd)).split("\r\n");
    const disposition = head.find((line) => /^content-disposition:/i.test(line)) ?? "";
    const name = parameter(disposition, "name");
    const filename = parameter(disposition, "filename");
    const content = body.subarray(start, end);
    if (name !== undefined && filename === undefined) fields.set(name, decoder.decode(content));
    if (name !== undefined && filename !== undefined) {
      const type = head.find((line) => /^content-type:/i.test(line));
      files.set(name, {
        filename,
        mime: type?.slice(type.indexOf(":") + 1).trim() ?? "application/octet-stream",
        bytes: content,
      });
    }
    at = end + separator.length;
    if (body[at] === 0x2d && body[at + 1] === 0x2d) break;
  }
  return { fields, files };
}
