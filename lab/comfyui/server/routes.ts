/**
 * The HTTP routes of server.py, each also under `/api`: which path does what, and how requests go wrong on purpose.
 * Owns statuses and bodies; what lies behind them is the engine's and the folders'.
 */
import { traitsOf } from "../release.ts";
import type { Engine } from "../engine/engine.ts";
import { type HistoryEntry, wireOf } from "../engine/queue.ts";
import { type FaultList, isMeantFor } from "../faults.ts";
import type { Folders } from "../folders.ts";
import type { ComfySettings } from "../options.ts";
import type { Catalog } from "../validation/catalog.ts";
import type { Watch } from "../watch.ts";
import type { Peer } from "./door.ts";
import { upload, view } from "./file_routes.ts";
import { empty, json, readObject, spoil, stringsOf, text } from "./http.ts";
import { jobOf, listJobs } from "./jobs_route.ts";
import { folderPaths, modelFiles, modelFolders } from "./models_route.ts";
import { postPrompt } from "./prompt_route.ts";
import type { Sockets } from "./sockets.ts";
import { systemStats } from "./system_stats.ts";

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
  const { emptyNotFound } = traitsOf(deps.settings.release);
  return async (request, peer) => {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api(?=\/)/, "");
    const answer = () => {
      const found = find(routes, request.method, path, url.pathname);
      if (found === undefined) {
        return notFound(routes, request.method, path, url.pathname, emptyNotFound);
      }
      const [handler, rest] = found;
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

/** The jobs have no form without `/api`, and the templates none with it; everything else has both. */
function isReachable(path: string, fullPath: string): boolean {
  const isApi = fullPath !== path;
  if (/^\/jobs(\/|$)/.test(path)) return isApi;
  return !path.startsWith("/templates/") || !isApi;
}

function find(
  routes: ReadonlyMap<string, Handler>,
  method: string,
  path: string,
  fullPath: string,
): readonly [Handler, string] | undefined {
  if (!isReachable(path, fullPath)) return undefined;
  const exact = routes.get(`${method} ${path}`);
  if (exact !== undefined) return [exact, ""];
  const slash = path.indexOf("/", 1);
  const under = slash > 0 ? routes.get(`${method} ${path.slice(0, slash)}/*`) : undefined;
  return under && [under, decodeURIComponent(path.slice(slash + 1))];
}

/** aiohttp's answer where no route is; a new ComfyUI looks for a file of the web page first. */
function notFound(
  routes: ReadonlyMap<string, Handler>,
  method: string,
  path: string,
  fullPath: string,
  isEmpty: boolean,
): Response {
  const isKnown = isReachable(path, fullPath) &&
    [...routes.keys()].some((key) => key.endsWith(` ${path}`));
  if (isKnown) return text("405: Method Not Allowed", 405);
  if (!isEmpty || method !== "GET") return text("404: Not Found", 404);
  const headers = { "content-type": "application/octet-stream" };
  return new Response(null, { status: 404, headers });
}

function routesOf(deps: RouteDeps): ReadonlyMap<string, Handler> {
  const { settings, catalog, sockets, faults, engine } = deps;
  const traits = traitsOf(settings.release);
  const features = () => traits.features(settings.maxUploadBytes);
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
      const { running, heap } = engine.queue;
      return json({
        queue_running: running === undefined ? [] : [wireOf(running)],
        queue_pending: heap.map(wireOf),
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
    "GET /view": ({ query }) => view(deps.folders, query),
    "GET /internal/*": ({ rest }) =>
      rest === "folder_paths" ? json(folderPaths(settings.modelsDir)) : text("404: Not Found", 404),
    "GET /models": () => json(modelFolders(catalog)),
    "GET /models/*": ({ rest }) => {
      const files = modelFiles(catalog, rest);
      return files === undefined ? empty(404) : json(files);
    },
  };
  const { templates } = settings;
  if (templates !== undefined) {
    routes["GET /templates/*"] = ({ rest }) => {
      const name = rest.replace(/\.json$/, "");
      const body = Object.hasOwn(templates, name) ? templates[name] : undefined;
      return body === undefined ? text("404: Not Found", 404) : json(body);
    };
  }
  return new Map(Object.entries({ ...routes, ...(traits.hasJobsApi ? jobsRoutes(engine) : {}) }));
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function jobsRoutes(engine: Engine): Readonly<Record<string, Handler>> {
  return {
    "GET /jobs": ({ query }) => {
      const { status, body } = listJobs(engine.queue, query);
      return json(body, status);
    },
    "GET /jobs/*": ({ rest }) => {
      const job = jobOf(engine.queue, rest);
      return job === undefined ? json({ error: "Job not found" }, 404) : json(job);
    },
    "POST /jobs/cancel": async ({ request }) => {
      const ids = stringsOf((await readObject(request))["job_ids"]);
      const invalid = ids.filter((id) => !UUID.test(id));
      if (invalid.length > 0) {
        return json({ error: "job_ids contains invalid id(s)", invalid_ids: invalid }, 400);
      }
      return json({ cancelled: ids.map((id) => engine.cancel(id)).includes(true) });
    },
    "POST /jobs/*": ({ rest }) => {
      const [id = "", act] = rest.split("/");
      return act === "cancel"
        ? json({ cancelled: engine.cancel(id) })
        : text("404: Not Found", 404);
    },
  };
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
