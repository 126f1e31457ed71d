/**
 * A look at the Bot API without a bot: does it answer, does it take the token, what does its clock say. For `doctor`, which
 * must work where nothing else does; sends nothing and takes no updates.
 */
import { z } from "zod";
import { type Config } from "../../config/mod.ts";
import { networkReason } from "../../lib/mod.ts";

/** Bot API, "Making requests": every answer has `ok`, and `result` or `error_code` and `description`. */
const Refusal = z.object({ ok: z.literal(false), error_code: z.number(), description: z.string() });
const answerWith = <Result extends z.ZodType>(result: Result) =>
  z.discriminatedUnion("ok", [z.object({ ok: z.literal(true), result }), Refusal]);
const Me = answerWith(z.object({ first_name: z.string(), username: z.string() }));
const WebhookInfo = answerWith(z.object({ url: z.string() }));

/**
 * Asks `getMe` and `getWebhookInfo`. What goes wrong is in the answer; rejects only with the signal's reason. Nothing in the
 * answer holds the token.
 */
export async function probeTelegram(
  { token, apiRoot }: Config["telegram"],
  signal: AbortSignal,
): Promise<TelegramProbe> {
  const ask = async <Answer extends z.ZodType>(method: string, schema: Answer) => {
    // A GET: the runtime may repeat it.
    const response = await fetch(`${apiRoot}/bot${token.reveal()}/${method}`, { signal });
    const dateMs = Date.parse(response.headers.get("date") ?? "");
    const text = await response.text();
    return {
      status: response.status,
      answer: schema.safeParse(parseJson(text)).data,
      serverTimeMs: Number.isNaN(dateMs) ? undefined : dateMs,
    };
  };
  try {
    const [me, webhook] = await Promise.all([
      ask("getMe", Me),
      ask("getWebhookInfo", WebhookInfo),
    ]);
    const { serverTimeMs } = me;
    if (!me.answer) {
      return { type: "unreadable", status: me.status, serverTimeMs };
    }
    if (!me.answer.ok) {
      const { error_code: code, description } = me.answer;
      return { type: "refused", code, description, serverTimeMs };
    }
    const { first_name: firstName, username } = me.answer.result;
    const webhookUrl = webhook.answer?.ok ? webhook.answer.result.url : "";
    return {
      type: "answered",
      bot: { firstName, username },
      webhookHost: URL.parse(webhookUrl)?.host,
      serverTimeMs,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { type: "unreachable", reason: networkReason(error) };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a look at the Bot API shows. `serverTimeMs`: its clock, milliseconds since 1970, whole seconds. */
export type TelegramProbe =
  | {
    readonly type: "answered";
    readonly bot: { readonly firstName: string; readonly username: string };
    /** Where updates are sent to; undefined where no webhook is set. */
    readonly webhookHost: string | undefined;
    readonly serverTimeMs: number | undefined;
  }
  | {
    readonly type: "refused";
    readonly code: number;
    readonly description: string;
    readonly serverTimeMs: number | undefined;
  }
  /** It answers, but not as a Bot API server. */
  | {
    readonly type: "unreadable";
    readonly status: number;
    readonly serverTimeMs: number | undefined;
  }
  | { readonly type: "unreachable"; readonly reason: string };
