/**
 * Keeps the templates fitted to what ComfyUI has. Owns when ComfyUI is asked: at the start, every ten minutes, every five
 * seconds while it does not answer, and when templates were replaced.
 */
import { getLogger } from "@logtape/logtape";
import { setTimeout as pause } from "node:timers/promises";
import { joinSignals, messageOf } from "../lib/mod.ts";
import { type TemplateSet } from "../templates/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "templates"]);

/** Pauses after an answer, and after none. */
const everyMs = 600_000;
const retryMs = 5_000;

export interface CatalogPoller {
  /** Asks until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The templates were replaced: asks ComfyUI at once, and reports what is missing. */
  askNow(): void;
}

export function createCatalogPoller({ backend, templates, tell }: {
  readonly backend: Pick<Backend, "name" | "catalog">;
  readonly templates: TemplateSet;
  /** Called with what is missing for templates that were replaced, a sentence each. */
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
          log.warn("Cannot get the nodes and models of {backend}: {error}", {
            backend: backend.name,
            error: messageOf(error),
            outage: backend.name,
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
