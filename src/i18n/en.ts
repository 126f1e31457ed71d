/** The sentences in English. Their keys and arguments are the contract of every other language. */
import { type ClosedReason, type FailReason, type LimitSpan } from "../jobs/mod.ts";
import {
  type InlineProblem,
  type MissingInputProblem,
  type ParamProblem,
} from "../templates/mod.ts";
import { admin, adminCommands, notices, reload } from "./en_admin.ts";
import { count, duration } from "./en_plurals.ts";

export const settings = {
  head: (p: { template: string }) =>
    `⚙️ Settings for your next pictures\nTemplate: ${p.template}\n\nTap a name to see what it does.`,
  jobHead: (p: { words: string }) =>
    `⚙️ Once more, with other parameters:\n“${p.words}”\n\nTap a name to see what it does.`,
  set: (p: { name: string }) => `✏️ ${p.name}`,
  randomSeed: "🎲 Random",
  start: "▶ Start",
  reset: "↺ Reset",
  resetDone: "Everything is as at the beginning.",
  close: "✓ Done",
  leave: "✕ Close",
  back: "‹ Back",
  page: (p: { page: number; pages: number }) => `Page ${p.page} of ${p.pages}`,
  noList:
    "The list comes from the picture server, which has not answered yet. A name can be typed.",
  type: "✎ Type a value",
  byDefault: (p: { value: string }) => `↺ Default (${p.value})`,
  asBefore: (p: { value: string }) => `↺ As it was (${p.value})`,
  askValue: (p: { name: string; limits: string }) =>
    `Send the value for “${p.name}”${p.limits === "" ? "" : ` (${p.limits})`}.`,
  limits: (p: { min: number; max: number }) => `${p.min} to ${p.max}`,
  seedLimits: "a whole number; 0 draws a new one each time",
  textLimits: "a text; - for none",
  limitReached: "That is the limit.",
  template: (p: { title: string }) => `Template: ${p.title}`,
  chooseTemplate: "Which template shall I work with?",
  result: (p: { as: string }) => `Result: ${p.as}`,
  resultAs: { auto: "as sent", photo: "photo", file: "file" },
  resultSet: {
    auto: "A photo comes back as a photo, a file as a file.",
    photo: "Results come as photos; a button gives the lossless file.",
    file: "Results come as lossless files.",
  },
  more: "More ▸",
  moreHead:
    "⚙️ More settings\n\nLive preview: the picture is shown while it forms.\nIdeas: words that you have saved to use again with a tap.",
  previewOn: "Live preview: on",
  previewOff: "Live preview: off",
  language: (p: { name: string }) => `Language: ${p.name}`,
  ideas: (p: { count: number }) => `Ideas: ${p.count}`,
  ideasHead: (p: { count: number; max: number }) =>
    (p.count === 0
      ? "⭐ You have no ideas of your own yet."
      : `⭐ Your ideas: ${p.count} of ${p.max}. Tap one to read it whole, 🗑 to delete it.`) +
    "\n\nThe button ⭐ under a result saves its words and parameters. Your ideas stand before the owner's when you send a picture without words.",
  stale: "This menu is out of date. Open /settings again.",
  jobStale: "This menu is out of date: its picture or its template is no longer there.",
  notYours: "These are somebody else's settings. Open your own with /settings.",
};

/** What is wrong with a value, to stand after the parameter's name. */
function paramProblem(problem: ParamProblem): string {
  switch (problem.kind) {
    case "not_a_number":
      return `“${problem.raw}” is not a number`;
    case "not_whole":
      return `“${problem.raw}” is not a whole number`;
    case "below_min":
      return `it must be at least ${problem.min}`;
    case "above_max":
      return `it must be at most ${problem.max}`;
    case "not_an_option":
      return problem.nearest.length > 0
        ? `there is no “${problem.raw}”. Near it: ${problem.nearest.join(", ")}`
        : `there is no “${problem.raw}”`;
    case "too_long":
      return `at most ${count(problem.maxLength, "character", "characters")}`;
  }
}

export const en = {
  languageName: "English",
  commands: {
    start: "What this bot does",
    help: "Help and examples",
    new: "Edit a picture step by step",
    status: "My jobs: place and time",
    settings: "Steps, seed, sampler and the rest",
    cancel: "Give up a draft or a job",
    language: "Русский · English",
    forget: "Erase my pictures and settings",
  },
  adminCommands,
  duration,

  start:
    "Send me a picture and say what to change. That is all.\n\nFor example: a photo with the caption “make it a winter evening”.\n\n/settings has every knob, /help has examples.",
  help: (p: { commands: string; params: string }) =>
    `Send a photo (or a picture as a file, for best quality) with a caption that says what to change: a job starts at once. Without a caption I ask for the words.\n\nParameters may stand in the caption:\nmake it night steps=12 seed=42 neg="blurry"\n\nThey are: ${p.params}.\n\n${p.commands}`,

  askPicture: "Send me the picture to edit, as a photo or as a file.",
  askWords: (p: { count: number }) =>
    p.count === 1
      ? "Got it. What should I change? Just write it, or tap an idea."
      : `Got ${p.count} pictures: Picture 1 to Picture ${p.count}. What should I do with them? For example: “put the person from Picture 1 into Picture 2”.`,
  collected: (p: { count: number; max: number }) =>
    `Picture ${p.count} is here. Send another one (up to ${p.max}), or write what to do.`,
  gathering: "📚 Gathering the album…",
  startNow: "▶ Start now",
  done: "✓ Done",
  morePresets: "More ideas ›",
  notYours: "This button is somebody else's.",
  refused:
    "I don't undress or sexualise people in pictures. This request was refused; no job was started.",
  refusedValue: (p: { name: string }) =>
    `I don't undress or sexualise people in pictures. The value of “${p.name}” asks for it and was refused; no job was started. Another value can be set in /settings.`,
  comparing: "One moment…",
  compared: "Before · after",
  cannotCompare:
    "I can't put these two side by side: the picture is too large or of a kind that I can't read here.",
  fileGone: "I no longer have the lossless file of this result.",
  cannotDelete:
    "Telegram no longer lets me delete this message (it is older than 48 hours). I have deleted my copy of the picture; please delete the message yourself.",
  presetSaved: "Saved. It stands first among the ideas when you send a picture without words.",
  buttons: {
    again: "🔁 Again",
    further: "✏️ Edit further",
    params: "⚙️ Parameters",
    compare: "◐ Before / after",
    file: "📄 File",
    preset: "⭐ Save as idea",
    original: "↩️ From the original",
    seed: (p: { seed: string }) => `🎲 ${p.seed}`,
    delete: "🗑 Delete",
  },
  askWordsAgain: "What should I change in this picture? Write it in a sentence.",
  needPicture: "Send me a picture first, then say what to change in it.",
  notAPicture: "I can only edit pictures: send a photo, or a JPEG, PNG or WebP file.",
  wordsTooLong: (p: { max: number }) =>
    `That is too much text for one edit. Say it in at most ${p.max} characters; your picture is kept.`,
  unknownCommand: "I don't know this command. /help lists those that I know.",
  tooMuchText: "That is more text than I can keep. Shorten the words or the values.",
  somethingWrong: "Something went wrong on my side. Please try it once more.",
  leftOut: {
    message: "This message made me crash twice, so I leave it out. Please try it another way.",
    press: "This button made me crash twice, so I leave the press out. Everything else works.",
  },

  image: {
    empty: "This file is empty. Please send it again.",
    tooLarge: (p: { mb: number; maxMb: number }) =>
      `This picture is too large: ${p.mb} MB. I take up to ${p.maxMb} MB.`,
    notAnImage: "This file is not a picture. Send a photo, or a JPEG, PNG or WebP file.",
    format: (p: { format: string; allowed: string }) =>
      `I can't read ${p.format} pictures. Send one of these: ${p.allowed}.`,
    damaged: "This picture is damaged or was not sent whole. Please send it again.",
    tooManyPixels: (p: { width: number; height: number; maxMegapixels: number }) =>
      `This picture is too big: ${p.width} × ${p.height}. I take up to ${p.maxMegapixels} megapixels.`,
    animated: "I can't edit animations. Send a still picture.",
    unavailable: "Telegram did not give me this picture. Please send it again.",
    noRoom: "The server's disk is full, so I can't take this just now. Please try again later.",
    tooManyPictures: (p: { max: number }) =>
      `I can edit at most ${count(p.max, "picture", "pictures")} at a time. Send fewer.`,
  },

  queue: {
    waiting: (p: { position: number; waitMs: number | undefined }) =>
      `⏳ In the queue: number ${p.position}` +
      (p.waitMs === undefined ? "" : ` · about ${duration(p.waitMs)}`),
    next: "⏳ You are next…",
    paused: (p: { position: number }) =>
      `⏸ In the queue: number ${p.position}. Work is paused for a while; your job is kept and starts by itself.`,
    full: (p: { max: number }) =>
      `The queue is full (${
        count(p.max, "job waits", "jobs wait")
      }). Your picture is kept: send the words again in a few minutes.`,
    closed: (reason: ClosedReason): string =>
      reason === "draining"
        ? "I take no new jobs just now: the server is being looked after. Your picture is kept: send the words again later."
        : "The server's disk is full, so I take no new jobs just now. Your picture is kept: send the words again later.",
    lacking: (p: MissingInputProblem & { template: string }) =>
      `The picture server cannot run the template ${p.template} just now: node ${p.nodeId} (${p.classType}) needs the input “${p.input}”, which it is not given. The owner has to ${
        p.embedded ? "update the bot or ComfyUI" : "export the workflow from ComfyUI again"
      }; meanwhile another template may do: /settings. Your picture is kept.`,
    limit: (p: { per: LimitSpan; max: number }) =>
      p.per === "pending"
        ? `You have ${
          count(p.max, "job", "jobs")
        } under way, which is as many as you may. Your picture is kept: send the words again when one is done.`
        : `You may have ${count(p.max, "job", "jobs")} in ${
          p.per === "hour" ? "an hour" : "a day"
        }. Your picture is kept: send the words again later.`,
    stalled:
      "⏸ The picture server does not answer right now. Your job is kept and starts by itself when it is back.",
    starting: "🎨 Starting…",
    progress: (
      p: {
        bar: string;
        percent: number;
        step: { value: number; max: number } | undefined;
        leftMs: number | undefined;
      },
    ) =>
      `🎨 ${p.bar} ${p.percent} %` +
      (p.step ? `\nStep ${p.step.value} of ${p.step.max}` : "") +
      (p.leftMs === undefined ? "" : `${p.step ? " · " : "\n"}about ${duration(p.leftMs)} left`),
    sending: "📤 Sending…",
    cancelled: "✖ Cancelled.",
    cancel: "✖ Cancel",
  },
  result: (
    p: { words: string; seed: string | undefined; steps: number | undefined; ms: number },
  ) => ({
    head: p.words,
    tail: [
      ...(p.seed === undefined ? [] : [`seed ${p.seed}`]),
      ...(p.steps === undefined ? [] : [count(p.steps, "step", "steps")]),
      duration(p.ms),
    ].join(" · "),
  }),
  failed(reason: FailReason): string {
    switch (reason) {
      case "out_of_memory":
        return "❌ The graphics card ran out of memory. Try a smaller picture or fewer pictures.";
      case "timeout":
        return "❌ The picture server stopped making progress, so I gave this job up. Please try it again.";
      case "crashed":
        return "❌ The picture server crashed twice over this job, so I gave it up.";
      case "picture_gone":
        return "❌ I no longer have the picture for this job. Please send it again.";
      case "interrupted":
        return "❌ Somebody stopped this job on the picture server.";
      case "undeliverable":
        return "📦 The picture is ready, but Telegram does not let me send it here. I keep it for a while: /status has a button to get it.";
      case "template_gone":
        return "❌ The owner has taken this job's template away. Choose another in /settings and send the job again.";
      case "refused":
        return "❌ The picture server refused this job: it is not set up for it. The owner finds the reason in the log.";
      case "execution":
        return "❌ The picture server could not finish this job. Please try it again, or with other parameters.";
    }
  },

  cancel: {
    nothing: "There is nothing to cancel.",
    draft: "The draft is gone.",
    which: "Which one?",
    all: "All of them",
    requested: "Stopping…",
    tooLate: "Too late: this job is over.",
    notYours: "This is somebody else's job.",
    done: (p: { jobs: number }) => `Cancelled: ${count(p.jobs, "job", "jobs")}.`,
  },
  status: {
    paused: "Work is paused for a while; jobs are kept and start by themselves.",
    none: "You have no jobs. Send a picture with a caption to start one.",
    head: (p: { jobs: number }) => `You have ${count(p.jobs, "job", "jobs")}:`,
    waiting: (p: { words: string; position: number; waitMs: number | undefined }) =>
      `⏳ “${p.words}”: number ${p.position} in the queue` +
      (p.waitMs === undefined ? "" : `, about ${duration(p.waitMs)}`),
    stalled: (p: { words: string }) =>
      `⏸ “${p.words}”: waits until the picture server answers again`,
    running: (p: { words: string }) => `🎨 “${p.words}”: being painted`,
    sending: (p: { words: string }) => `📤 “${p.words}”: on its way`,
    kept: (p: { words: string }) => `📦 “${p.words}”: ready, could not be sent`,
    total: (p: { waiting: number }) =>
      p.waiting === 0
        ? "Nobody waits in the queue."
        : `In the queue of all: ${count(p.waiting, "job", "jobs")}.`,
  },

  kept: {
    get: (p: { words: string }) => `📦 ${p.words}`,
    offer: (p: { jobs: number }) =>
      `I could not send you ${count(p.jobs, "result", "results")} that ${
        p.jobs === 1 ? "is" : "are"
      } ready. Get ${p.jobs === 1 ? "it" : "them"} here:`,
    refused: "Telegram does not let me send it here. I still keep it.",
    tooLarge: "It is larger than Telegram takes (50 MB). The owner of this bot has the file.",
    gone: "I no longer have this result.",
  },

  params: {
    steps: "Steps",
    cfg: "CFG",
    sampler: "Sampler",
    scheduler: "Scheduler",
    seed: "Seed",
    strength: "Strength",
    eta: "Eta",
    denoise: "Denoise",
    negative_prompt: "Not wanted",
  } as Readonly<Record<string, string>>,
  random: "random",
  nothing: "nothing",
  paramProblem: (p: { name: string; problem: ParamProblem }) =>
    `${p.name}: ${paramProblem(p.problem)}`,
  inlineProblem(problem: InlineProblem, known: readonly string[]): string {
    if (problem.kind === "unknown") {
      return `There is no parameter “${problem.name}”.` +
        (problem.nearest
          ? ` Did you mean ${problem.nearest}?`
          : ` There are: ${known.join(", ")}.`);
    }
    if (problem.kind === "unclosed_quote") {
      return `The quotation mark after “${problem.name}=” is never closed.`;
    }
    if (problem.kind === "unclear_end") {
      return `Where “${problem.name}=” ends is not clear. Put quotation marks around it: ${problem.name}="…, …".`;
    }
    return `${problem.name}: ${paramProblem(problem.problem)}`;
  },
  inlineProblems: (p: { problems: string }) =>
    `${p.problems}\n\nNo job was started. Send the corrected words; your picture is kept.`,

  settings,
  admin,
  notices,
  reload,
  noSeed: "This template has no seed: once more, it gives the same picture.",
  stale: "This button is out of date.",
  access: {
    closed: "This bot is private. You can ask its owner to let you in.",
    ask: "🔑 Ask for access",
    asked: "I have asked. You get a message when it is decided.",
    waiting: "Your request waits for an answer.",
    granted: "Welcome! You may use the bot now: send me a picture and say what to change.",
    refused: "Your request was declined.",
    revoked: "You no longer have access to this bot.",
    appointed: "You are an admin of this bot now. /admin and /users are yours.",
    question: (p: { name: string; id: number }) =>
      `🔑 ${p.name} asks for access (${p.id < 0 ? "a group, " : ""}id ${p.id}).`,
    approved: "✓ Let in.",
    declined: "✗ Declined.",
    adminsOnly: "Only admins may do that.",
    list: "People and groups. Tap one to change what it may do.",
    nobody: "Nobody has asked for access yet.",
    guest: (p: { name: string; id: number; role: string | undefined }) =>
      `${p.name}\nid ${p.id}\n${p.role ?? "waits for an answer"}`,
    makeUser: "✓ Let in",
    makeAdmin: "★ Make admin",
    block: "⛔ Block",
    remove: "Remove",
    back: "‹ Back",
  },
  language: {
    ask: "Which language shall I speak?",
    auto: "As Telegram",
    set: "I speak English now.",
  },
  forget: {
    ask: (p: { jobs: number }) =>
      `Erase everything that I keep of you? Pictures, results, words, ideas and settings; ${
        count(p.jobs, "running or waiting job is", "running or waiting jobs are")
      } cancelled. What stands in this chat stays until you delete it.`,
    yes: "🗑 Erase everything",
    no: "Keep it",
    kept: "Nothing was erased.",
    done: (p: { jobs: number; files: number; presets: number }) =>
      `Erased: ${count(p.jobs, "job", "jobs")}, ${
        count(p.files, "picture file", "picture files")
      }, ${count(p.presets, "idea", "ideas")}, drafts and settings.`,
  },
};

/** The sentences of one language. */
export type Text = typeof en;
