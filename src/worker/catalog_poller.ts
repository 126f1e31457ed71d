/**
 * Keeps the templates fitted to what the ComfyUIs have. Owns when each of them is asked: at the start, every ten minutes, every half
 * minute while it can run none of them, every five seconds while it does not answer, after it was away, and when templates
 * were replaced. Owns what is remembered of it over restarts: ComfyUI may be off when the bot starts.
 */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { joinSignals, messageOf, unlessAborted } from "../lib/mod.ts";
import { type TemplateSet, type UnusableDefault } from "../templates/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "templates"]);

/** Pauses after an answer, after one by which nothing can run, and after none. */
const everyMs = 600_000;
const nothingRunsMs = 30_000;
const retryMs = 5_000;
/** How often one that is known to be away is looked at, and after how many looks it is forgotten. */
const awayMs = 1_000;
const forgetAfter = 60;

/** What ComfyUI could run when it was last asked. Version 1. */
export const RunnableTemplates = z.object({
  v: z.literal(1),
  /** By name. */
  runnable: z.array(z.string()),
  /** The default that the admins were told cannot run, and what is in its place. */
  toldDefault: z.string().optional(),
});
export type RunnableTemplates = Readonly<z.infer<typeof RunnableTemplates>>;

/** Where that is kept over restarts. */
export interface RunnableTemplatesStore {
  load(): Promise<RunnableTemplates | undefined>;
  save(record: RunnableTemplates): Promise<void>;
}

export interface CatalogPoller {
  /** Resolves when it is known which templates can run, from an earlier time or from an answer; and after no answer. */
  readonly known: Promise<void>;
  /** Reads what is remembered, and lets those that attend begin. Rejects where the store cannot be read. */
  run(): Promise<void>;
  /**
   * Asks a backend until `signal` aborts; nothing while `isPresent` says that it is known to be away. What only it can run is not
   * offered when that has lasted for a minute, where there are others.
   */
  attend(
    backend: Pick<Backend, "name" | "catalog">,
    signal: AbortSignal,
    isPresent?: () => boolean,
  ): Promise<void>;
  /** The templates were replaced, or the owner asks: asks ComfyUI at once, and reports what is missing. */
  askNow(): void;
  /** The backend answers again, and may have another ComfyUI: asks it at once, and no other. */
  cameBack(name: string): void;
}

export function createCatalogPoller({ templates, store, tell, tellDefault }: {
  readonly templates: () => TemplateSet;
  readonly store: RunnableTemplatesStore;
  /** Called with what is missing for templates that were replaced, a sentence each. */
  readonly tell: (problems: readonly string[]) => void;
  /** Called once when the configured default turns out not to run, and again when what users get changes. */
  readonly tellDefault: (unusable: UnusableDefault) => void;
}): CatalogPoller {
  /** For each backend that attends what ends the pause before it is asked again. */
  const bells = new Map<string, AbortController>();
  /** Backends whose next answer is told. */
  const wanted = new Set<string>();
  let saved: RunnableTemplates = { v: 1, runnable: [] };
  const known = Promise.withResolvers<void>();
  const isRead = Promise.withResolvers<void>();

  /** Tells of a default that cannot run; that it can again is seen by itself. Gives its name where it was told. */
  function noteDefault(): string | undefined {
    const unusable = templates().unusableDefault;
    const toldDefault = unusable && `${unusable.name} ${unusable.instead?.name}`;
    const isNew = toldDefault !== saved.toldDefault;
    remember({
      v: 1,
      runnable: [...templates().runnable.keys()],
      ...(toldDefault !== undefined && { toldDefault }),
    });
    if (!unusable || !isNew) return undefined;
    tellDefault(unusable);
    return unusable.name;
  }

  function remember(record: RunnableTemplates): void {
    const isSame = JSON.stringify(record) === JSON.stringify(saved);
    saved = record;
    if (isSame) return;
    store.save(record).catch((error) =>
      log.warn("Cannot keep which templates can run: {error}", { error: messageOf(error) })
    );
  }

  async function recall(): Promise<void> {
    const record = await store.load();
    if (!record) return;
    saved = record;
    templates().recall(record.runnable);
    known.resolve();
  }

  return {
    known: known.promise,
    async run() {
      await recall();
      isRead.resolve();
    },
    async attend(backend, signal, isPresent = () => true) {
      bells.set(backend.name, new AbortController());
      await unlessAborted(isRead.promise, signal).catch(() => {});
      await poll(backend, signal, isPresent);
    },
    askNow() {
      for (const name of bells.keys()) {
        wanted.add(name);
        ring(name);
      }
    },
    cameBack: ring,
  };

  function ring(name: string): void {
    const bell = bells.get(name);
    if (!bell) return; // it does not attend yet, and is asked when it does
    bells.set(name, new AbortController());
    bell.abort();
  }

  async function poll(
    backend: Pick<Backend, "name" | "catalog">,
    signal: AbortSignal,
    isPresent: () => boolean,
  ): Promise<void> {
    for (let looksAway = 0; !signal.aborted;) {
      if (!isPresent()) {
        if (++looksAway === forgetAfter) templates().forget(backend.name);
        known.resolve();
        await pause(awayMs, undefined, { signal }).catch(() => {});
        continue;
      }
      looksAway = 0;
      const rung = bells.get(backend.name)?.signal ?? signal;
      const mayTell = wanted.has(backend.name);
      let nextMs = everyMs;
      try {
        const missing = await templates().learn(
          backend.name,
          (types) => backend.catalog(types, { signal }),
        );
        const saidOf = noteDefault();
        if (!templates().runnable.has(templates().defaultTemplate.name)) nextMs = nothingRunsMs;
        if (mayTell) wanted.delete(backend.name);
        const others = missing.filter((problem) => !problem.startsWith(`${saidOf}: `));
        if (mayTell && others.length > 0) tell(others);
      } catch (error) {
        if (signal.aborted) return;
        log.warn("Cannot get the nodes and models of {backend}: {error}", {
          backend: backend.name,
          error: messageOf(error),
          outage: backend.name,
        });
        nextMs = retryMs;
      } finally {
        known.resolve();
      }
      using either = joinSignals(signal, rung);
      await pause(nextMs, undefined, { signal: either.signal }).catch(() => {});
    }
  }
}
