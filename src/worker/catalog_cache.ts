/**
 * The node classes of one backend, cached, so that a job is filled without asking each time. Owns how long an answer is valid:
 * a ComfyUI may be updated at any time, and may be another version after it was down.
 */
import { getLogger } from "@logtape/logtape";
import { ComfyUIConnectionError } from "../lib/mod.ts";
import { type NodeCatalog } from "../templates/mod.ts";
import type { Backend } from "./backend.ts";

const log = getLogger(["bot", "templates"]);

const maxAgeMs = 600_000;

export interface CatalogCache {
  /**
   * What is known of these classes, of which the backend is asked what is not. Undefined where it does not answer: the
   * graph is sent as it is then. Rejects only with the signal's reason.
   */
  get(classTypes: readonly string[], signal: AbortSignal): Promise<NodeCatalog | undefined>;
  /** It is asked anew from now on. */
  forget(): void;
}

export function createCatalogCache({ backend, now }: {
  readonly backend: Pick<Backend, "name" | "catalog">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): CatalogCache {
  /** Answers by class: a catalog of that class alone, or an empty one where it is not installed. */
  const known = new Map<string, { readonly at: number; readonly nodes: NodeCatalog }>();

  return {
    async get(classTypes, signal) {
      const isKnown = (each: string) => now() - (known.get(each)?.at ?? -Infinity) < maxAgeMs;
      const unknown = classTypes.filter((each) => !isKnown(each));
      try {
        const answer = unknown.length === 0 ? {} : await backend.catalog(unknown, { signal });
        for (const each of unknown) {
          const nodes = Object.hasOwn(answer, each) ? { [each]: answer[each]! } : {};
          known.set(each, { at: now(), nodes });
        }
      } catch (error) {
        if (!(error instanceof ComfyUIConnectionError)) throw error;
        log.warn("Cannot get the inputs of the nodes of {backend}: {error}", {
          backend: backend.name,
          error: error.message,
          outage: backend.name,
        });
        return undefined;
      }
      return Object.assign({}, ...classTypes.map((each) => known.get(each)!.nodes)) as NodeCatalog;
    },
    forget: () => known.clear(),
  };
}
