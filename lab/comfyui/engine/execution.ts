/**
 * One prompt from `execution_start` to its end: which frames go out in which order, as execution.py and main.py send them and the
 * recordings show. Knows the nodes only as something that runs.
 *
 *   execution_start → execution_cached → for each node: progress_state (running) → executing → [progress…] → [executed]
 *     → progress_state (finished) → … → execution_success | execution_error | execution_interrupted
 */
import { firstAborted } from "../../abort.ts";
import { traitsOf } from "../release.ts";
import { type FaultList, type FaultOf, isMeantAt, isMeantFor } from "../faults.ts";
import type { Folders } from "../folders.ts";
import { runNode } from "../nodes/nodes.ts";
import { isSampler } from "../nodes/sampler.ts";
import type { NodeContext, Result, Value } from "../nodes/values.ts";
import type { ComfySettings } from "../options.ts";
import { PythonError, str } from "../python.ts";
import type { Sockets } from "../server/sockets.ts";
import type { Catalog } from "../validation/catalog.ts";
import { failureOf, OUT_OF_MEMORY } from "./failure.ts";
import { fileVersion, GraphInputs } from "./graph_inputs.ts";
import type { GraphCache, NodeCache } from "./node_cache.ts";
import { ExecutionOrder } from "./order.ts";
import { Pace } from "./pace.ts";
import { nodeIds, type NodeProgress, ProgressBoard } from "./progress_state.ts";
import type { HistoryEntry, QueueItem } from "./queue.ts";

/** What a running prompt needs of its server. */
export interface ExecutionDeps {
  readonly settings: ComfySettings;
  readonly catalog: Catalog;
  readonly folders: Folders;
  readonly sockets: Sockets;
  readonly faults: FaultList;
  readonly cache: NodeCache<Value>;
  /** Model files that are in memory. */
  readonly loaded: Set<string>;
  /** True where the prompt before used others. */
  readonly changesModel: boolean;
  /** Aborted when the server is killed. */
  readonly dead: AbortSignal;
}

/** How it ended, and what `/history` will say. */
export interface Ended {
  readonly outcome: "success" | "error" | "interrupted";
  readonly history: HistoryEntry;
}

const PREVIEW_METHODS: ReadonlySet<unknown> = new Set(["none", "auto", "latent2rgb", "taesd"]);

/** `InterruptProcessingException`. */
class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** One prompt that runs. */
export class Execution {
  readonly item: QueueItem;
  readonly #deps: ExecutionDeps;
  readonly #cache: GraphCache<Value>;
  readonly #inputs: GraphInputs;
  readonly #pace: Pace;
  readonly #messages: [string, Readonly<Record<string, unknown>>][] = [];
  readonly #progress: ProgressBoard;
  readonly #executed: string[] = [];
  readonly #outputs: Record<string, unknown> = {};
  readonly #meta: Record<string, unknown> = {};
  readonly #interrupt = new AbortController();
  #graceChecks = 0;
  #currentNode: string | undefined;

  constructor(deps: ExecutionDeps, item: QueueItem) {
    this.#deps = deps;
    this.item = item;
    this.#progress = new ProgressBoard(item.promptId);
    this.#cache = deps.cache.turnTo(item.graph, (id) => fileVersion(deps.folders, item.graph[id]));
    this.#inputs = new GraphInputs(item.graph, deps.catalog, this.#cache);
    this.#pace = new Pace(deps.settings, deps.loaded, this.#samplersToRun(), deps.dead);
  }

  /** True where nothing has to run. */
  get isCached(): boolean {
    return this.item.outputs.every((id) => this.#cache.get(id) !== undefined);
  }

  /** `last_node_id`: what a client that connects again is told. */
  get currentNode(): string | undefined {
    return this.#currentNode;
  }

  /** Takes effect at the next sampler step or node. */
  interrupt(): void {
    const slow = this.#deps.faults.take("slow-interrupt", (fault) => isMeantFor(fault, this.item));
    this.#graceChecks = slow?.fault.steps ?? 0;
    this.#interrupt.abort();
  }

  /** Runs to the end. Rejects only where the server dies. */
  async run(): Promise<Ended> {
    const { graph, outputs } = this.item;
    this.#message("execution_start", {});
    const nodes = Object.keys(graph).filter((id) => this.#cache.get(id) !== undefined);
    this.#message("execution_cached", { nodes });
    if (this.#deps.changesModel) await this.#pace.change();
    const order = new ExecutionOrder({
      graph,
      outputs,
      isCached: (id) => this.#cache.get(id) !== undefined,
      isOutput: (id) => this.#inputs.classOf(id)?.outputNode === true,
      isLazy: (id, input) => this.#inputs.lazy(id).includes(input),
    });
    for (let id = order.next(); id !== undefined; id = order.next()) {
      const cached = this.#cache.get(id);
      if (cached !== undefined) this.#report(id, cached);
      else {
        const missing = this.#start(id);
        if (missing.length > 0) {
          order.wait(id, missing);
          continue;
        }
        const failure = await this.#runNode(id);
        if (failure !== undefined) return this.#fail(id, failure);
      }
      this.#setProgress(id, { value: this.#progress.maxOf(id), state: "finished" });
      order.done(id);
    }
    this.#message("execution_success", {});
    return this.#end("success");
  }

  /** A node's turn has come; gives the nodes that it still needs, for which it waits: its turn comes again then. */
  #start(id: string): readonly string[] {
    const { sockets } = this.#deps;
    const data = { node: id, display_node: id, prompt_id: this.item.promptId };
    this.#setProgress(id, { value: 0, max: 1, state: "running" });
    this.#currentNode = id;
    if (this.item.clientId !== undefined) {
      sockets.send(this.item.clientId, { type: "executing", data });
    }
    return this.#inputs.stillNeeded(id);
  }

  /** Runs one node; gives what it failed with. */
  async #runNode(id: string): Promise<PythonError | Interrupted | undefined> {
    const classType = this.item.graph[id]?.class_type ?? "";
    try {
      this.#checkInterrupt();
      await this.#strikeFaults(id, 0);
      this.#inputs.check(id);
      const result = await runNode(this.#context(id, classType));
      if (!isSampler(classType)) await this.#pace.node();
      this.#report(id, result);
      this.#cache.set(id, result);
      this.#executed.push(id);
      return undefined;
    } catch (error) {
      if (error instanceof PythonError || error instanceof Interrupted) return error;
      this.#deps.dead.throwIfAborted();
      // A mistake of the simulator's own is to be seen where any other failure of a node is.
      return new PythonError("RuntimeError", str(error));
    }
  }

  #context(id: string, classType: string): NodeContext {
    return {
      id,
      classType,
      item: this.item,
      inputs: this.#inputs.of(id),
      settings: this.#deps.settings,
      folders: this.#deps.folders,
      hasPreviews: this.#hasPreviews(),
      tell: (text) => this.#deps.sockets.sendText(this.item.clientId, id, text),
      load: (name) => this.#pace.load(name),
      calls: (count, all) => this.#pace.calls(count, all),
      step: async (value, max, preview) => {
        this.#checkInterrupt();
        const jpeg = await preview?.();
        this.#setProgress(id, { value, max, state: "running" });
        this.#sendStep(id, value, max, jpeg);
        await this.#strikeFaults(id, value);
      },
    };
  }

  #sendStep(id: string, value: number, max: number, jpeg: Uint8Array | undefined): void {
    const { sockets } = this.#deps;
    const { clientId, promptId } = this.item;
    const preview = () => {
      if (jpeg !== undefined) sockets.sendPreview(clientId, jpeg, nodeIds(id, this.item.promptId));
    };
    // Recorded: with metadata the preview comes before `progress`, without it after.
    const isFirst = sockets.wantsMetadata(clientId);
    if (isFirst) preview();
    sockets.send(clientId, {
      type: "progress",
      data: { value, max, prompt_id: promptId, node: id },
    });
    if (!isFirst) preview();
  }

  /** What output nodes gave: `executed`, and the outputs of `/history`. */
  #report(id: string, { ui }: Result): void {
    if (ui === undefined) return;
    this.#outputs[id] = ui;
    this.#meta[id] = { node_id: id, display_node: id, parent_node: null, real_node_id: id };
    if (this.item.clientId === undefined) return;
    this.#deps.sockets.send(this.item.clientId, {
      type: "executed",
      data: { node: id, display_node: id, output: ui, prompt_id: this.item.promptId },
    });
  }

  #setProgress(id: string, change: Partial<NodeProgress>): void {
    this.#progress.set(id, change);
    this.#deps.sockets.send(this.item.clientId, {
      type: "progress_state",
      data: { prompt_id: this.item.promptId, nodes: this.#progress.nodes() },
    });
  }

  #fail(id: string, error: PythonError | Interrupted): Ended {
    const data = {
      node_id: id,
      node_type: this.item.graph[id]?.class_type ?? "",
      executed: this.#executed,
    };
    if (error instanceof Interrupted) {
      this.#message("execution_interrupted", data);
      return this.#end("interrupted");
    }
    if (error.type === OUT_OF_MEMORY) this.#deps.loaded.clear();
    const inputs = this.#inputs.of(id);
    this.#message("execution_error", { ...data, ...failureOf(error, inputs, this.item.graph) });
    return this.#end("error");
  }

  /** `add_message`: kept for `/history`, sent to whom it belongs to. */
  #message(type: string, more: Readonly<Record<string, unknown>>): void {
    const data = {
      prompt_id: this.item.promptId,
      ...more,
      timestamp: Math.round(this.#deps.settings.now()),
    };
    this.#messages.push([type, data]);
    // Only an interrupt goes to all clients where the prompt has no client id.
    if (this.item.clientId !== undefined || type === "execution_interrupted") {
      this.#deps.sockets.send(this.item.clientId, { type, data });
    }
  }

  #end(outcome: Ended["outcome"]): Ended {
    const isSuccess = outcome === "success";
    this.#currentNode = undefined;
    return {
      outcome,
      history: {
        item: this.item,
        outputs: this.#outputs,
        status: {
          status_str: isSuccess ? "success" : "error",
          completed: isSuccess,
          messages: this.#messages,
        },
        meta: this.#meta,
      },
    };
  }

  #checkInterrupt(): void {
    if (!this.#interrupt.signal.aborted) return;
    if (this.#graceChecks-- <= 0) throw new Interrupted();
  }

  /** Faults at a node: at its start (`step` 0), or after a sampler's step. */
  async #strikeFaults(id: string, step: number): Promise<void> {
    const { faults, dead } = this.#deps;
    const classType = this.item.graph[id]?.class_type ?? "";
    const node = { id, classType, isDefault: isSampler(classType) };
    const isMeant = (fault: FaultOf<"error" | "stuck">) => isMeantAt(fault, this.item, node);
    const failing = step > 0 ? undefined : faults.take("error", isMeant);
    if (failing !== undefined) {
      throw new PythonError(failing.fault.exceptionType, failing.fault.exceptionMessage);
    }
    const stuck = faults.take("stuck", (it) => isMeant(it) && (it.afterStep ?? 0) === step);
    if (stuck === undefined) return;
    await firstAborted(this.#interrupt.signal, dead, stuck.gone);
    dead.throwIfAborted();
    if (this.#interrupt.signal.aborted) throw new Interrupted();
  }

  /** A prompt's own `preview_method` counts before the server's, an unknown one does not count. */
  #hasPreviews(): boolean {
    const { release, previews } = this.#deps.settings;
    const method = this.item.extraData["preview_method"];
    const isOwn = traitsOf(release).previewsPerPrompt && PREVIEW_METHODS.has(method);
    return (isOwn ? method : previews) !== "none";
  }

  #samplersToRun(): number {
    const toRun = Object.entries(this.item.graph).filter(([id, { class_type }]) =>
      isSampler(class_type) && this.#cache.get(id) === undefined
    );
    return toRun.length;
  }
}
