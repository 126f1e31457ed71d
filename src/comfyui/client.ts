/**
 * ComfyUI's HTTP API: one function a request, each with a deadline, each answer parsed. Knows no run and no socket.
 *
 * Every function rejects with ComfyUIConnectionError where there is no answer in time, a 5xx, or an answer that cannot be
 * read, and with the signal's reason when the signal aborts. Where ComfyUI refuses what a job sent (4xx on upload, submit,
 * view), it rejects with WorkflowExecutionError: trying again would not help.
 */
import type { z } from "zod";
import {
  ComfyUIConnectionError,
  type fetchOnce,
  joinSignals,
  networkReason,
  ResultGoneError,
  WorkflowExecutionError,
} from "../lib/mod.ts";
import { type BackendFile } from "../jobs/mod.ts";
import { type ApiPrompt, type NodeCatalog } from "../templates/mod.ts";
import { type BackendHealth, type PictureBytes, type PictureUpload } from "../worker/mod.ts";
import { type ComfyAddress, headersOf, unwantedStatus, urlOf } from "./address.ts";
import { rejectionError, SubmitFaultError } from "./errors.ts";
import {
  type Features,
  featuresAnswer,
  historyAnswer,
  type HistoryEntry,
  type ModelFolders,
  modelFoldersAnswer,
  type NodeErrors,
  queueAnswer,
  type QueueState,
  rejectAnswer,
  type StoredFile,
  submitAnswer,
  systemStatsAnswer,
  templateIndexAnswer,
  uploadAnswer,
} from "./http_schema.ts";
import { createJobsApi, type JobsApi } from "./jobs_api.ts";
import { parseJson } from "./json.ts";
import { objectInfoAnswer } from "./object_info.ts";
import { readCatalog } from "./object_info_reader.ts";

export interface ComfyClient extends JobsApi {
  /** What became of a prompt; undefined while it waits or runs, and for one that was never known. */
  history(promptId: string, signal: AbortSignal): Promise<HistoryEntry | undefined>;
  queue(signal: AbortSignal): Promise<QueueState>;
  /** Writes a file of one of ComfyUI's folders anew. */
  overwrite(file: BackendFile, bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<void>;
  /** Takes a prompt that has ended out of the history; does nothing to one that is not there. */
  deleteFromHistory(promptId: string, signal: AbortSignal): Promise<void>;
  /** Puts a picture into the input folder, over one of the same name; gives the name that a LoadImage node takes. */
  upload(picture: PictureUpload, signal: AbortSignal): Promise<string>;
  /**
   * Queues a graph; gives what is wrong with those of its outputs that do not run. Rejects with SubmitFaultError for a 500.
   * ComfyUI does not deduplicate by `promptId`: look it up before calling again.
   */
  submit(
    submission: { promptId: string; clientId: string; graph: ApiPrompt; previews: boolean },
    signal: AbortSignal,
  ): Promise<NodeErrors>;
  /** Stops this prompt if it runs, at its next step. Servers from before September 2025 stop whatever runs. */
  interrupt(promptId: string, signal: AbortSignal): Promise<void>;
  /** Takes a waiting prompt out of the queue; does nothing to one that runs. */
  deleteFromQueue(promptId: string, signal: AbortSignal): Promise<void>;
  /** Rejects with ResultGoneError where the file is not there. */
  view(file: StoredFile, signal: AbortSignal): Promise<PictureBytes>;
  /** One node class, or all of them; empty for a class that is not installed. */
  objectInfo(classType: string | undefined, signal: AbortSignal): Promise<NodeCatalog>;
  /** The file of one of the workflows that ComfyUI brings with it; undefined where there is none of that name. */
  ownTemplate(name: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** The names of those; empty where it brings none. */
  ownTemplateNames(signal: AbortSignal): Promise<readonly string[]>;
  systemStats(signal: AbortSignal): Promise<Pick<BackendHealth, "version" | "devices">>;
  features(signal: AbortSignal): Promise<Features>;
  /**
   * Where it looks for model files; nothing where it does not say. The question is one of ComfyUI's own page (`/internal/`), and
   * may go with any release: for advice and convenience alone.
   */
  modelFolders(signal: AbortSignal): Promise<ModelFolders>;
  /** Unloads models, which frees VRAM. */
  free(signal: AbortSignal): Promise<void>;
}

export interface ComfyClientOptions extends ComfyAddress {
  /** For questions and commands. ComfyUI's server may stall for seconds while a model loads. */
  readonly requestTimeoutMs: number;
  /** For pictures, up and down. */
  readonly transferTimeoutMs: number;
}

interface Call {
  readonly method: "GET" | "POST";
  /** Relative to the base URL, encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: FormData;
  readonly timeoutMs?: number;
  /** What the job wanted with it, where a refusal (4xx) is the job's fault: completes "Cannot …". */
  readonly ofJob?: string;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly mime: string | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of a redirect, which is not followed. */
  readonly location: string | null;
}

export function createComfyClient(
  deps: {
    /** Must not send a POST twice by itself: lib/fetch_once.ts. */
    readonly fetch: typeof fetchOnce;
  },
  options: ComfyClientOptions,
): ComfyClient {
  const { transferTimeoutMs } = options;

  /** Any answer at all, its body read to the end. */
  async function send(call: Call): Promise<Answer> {
    const { method, query, json, form, signal, timeoutMs = options.requestTimeoutMs } = call;
    signal.throwIfAborted();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    using either = joinSignals(signal, deadline.signal);
    try {
      const response = await deps.fetch(urlOf(options, call.path, query), {
        method,
        signal: either.signal,
        // What lets us in is for this address alone.
        redirect: "manual",
        headers: {
          ...headersOf(options),
          ...(json === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(form ? { body: form } : {}),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const mime = response.headers.get("content-type")?.split(";")[0]?.trim();
      return { status: response.status, mime, bytes, location: response.headers.get("location") };
    } catch (error) {
      signal.throwIfAborted();
      const reason = deadline.signal.aborted
        ? `no answer in ${timeoutMs} ms`
        : networkReason(error);
      throw failure(call, reason, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends, and wants a good answer, whatever its body is. */
  async function ok(call: Call): Promise<Answer> {
    return good(call, await send(call));
  }

  /** Sends, and wants a good answer that can be read. */
  async function ask<S extends z.ZodType>(call: Call, schema: S): Promise<z.output<S>> {
    return read(call, await ok(call), schema);
  }

  const features = (signal: AbortSignal) =>
    ask({ method: "GET", path: "features", signal }, featuresAnswer);

  return {
    ...createJobsApi({ send }),
    async history(promptId, signal) {
      const path = `history/${encodeURIComponent(promptId)}`;
      return (await ask({ method: "GET", path, signal }, historyAnswer))[promptId];
    },
    queue: (signal) => ask({ method: "GET", path: "queue", signal }, queueAnswer),
    async overwrite({ name, subfolder, folder }, bytes, signal) {
      const form = uploadForm({ name, bytes, mime: "image/png" }, folder);
      form.set("subfolder", subfolder);
      const ofJob = `overwrite ${name} in ComfyUI's folder ${folder}`;
      await ok({ method: "POST", path: "upload/image", form, signal, ofJob });
    },
    async deleteFromHistory(promptId, signal) {
      await ok({ method: "POST", path: "history", json: { delete: [promptId] }, signal });
    },
    async upload(picture, signal) {
      const form = uploadForm(picture, "input");
      const ofJob = `upload the picture ${picture.name} (${picture.bytes.length} bytes)`;
      const call: Call = {
        method: "POST",
        path: "upload/image",
        form,
        signal,
        timeoutMs: transferTimeoutMs,
        ofJob,
      };
      const answer = await send(call);
      if (answer.status === 413) {
        const { maxUploadBytes } = await features(signal);
        throw new WorkflowExecutionError(
          `Cannot ${ofJob}: it is too large for ComfyUI (wanted at most ${maxUploadBytes} bytes)`,
        );
      }
      const { name, subfolder } = read(call, good(call, answer), uploadAnswer);
      return subfolder === "" ? name : `${subfolder}/${name}`;
    },
    async submit({ promptId, clientId, graph, previews }, signal) {
      const json = {
        prompt: graph,
        client_id: clientId,
        prompt_id: promptId,
        // Beats the server's own --preview-method, "none" too; servers from before December 2025 do not read it.
        extra_data: { preview_method: previews ? "auto" : "none" },
      };
      const call: Call = { method: "POST", path: "prompt", json, signal };
      const answer = await send(call);
      if (answer.status === 400) throw rejectionError(read(call, answer, rejectAnswer));
      if (answer.status === 500) throw new SubmitFaultError(unwanted(call, answer).message);
      if (answer.status !== 200) throw unwanted(call, answer);
      const { prompt_id, node_errors } = read(call, answer, submitAnswer);
      if (prompt_id !== promptId) {
        throw new WorkflowExecutionError(
          "Cannot follow the workflow: ComfyUI assigned a prompt_id of its own (wanted one that accepts ours: a newer ComfyUI)",
        );
      }
      return node_errors;
    },
    async interrupt(promptId, signal) {
      const json = { prompt_id: promptId };
      const call: Call = { method: "POST", path: "interrupt", json, signal };
      const answer = await send(call);
      // 404: it does not run, as some servers say where others keep silent.
      if (answer.status !== 200 && answer.status !== 404) throw unwanted(call, answer);
    },
    async deleteFromQueue(promptId, signal) {
      await ok({ method: "POST", path: "queue", json: { delete: [promptId] }, signal });
    },
    async view(file, signal) {
      const call: Call = {
        method: "GET",
        path: "view",
        query: { filename: file.filename, subfolder: file.subfolder, type: file.type },
        signal,
        timeoutMs: transferTimeoutMs,
        ofJob: `fetch the result ${file.filename}`,
      };
      const answer = await send(call);
      if (answer.status === 404) {
        throw new ResultGoneError(
          `Cannot ${call.ofJob}: it is gone from ComfyUI's folder ${file.type}`,
        );
      }
      const { bytes, mime } = good(call, answer);
      // What it is, its bytes say; a page is of something between here and ComfyUI.
      if (bytes.length === 0 || mime === undefined || /^text\/|json$/.test(mime)) {
        throw failure(call, `${bytes.length} bytes of ${mime ?? "no type"} (wanted a file)`);
      }
      return { bytes, mime };
    },
    async objectInfo(classType, signal) {
      if (classType !== undefined) {
        const path = `object_info/${encodeURIComponent(classType)}`;
        return await ask({ method: "GET", path, signal }, objectInfoAnswer);
      }
      const call: Call = { method: "GET", path: "object_info", signal };
      const { bytes } = await ok(call);
      try {
        return await readCatalog(bytes, signal);
      } catch (cause) {
        signal.throwIfAborted();
        throw failure(call, "an answer that cannot be read", { cause });
      }
    },
    async ownTemplate(name, signal) {
      const path = `templates/${encodeURIComponent(name)}.json`;
      const call: Call = { method: "GET", path, signal, timeoutMs: transferTimeoutMs };
      const answer = await send(call);
      return answer.status === 404 ? undefined : good(call, answer).bytes;
    },
    async ownTemplateNames(signal) {
      const call: Call = { method: "GET", path: "templates/index.json", signal };
      const answer = await send(call);
      return answer.status === 404 ? [] : read(call, good(call, answer), templateIndexAnswer);
    },
    systemStats: (signal) =>
      ask({ method: "GET", path: "system_stats", signal }, systemStatsAnswer),
    features,
    async modelFolders(signal) {
      const call: Call = { method: "GET", path: "internal/folder_paths", signal };
      const answer = await send(call);
      return answer.status === 404 ? {} : read(call, good(call, answer), modelFoldersAnswer);
    },
    async free(signal) {
      const json = { unload_models: true, free_memory: true };
      await ok({ method: "POST", path: "free", json, signal });
    },
  };
}

/** A picture for one of ComfyUI's folders, over one of the same name. */
function uploadForm({ name, bytes, mime }: PictureUpload, folder: string): FormData {
  const form = new FormData();
  form.set("image", new Blob([bytes], { type: mime }), name);
  form.set("type", folder);
  form.set("overwrite", "true");
  return form;
}

/** The answer where it is a good one; else throws whose fault it is. */
function good(call: Call, answer: Answer): Answer {
  const { status } = answer;
  if (status >= 200 && status <= 299) return answer;
  if (call.ofJob && isRefusal(status)) {
    throw new WorkflowExecutionError(`Cannot ${call.ofJob}: ComfyUI answers ${status}`);
  }
  throw unwanted(call, answer);
}

function read<S extends z.ZodType>(call: Call, answer: Answer, schema: S): z.output<S> {
  const parsed = schema.safeParse(parseJson(new TextDecoder().decode(answer.bytes)));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw failure(call, `an answer that cannot be read, at "${issue?.path.join(".")}"`, {
      cause: parsed.error,
    });
  }
  return parsed.data;
}

/** True where the request itself was at fault, and not the way to ComfyUI (a login in front of it, a limit of rate). */
function isRefusal(status: number): boolean {
  return status >= 400 && status <= 499 && ![401, 403, 407, 408, 429].includes(status);
}

function unwanted(call: Call, { status, location }: Answer): ComfyUIConnectionError {
  return failure(call, unwantedStatus(status, location));
}

function failure(call: Call, reason: string, options?: ErrorOptions): ComfyUIConnectionError {
  const path = call.path.split("/")[0];
  return new ComfyUIConnectionError(
    `Cannot ask ComfyUI (${call.method} /${path}): ${reason}`,
    options,
  );
}
