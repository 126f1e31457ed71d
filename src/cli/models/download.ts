/**
 * Downloads one large file over HTTP. Owns that a download that broke off goes on where it stopped, in this run or the next,
 * and that a file has its name only once it is whole and checked. Does not know what the file is for.
 */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path";
import {
  BotError,
  joinSignals,
  messageOf,
  retry,
  type Secret,
  unlessAborted,
} from "../../lib/mod.ts";

/** A download that another try would not mend. */
export class DownloadError extends BotError {}

export interface DownloadSource {
  /** `http:` or `https:`. */
  readonly url: string;
  /** Of the whole file, in hexadecimal. Where it is not known, what Hugging Face says of its own files is used. */
  readonly sha256?: string;
  /** Sent as `Authorization: Bearer …` to the origin of `url` alone: a redirect leads to a storage host, which must not see it. */
  readonly token?: Secret;
}

export interface DownloadOptions {
  /** Bytes on the disk, and how many there will be where the server says so. */
  readonly onProgress: (doneBytes: number, totalBytes: number | undefined) => void;
  /** Called once all bytes are there and their checksum is computed, which takes a while. */
  readonly onCheck?: () => void;
  /** Called before each further try. */
  readonly onRetry?: (error: unknown) => void;
  /** Called with how many bytes are still to come, before the first of them; throws where there is no room. */
  readonly reserve?: (bytes: number) => void;
  readonly signal: AbortSignal;
  /** A server that sends nothing for so many milliseconds is given up. */
  readonly stallMs?: number;
  /** First pause between two tries, in milliseconds; it doubles up to half a minute. */
  readonly firstPauseMs?: number;
}

/** So many tries in a row that bring no byte end a download. */
const maxFruitless = 6;
const maxPauseMs = 30_000;
/** As browsers' `fetch` has it. */
const maxRedirects = 20;
/** Another process holds the file when it is not free after so long. */
const lockMs = 1_000;

/** The server, or the way to it, failed: the same again may go well. */
class Interrupted extends Error {
  constructor(message: string, readonly retryAfterMs = 0) {
    super(message);
  }
}

/**
 * Downloads into `path` by way of `path.part`, which stays where this ends early: the next call goes on from it. Throws
 * DownloadError, what the system says of the disk, and the signal's reason.
 */
export async function download(
  source: DownloadSource,
  path: string,
  options: DownloadOptions,
): Promise<void> {
  const { signal, firstPauseMs = 1_000, onRetry = () => {} } = options;
  await Deno.mkdir(dirname(path), { recursive: true });
  const partPath = `${path}.part`;
  using part = await Deno.open(partPath, { read: true, write: true, create: true });
  await lock(part, partPath);
  let fruitless = 0;
  function* delaysMs() {
    while (++fruitless < maxFruitless) {
      yield Math.min(firstPauseMs * 2 ** (fruitless - 1), maxPauseMs);
    }
  }
  const sha256 = await retry(
    () => receive(source, part, options, () => void (fruitless = 0)),
    {
      delaysMs: delaysMs(),
      isTransient: (error) => error instanceof Interrupted,
      minDelayMs: (error) => error instanceof Interrupted ? error.retryAfterMs : 0,
      signal,
      onRetry,
    },
  ).catch((error) => {
    if (!(error instanceof Interrupted)) throw error;
    throw cannot(
      source,
      `${error.message}; what has arrived is kept; run the same command again to continue`,
    );
  });
  if (sha256 !== undefined) {
    options.onCheck?.();
    const found = await sha256Of(part, signal);
    if (found !== sha256) {
      await Deno.remove(partPath);
      throw cannot(source, `its SHA-256 is ${found}, so it was deleted (wanted ${sha256})`);
    }
  }
  await part.sync();
  await Deno.rename(partPath, path);
}

async function lock(part: Deno.FsFile, path: string): Promise<void> {
  try {
    await unlessAborted(part.lock(true), AbortSignal.timeout(lockMs));
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new DownloadError(
      `Cannot write ${path}: another process is downloading it (wanted one at a time)`,
    );
  }
}

/** One request: appends what the part lacks. Returns the SHA-256 that the whole file should have, where it is known. */
async function receive(
  source: DownloadSource,
  part: Deno.FsFile,
  { onProgress, reserve, signal, stallMs = 30_000 }: DownloadOptions,
  onBytes: () => void,
): Promise<string | undefined> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), stallMs);
  using either = joinSignals(signal, stalled.signal);
  try {
    let done = (await part.stat()).size;
    const { response, sha256 } = await request(source, done, either.signal);
    const total = totalOf(response, done);
    if (response.status !== 206 && response.status !== 416) {
      await part.truncate(0); // it sends the file from its beginning
      done = 0;
    }
    if (response.status === 416 && total !== done) {
      await part.truncate(0);
      throw new Interrupted("its size has changed since the download began");
    }
    if (total !== undefined) reserve?.(total - done);
    onProgress(done, total);
    await part.seek(done, Deno.SeekMode.Start);
    if (response.status !== 416) {
      for await (let bytes of response.body ?? []) {
        clearTimeout(timer);
        timer = setTimeout(() => stalled.abort(), stallMs);
        onBytes();
        done += bytes.length;
        while (bytes.length > 0) bytes = bytes.subarray(await part.write(bytes));
        onProgress(done, total);
      }
    } else await response.body?.cancel();
    if (total !== undefined && done < total) throw new Interrupted("the connection was cut");
    return source.sha256 ?? sha256;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (stalled.signal.aborted) throw new Interrupted(`nothing arrived for ${stallMs / 1_000} s`);
    if (error instanceof TypeError) throw new Interrupted(messageOf(error)); // of fetch and of a body that breaks off
    throw error;
  } finally {
    clearTimeout(timer);
    stalled.abort(); // lets go of an answer that was not read to its end
  }
}

/** Asks for the file from byte `from` on, following redirects. Throws DownloadError or Interrupted for an answer that brings none. */
async function request(
  source: DownloadSource,
  from: number,
  signal: AbortSignal,
): Promise<{ readonly response: Response; readonly sha256: string | undefined }> {
  const { origin } = new URL(source.url);
  let url = new URL(source.url);
  let sha256: string | undefined;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await fetch(url, {
      redirect: "manual",
      signal,
      headers: {
        "accept-encoding": "identity", // a range of compressed bytes would be another one
        ...(from > 0 && { range: `bytes=${from}-` }),
        ...(source.token && url.origin === origin &&
          { authorization: `Bearer ${source.token.reveal()}` }),
      },
    });
    sha256 ??= linkedSha256(response);
    const location = response.headers.get("location");
    if (response.ok || response.status === 416) return { response, sha256 };
    await response.body?.cancel();
    if (response.status < 300 || response.status > 399 || location === null) {
      throw refusal(source, response);
    }
    url = new URL(location, url);
  }
  throw cannot(source, `more than ${maxRedirects} redirects`);
}

/**
 * Hugging Face's servers put the SHA-256 of a large file into `x-linked-etag`, in the answer that redirects to the storage
 * (huggingface.co/docs/hub: "Git LFS"; huggingface_hub reads the same header).
 */
function linkedSha256({ headers }: Response): string | undefined {
  return /^"([0-9a-f]{64})"$/.exec(headers.get("x-linked-etag") ?? "")?.[1];
}

/** Size of the whole file, where the answer has it: RFC 9110, 14.4 (`Content-Range`). */
function totalOf({ status, headers }: Response, from: number): number | undefined {
  if (status === 206 || status === 416) {
    const [, first, total] =
      /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
    if (first !== undefined && Number(first) !== from) {
      throw new Interrupted("it sent another part than was requested");
    }
    return total === undefined ? undefined : Number(total);
  }
  const length = headers.get("content-length");
  return length === null ? undefined : Number(length);
}

function refusal(source: DownloadSource, { status, headers }: Response): Error {
  const { host } = new URL(source.url);
  if (status === 401 || status === 403) {
    const wanted = source.token
      ? "a token of an account that was given access: open the model's page and accept its licence"
      : "HF_TOKEN in .env, where this is Hugging Face: a token of an account that accepted the model's licence";
    return cannot(source, `${host} answers ${status} (wanted ${wanted})`);
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new Interrupted(
      `${host} answers ${status}`,
      Number(headers.get("retry-after") ?? 0) * 1_000 || 0,
    );
  }
  return cannot(source, `${host} answers ${status}`);
}

function cannot({ url }: DownloadSource, why: string): DownloadError {
  return new DownloadError(`Cannot download ${basename(new URL(url).pathname)}: ${why}`);
}

async function sha256Of(file: Deno.FsFile, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1024 * 1024);
  await file.seek(0, Deno.SeekMode.Start);
  for (let n = await file.read(buffer); n !== null; n = await file.read(buffer)) {
    signal.throwIfAborted();
    hash.update(buffer.subarray(0, n));
  }
  return hash.digest("hex");
}
