/**
 * Runs of templates on the ComfyUI that is tried, by the bot's own backend. Owns the picture, the values, and the names of
 * the files that are left behind; what a run has to show is for the checks.
 */
import { createComfyBackend } from "../src/comfyui/backend.ts";
import { type ComfyClient, createComfyClient } from "../src/comfyui/client.ts";
import { fetchOnce } from "../src/lib/fetch_once.ts";
import type { Address } from "../src/lib/address.ts";
import type { NodeCatalog } from "../src/templates/graph.ts";
import { drawSeed, type ParamValue } from "../src/templates/params.ts";
import { fill, type Template } from "../src/templates/template.ts";
import type { Backend, BackendEvent, BackendRequest, PictureBytes } from "../src/worker/backend.ts";

/** What the files of all runs begin with, in ComfyUI's input and output folders. */
export const filePrefix = "image-edit-bot-compat";

/** Small: what is tried is the protocol, and not how good a picture is. */
const megapixels = 0.25;
/** Enough to be stopped and followed in the middle, where the template has steps. */
const manySteps = 40;
const pollMs = 1_000;
const withdrawMs = 10_000;

/** The ComfyUI that is tried. */
export interface Server {
  readonly address: Address;
  /** A connection of its own, under the same client id: as after a restart of the bot. */
  connect(): Backend;
  /** For what a Backend does not show. */
  readonly client: ComfyClient;
  /** Of every prompt that was made for it. */
  readonly promptIds: string[];
}

/** Connects to nothing yet. */
export function openServer(address: Address): Server {
  const { url: baseUrl, headers } = address;
  const clientId = `${filePrefix}-${crypto.randomUUID()}`;
  return {
    address,
    connect: () =>
      createComfyBackend({ now: () => performance.now() }, {
        name: "compat",
        baseUrl,
        headers,
        clientId,
        pollMs,
      }),
    client: createComfyClient({ fetch: fetchOnce }, {
      baseUrl,
      headers,
      requestTimeoutMs: 15_000,
      transferTimeoutMs: 60_000,
    }),
    promptIds: [],
  };
}

/** A template as this ComfyUI can run it. */
export interface Trial {
  readonly template: Template;
  readonly catalog: NodeCatalog;
}

/** Takes whatever is left of our prompts out of ComfyUI; does nothing where it cannot be reached. */
export async function withdrawAll({ connect, promptIds }: Server): Promise<void> {
  await using backend = connect();
  const signal = AbortSignal.timeout(withdrawMs);
  await Promise.allSettled(promptIds.map((id) => backend.interrupt(id, { signal })));
}

/** A prompt of the trial's template: one picture, seeds of its own; `long` samples with many steps. */
export function requestFor(
  { promptIds }: Server,
  { template, catalog }: Trial,
  { long = false }: { readonly long?: boolean } = {},
): BackendRequest {
  const promptId = crypto.randomUUID();
  promptIds.push(promptId);
  const params: Record<string, ParamValue> = {};
  for (const [name, { spec }] of Object.entries(template.params)) {
    if (spec.kind === "seed") params[name] = drawSeed(Math.random);
    if (long && name === "steps") params[name] = manySteps; // clamped by `fill`
  }
  return {
    promptId,
    outputNode: template.output.node,
    previews: true,
    async pictures() {
      const file = new URL("../lab/photos/landscape.jpg", import.meta.url);
      const bytes = await Deno.readFile(file);
      return [{ name: `${filePrefix}.jpg`, mime: "image/jpeg", bytes }];
    },
    fill: (pictures) =>
      fill(template, {
        promptText: "make it night",
        pictures,
        params,
        megapixels,
        filename: `${filePrefix}_${promptId}`,
      }, catalog),
  };
}

/** What a run has shown up to its end. */
export interface Seen {
  readonly attached: boolean;
  readonly steps: number;
  readonly previews: number;
  readonly picture: PictureBytes;
}

/** Follows a run to its end. Rejects as `Backend.run` does. */
export async function follow(
  backend: Backend,
  request: BackendRequest,
  signal: AbortSignal,
): Promise<Seen> {
  let attached = false;
  const counts = { step: 0, preview: 0 };
  for await (const event of backend.run(request, { signal })) {
    switch (event.type) {
      case "accepted":
        attached = event.attached;
        break;
      case "step":
      case "preview":
        counts[event.type]++;
        break;
      case "done":
        return { attached, steps: counts.step, previews: counts.preview, picture: event.picture };
    }
  }
  throw new Error("the run ended without a result");
}

/** Waits for the first event of a type, or for the end of the run; gives what it was. The run goes on. */
export async function untilEvent(
  events: AsyncIterator<BackendEvent>,
  type: BackendEvent["type"],
): Promise<BackendEvent["type"]> {
  for (;;) {
    const { done, value } = await events.next();
    if (done) throw new Error("the run ended without a result");
    if (value.type === type || value.type === "done") return value.type;
  }
}
