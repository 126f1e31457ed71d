/**
 * Keeps the templates fitted to what ComfyUI has. Owns when ComfyUI is asked: at the start, when it comes back, now and then,
 * and when templates were replaced.
 */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { joinSignals, messageOf } from "../lib/mod.ts";
import { type TemplateSet } from "../templates/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "templates"]);

/** How often ComfyUI is asked what it has, and how soon again where it did not answer. */
const everyMs = 600_000;
const retryMs = 5_000;

export interface CatalogPoller {
  /** Asks until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The templates are others: ComfyUI is asked at once, and what is found to be missing is told. */
  askNow(): void;
}

export function createCatalogPoller({ backend, templates, tell }: {
  readonly backend: Pick<Backend, "name" | "catalog">;
  readonly templates: TemplateSet;
  /** Hears what is missing for templates that were replaced, a sentence each. */
  readonly tell: (problems: readonly string[]) => void;
}): CatalogPoller {
  let bell = new AbortController();
  let isWanted = false;

  return {
    async run(signal) {
      while (!signal.aborted) {
        bell = new AbortController();
        const mayTell = isWanted;
        let nextMs = everyMs;
        try {
          const missing = await templates.learn((types) => backend.catalog(types, { signal }));
          if (mayTell) isWanted = false;
          if (mayTell && missing.length > 0) tell(missing);
        } catch (error) {
          if (signal.aborted) return;
          log.warn("Cannot ask {backend} what it has: {error}", {
            backend: backend.name,
            error: messageOf(error),
          });
          nextMs = retryMs;
        }
        using either = joinSignals(signal, bell.signal);
        await pause(nextMs, undefined, { signal: either.signal }).catch(() => {});
      }
    },
    askNow() {
      isWanted = true;
      bell.abort();
    },
  };
}
