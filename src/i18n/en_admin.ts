/** English texts for admins: the panel, their commands, notifications. */
import { count, duration } from "./en_plurals.ts";

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
  privateOnly: "The panel opens only in a private chat with me.",
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
  freed: (p: { name: string; bytes: number }) =>
    p.bytes === 0
      ? `🧹 ${p.name}: there was nothing to free.`
      : `🧹 ${p.name}: ${gigabytes(p.bytes)} freed.`,
  busy: (p: { name: string }) => `🧹 ${p.name} is busy and was left alone.`,
  logEmpty: "The log is empty.",
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
