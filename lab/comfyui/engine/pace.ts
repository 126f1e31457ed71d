/**
 * The simulated time of one run. Each piece of work moves a deadline forward and waits for it, so that what the simulator itself has
 * to do (decode, change, encode) takes place inside the simulated time. A machine that stood still while it waited is not made up for,
 * or all that others wanted to do within the run would come after its end; but with `runMs`, which is the time of a whole run.
 */
import type { ComfySettings } from "../options.ts";

/** The time of one run, from its creation on. */
export class Pace {
  readonly #settings: Pick<ComfySettings, "stepMs" | "loadMs" | "changeMs" | "nodeMs" | "runMs">;
  readonly #loaded: Set<string>;
  readonly #samplers: number;
  readonly #dead: AbortSignal;
  #due = performance.now();

  /** `samplers`: how many sampler nodes share `runMs`. `dead` ends every wait by throwing its reason. */
  constructor(
    settings: Pick<ComfySettings, "stepMs" | "loadMs" | "changeMs" | "nodeMs" | "runMs">,
    loaded: Set<string>,
    samplers: number,
    dead: AbortSignal,
  ) {
    this.#settings = settings;
    this.#loaded = loaded;
    this.#samplers = samplers;
    this.#dead = dead;
  }

  /** A model file is used: its first use takes `loadMs`. */
  async load(name: string): Promise<void> {
    if (this.#loaded.has(name)) return;
    const { runMs, loadMs } = this.#settings;
    if (runMs === undefined && loadMs > 0) await this.#work(loadMs);
    this.#loaded.add(name);
  }

  /** The run uses other model files than the one before. */
  async change(): Promise<void> {
    if (this.#settings.changeMs > 0) await this.#work(this.#settings.changeMs);
  }

  /** A node that is no sampler. */
  async node(): Promise<void> {
    const { runMs, nodeMs } = this.#settings;
    if (runMs === undefined && nodeMs > 0) await this.#work(nodeMs);
  }

  /** `count` of a sampler node's `all` model calls; lets the rest of the process work even where they take no time. */
  calls(count: number, all: number): Promise<void> {
    const { runMs, stepMs } = this.#settings;
    return this.#work(
      runMs === undefined ? count * stepMs : (runMs * count) / (all * Math.max(1, this.#samplers)),
    );
  }

  async #work(ms: number): Promise<void> {
    this.#dead.throwIfAborted();
    this.#due += ms;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, this.#due - performance.now()));
    const onDeath = () => reject(this.#dead.reason);
    this.#dead.addEventListener("abort", onDeath, { once: true });
    try {
      await promise;
      if (this.#settings.runMs === undefined) {
        this.#due = Math.max(this.#due, performance.now() - ms);
      }
    } finally {
      clearTimeout(timer);
      this.#dead.removeEventListener("abort", onDeath);
    }
  }
}
