/**
 * The server's working memory, from start to kill: the queue, the one prompt that runs, the output cache, the models in memory.
 * Owns the loop that takes prompts one after another (main.py's `prompt_worker`). Knows no HTTP.
 */
import type { FaultList } from "../faults.ts";
import type { Folders } from "../folders.ts";
import type { Value } from "../nodes/values.ts";
import type { ComfySettings } from "../options.ts";
import type { SocketEvent, Sockets } from "../server/sockets.ts";
import type { Catalog } from "../validation/catalog.ts";
import type { Watch } from "../watch.ts";
import { Execution, type ExecutionDeps } from "./execution.ts";
import { NodeCache } from "./node_cache.ts";
import { PromptQueue, type QueueItem } from "./queue.ts";
import type { RunLog } from "./run_log.ts";

interface Deps {
  readonly settings: ComfySettings;
  readonly catalog: Catalog;
  readonly folders: Folders;
  readonly sockets: Sockets;
  readonly faults: FaultList;
  readonly log: RunLog;
  readonly watch: Watch;
}

/** What is lost when the process dies. */
interface Memory {
  readonly queue: PromptQueue;
  readonly cache: NodeCache<Value>;
  readonly loaded: Set<string>;
  /** Those of the last prompt. */
  models: string | undefined;
  readonly dead: AbortController;
  running: Execution | undefined;
  number: number;
  isWorking: boolean;
}

/** Takes prompts and runs them. */
export class Engine {
  readonly #deps: Deps;
  #memory = freshMemory();
  #ended: Promise<unknown> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get queue(): PromptQueue {
    return this.#memory.queue;
  }

  /** Resolves when no loop runs any more; call `reset` before. */
  get ended(): Promise<unknown> {
    return this.#ended;
  }

  /** Model files in memory. */
  get loadedModels(): number {
    return this.#memory.loaded.size;
  }

  /** The next prompt's number: ComfyUI counts from 0. */
  nextNumber(): number {
    return this.#memory.number++;
  }

  /** Queues a prompt. It may have the id of another: ComfyUI does not look. */
  submit(item: QueueItem): void {
    const memory = this.#memory;
    memory.queue.put(item);
    this.sendStatus();
    if (memory.isWorking) return;
    memory.isWorking = true;
    this.#ended = Promise.allSettled([this.#ended, this.#work(memory)]);
  }

  /** Interrupts what runs; with `promptId` only where it is that prompt. */
  interrupt(promptId: string | undefined): void {
    const { running } = this.#memory;
    if (running === undefined) return;
    if (promptId === undefined || running.item.promptId === promptId) running.interrupt();
  }

  /** `/api/jobs/{id}/cancel`: takes a waiting prompt out, interrupts a running one; false where it is neither. */
  cancel(promptId: string): boolean {
    if (this.#memory.running?.item.promptId === promptId) {
      this.#memory.running.interrupt();
      return true;
    }
    const isDeleted = this.queue.delete(promptId);
    if (isDeleted) this.sendStatus();
    return isDeleted;
  }

  /** `/free`. */
  free(what: { readonly models: boolean; readonly memory: boolean }): void {
    if (what.models || what.memory) this.#memory.loaded.clear();
    if (what.memory) this.#memory.cache.clear();
  }

  /** What a socket is told when it connects: the status, and to the client whose prompt runs, its node (without `prompt_id`). */
  greeting(sid: string): readonly SocketEvent[] {
    const { running } = this.#memory;
    const node = running?.item.clientId === sid ? running.currentNode : undefined;
    const status = { type: "status", data: { ...this.#status(), sid } };
    return node === undefined ? [status] : [status, { type: "executing", data: { node } }];
  }

  /** Tells every socket how many prompts are left (`queue_updated`). */
  sendStatus(): void {
    this.#deps.sockets.send(undefined, { type: "status", data: this.#status() });
  }

  /** The process died: everything in memory is gone. */
  reset(): void {
    const { dead } = this.#memory;
    this.#memory = freshMemory();
    dead.abort();
  }

  #status() {
    return { status: { exec_info: { queue_remaining: this.queue.remaining } } };
  }

  async #work(memory: Memory): Promise<void> {
    // The worker is another thread: the answer to the POST goes out meanwhile.
    await macrotask();
    while (!memory.dead.signal.aborted) {
      const item = memory.queue.take();
      if (item === undefined) break;
      this.sendStatus();
      await this.#run(memory, item);
    }
    memory.isWorking = false;
  }

  async #run(memory: Memory, item: QueueItem): Promise<void> {
    const { settings, log, sockets, watch } = this.#deps;
    const models = modelsOf(item);
    const changesModel = memory.models !== undefined && memory.models !== models;
    memory.models = models;
    const deps: ExecutionDeps = {
      ...this.#deps,
      cache: memory.cache,
      loaded: memory.loaded,
      changesModel,
      dead: memory.dead.signal,
    };
    const execution = new Execution(deps, item);
    memory.running = execution;
    const record = log.start({
      promptId: item.promptId,
      clientId: item.clientId,
      graph: item.graph,
      startedAt: settings.now(),
      endedAt: undefined,
      outcome: "running",
      cached: execution.isCached,
      changesModel,
    });
    try {
      const { outcome, history } = await execution.run();
      record({ endedAt: settings.now(), outcome });
      // Trap 3: the history is written a moment after `execution_success` went out.
      await macrotask();
      memory.dead.signal.throwIfAborted();
      memory.running = undefined;
      memory.queue.end(item.promptId, history);
    } catch (error) {
      record({ endedAt: settings.now(), outcome: "lost" });
      if (memory.dead.signal.aborted) return;
      throw error;
    }
    this.sendStatus();
    if (item.clientId !== undefined) {
      const data = { node: null, prompt_id: item.promptId };
      sockets.send(item.clientId, { type: "executing", data });
    }
    watch.notify();
  }
}

/** The names of all model files in the graph. */
function modelsOf({ graph }: QueueItem): string {
  const inputs = Object.values(graph).flatMap(({ inputs }) => Object.values(inputs));
  const names = inputs.filter((value) => /\.(safetensors|gguf|ckpt|pth)$/.test(String(value)));
  return names.sort().join();
}

function freshMemory(): Memory {
  return {
    queue: new PromptQueue(),
    cache: new NodeCache(),
    loaded: new Set(),
    models: undefined,
    dead: new AbortController(),
    running: undefined,
    number: 0,
    isWorking: false,
  };
}

function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
