/**
 * Workflows that an admin sends: a JSON file becomes a template at once, of a picture that has one in it the bot asks. Owns what such
 * a message means, its buttons, and the try with one picture. Each step is in the chat or on the disk: a restart loses none.
 *
 *   JSON ──▶ imported, with buttons ──▶ tried with a sample, or with the next picture ──▶ an ordinary job
 *   picture with a workflow ──▶ asked ──press──▶ imported …          └──▶ taken back
 */
import { getLogger } from "@logtape/logtape";
import { InlineKeyboard } from "grammy";
import type { Message } from "grammy/types";
import { cut } from "../../i18n/mod.ts";
import { type ChatUser, type Picture } from "../../jobs/mod.ts";
import { InvalidImageError } from "../../lib/mod.ts";
import { type NodeCatalog, paramsFor, specsOf, type Template } from "../../templates/mod.ts";
import {
  answer,
  type BotContext,
  type ChatDeps,
  contentOf,
  download,
  originOf,
  type PressAnswer,
  TooLargeError,
} from "../api/mod.ts";
import { adminMenu, type ImportAction, writeButton } from "../buttons/mod.ts";
import {
  type ImageFetcher,
  type Intake,
  isUnderway,
  jobIdOf,
  permit,
  sayRefused,
} from "../intake/mod.ts";
import { createValueQuestions } from "../settings/mod.ts";
import type { ImportOutcome } from "./import_file.ts";
import { maxText } from "./alerts.ts";

const log = getLogger(["bot", "telegram", "admin"]);

/** Of a workflow file; one of 1 MB has hundreds of nodes. */
const maxFileBytes = 8 * 1024 * 1024;
/** A question for a picture is known by this and the template's name. */
const askedFor = "try:";
/** For the sample, which has a sky; and where neither the picture nor the workflow brings words. */
const sampleWords = "Turn the blue sky into a red sunset";

export interface WorkflowImportsDeps extends ChatDeps, ImportsOwnerDeps {
  readonly intake: Intake;
  readonly imageFetcher: ImageFetcher;
}

/** What an import needs of the program. */
export interface ImportsOwnerDeps {
  /** The owner's `workflows/`. */
  readonly workflowsDir: string;
  /** What ComfyUI has of these node classes. Rejects with ComfyUIConnectionError. */
  readonly catalog: (classTypes: readonly string[]) => Promise<NodeCatalog>;
}

export interface WorkflowImports {
  /** Takes what an admin has sent in private as workflows, or as the picture for a try; false where it is neither. */
  take(ctx: BotContext, chatUser: ChatUser, messages: readonly Message[]): Promise<boolean>;
  /** Asks whether to import what a picture that was sent as a file without words has in it. */
  offer(ctx: BotContext, chatUser: ChatUser, messages: readonly Message[]): Promise<void>;
  /** Does what one of its buttons asks for. */
  press(ctx: BotContext, chatUser: ChatUser, action: ImportAction): Promise<PressAnswer>;
}

/** `signal` ends the wait for a Telegram that is away. */
export function createWorkflowImports(
  deps: WorkflowImportsDeps,
  signal: AbortSignal,
): WorkflowImports {
  const { access, intake, imageFetcher, settings, storage, workflowsDir: folder } = deps;
  const questions = createValueQuestions(deps);

  async function isMeant(ctx: BotContext, chatUser: ChatUser): Promise<boolean> {
    return ctx.chat?.type === "private" && await access.isAdmin(chatUser.userId);
  }

  /** The file's bytes; answers and gives undefined where it cannot be had. */
  async function bytesOf(
    ctx: BotContext,
    document: NonNullable<Message["document"]>,
    maxBytes: number,
  ): Promise<Uint8Array | undefined> {
    const { telegram } = deps.config();
    const { imports: text } = ctx.text.admin;
    try {
      return await download(
        { fileId: document.file_id, bytes: document.file_size, asFile: true },
        {
          api: ctx.api,
          apiRoot: telegram.apiRoot,
          token: telegram.token.reveal(),
          maxBytes,
          signal,
        },
      );
    } catch (error) {
      if (error instanceof TooLargeError) {
        await answer(ctx, text.tooLarge({ maxMb: Math.floor(error.maxBytes / 1024 / 1024) }));
      } else if (error instanceof InvalidImageError) await answer(ctx, text.unavailable);
      else throw error;
      return undefined;
    }
  }

  async function importDocument(
    ctx: BotContext,
    chatUser: ChatUser,
    document: NonNullable<Message["document"]>,
    maxBytes: number,
  ): Promise<void> {
    const bytes = await bytesOf(ctx, document, maxBytes);
    if (!bytes) return;
    const { importFile } = await import("./import_file.ts");
    const outcome = await importFile({ file: document.file_name ?? "workflow.json", bytes }, {
      folder,
      templates: deps.templates,
      overrides: () => deps.config().workflow,
      catalog: deps.catalog,
    });
    if (outcome.type === "imported") {
      if (!outcome.isKnown) await deps.reload();
      log.info("The template {template} was imported", {
        audit: "import",
        template: outcome.template.name,
        by: chatUser.userId,
      });
    }
    await answer(ctx, cut(told(ctx, outcome), maxText), {
      ...(outcome.type === "imported" ? { keyboard: keyboardFor(ctx, outcome) } : {}),
    });
  }

  function told(ctx: BotContext, outcome: ImportOutcome): string {
    const { imports: text } = ctx.text.admin;
    switch (outcome.type) {
      case "refused":
        return text.refused({ reason: outcome.reason });
      case "not_written":
        return text.notWritten({ folder, reason: outcome.reason });
      case "imported": {
        const { template, problems, warnings } = outcome;
        const about = {
          name: template.name,
          pictures: template.pictures.length,
          params: Object.keys(template.params).join(", "),
        };
        const check = problems === undefined
          ? text.unchecked
          : problems.length === 0
          ? text.canRun
          : text.cannotRun({ problems: problems.join("\n") });
        return [
          outcome.isKnown ? text.known(about) : text.imported(about),
          check,
          ...(warnings.length === 0 ? [] : [text.review({ warnings: warnings.join("\n") })]),
        ].join("\n\n");
      }
      default:
        return outcome satisfies never;
    }
  }

  /** What cannot run is not tried. */
  function keyboardFor(
    ctx: BotContext,
    { template: { name }, tag, problems }: Extract<ImportOutcome, { type: "imported" }>,
  ): InlineKeyboard {
    const { buttons } = ctx.text.admin.imports;
    const button = (action: ImportAction) => writeButton({ type: "import", action });
    const keyboard = new InlineKeyboard();
    if (problems && problems.length > 0) {
      return keyboard.text(buttons.back, button({ type: "back", name, tag }));
    }
    return keyboard
      .text(buttons.sample, button({ type: "sample", name })).row()
      .text(buttons.picture, button({ type: "picture", name })).row()
      .text(buttons.back, button({ type: "back", name, tag }));
  }

  /** Runs the template once as an ordinary job of the admin's, with its own defaults. */
  async function tryWith(
    ctx: BotContext,
    chatUser: ChatUser,
    template: Template,
    { picture, words, messageId }: {
      readonly picture: Picture;
      readonly words: string;
      readonly messageId: number;
    },
  ): Promise<void> {
    const wish = permit({
      promptText: template.promptText.length === 0 ? "" : words,
      template: template.name,
      params: paramsFor(specsOf(template), {}, {}, deps.random),
    }, deps);
    if ("refused" in wish) {
      await imageFetcher.remove([picture]);
      return await sayRefused(ctx, chatUser, wish);
    }
    const isQueued = await intake.enqueue(ctx, {
      ...wish,
      id: jobIdOf(ctx),
      origin: originOf(ctx, chatUser, messageId),
      given: [],
      pictures: [picture],
      delivery: ctx.user.delivery,
    });
    if (!isQueued) await imageFetcher.remove([picture]);
  }

  async function trySample(ctx: BotContext, chatUser: ChatUser, template: Template): Promise<void> {
    const pictures = await imageFetcher.fetch(ctx, [{ type: "sample" }]);
    if (!pictures) return;
    const messageId = ctx.msgId ?? 0;
    await tryWith(ctx, chatUser, template, {
      picture: pictures[0]!,
      words: sampleWords,
      messageId,
    });
  }

  /** Takes the picture that was asked for; false where none was, or where it is none. */
  async function takePicture(
    ctx: BotContext,
    chatUser: ChatUser,
    message: Message,
  ): Promise<boolean> {
    const content = contentOf(message);
    if (content.type !== "picture") return false;
    const question = await questions.open(ctx, chatUser);
    if (question?.menu !== adminMenu || !question.param.startsWith(askedFor)) return false;
    const template = deps.templates().get(question.param.slice(askedFor.length));
    if (!template) await answer(ctx, ctx.text.admin.imports.gone);
    else {
      const fetched = await imageFetcher.fetch(ctx, [{ type: "telegram", ...content.source }]);
      if (!fetched) return true; // the question stays
      const words = message.caption ?? ownWords(template) ?? sampleWords;
      const { message_id: messageId } = message;
      await tryWith(ctx, chatUser, template, { picture: fetched[0]!, words, messageId });
    }
    await questions.settle(ctx, chatUser, question);
    return true;
  }

  return {
    async take(ctx, chatUser, messages) {
      if (!await isMeant(ctx, chatUser)) return false;
      const documents = messages.map(workflowDocument);
      if (documents.every((document) => document !== undefined)) {
        for (const document of documents) {
          await importDocument(ctx, chatUser, document, maxFileBytes);
        }
        return true;
      }
      const [message] = messages;
      return message !== undefined && messages.length === 1 &&
        await takePicture(ctx, chatUser, message);
    },

    async offer(ctx, chatUser, messages) {
      const [message] = messages;
      const isPlain = messages.length === 1 && message?.document !== undefined &&
        message.caption === undefined;
      if (!isPlain || !await isMeant(ctx, chatUser)) return;
      // The picture was just stored to wait for its words.
      const draft = await settings.draft(chatUser);
      const file = draft?.messageId === message.message_id
        ? draft.pictures.at(-1)?.file
        : undefined;
      const bytes = file === undefined ? undefined : await storage.readInput(file);
      if (!bytes) return;
      const { hasWorkflow } = await import("../../templates/import/workflow_file.ts");
      if (!hasWorkflow(bytes)) return;
      const { imports: text } = ctx.text.admin;
      await ctx.reply(text.offer, {
        reply_parameters: { message_id: message.message_id },
        reply_markup: new InlineKeyboard()
          .text(text.buttons.file, writeButton({ type: "import", action: { type: "file" } })),
      });
    },

    async press(ctx, chatUser, action) {
      if (!await access.isAdmin(chatUser.userId)) {
        return { text: ctx.text.access.adminsOnly, isAlert: true };
      }
      if (!await isMeant(ctx, chatUser)) return { text: ctx.text.stale };
      const { imports: text } = ctx.text.admin;
      if (action.type === "file") {
        const document = ctx.callbackQuery?.message?.reply_to_message?.document;
        if (!document) return { text: text.unavailable };
        const { maxBytes } = deps.config().image;
        await importDocument(ctx, chatUser, document, maxBytes);
        return {};
      }
      if (action.type === "back") {
        const { takeBack } = await import("./import_file.ts");
        const outcome = await takeBack(folder, action.name, action.tag);
        if (outcome === "taken") await deps.reload();
        const said = outcome === "not_written"
          ? text.notWritten({ folder, reason: "" })
          : text[outcome];
        await ctx.editMessageText(said);
        return {};
      }
      const template = deps.templates().get(action.name);
      if (!template) return { text: text.gone };
      if (action.type === "sample") {
        if (isUnderway(ctx, chatUser, deps.queue)) return { text: ctx.text.underway };
        await trySample(ctx, chatUser, template);
        return {};
      }
      await questions.ask(ctx, chatUser, {
        menu: adminMenu,
        at: { ...chatUser, messageId: ctx.callbackQuery?.message?.message_id ?? 0 },
        param: askedFor + template.name,
        sentence: text.askPicture,
      });
      return {};
    },
  };
}

/** A file that is called, or said to be, JSON. */
function workflowDocument({ document }: Message): Message["document"] {
  const isJson = /\.json$/i.test(document?.file_name ?? "") ||
    document?.mime_type === "application/json";
  return isJson ? document : undefined;
}

/** The words that the workflow had when it was imported. */
function ownWords({ graph, promptText }: Template): string | undefined {
  const [at] = promptText;
  const value = at && graph[at.node]?.inputs[at.input];
  return typeof value === "string" && /\S/.test(value) ? value : undefined;
}
