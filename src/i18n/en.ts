/** What the chat says in English. The keys and their arguments are what every other language must have. */
import { type ClosedReason, type FailReason, type LimitSpan } from "../jobs/mod.ts";
import {
  type InlineProblem,
  type MissingInputProblem,
  type ParamProblem,
} from "../templates/mod.ts";
import { batch } from "./en_batch.ts";
import {
  access,
  admin,
  adminCommands,
  count,
  duration,
  forget,
  language,
  notices,
  reload,
  settings,
} from "./en_menus.ts";

/** What is wrong with a value, to stand after the parameter's name. */
function paramProblem(problem: ParamProblem): string {
  switch (problem.kind) {
    case "not_a_number":
      return `“${problem.raw}” is not a number`;
    case "not_whole":
      return `“${problem.raw}” is not a whole number`;
    case "below_min":
      return `must be at least ${problem.min}`;
    case "above_max":
      return `must be at most ${problem.max}`;
    case "not_an_option":
      return problem.nearest.length > 0
        ? `there is no “${problem.raw}”. Similar: ${problem.nearest.join(", ")}`
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
    batch: "The same words for many pictures",
    status: "My jobs and their place in the queue",
    settings: "Steps, seed, sampler and more",
    cancel: "Cancel a draft or a job",
    language: "Русский · English",
    forget: "Erase my pictures and settings",
  },
  adminCommands,
  duration,

  start:
    "Send me a picture and say what to change. That's all.\n\nFor example: a photo with the caption “make it a winter evening”.\n\n/settings has all the parameters, /help has examples.",
  tryExample: "Try it with this picture",
  /** The bot's profile: what an empty chat shows, at most 512 characters, and what its page and shared links say, at most 120. */
  profile: {
    description:
      "I edit pictures by words. Send me a picture and say what to change: “make it a winter evening”, “remove the background”, “put the cat on the sofa”.\n\nPress Start to see an example.",
    short: "Send a picture and say what to change: I edit it.",
  },
  help: (p: { commands: string; params: string; more: string }) =>
    `Send a photo (or a picture as a file, for best quality; an iPhone's HEIC will do) with a caption that says what to change, and I start at once. Without a caption I ask what to change.\n\nYou can put parameters in the caption:\nmake it night steps=12 seed=42 neg="blurry"\n\nParameters: ${p.params}.\n\n${p.more}${p.commands}`,
  /** Rows of /help about what not every template can do. */
  helpMore: {
    marks:
      "Circle it: draw on the photo in Telegram's editor, then write “change the jacket in the red circle”.",
    format:
      "Another format: the buttons 1:1 to 9:16 under a picture without a caption, or “✨ More” under a result; what is around the picture is filled in.",
    cutout:
      "Cut-out: “✂️ Remove background” under a picture without a caption, or “✨ More” under a result, gives a PNG that can be seen through.",
    bigger: "Larger: “✨ More” under a result has 🔍 2× and 4×.",
    seen: "👀 on your message: I have it. 🤷: I did not take it, and say why.",
  },

  askPicture: "Send me the picture to edit, as a photo or as a file.",
  askWords: (p: { count: number }) =>
    p.count === 1
      ? "Got it. What should I change? Write it, or tap an idea."
      : `Got ${p.count} pictures, Picture 1 to Picture ${p.count}. What should I do with them? For example: “put the person from Picture 1 into Picture 2”.`,
  collected: (p: { count: number; max: number }) =>
    `Got picture ${p.count}. Send another one (up to ${p.max} in all), or write what to do.`,
  gathering: "📚 Receiving the album…",
  startNow: "▶ Start now",
  done: "✓ Done",
  morePresets: "More ideas ›",
  notYours: "This button belongs to another user.",
  refused: "I don't undress or sexualise people in pictures, so no job was started.",
  refusedValue: (p: { name: string }) =>
    `I don't undress or sexualise people in pictures. The value of “${p.name}” asks for that, so no job was started. You can change it in /settings.`,
  compared: "Before · after",
  albumButtons: (p: { count: number }) => `What next with these ${p.count} results?`,
  shrunk: "This picture is over Telegram's 50 MB, so it is shown smaller.",
  fileTooLarge: "This file is over the 50 MB that Telegram accepts. The bot's owner has it.",
  cannotCompare:
    "I can't put these two side by side: the picture is too large, or in a format that I can't read here.",
  fileGone: "I no longer have the lossless file of this result.",
  cannotDelete:
    "Telegram no longer lets me delete this message (it is older than 48 hours). I have deleted my copy of the picture; please delete the message yourself.",
  presetSaved: "Saved. It will be the first idea when you send a picture without a caption.",
  buttons: {
    again: "🔁 Again",
    four: "🎲 × 4",
    further: "✏️ Edit further",
    params: "⚙️ Parameters",
    compare: "◐ Before / after",
    file: "📄 File",
    preset: "⭐ Save as idea",
    original: "↩️ From the original",
    seed: (p: { seed: string }) => `🎲 ${p.seed}`,
    delete: "🗑 Delete",
    cutout: "✂️ Cut out",
    more: "✨ More ›",
    back: "‹ Back",
  },
  whatCircled: "⭕ What I circled: …",
  askMarked: "What should I do with what you have circled? Write it.",
  /** Puts the words that follow it in relation to what is drawn on the picture. */
  marked: (p: { words: string }) => `What I circled: ${p.words}`,
  marksHint:
    "💡 You can draw on a photo before you send it: circle something in Telegram's editor and write, for example, “change the jacket in the red circle”. The circle will be gone from the result.",
  otherFormat: (p: { format: string }) => `Another format: ${p.format}`,
  hasFormat: "This picture has that format already.",
  tooLargeForFormat:
    "This file has too many pixels to be given another format. Send it as a photo, not as a file.",
  cutOut: "Remove the background",
  bigger: (p: { factor: number }) => `Enlarge ${p.factor}×`,
  tooLargeToEnlarge: "This picture is too large to be enlarged that much.",
  takesNoWords: (p: { template: string; isCutout: boolean }) =>
    `“${p.template}” needs no text: it only ${
      p.isCutout ? "removes the background" : "makes pictures larger"
    }. Send the picture without a caption, or choose another template: /settings.`,
  noWordsToSave: "This result has no text, so there is no idea to save.",
  askWordsAgain: "What should I change in this picture? Describe it in one sentence.",
  needPicture: "Send me a picture first, then say what to change in it.",
  notAPicture: "I can only edit pictures: send a photo, or a JPEG, PNG, WebP, HEIC or AVIF file.",
  wordsTooLong: (p: { max: number }) =>
    `That text is too long for one edit. Use at most ${p.max} characters; I have kept your picture.`,
  unknownCommand: "I don't know this command. /help lists all of them.",
  tooMuchText: "That is more text than I can store. Shorten the text or the values.",
  somethingWrong: "Something went wrong on my side. Please try again.",
  heldUp:
    "⏸ I can't store anything right now. Your message is not lost: I will take it up by myself when that works again.",
  leftOut: {
    message: "This message made me crash twice, so I am skipping it. Please try another way.",
    press: "This button made me crash twice, so I am ignoring the press. Everything else works.",
  },

  image: {
    empty: "This file is empty. Please send it again.",
    tooLarge: (p: { mb: number; maxMb: number }) =>
      `This picture is too large: ${p.mb} MB. The limit is ${p.maxMb} MB.`,
    notAnImage:
      "This file is not a picture. Send a photo, or a JPEG, PNG, WebP, HEIC or AVIF file.",
    format: (p: { format: string; allowed: string }) =>
      `I can't read ${p.format} pictures. Send one of these: ${p.allowed}.`,
    damaged: "This picture is damaged or incomplete. Please send it again.",
    tooManyPixels: (p: { width: number; height: number; maxMegapixels: number }) =>
      `This picture is too large: ${p.width} × ${p.height}. The limit is ${p.maxMegapixels} megapixels.`,
    animated: "I can't edit animations. Send a still picture.",
    unavailable: "I could not get this picture from Telegram. Please send it again.",
    noRoom: "The server's disk is full, so I can't accept this right now. Please try again later.",
    storageAway: "I can't store pictures right now. Please try again in a few minutes.",
    tooManyPictures: (p: { max: number }) =>
      `I can edit at most ${count(p.max, "picture", "pictures")} at a time. Send fewer.`,
  },

  queue: {
    waiting: (p: { position: number; waitMs: number | undefined }) =>
      `⏳ In the queue: number ${p.position}` +
      (p.waitMs === undefined ? "" : ` · about ${duration(p.waitMs)}`),
    next: "⏳ You are next…",
    paused: (p: { position: number }) =>
      `⏸ In the queue: number ${p.position}. The queue is paused; your job is kept and will start by itself.`,
    full: (p: { max: number }) =>
      `The queue is full (${
        count(p.max, "job waiting", "jobs waiting")
      }). I have kept your picture: send the text again in a few minutes.`,
    closed: (reason: ClosedReason): string =>
      reason === "draining"
        ? "I am not taking new jobs right now: the server is under maintenance. I have kept your picture: send the text again later."
        : "The server's disk is full, so I am not taking new jobs right now. I have kept your picture: send the text again later.",
    lacking: (p: MissingInputProblem & { template: string }) =>
      `The image server cannot run the template ${p.template} right now: node ${p.nodeId} (${p.classType}) needs the input “${p.input}”, which is not set. The owner has to ${
        p.embedded ? "update the bot or ComfyUI" : "export the workflow from ComfyUI again"
      }; until then, try another template: /settings. I have kept your picture.`,
    limit: (p: { per: LimitSpan; max: number }) =>
      p.per === "pending"
        ? `You already have ${
          count(p.max, "job", "jobs")
        } in progress, which is the limit. I have kept your picture: send the text again when one is done.`
        : `The limit is ${count(p.max, "job", "jobs")} ${
          p.per === "hour" ? "an hour" : "a day"
        }. I have kept your picture: send the text again later.`,
    stalled:
      "⏸ The image server does not answer right now. Your job is kept and will start by itself when it is back.",
    waking: (p: { leftMs: number | undefined }) =>
      `💤 The image server's machine is being woken${
        p.leftMs === undefined ? "" : `, about ${duration(p.leftMs)}`
      }. Your job is kept and will start by itself.`,
    storageAway:
      "⏸ Pictures can't be stored or read right now. Your job is kept and will continue by itself.",
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
    p: {
      words: string;
      seed: string | undefined;
      steps: number | undefined;
      ms: number | undefined;
    },
  ) => ({
    head: p.words,
    tail: [
      ...(p.seed === undefined ? [] : [`seed ${p.seed}`]),
      ...(p.steps === undefined ? [] : [count(p.steps, "step", "steps")]),
      ...(p.ms === undefined ? [] : [duration(p.ms)]),
    ].join(" · "),
  }),
  failed(reason: FailReason): string {
    switch (reason) {
      case "out_of_memory":
        return "❌ The graphics card ran out of memory. Try a smaller picture or fewer pictures.";
      case "timeout":
        return "❌ The image server stopped making progress, so I stopped this job. Please try again.";
      case "crashed":
        return "❌ The image server crashed twice on this job, so I stopped trying.";
      case "picture_gone":
        return "❌ I no longer have the picture for this job. Please send it again.";
      case "interrupted":
        return "❌ This job was stopped on the image server.";
      case "undeliverable":
        return "📦 The picture is ready, but Telegram does not let me send it here. I will keep it for a while: /status has a button to get it.";
      case "template_gone":
        return "❌ The owner has removed this job's template. Choose another in /settings and send the job again.";
      case "refused":
        return "❌ The image server rejected this job: it is not set up for it. The owner can find the reason in the log.";
      case "execution":
        return "❌ The image server could not finish this job. Please try again, or use other parameters.";
    }
  },

  cancel: {
    nothing: "There is nothing to cancel.",
    nothingHere: "There is nothing to cancel in this chat.",
    draft: "Draft discarded.",
    which: "What should I cancel?",
    all: "All of them",
    requested: "Stopping…",
    tooLate: "Too late: this job has already ended.",
    notYours: "This is another user's job.",
    done: (p: { jobs: number }) => `Cancelled: ${count(p.jobs, "job", "jobs")}.`,
  },
  status: {
    paused: "The queue is paused; jobs are kept and will start by themselves.",
    none: "You have no jobs. Send a picture with a caption to start one.",
    noneHere: "You have no jobs in this chat.",
    head: (p: { jobs: number }) => `You have ${count(p.jobs, "job", "jobs")}:`,
    waiting: (p: { words: string; position: number; waitMs: number | undefined }) =>
      `⏳ “${p.words}”: number ${p.position} in the queue` +
      (p.waitMs === undefined ? "" : `, about ${duration(p.waitMs)}`),
    stalled: (p: { words: string }) => `⏸ “${p.words}”: waits until the image server answers again`,
    waking: (p: { words: string; leftMs: number | undefined }) =>
      `💤 “${p.words}”: the image server's machine is being woken` +
      (p.leftMs === undefined ? "" : `, about ${duration(p.leftMs)}`),
    running: (p: { words: string }) => `🎨 “${p.words}”: in progress`,
    sending: (p: { words: string }) => `📤 “${p.words}”: being sent`,
    kept: (p: { words: string }) => `📦 “${p.words}”: ready, could not be sent`,
    total: (p: { waiting: number }) =>
      p.waiting === 0
        ? "The queue is empty."
        : `In the whole queue: ${count(p.waiting, "job", "jobs")}.`,
  },

  kept: {
    get: (p: { words: string }) => `📦 ${p.words}`,
    offer: (p: { jobs: number }) =>
      `I could not send you ${count(p.jobs, "result", "results")} that ${
        p.jobs === 1 ? "is" : "are"
      } ready. Get ${p.jobs === 1 ? "it" : "them"} here:`,
    refused: "Telegram does not let me send it here. I still have it.",
    tooLarge: "It is larger than Telegram allows (50 MB). The owner of this bot has the file.",
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
    negative_prompt: "Negative prompt",
    guidance: "Guidance",
    megapixels: "Megapixels",
    color_match: "Colours",
    upscale_model: "Model",
    lora: "LoRA",
    lora_strength: "LoRA strength",
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
          : ` Parameters: ${known.join(", ")}.`);
    }
    if (problem.kind === "unclosed_quote") {
      return `The quotation mark after “${problem.name}=” is not closed.`;
    }
    if (problem.kind === "unclear_end") {
      return `It is not clear where “${problem.name}=” ends. Put the value in quotation marks: ${problem.name}="…, …".`;
    }
    return `${problem.name}: ${paramProblem(problem.problem)}`;
  },
  inlineProblems: (p: { problems: string }) =>
    `${p.problems}\n\nNo job was started. Send the corrected text; I have kept your picture.`,

  batch,
  settings,
  admin,
  notices,
  reload,
  access,
  language,
  forget,
  noSeed: "This template has no seed: running it again gives the same picture.",
  stale: "This button is out of date.",
  underway: "Already in progress.",
};

/** Every text of one language. */
export type Text = typeof en;
