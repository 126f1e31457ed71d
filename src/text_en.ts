/** The sentences in English. Their keys and arguments are the contract of every other language. */
import type { FailReason } from "./job.ts";
import type { ParamProblem } from "./params.ts";
import type { InlineProblem } from "./inline_params.ts";

const plural = new Intl.PluralRules("en");

/** `1 step`, `2 steps`. */
function count(n: number, one: string, many: string): string {
  return `${n} ${plural.select(n) === "one" ? one : many}`;
}

/** `8 s`, `1 min 20 s`, `2 h 5 min`. */
function duration(ms: number): string {
  const s = Math.max(1, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 === 0 || min >= 10 ? `${min} min` : `${min} min ${s % 60} s`;
  return `${Math.floor(min / 60)} h ${min % 60} min`;
}

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
  },
  duration,

  start:
    "Send me a picture and say what to change. That is all.\n\nFor example: a photo with the caption “make it a winter evening”.\n\n/settings has every knob, /help has examples.",
  help: (p: { commands: string; params: string }) =>
    `Send a photo (or a picture as a file, for best quality) with a caption that says what to change: a job starts at once. Without a caption I ask for the words.\n\nParameters may stand in the caption:\nmake it night steps=12 seed=42 neg="blurry"\n\nThey are: ${p.params}.\n\n${p.commands}`,

  askPicture: "Send me the picture to edit, as a photo or as a file.",
  askWords: "Got it. What should I change? Just write it.",
  askWordsAgain: "What should I change in this picture? Write it in a sentence.",
  needPicture: "Send me a picture first, then say what to change in it.",
  notAPicture: "I can only edit pictures: send a photo, or a JPEG, PNG or WebP file.",
  noPictureInReply: "There is no picture in the message that you replied to.",
  wordsTooLong: (p: { max: number }) =>
    `That is too much text for one edit. Say it in at most ${p.max} characters; your picture is kept.`,
  unknownCommand: "I don't know this command. /help lists those that I know.",
  somethingWrong: "Something went wrong on my side. Please try it once more.",

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
    tooManyPictures: (p: { max: number }) =>
      `I can edit at most ${count(p.max, "picture", "pictures")} at a time. Send fewer.`,
  },

  queue: {
    waiting: (p: { position: number; waitMs: number | undefined }) =>
      `⏳ In the queue: number ${p.position}` +
      (p.waitMs === undefined ? "" : ` · about ${duration(p.waitMs)}`),
    next: "⏳ You are next…",
    full: (p: { max: number }) =>
      `The queue is full (${
        count(p.max, "job waits", "jobs wait")
      }). Your picture is kept: send the words again in a few minutes.`,
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
        return "❌ I could not send you the result.";
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
    none: "You have no jobs. Send a picture with a caption to start one.",
    head: (p: { jobs: number }) => `You have ${count(p.jobs, "job", "jobs")}:`,
    waiting: (p: { words: string; position: number; waitMs: number | undefined }) =>
      `⏳ “${p.words}”: number ${p.position} in the queue` +
      (p.waitMs === undefined ? "" : `, about ${duration(p.waitMs)}`),
    running: (p: { words: string }) => `🎨 “${p.words}”: being painted`,
    sending: (p: { words: string }) => `📤 “${p.words}”: on its way`,
    total: (p: { waiting: number }) =>
      p.waiting === 0
        ? "Nobody waits in the queue."
        : `In the queue of all: ${count(p.waiting, "job", "jobs")}.`,
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
    return `${problem.name}: ${paramProblem(problem.problem)}`;
  },
  inlineProblems: (p: { problems: string }) =>
    `${p.problems}\n\nNo job was started. Send the corrected words; your picture is kept.`,

  settings: {
    head: (p: { template: string }) =>
      `⚙️ Settings for your next pictures\nTemplate: ${p.template}`,
    set: (p: { name: string }) => `✏️ ${p.name}`,
    randomSeed: "🎲 Random",
    reset: "↺ Reset",
    resetDone: "Everything is as at the beginning.",
    close: "✓ Done",
    back: "‹ Back",
    choose: (p: { name: string; value: string; page: number; pages: number }) =>
      `${p.name}: ${p.value}` + (p.pages > 1 ? `\nPage ${p.page} of ${p.pages}` : ""),
    askValue: (p: { name: string; limits: string }) =>
      `Send the value for “${p.name}”${p.limits === "" ? "" : ` (${p.limits})`}.`,
    limits: (p: { min: number; max: number }) => `${p.min} to ${p.max}`,
    textLimits: "a text; - for none",
    limitReached: "That is the limit.",
    stale: "This menu is out of date. Open /settings again.",
    notYours: "These are somebody else's settings. Open your own with /settings.",
    saved: (p: { name: string; value: string }) => `${p.name}: ${p.value}`,
  },
  stale: "This button is out of date.",
};
