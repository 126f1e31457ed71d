/**
 * One Bot API call over HTTP without a bot library, for tests of the server itself and for probes of the bench.
 */

import { z } from "zod";

const answerSchema = z.object({
  ok: z.boolean(),
  result: z.unknown().optional(),
  error_code: z.number().optional(),
  description: z.string().optional(),
  parameters: z.object({
    retry_after: z.number().optional(),
    migrate_to_chat_id: z.number().optional(),
  }).optional(),
});

export type RawAnswer = z.infer<typeof answerSchema>;

/** A file among the parameters makes the request multipart. */
export type RawParams = Readonly<Record<string, unknown>>;

/** Calls a method with JSON, or with a multipart form when a value is a Blob; resolves for refusals too. */
export async function rawCall(
  server: { readonly url: string; readonly token: string },
  method: string,
  params: RawParams = {},
  signal?: AbortSignal,
): Promise<RawAnswer> {
  const hasFile = Object.values(params).some((value) => value instanceof Blob);
  const form = new FormData();
  if (hasFile) {
    for (const [name, value] of Object.entries(params)) {
      if (value instanceof Blob) form.set(name, value, value instanceof File ? value.name : name);
      else form.set(name, typeof value === "string" ? value : JSON.stringify(value));
    }
  }
  const response = await fetch(`${server.url}/bot${server.token}/${method}`, {
    method: "POST",
    body: hasFile ? form : JSON.stringify(params),
    ...(hasFile ? {} : { headers: { "content-type": "application/json" } }),
    ...(signal === undefined ? {} : { signal }),
  });
  return answerSchema.parse(await response.json());
}
