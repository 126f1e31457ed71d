/**
 * The HTTP routes of server.py, each also under `/api`: which path does what, and how requests go wrong on purpose.
 * Owns statuses and bodies; what lies behind them is the engine's and the folders'.
 */
import { decode, encodeJpeg, encodeWebp } from "./bitmap.ts";
import type { Catalog } from "./catalog.ts";
import type { Peer } from "./door.ts";
import type { Engine } from "./engine.ts";
import { type FaultList, isMeantFor } from "./faults.ts";
import { type Folders, isFolderType, normalisePath, parseAnnotated } from "./folders.ts";
import { jobOf } from "./jobs.ts";
import type { ComfySettings } from "./options.ts";
import { postPrompt } from "./prompt_route.ts";
import { type HistoryEntry, wireOf } from "./queue.ts";
import { empty, json, readObject, spoil, stringsOf, text } from "./http.ts";
import type { Sockets } from "./sockets.ts";
import { systemStats } from "./system_stats.ts";
import type { Watch } from "./watch.ts";

/** What the routes reach into. */
export interface RouteDeps {
  readonly settings: ComfySettings;
  readonly catalog: Catalog;
  readonly folders: Folders;
  readonly sockets: Sockets;
  readonly faults: FaultList;
  readonly engine: Engine;
  readonly watch: Watch;
}

interface Call {
  readonly request: Request;
  readonly query: URLSearchParams;
  /** What comes after the route's own path, decoded. */
  readonly rest: string;
  readonly peer: Peer;
}

type Handler = (call: Call) => Response | Promise<Response>;

/** The handler of every request. */
export function createRoutes(
  deps: RouteDeps,
): (request: Request, peer: Peer) => Promise<Response> {
  const routes = routesOf(deps);
  return async (request, peer) => {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api(?=\/)/, "");
    const answer = () => {
      const [handler, rest] = find(routes, request.method, path, url.pathname);
      return handler({ request, query: url.searchParams, rest, peer });
    };
    const struck = deps.faults.take(
      "http",
      ({ path: pattern, method }) =>
        (method === undefined || method === request.method) && pattern.test(path),
    );
    deps.watch.notify();
    try {
      return struck === undefined
        ? await answer()
        : await spoil(struck.fault, struck.gone, request, peer, answer);
    } finally {
      deps.watch.notify();
    }
  };
}

function find(
  routes: ReadonlyMap<string, Handler>,
  method: string,
  path: string,
  fullPath: string,
): readonly [Handler, string] {
  const exact = routes.get(`${method} ${path}`);
  if (exact !== undefined) return [exact, ""];
  const slash = path.indexOf("/", 1);
  const under = routes.get(`${method} ${path.slice(0, slash)}/*`);
  const isJobs = path.startsWith("/jobs/");
  // Only the jobs have no form without `/api`.
  if (slash > 0 && under !== undefined && (!isJobs || fullPath !== path)) {
    return [under, decodeURIComponent(path.slice(slash + 1))];
  }
  const isKnown = [...routes.keys()].some((key) => key.endsWith(` ${path}`));
  return [() => isKnown ? text("405: Method Not Allowed", 405) : text("404: Not Found", 404), ""];
}

function routesOf(deps: RouteDeps): ReadonlyMap<string, Handler> {
  const { settings, catalog, folders, sockets, faults, engine } = deps;
  const features = () => ({
    supports_preview_metadata: true,
    max_upload_size: settings.maxUploadBytes,
  });
  const queueInfo = () => ({ exec_info: { queue_remaining: engine.queue.remaining } });
  const routes: Record<string, Handler> = {
    "GET /ws": ({ request, peer }) =>
      sockets.accept(request, peer, (sid) => engine.greeting(sid), features),
    "GET /features": () => json(features()),
    "GET /system_stats": () => json(systemStats(settings, engine.loadedModels)),
    "GET /object_info": () =>
      json(Object.fromEntries(catalog.classTypes.map((name) => [name, catalog.raw(name)]))),
    "GET /object_info/*": ({ rest }) => {
      const entry = catalog.raw(rest);
      return json(entry === undefined ? {} : { [rest]: entry });
    },
    "GET /prompt": () => json(queueInfo()),
    "POST /prompt": ({ request }) => postPrompt(deps, request),
    "GET /queue": () => {
      const { running, pending } = engine.queue;
      return json({
        queue_running: running === undefined ? [] : [wireOf(running)],
        queue_pending: pending.map(wireOf),
      });
    },
    "POST /queue": async ({ request }) => {
      const body = await readObject(request);
      if (body["clear"]) {
        engine.queue.clear();
        engine.sendStatus();
      }
      for (const promptId of stringsOf(body["delete"])) {
        if (engine.queue.delete(promptId)) engine.sendStatus();
      }
      return empty(200);
    },
    "POST /interrupt": async ({ request }) => {
      const promptId = (await readObject(request))["prompt_id"];
      engine.interrupt(promptId ? String(promptId) : undefined);
      return empty(200);
    },
    "POST /free": async ({ request }) => {
      const body = await readObject(request);
      engine.free({ models: body["unload_models"] === true, memory: body["free_memory"] === true });
      return empty(200);
    },
    "GET /history": ({ query }) => {
      const maxItems = query.get("max_items");
      const offset = Number(query.get("offset") ?? -1);
      const limit = maxItems === null ? undefined : Number(maxItems);
      return json(historyOf(engine.queue.history(limit, offset)));
    },
    "GET /history/*": ({ rest }) => {
      const entry = engine.queue.historyOf(rest);
      if (entry === undefined) return json({});
      const isLate = faults.take("late-history", (fault) => isMeantFor(fault, entry.item));
      return json(isLate === undefined ? historyOf({ [rest]: entry }) : {});
    },
    "POST /history": async ({ request }) => {
      const body = await readObject(request);
      if (body["clear"]) engine.queue.forgetAll();
      for (const promptId of stringsOf(body["delete"])) engine.queue.forget(promptId);
      return empty(200);
    },
    "POST /upload/image": ({ request }) => upload(deps, request),
    "GET /view": ({ query }) => view(folders, query),
  };
  if (settings.jobsApi) {
    routes["GET /jobs/*"] = ({ rest }) => {
      const job = jobOf(engine.queue, rest);
      return job === undefined ? json({ error: "Job not found" }, 404) : json(job);
    };
  }
  return new Map(Object.entries(routes));
}

/** Entries as they go out. */
function historyOf(entries: Readonly<Record<string, HistoryEntry>>): unknown {
  return Object.fromEntries(
    Object.entries(entries).map(([promptId, { item, ...rest }]) => [promptId, {
      prompt: wireOf(item),
      ...rest,
    }]),
  );
}

async function upload({ settings, folders }: RouteDeps, request: Request): Promise<Response> {
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > settings.maxUploadBytes) {
    return text(
      `Maximum request body size ${settings.maxUploadBytes} exceeded, actual body size ${length}`,
      413,
    );
  }
  const form = await request.formData();
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

async function view(folders: Folders, query: URLSearchParams): Promise<Response> {
  const type = query.get("type") ?? "output";
  if (!isFolderType(type)) return empty(400);
  const { folder, path } = parseAnnotated(query.get("filename") ?? "", type);
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
  return picture(bytes, name.replace("png", format), `image/${format}`);
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
