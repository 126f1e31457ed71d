/**
 * Reports to admins how a reload went, by /reload or by itself. Owns that no problem is reported twice;
 * what is in force is config/live_config.ts's.
 */
import { type ReloadOutcome } from "../../config/mod.ts";
import { cut, type Text } from "../../i18n/mod.ts";
import { answer, type BotContext, type ChatDeps } from "../api/mod.ts";
import { maxText, type TellAdmins } from "./alerts.ts";

export interface ReloadCommandDeps extends Pick<ChatDeps, "reload"> {
  readonly tellAdmins: TellAdmins;
  /** Problems that need not be told. */
  readonly knownProblems: () => readonly string[];
}

export interface ReloadCommand {
  /** `/reload`: reads the files and says what came of it. */
  answer(ctx: BotContext): Promise<void>;
  /**
   * Tells the admins of a reload that none of them asked for here, where there is something for them to do: a problem that
   * they were not told of yet, a setting that waits for a restart; and when all is well again. Rejects where the store
   * cannot be read.
   */
  tell(outcome: ReloadOutcome): Promise<void>;
  /** Tells the admins which files could not be used at the start, and for which templates the built-in ones are in their place. */
  tellAtStart(problems: readonly string[], builtIn: readonly string[]): Promise<void>;
  /** Tells the admins what ComfyUI does not have for the templates, a sentence each. Rejects as `tell` does. */
  tellLacking(problems: readonly string[]): Promise<void>;
}

export function createReloadCommand(
  { tellAdmins, reload, knownProblems }: ReloadCommandDeps,
): ReloadCommand {
  /** What is the matter now and was told; what has been mended is told again when it comes back. */
  let told: ReadonlySet<string> | undefined;

  return {
    async answer(ctx) {
      const outcome = await reload();
      told = new Set(concerns(outcome));
      await answer(ctx, cut(describe(outcome, ctx.text), maxText));
    },

    async tell(outcome) {
      const now = concerns(outcome);
      const before = told ?? new Set(knownProblems());
      const isNew = now.some((line) => !before.has(line));
      const isMended = before.size > 0 && now.length === 0 && outcome.type === "applied";
      told = new Set(now);
      if (isNew || isMended) await tellAdmins((text) => describe(outcome, text));
    },

    tellAtStart: (problems, builtIn) =>
      tellAdmins(({ reload: text }) =>
        text.atStart({ problems: list(problems), builtIn: builtIn.join(", ") })
      ),

    tellLacking: (problems) =>
      tellAdmins((text) => text.reload.lacking({ problems: list(problems) })),
  };
}

/** What an admin has to act on. */
function concerns(outcome: ReloadOutcome): readonly string[] {
  switch (outcome.type) {
    case "unchanged":
      return outcome.needRestart;
    case "applied":
      return [...outcome.needRestart, ...outcome.warnings, ...outcome.problems];
    case "refused":
      return outcome.problems;
    default:
      return outcome satisfies never;
  }
}

function describe(outcome: ReloadOutcome, { reload: text }: Text): string {
  const part = (lines: readonly string[], say: (list: string) => string) =>
    lines.length === 0 ? [] : [say(list(lines))];
  const restart = (settings: readonly string[]) =>
    part(settings, (settings) => text.needRestart({ settings }));
  const refused = (problems: readonly string[]) =>
    part(problems, (problems) => text.refused({ problems }));
  switch (outcome.type) {
    case "unchanged":
      return [text.unchanged, ...restart(outcome.needRestart)].join("\n\n");
    case "applied": {
      const { changes, needRestart, warnings, problems } = outcome;
      const inForce = changes.filter((name) => !needRestart.includes(name));
      return [
        ...part(inForce, (changes) => text.applied({ changes })),
        ...restart(needRestart),
        ...part(warnings, (warnings) => text.odd({ warnings })),
        ...refused(problems),
      ].join("\n\n");
    }
    case "refused":
      return refused(outcome.problems).join("\n\n");
    default:
      return outcome satisfies never;
  }
}

function list(lines: readonly string[]): string {
  return lines.join("\n");
}
