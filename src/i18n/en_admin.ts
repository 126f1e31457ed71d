/** What admins alone read, in English: their commands and the answers to them. */
import { count, duration } from "./en_plurals.ts";

export const adminCommands = {
  admin: "Queue, pause, statistics, log",
  users: "Who may use the bot",
  reload: "Read the settings and templates again",
};

/** Lists stand in lines of their own: names of settings and what is wrong with a file are in English in every language. */
export const reload = {
  unchanged: "Nothing has changed.",
  applied: (p: { changes: string }) => `✓ In force from the next job on:\n${p.changes}`,
  refused: (p: { problems: string }) => `✗ Refused; what was in force stays:\n${p.problems}`,
  odd: (p: { warnings: string }) => `⚠ Taken, but odd:\n${p.warnings}`,
  needRestart: (p: { settings: string }) => `↻ Counts only after a restart:\n${p.settings}`,
  lacking: (p: { problems: string }) =>
    `⚠ ComfyUI does not have everything that the templates want:\n${p.problems}`,
};

/** `9.5 GB`. */
function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** The panel. Reasons of failures are in English in every language. */
export const admin = {
  privateOnly: "The panel opens in our private chat only.",
  modes: {
    running: "▶ Working",
    paused: "⏸ Paused: jobs are taken in and wait",
    draining: "⏏ Draining: no new jobs; those that wait are still done",
  },
  jobs: (p: { waiting: number; active: number }) =>
    `🗂 ${count(p.waiting, "job waits", "jobs wait")}, ${p.active} in work`,
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
    again: "↻ Look again",
    cancel: "✖ Cancel it",
    first: "⤒ To the front",
    send: "📣 Send",
    discard: "✖ Discard",
  },
  queue: (p: { jobs: number }): string =>
    p.jobs === 0 ? "No job waits or runs." : "Jobs in work, then those that wait. Tap one.",
  asked: (p: { ms: number }) => `asked ${duration(p.ms)} ago`,
  first: "It is the next one now.",
  notWaiting: "It does not wait any more.",
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
  busy: (p: { name: string }) => `🧹 ${p.name} is at work and was left alone.`,
  logEmpty: "The log is empty.",
  announce: {
    ask: "Send the text for everybody who has a job waiting or running.",
    tooLong: (p: { max: number }) =>
      `That is too long: at most ${count(p.max, "character", "characters")}.`,
    preview: (p: { chats: number }) =>
      `This goes to ${count(p.chats, "chat", "chats")} with jobs waiting or running:`,
    nobody: "Nobody has a job waiting or running just now: there is nobody to tell.",
    discarded: "Nothing was sent.",
    sending: "📣 Sending…",
    sent: (p: { chats: number; missed: number }) =>
      `✓ Sent to ${count(p.chats, "chat", "chats")}.` +
      (p.missed === 0 ? "" : ` Telegram refused ${p.missed}.`),
  },
};

/** What admins are told unasked. */
export const notices = {
  reasons: {
    refused: "ComfyUI does not take it",
    out_of_memory: "the graphics card ran out of memory",
    crashed: "ComfyUI crashed under it twice",
    timeout: "ComfyUI made no progress",
    execution: "an error in ComfyUI",
    undeliverable: "Telegram does not take the result",
  },
  jobFailed: (p: { reason: string; error: string }) => `❌ A job failed: ${p.reason}.\n${p.error}`,
  away: (p: { name: string }) =>
    `🔌 ComfyUI (${p.name}) does not answer. Jobs wait, and go on by themselves when it is back.`,
  back: (p: { name: string }) => `🔌 ComfyUI (${p.name}) is back.`,
  token:
    "🔑 Telegram has refused my token for a while. Nothing is lost: results are kept and go out when it takes it again. If you have revoked it, put the new one into .env and restart me.",
  diskFull:
    "💾 The disk is almost full, so no new pictures and jobs are taken. Jobs under way go on. Taking goes on by itself when there is room.",
  diskRoom: "💾 There is room on the disk again: pictures and jobs are taken.",
  repeated: (p: { count: number; notice: string }) =>
    `${
      count(p.count, "more time", "more times")
    } within a quarter of an hour, the last:\n${p.notice}`,
};
