/** What the bot shows in the chats while something lasts. */
import type { Stage } from "../lab/stage.ts";

/** A message or a draft, as it was sent or changed. */
export interface Shown {
  readonly chatId: number;
  readonly text: string;
  /** True for a draft and for an edit: a state of a job, not an answer. */
  readonly isChange: boolean;
}

/** Takes down all that is shown from now on, until `stop`. */
export function watchShown(
  { telegram }: Pick<Stage, "telegram">,
): { readonly all: readonly Shown[]; stop(): void } {
  const all: Shown[] = [];
  const stop = telegram.onEvent((event) => {
    if (event.type === "draft") {
      const { chatId, draft } = event;
      if (draft) all.push({ chatId, text: draft.text, isChange: true });
    } else if ((event.type === "sent" || event.type === "edited") && event.by === "bot") {
      const { type, chatId, message: { text = "" } } = event;
      all.push({ chatId, text, isChange: type === "edited" });
    }
  });
  return { all, stop };
}
