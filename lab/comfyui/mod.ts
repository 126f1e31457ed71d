/**
 * A ComfyUI without the AI: a real HTTP and WebSocket server that speaks the protocol of ComfyUI 0.3.64 or 0.33 as recorded, and
 * changes pictures visibly and repeatably. For the demo, the end-to-end tests, the bench and the chaos harness.
 * Owns the wiring of its parts and their life; each part owns its own rules.
 */
import { Engine } from "./engine/engine.ts";
import { type Idle, idleOf, RunLog, type RunRecord } from "./engine/run_log.ts";
import { FaultList, type Faults } from "./faults.ts";
import { Folders } from "./folders.ts";
import { type ComfyOptions, settingsOf } from "./options.ts";
import { openDoor } from "./server/door.ts";
import { createRoutes } from "./server/routes.ts";
import { type FrameListener, Sockets } from "./server/sockets.ts";
import { loadCatalog } from "./validation/catalog.ts";
import type { ModelFiles } from "./validation/model_lists.ts";
import { type Nothing, Watch, type WatchOptions } from "./watch.ts";

export { type Release, releases } from "./release.ts";
export type { Idle, RunOutcome, RunRecord } from "./engine/run_log.ts";
export type { Fault, FaultHandle, Faults, FaultSubject } from "./faults.ts";
export type { ComfyOptions } from "./options.ts";
export { type ModelFiles, modelsOf2025 } from "./validation/model_lists.ts";
export { addCutoutTemplate, cutoutClasses } from "./cutout.ts";
export { ownTemplates } from "./own_templates.ts";
export type { FrameListener, SentFrame } from "./server/sockets.ts";
export type { WatchOptions } from "./watch.ts";

/** A running simulator. */
export interface SimulatedComfyUI extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Ends it for good; `await using` does the same. */
  stop(): Promise<void>;
  /** As `kill -9`: every connection cut, the port closed; queue, history, cache and loaded models are lost. */
  kill(): Promise<void>;
  /** Kills it if it lives, and starts it again on the same port. Input and output files are still there, as on a disk. */
  restart(): Promise<void>;
  /** Every execution so far, in order, the running one included; the latest 10 000. */
  readonly ran: readonly RunRecord[];
  /**
   * How long nothing ran between `from` and `to` (milliseconds since 1970; default: from the first start to the last end).
   * `share` is 0…1, and 0 for an empty span.
   */
  idle(from?: number, to?: number): Idle;
  /** Prompt ids as `/queue` would give them. */
  queue(): { readonly running: readonly string[]; readonly pending: readonly string[] };
  /** Open WebSockets. */
  readonly sockets: number;
  /** Hears every frame that is sent to a socket; disposing of the answer ends it. */
  onFrame(listener: FrameListener): Disposable;
  /**
   * Waits until `value` gives something truthy, and resolves with that. It is asked again at each request, frame, run and connection. Rejects after `timeoutMs` with an error that names `what`.
   */
  until<T>(
    value: () => T | Promise<T>,
    options: WatchOptions,
  ): Promise<Exclude<T, Nothing>>;
  readonly faults: Faults;
  /** A saved file's bytes, for a look at the result: `file("output", "", "job_00001_.png")`. */
  file(
    folder: "input" | "output" | "temp",
    subfolder: string,
    name: string,
  ): Uint8Array<ArrayBuffer> | undefined;
  /** Replaces the model files that there are, while it runs: what is not named is gone. */
  setModels(models: ModelFiles): void;
  /** Deletes a file, as a user of the server would; false where there is none. */
  remove(folder: "input" | "output" | "temp", subfolder: string, name: string): boolean;
}

const HOST = "127.0.0.1";

/** Starts one. It listens on 127.0.0.1 only. */
export async function startComfyUI(options: ComfyOptions = {}): Promise<SimulatedComfyUI> {
  const settings = settingsOf(options);
  const watch = new Watch();
  const faults = new FaultList();
  const folders = new Folders(settings);
  const catalog = await loadCatalog(settings, folders);
  const sockets = new Sockets({ faults, newId: settings.newId, onChange: () => watch.notify() });
  const log = new RunLog();
  const engine = new Engine({ settings, catalog, folders, sockets, faults, log, watch });
  const door = await openDoor({
    host: HOST,
    port: settings.port,
    handle: createRoutes({ settings, catalog, folders, sockets, faults, engine, watch }),
  });

  const kill = async () => {
    await door.close();
    sockets.forget();
    engine.reset();
    watch.notify();
  };
  const stop = async () => {
    faults.clear();
    await kill();
    await door.dispose();
    await engine.ended;
    watch.end();
  };
  return {
    url: `http://${HOST}:${door.port}`,
    host: HOST,
    port: door.port,
    stop,
    kill,
    restart: async () => {
      await kill();
      await door.open();
      watch.notify();
    },
    get ran() {
      return log.runs;
    },
    idle: (from, to) => idleOf(log.runs, settings.now(), from, to),
    queue: () => ({
      running: engine.queue.running === undefined ? [] : [engine.queue.running.promptId],
      pending: engine.queue.pending.map((item) => item.promptId),
    }),
    get sockets() {
      return sockets.count;
    },
    onFrame: (listener) => sockets.onFrame(listener),
    until: (value, waiting) => watch.until(value, waiting),
    faults,
    file: (folder, subfolder, name) => folders.read(folder, subfolder, name)?.bytes,
    setModels: (models) => catalog.setModels(models),
    remove: (folder, subfolder, name) => folders.remove(folder, subfolder, name),
    [Symbol.asyncDispose]: stop,
  };
}
