/**
 * `POST /prompt`: what it takes, refuses and answers. Validation is validate.ts's.
 */
import { z } from "zod";
import type { RouteDeps } from "./routes.ts";
import { json, text } from "./http.ts";
import { parseExact } from "./python.ts";
import { validateGraph } from "./validate.ts";

const Body = z.looseObject({
  prompt: z.record(z.string(), z.unknown()).optional(),
  prompt_id: z.unknown().optional(),
  client_id: z.unknown().optional(),
  number: z.coerce.number().optional(),
  front: z.boolean().optional().catch(undefined),
  extra_data: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

/** Queues a prompt: 200 with its id and number, or 400 with what is wrong with it. A taken `prompt_id` is no objection. */
export async function postPrompt(
  { catalog, folders, engine, settings }: Pick<
    RouteDeps,
    "catalog" | "folders" | "engine" | "settings"
  >,
  request: Request,
): Promise<Response> {
  const body = parseBody(await request.text());
  if (body === undefined) {
    return text("500 Internal Server Error\n\nServer got itself in trouble", 500);
  }
  const counted = engine.nextNumber();
  const number = body.number ?? (body.front === true ? -counted : counted);
  if (body.prompt === undefined) {
    const error = {
      type: "no_prompt",
      message: "No prompt provided",
      details: "No prompt provided",
      extra_info: {},
    };
    return json({ error, node_errors: {} }, 400);
  }
  const checked = validateGraph(body.prompt, catalog, (name) => folders.find(name) !== undefined);
  if (checked.type === "invalid") {
    return json({ error: checked.error, node_errors: checked.nodeErrors }, 400);
  }
  const promptId = body.prompt_id === undefined ? settings.newId() : String(body.prompt_id);
  const clientId = body.client_id === undefined ? undefined : String(body.client_id);
  engine.submit({
    number,
    promptId,
    clientId,
    graph: checked.graph,
    extraData: clientId === undefined
      ? { ...body.extra_data }
      : { ...body.extra_data, client_id: clientId },
    outputs: checked.outputs,
  });
  return json({ prompt_id: promptId, number, node_errors: checked.nodeErrors });
}

function parseBody(body: string): z.infer<typeof Body> | undefined {
  try {
    return Body.safeParse(parseExact(body)).data;
  } catch {
    return undefined;
  }
}
