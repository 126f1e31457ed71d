/**
 * English texts of the menus: settings, language, /forget, access, the admin panel; and what admins alone are sent.
 * Owns how English counts. Other sentences: en.ts.
 */
import { createCount, createDuration } from "./plurals.ts";

/** `1 step`, `2 steps`. */
export const count = createCount("en", ["one", "other"]);

/** `1 min 20 s`. */
export const duration = createDuration({ h: "h", min: "min", s: "s" });

export const settings = {
  head: (p: { template: string }) =>
    `⚙️ Settings for your next pictures\nTemplate: ${p.template}\n\nTap a name to see what it does.`,
  jobHead: (p: { words: string }) =>
    `⚙️ Run again with other parameters:\n“${p.words}”\n\nTap a name to see what it does.`,
  set: (p: { name: string }) => `✏️ ${p.name}`,
  randomSeed: "🎲 Random",
  start: "▶ Start",
  reset: "↺ Reset",
  resetDone: "Reset.",
  close: "✓ Done",
  leave: "✕ Close",
  back: "‹ Back",
  page: (p: { page: number; pages: number }) => `Page ${p.page} of ${p.pages}`,
  noList: "The image server has not sent its list yet. You can type a name.",
  type: "✎ Type a value",
  byDefault: (p: { value: string }) => `↺ Default (${p.value})`,
  asBefore: (p: { value: string }) => `↺ As it was (${p.value})`,
  askValue: (p: { name: string; limits: string }) =>
    `Send a value for “${p.name}”${p.limits === "" ? "" : ` (${p.limits})`}.`,
  limits: (p: { min: number; max: number }) => `${p.min} to ${p.max}`,
  seedLimits: "a whole number; 0 for a random one each time",
  textLimits: "any text; - for none",
  limitReached: "That is the limit.",
  template: (p: { title: string }) => `Template: ${p.title}`,
  chooseTemplate: "Which template should I use?",
  result: (p: { as: string }) => `Result: ${p.as}`,
  resultAs: { auto: "as sent", photo: "photo", file: "file" },
  resultSet: {
    auto: "A photo comes back as a photo, a file as a file.",
    photo: "Results come as photos; a button below gives the lossless file.",
    file: "Results come as lossless files.",
  },
  more: "More ▸",
  moreHead:
    "⚙️ More settings\n\nLive preview: see the picture while it is being made.\nSame size: the result of an edit gets as many pixels as your picture has, 12 million at most. Without it, it is as large as the model makes it.\nIdeas: texts that you have saved, to use again with one tap.",
  previewOn: "Live preview: on",
  previewOff: "Live preview: off",
  sameSizeOn: "Same size as my picture: on",
  sameSizeOff: "Same size as my picture: off",
  language: (p: { name: string }) => `Language: ${p.name}`,
  ideas: (p: { count: number }) => `Ideas: ${p.count}`,
  ideasHead: (p: { count: number; max: number }) =>
    (p.count === 0
      ? "⭐ You have no ideas of your own yet."
      : `⭐ Your ideas: ${p.count} of ${p.max}. Tap one to read all of it, 🗑 to delete it.`) +
    "\n\nThe button ⭐ under a result saves its text and parameters. When you send a picture without a caption, your ideas come first.",
  stale: "This menu is out of date. Open /settings again.",
  jobStale: "This menu is out of date: its picture or its template is gone.",
  notYours: "These are another user's settings. Open your own with /settings.",
};

export const access = {
  closed: "This bot is private. You can ask its owner for access.",
  ask: "🔑 Ask for access",
  asked: "Request sent. You will get a message with the answer.",
  waiting: "Your request is waiting for an answer.",
  granted: "Welcome! You can use the bot now: send me a picture and say what to change.",
  refused: "Your request was declined.",
  revoked: "You no longer have access to this bot.",
  appointed: "You are an admin of this bot now. You can use /admin and /users.",
  question: (p: { name: string; id: number }) =>
    `🔑 ${p.name} asks for access (${p.id < 0 ? "a group, " : ""}id ${p.id}).`,
  approved: "✓ Access granted.",
  declined: "✗ Declined.",
  adminsOnly: "Only admins can do that.",
  list: "Users and groups. Tap one to change its access.",
  nobody: "There are no requests for access yet.",
  guest: (p: { name: string; id: number; role: string | undefined }) =>
    `${p.name}\nid ${p.id}\n${p.role ?? "waiting for an answer"}`,
  makeUser: "✓ Allow",
  makeAdmin: "★ Make admin",
  block: "⛔ Block",
  remove: "Remove",
  back: "‹ Back",
};

export const language = {
  ask: "Which language should I use?",
  auto: "Same as Telegram",
  set: "I speak English now.",
};

export const forget = {
  ask: (p: { jobs: number }) =>
    `Erase everything that I keep about you? Pictures, results, texts, ideas and settings; ${
      count(p.jobs, "running or waiting job is", "running or waiting jobs are")
    } cancelled. Messages in this chat stay until you delete them.`,
  yes: "🗑 Erase everything",
  no: "Keep it",
  kept: "Nothing was erased.",
  done: (p: { jobs: number; files: number; presets: number; left: number }) =>
    `Erased: ${count(p.jobs, "job", "jobs")}, ${count(p.files, "picture file", "picture files")}, ${
      count(p.presets, "idea", "ideas")
    }, drafts and settings.` +
    (p.left === 0
      ? ""
      : ` ${
        count(p.left, "job is just ending and", "jobs are just ending and")
      } will be erased right after that.`),
};

export const adminCommands = {
  admin: "Queue, pause, statistics, log",
  users: "Who may use the bot",
  reload: "Reload settings and templates",
};

/** Lists stand in lines of their own: names of settings and what is wrong with a file are in English in every language. */
export const reload = {
  unchanged: "Nothing has changed.",
  applied: (p: { changes: string }) => `✓ Applies from the next job:\n${p.changes}`,
  refused: (p: { problems: string }) => `✗ Not applied; the previous settings stay:\n${p.problems}`,
  odd: (p: { warnings: string }) => `⚠ Applied, with warnings:\n${p.warnings}`,
  needRestart: (p: { settings: string }) => `↻ Takes effect only after a restart:\n${p.settings}`,
  atStart: (p: { problems: string; builtIn: string }) =>
    `✗ These template files cannot be used:\n${p.problems}` +
    (p.builtIn === "" ? "" : `\n\nThe built-in templates are used in their place: ${p.builtIn}.`),
  lacking: (p: { problems: string }) =>
    `⚠ ComfyUI lacks something that the templates need:\n${p.problems}`,
};

/** `9.5 GB`. */
function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The panel. Reasons of failures are in English in every language. */
export const admin = {
  privateOnly: "Admin commands work only in a private chat with me.",
  modes: {
    running: "▶ Running",
    paused: "⏸ Paused: new jobs wait in the queue",
    draining: "⏏ Draining: no new jobs, waiting jobs are finished",
  },
  jobs: (p: { waiting: number; active: number }) =>
    `🗂 ${count(p.waiting, "job waiting", "jobs waiting")}, ${p.active} running`,
  comfyui: (p: { there: number; all: number }) =>
    p.there === p.all
      ? "🖥 ComfyUI answers"
      : p.all === 1
      ? "🖥 ComfyUI does not answer"
      : `🖥 ComfyUI: ${p.there} of ${p.all} answer`,
  buttons: {
    queue: (p: { jobs: number }) => `🗂 Queue: ${p.jobs}`,
    pause: "⏸ Pause",
    drain: "⏏ Drain",
    resume: "▶ Resume",
    statistics: "📊 Statistics",
    backends: "🖥 Backends",
    free: "🧹 Free VRAM",
    reload: "↻ Reload",
    log: "📜 Log",
    announce: "📣 Announce",
    close: "✖ Close",
    back: "‹ Back",
    again: "↻ Refresh",
    cancel: "✖ Cancel job",
    first: "⤒ To the front",
    send: "📣 Send",
    discard: "✖ Discard",
  },
  queue: (p: { jobs: number }): string =>
    p.jobs === 0 ? "No jobs waiting or running." : "Running jobs, then waiting jobs. Tap one.",
  asked: (p: { ms: number }) => `sent ${duration(p.ms)} ago`,
  first: "This job is next now.",
  notWaiting: "This job is no longer waiting.",
  statistics: (p: {
    from: number;
    to: number;
    done: number;
    failed: number;
    cancelled: number;
    runMs: number | undefined;
    waitMs: number | undefined;
  }) =>
    `📊 ${date.format(p.from)} – ${date.format(p.to)}\n` +
    `🟩 done ${p.done} · 🟥 failed ${p.failed} · ⬜ cancelled ${p.cancelled}` +
    (p.runMs === undefined ? "" : `\n🟦 mean run ${duration(p.runMs)}`) +
    (p.waitMs === undefined ? "" : ` · 🟧 mean wait ${duration(p.waitMs)}`),
  today: (p: { done: number; failed: number; cancelled: number }) =>
    `Today: ${p.done} done, ${p.failed} failed, ${p.cancelled} cancelled`,
  backend: (
    p: { name: string; version: string | undefined; running: number; pending: number },
  ) =>
    `✓ ${p.name}: ComfyUI ${p.version ?? ""}`.trimEnd() +
    `\nin its queue: ${p.running} running, ${p.pending} waiting`,
  device: (p: { name: string; free: number; total: number }) =>
    `${p.name}: ${gigabytes(p.free)} of ${gigabytes(p.total)} free`,
  backendAway: (p: { name: string; reason: string }) => `✗ ${p.name}: ${p.reason}`,
  canRun: (p: { names: string }) => `can run: ${p.names}`,
  cannotRun: (p: { names: string }) => `cannot run: ${p.names}`,
  freed: (p: { name: string; bytes: number }) =>
    p.bytes === 0
      ? `🧹 ${p.name}: there was nothing to free.`
      : `🧹 ${p.name}: ${gigabytes(p.bytes)} freed.`,
  busy: (p: { name: string }) => `🧹 ${p.name} is busy and was left alone.`,
  logEmpty: "The log is empty.",
  missing: "Templates that cannot run here, and what they lack (in English):",
  imports: {
    offer: "This picture has a ComfyUI workflow in it.",
    tooLarge: (p: { maxMb: number }) =>
      `This file is too large for a workflow: at most ${p.maxMb} MB.`,
    unavailable: "Telegram no longer gives me this file. Please send it again.",
    refused: (p: { reason: string }) => `✗ Not imported.\n${p.reason}`,
    notWritten: (p: { folder: string; reason: string }) =>
      `✗ I cannot write to the folder ${p.folder}${
        p.reason === "" ? "" : ` (${p.reason})`
      }. Give ` +
      "the bot's user write access, or import the file on the server.",
    imported: (p: { name: string; pictures: number; params: string }) =>
      `📥 Imported as the template ${p.name}. Everyone can choose it in /settings now.\n` +
      aboutTemplate(p),
    known: (p: { name: string; pictures: number; params: string }) =>
      `📥 This workflow is there already, as the template ${p.name}.\n${aboutTemplate(p)}`,
    canRun: "✓ ComfyUI has everything that it needs. Try it with one picture:",
    cannotRun: (p: { problems: string }) => `⚠ ComfyUI cannot run it yet:\n${p.problems}`,
    unchecked: "ComfyUI does not answer, so I could not check it.",
    review: (p: { warnings: string }) => `Please review:\n${p.warnings}`,
    askPicture: "Send a picture to try it with. The caption says what to change.",
    gone: "This template no longer exists.",
    changed: "Its files were changed after the import. Please remove them yourself.",
    taken: "Import undone: the template is removed.",
    buttons: {
      file: "📥 Import as a template",
      sample: "▶ Try with a sample picture",
      picture: "🖼 Try with my picture",
      back: "↩ Undo the import",
    },
  },
  announce: {
    ask: "Send the text for all chats with jobs waiting or running.",
    tooLong: (p: { max: number }) =>
      `That is too long: at most ${count(p.max, "character", "characters")}.`,
    preview: (p: { chats: number }) =>
      `This goes to ${count(p.chats, "chat", "chats")} with jobs waiting or running:`,
    nobody: "No jobs are waiting or running, so there is no chat to send this to.",
    discarded: "Nothing was sent.",
    sending: "📣 Sending…",
    sent: (p: { chats: number; missed: number }) =>
      `✓ Sent to ${count(p.chats, "chat", "chats")}.` +
      (p.missed === 0 ? "" : ` Not delivered: ${p.missed}.`),
  },
};

/** Notifications to admins. */
export const notices = {
  unusableDefault: (p: { name: string; problems: string; instead: string | undefined }) =>
    `⚠ ComfyUI cannot run ${p.name}, the default template:\n${p.problems}\n\n` +
    (p.instead === undefined
      ? "It can run no other template either: jobs fail until this is fixed."
      : `Until it can, users get ${p.instead}.`),
  reasons: {
    refused: "ComfyUI rejected it",
    out_of_memory: "the graphics card ran out of memory",
    crashed: "ComfyUI crashed on it twice",
    timeout: "ComfyUI made no progress",
    execution: "an error in ComfyUI",
    undeliverable: "Telegram rejected the result",
  },
  jobFailed: (p: { reason: string; error: string }) => `❌ A job failed: ${p.reason}.\n${p.error}`,
  away: (p: { name: string }) =>
    `🔌 ComfyUI (${p.name}) does not answer. Jobs wait, and continue by themselves when it is back.`,
  back: (p: { name: string }) => `🔌 ComfyUI (${p.name}) is back.`,
  token:
    "🔑 Telegram has been rejecting my token for a while. Nothing is lost: results are kept, and are sent when the token works again. If you have revoked it, put the new one into .env and restart me.",
  diskFull:
    "💾 The disk is almost full, so I am not accepting new pictures and jobs. Running jobs continue. I will accept new ones as soon as there is space.",
  diskRoom: "💾 There is space on the disk again: I am accepting pictures and jobs.",
  repeated: (p: { count: number; notice: string }) =>
    `${count(p.count, "more time", "more times")} within 15 minutes, most recently:\n${p.notice}`,
};

function aboutTemplate({ pictures, params }: { pictures: number; params: string }): string {
  const all = `Pictures: ${pictures === 1 ? "1" : `1 to ${pictures}`}.`;
  return params === "" ? all : `${all} Parameters: ${params}.`;
}
