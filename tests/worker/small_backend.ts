/**
 * A Backend with a queue and a history of its own, in memory, in which nothing happens but what the test says: prompts
 * start, step, end and are lost when told to. Behaves as the port's contract has it, for the worker's tests.
 */
import { until } from "../../lab/until.ts";
import {
  ComfyUIConnectionError,
  PromptLostError,
  WorkflowRefusedError,
} from "../../src/lib/errors.ts";
import type { ApiPrompt, NodeCatalog } from "../../src/templates/graph.ts";
import type {
  Backend,
  BackendEvent,
  BackendRequest,
  PictureUpload,
} from "../../src/worker/backend.ts";

/** One prompt in the backend, as the test moves it. */
export class SmallPrompt {
  readonly #waiters = new Set<() => void>();
  readonly #items: (BackendEvent | Error)[] = [];
  /** Iterations that follow it now. */
  followers = 0;
  /** Taken out because its signal aborted. */
  isWithdrawn = false;

  constructor(
    readonly promptId: string,
    readonly graph: ApiPrompt,
    readonly pictures: readonly PictureUpload[],
    readonly previews: boolean,
  ) {}

  start(): void {
    this.#push({ type: "started" });
  }

  step(value: number, max = 8): void {
    this.#push({ type: "step", nodeId: "2", value, max });
  }

  /** A sign of life without a number. */
  live(): void {
    this.#push({ type: "executing", nodeId: "2", classType: "Edit" });
  }

  /** Its pictures cannot be stored or read. */
  waitForStorage(): void {
    this.#push({ type: "storage_away" });
  }

  finish(result: Uint8Array<ArrayBuffer>, { cached = false } = {}): void {
    this.#push({ type: "done", picture: { bytes: result, mime: "image/png" }, cached });
  }

  /** Ends it badly for all who follow it, now and later. */
  fail(error: Error): void {
    this.#push(error);
  }

  /** Whether a follower has had everything that happened so far. */
  isHeard = false;

  /** What happened from the beginning on, then what happens. */
  async *follow(signal: AbortSignal, gone: () => Error | undefined): AsyncGenerator<BackendEvent> {
    this.followers++;
    try {
      for (let at = 0;;) {
        const end = signal.aborted ? signal.reason : gone();
        if (end) throw end;
        const item = this.#items[at];
        if (item === undefined) {
          this.isHeard = true;
          await this.#woken(signal);
          continue;
        }
        at++;
        if (item instanceof Error) throw item;
        yield item;
        if (item.type === "done") return;
      }
    } finally {
      this.followers--;
    }
  }

  /** Has every follower look again. */
  wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  #push(item: BackendEvent | Error): void {
    this.isHeard = false;
    this.#items.push(item);
    this.wake();
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiters.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

/** The backend, and the hands that move it. */
export class SmallBackend implements Backend {
  readonly #known = new Map<string, SmallPrompt>();
  /** Everything that was ever submitted, in order. */
  readonly submitted: SmallPrompt[] = [];
  /** How often its health was asked for. */
  healthAsked = 0;
  /** What it says of its node classes. */
  nodes: NodeCatalog = {};
  /** Why it does not take a graph; undefined where it does. */
  objection: (graph: ApiPrompt) => string | undefined = () => undefined;
  /** Graphs that it did not take. */
  readonly refused: ApiPrompt[] = [];
  #isAway = false;

  constructor(readonly name = "gpu") {}

  /** The prompt that was submitted as the `n`th, the first is 1, once it is there and followed. */
  prompt(n: number): Promise<SmallPrompt> {
    return until(`prompt ${n}`, () => {
      const prompt = this.submitted[n - 1];
      return prompt?.isHeard ? prompt : undefined;
    });
  }

  /** Cannot be reached from now on; who follows a prompt hears of it. */
  goAway(): void {
    this.#isAway = true;
    for (const prompt of this.#known.values()) prompt.wake();
  }

  /** Can be reached again, and knows what it knew; after a crash that is nothing. */
  comeBack({ afterCrash = false } = {}): void {
    this.#isAway = false;
    if (afterCrash) this.#known.clear();
  }

  /** Restarts so fast that it is never found away: its prompts are lost. */
  crash(): void {
    const lost = [...this.#known.values()];
    this.#known.clear();
    for (const prompt of lost) prompt.wake();
  }

  async *run(
    request: BackendRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<BackendEvent> {
    const { promptId } = request;
    signal.throwIfAborted();
    this.#reach();
    const attached = this.#known.has(promptId);
    const prompt = this.#known.get(promptId) ?? await this.#submit(request);
    try {
      yield { type: "accepted", attached };
      yield* prompt.follow(signal, () => this.#trouble(prompt));
    } catch (error) {
      if (signal.aborted && !this.#isAway) {
        this.#known.delete(promptId);
        prompt.isWithdrawn = true;
      }
      throw error;
    }
  }

  erase(): Promise<boolean> {
    throw new Error("Cannot erase: no test asks for it");
  }

  interrupt(promptId: string): Promise<void> {
    const away = this.#away();
    if (away) return Promise.reject(away);
    this.#known.delete(promptId);
    return Promise.resolve();
  }

  health() {
    return new Promise<Awaited<ReturnType<Backend["health"]>>>((resolve) => {
      this.healthAsked++;
      this.#reach();
      resolve({ version: undefined, devices: [], running: [], pending: [] });
    });
  }

  catalog(classTypes: readonly string[]) {
    return new Promise<NodeCatalog>((resolve) => {
      this.#reach();
      const asked = Object.entries(this.nodes).filter(([name]) => classTypes.includes(name));
      resolve(Object.fromEntries(asked));
    });
  }

  free(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.goAway();
    return Promise.resolve();
  }

  async #submit(
    { promptId, pictures, fill, previews = false }: BackendRequest,
  ): Promise<SmallPrompt> {
    const uploads = await pictures();
    const graph = fill(uploads.map(({ name }) => name));
    const objection = this.objection(graph);
    if (objection !== undefined) {
      this.refused.push(graph);
      throw new WorkflowRefusedError(objection);
    }
    const prompt = new SmallPrompt(promptId, graph, uploads, previews);
    this.#known.set(promptId, prompt);
    this.submitted.push(prompt);
    return prompt;
  }

  #reach(): void {
    const trouble = this.#away();
    if (trouble) throw trouble;
  }

  #away(): Error | undefined {
    return this.#isAway ? new ComfyUIConnectionError("Cannot reach ComfyUI: refused") : undefined;
  }

  #trouble(prompt: SmallPrompt): Error | undefined {
    const isKnown = this.#known.get(prompt.promptId) === prompt;
    return this.#away() ?? (isKnown ? undefined : new PromptLostError("Cannot follow: lost"));
  }
}
