/**
 * Checks the owner's policy before a job is queued. Owns how a refusal is answered and logged; what is refused is users/policy/request.ts's. No
 * job can be queued without a permit, so no new path to the queue can bypass it.
 */
import { getLogger } from "@logtape/logtape";
import { paramLabel } from "../../i18n/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { specsOf, type Template } from "../../templates/mod.ts";
import {
  judgeText,
  judgeWish,
  type Policy,
  type Wish,
  type WishVerdict,
} from "../../users/policy/mod.ts";
import { type BotContext, refuse } from "../api/mod.ts";

const log = getLogger(["bot", "policy"]);

declare const permitted: unique symbol;
/** A wish that the policy in force has let through. */
export type Permitted<W extends Wish> = W & { readonly [permitted]: true };

interface PermitDeps {
  readonly policy: () => Policy;
  readonly templates: () => ReadonlyMap<string, Template>;
}

/** Why a request makes no job; the caller answers the user. */
export interface Refusal {
  readonly refused: Extract<WishVerdict, { allowed: false }>;
}

/** Judges a wish by the policy in force. */
export function permit<W extends Wish & { readonly template: string }>(
  wish: W,
  { policy, templates }: PermitDeps,
): Permitted<W> | Refusal {
  const template = templates().get(wish.template);
  const verdict = judgeWish(policy(), template ? specsOf(template) : {}, wish);
  return verdict.allowed ? wish as Permitted<W> : { refused: verdict };
}

/** Judges a value that a user wants to keep; undefined where nothing is against it. */
export function refusalOf(
  param: string,
  value: string,
  { policy }: Pick<PermitDeps, "policy">,
): Refusal | undefined {
  const verdict = judgeText(policy(), param, value);
  return verdict.allowed ? undefined : { refused: { ...verdict, param } };
}

/** Writes a refusal down, without the words, and says it. */
export async function sayRefused(
  ctx: BotContext,
  chatUser: ChatUser,
  { refused: { rule, param } }: Refusal,
): Promise<void> {
  log.warn("Refused by policy: {rule}", { audit: "policy", rule, ...chatUser });
  await refuse(
    ctx,
    param === undefined
      ? ctx.text.refused
      : ctx.text.refusedValue({ name: paramLabel(ctx.text, param) }),
  );
}
