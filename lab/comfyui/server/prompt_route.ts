/**
 * `POST /prompt`: what it takes, refuses and answers. Validation is validate.ts's.
 */
import { z } from "zod";
import { traitsOf } from "../release.ts";
import { parseExact } from "../python.ts";
import { validateGraph } from "../validation/validate.ts";
import { json, text } from "./http.ts";
import type { RouteDeps } from "./routes.ts";

const Body = z.looseObject({
  prompt: z.record(z.string(), z.unknown()).optional(),
  prompt_id: z.unknown().optional(),
  client_id: z.unknown().optional(),
  number: z.coerce.number().optional(),
  front: z.boolean().optional().catch(undefined),
  extra_data: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Queues a prompt: 200 with its id and number, or 400 with what is wrong with it. A taken `prompt_id` is no objection. */
export async function postPrompt(
  { catalog, folders, engine, settings }: Pick<
    RouteDeps,
    "catalog" | "folders" | "engine" | "settings"
  >,
  request: Request,
): Promise<Response> {
  const traits = traitsOf(settings.release);
  const body = parseBody(await request.text());
  if (body === undefined) return crash();
  const counted = engine.nextNumber();
  const number = body.number ?? (body.front === true ? -counted : counted);
  if (body.prompt === undefined) {
    return refuse("no_prompt", "No prompt provided", "No prompt provided");
  }
  const promptId = body.prompt_id === undefined ? settings.newId() : String(body.prompt_id);
  if (traits.wantsUuid && !UUID.test(promptId)) {
    return refuse(
      "invalid_prompt_id",
      "prompt_id must be a valid UUID",
      "prompt_id must be a UUID string in canonical lowercase hyphenated form; " +
        "omit it to let the server generate one",
    );
  }
  const checked = validateGraph(body.prompt, {
    catalog,
    traits,
    imageExists: (name) => folders.find(name) !== undefined,
  });
  if (checked.type === "crash") return crash();
  if (checked.type === "invalid") {
    return json({ error: checked.error, node_errors: checked.nodeErrors }, 400);
  }
  const clientId = body.client_id === undefined ? undefined : String(body.client_id);
  engine.submit({
    number,
    promptId,
    clientId,
    graph: checked.graph,
    extraData: {
      ...body.extra_data,
      ...(clientId === undefined ? {} : { client_id: clientId }),
      ...(traits.keepsCreateTime ? { create_time: Math.round(settings.now()) } : {}),
    },
    outputs: checked.outputs,
  });
  return json({ prompt_id: promptId, number, node_errors: checked.nodeErrors });
}

/** As aiohttp answers where the handler raised: what is no JSON, or a graph that it falls over. */
function crash(): Response {
  return text("500 Internal Server Error\n\nServer got itself in trouble", 500);
}

function refuse(type: string, message: string, details: string): Response {
  return json({ error: { type, message, details, extra_info: {} }, node_errors: {} }, 400);
}

function parseBody(body: string): z.infer<typeof Body> | undefined {
  try {
    return Body.safeParse(parseExact(body)).data;
  } catch {
    return undefined;
  }
}
