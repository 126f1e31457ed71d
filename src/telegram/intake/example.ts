/** The first minute: what the bot does, an example of it, and its picture to try it with. Does not know what is made of the picture. */
import { getLogger } from "@logtape/logtape";
import { InlineKeyboard, InputFile } from "grammy";
import { sampleBeforeAfter } from "../../images/drawing/mod.ts";
import { type ChatUser } from "../../jobs/mod.ts";
import { messageOf } from "../../lib/mod.ts";
import {
  answer,
  type BotContext,
  type ChatDeps,
  type PressAnswer,
  replyOptions,
  templateOf,
} from "../api/mod.ts";
import { writeButton } from "../buttons/mod.ts";
import type { Intake } from "./intake.ts";

const log = getLogger(["bot", "telegram"]);

export interface Example {
  /** Says what the bot does, under the example's before and after, with a button that begins an edit of its picture. */
  show(ctx: BotContext): Promise<void>;
}

/** The picture is uploaded once; a file_id of Telegram's serves then. */
export function createExample(deps: Pick<ChatDeps, "offered" | "defaultTemplate">): Example {
  let known: string | undefined;

  return {
    async show(ctx) {
      if (ctx.goesUnanswered) return;
      const takesPicture = templateOf(deps, ctx.user).pictures.length > 0;
      const keyboard = takesPicture
        ? new InlineKeyboard().text(ctx.text.tryExample, writeButton({ type: "example" })).primary()
        : undefined;
      try {
        const photo = known ?? new InputFile(await sampleBeforeAfter(), "before-after.jpg");
        const sent = await ctx.replyWithPhoto(photo, {
          ...replyOptions(ctx),
          caption: ctx.text.start,
          ...(keyboard ? { reply_markup: keyboard } : {}),
        });
        known = sent.photo?.at(-1)?.file_id ?? known;
      } catch (error) {
        // Photos may be forbidden in the chat, and words are what matters.
        log.info("Cannot send the example: {error}", { error: messageOf(error) });
        await answer(ctx, ctx.text.start, keyboard ? { keyboard } : {});
      }
    },
  };
}

/** Begins an edit of the example's picture, for the user who presses. */
export async function pressExample(
  ctx: BotContext,
  chatUser: ChatUser,
  { intake }: { readonly intake: Pick<Intake, "ask"> },
): Promise<PressAnswer> {
  return await intake.ask(ctx, chatUser, {
    sources: () => Promise.resolve([{ type: "sample" }]),
  });
}
