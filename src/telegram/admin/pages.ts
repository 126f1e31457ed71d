/** The pages of the admin panel, as text and buttons. Pure: what is shown comes as an argument. */
import { InlineKeyboard } from "grammy";
import type { MessageEntity } from "grammy/types";
import { cut, type Text } from "../../i18n/mod.ts";
import { type Job, type JobState, type ServiceMode } from "../../jobs/mod.ts";
import { type BackendAnswer, type BackendMonitor, type Freed } from "../../worker/mod.ts";
import { maxText } from "./alerts.ts";
import { addPager, type AdminAction, pageOf, writeButton } from "../buttons/mod.ts";

/** One page. */
export interface AdminView {
  readonly text: string;
  readonly keyboard: InlineKeyboard;
  readonly entities?: MessageEntity[];
}

/** Jobs on one page of the queue. */
const pageSize = 8;
/** Most characters of a name and of a job's words on a button. */
const maxName = 20;
const maxLabel = 30;
/** Most characters of a job's words on its page. */
const maxWords = 1_500;
/** Most characters of the log on its page. */
const maxLog = 3_500;

/** A job with what is known of its user and its place. */
export interface ShownJob {
  readonly job: Job;
  /** Its user's name, or the id where that is not known. */
  readonly userName: string;
  /** 1 for the next; undefined for one that does not wait. */
  readonly position: number | undefined;
}

/** How everything stands, and a button for each thing to do. */
export function homeView(
  text: Text,
  p: {
    readonly mode: ServiceMode;
    readonly waiting: number;
    readonly active: number;
    readonly backends: Awaited<ReturnType<BackendMonitor["look"]>>;
  },
): AdminView {
  const { admin } = text;
  const { buttons } = admin;
  const there = p.backends.filter(({ ok }) => ok).length;
  const keyboard = new InlineKeyboard();
  add(keyboard, buttons.queue({ jobs: p.waiting + p.active }), { type: "queue", page: 0 }).row();
  if (p.mode !== "running") add(keyboard, buttons.resume, { type: "resume" }).primary();
  if (p.mode !== "paused") add(keyboard, buttons.pause, { type: "pause" });
  if (p.mode !== "draining") add(keyboard, buttons.drain, { type: "drain" });
  keyboard.row();
  add(keyboard, buttons.statistics, { type: "statistics" });
  add(keyboard, buttons.backends, { type: "backends" }).row();
  add(keyboard, buttons.free, { type: "unload" });
  add(keyboard, buttons.reload, { type: "reload" }).row();
  add(keyboard, buttons.log, { type: "log" });
  add(keyboard, buttons.announce, { type: "announce" }).row();
  add(keyboard, buttons.again, { type: "home" });
  add(keyboard, buttons.close, { type: "close" });
  return {
    text: [
      admin.modes[p.mode],
      admin.jobs(p),
      admin.comfyui({ there, all: p.backends.length }),
    ].join("\n"),
    keyboard,
  };
}

/** The jobs in work and those that wait, a page of them; a page that is no longer there is the last one. */
export function queueView(
  text: Text,
  jobs: readonly Job[],
  wanted: number,
  show: (job: Job) => ShownJob,
): AdminView {
  const shown = pageOf(jobs, wanted, pageSize);
  const { page } = shown;
  const keyboard = new InlineKeyboard();
  for (const job of shown.entries) {
    add(keyboard, labelOf(show(job)), { type: "job", jobId: job.id }).row();
  }
  addPager(keyboard, shown, (page) => dataOf({ type: "queue", page }));
  add(keyboard, text.admin.buttons.again, { type: "queue", page });
  return { text: text.admin.queue({ jobs: jobs.length }), keyboard: withBack(text, keyboard) };
}

/** The page of one job: its text, user, status (`line`) and the buttons for it. */
export function jobView(
  text: Text,
  { job, userName, position }: ShownJob,
  { line, now }: { readonly line: string; readonly now: number },
): AdminView {
  const { buttons } = text.admin;
  const params = job.given.map((name) => `${name}=${job.params[name]}`).join(" · ");
  const keyboard = new InlineKeyboard();
  if (position !== undefined) {
    if (position > 1) add(keyboard, buttons.first, { type: "first", jobId: job.id });
    add(keyboard, buttons.cancel, { type: "cancel", jobId: job.id }).danger();
  } else if (job.state !== "delivering") {
    add(keyboard, buttons.cancel, { type: "cancel", jobId: job.id }).danger();
  }
  add(keyboard.row(), buttons.back, { type: "queue", page: 0 });
  return {
    text: [
      line,
      "",
      cut(job.promptText, maxWords),
      "",
      `${userName} · ${text.admin.asked({ ms: now - job.createdAt })}`,
      [
        job.template,
        ...(job.backend === undefined ? [] : [job.backend]),
        ...(params ? [params] : []),
      ]
        .join(" · "),
    ].join("\n"),
    keyboard,
  };
}

/**
 * How each backend is and what it can run, under what came of freeing memory, and by template what keeps it from running on any
 * (`missing`).
 */
export function backendsView(
  text: Text,
  answers: readonly BackendAnswer[],
  { missing, templatesOn, freed = [] }: {
    readonly missing: ReadonlyMap<string, readonly string[]>;
    readonly templatesOn: (backend: string) => ReadonlyMap<string, boolean> | undefined;
    readonly freed?: readonly Freed[] | undefined;
  },
): AdminView {
  const { buttons } = text.admin;
  const keyboard = new InlineKeyboard();
  add(keyboard, buttons.free, { type: "unload" });
  add(keyboard, buttons.again, { type: "backends" });
  return {
    text: cut(
      [
        ...freed.map((each) => freedLine(text, each)),
        ...answers.map((answer) =>
          [
            ...backendLines(text, answer),
            ...templateLines(text, templatesOn(answer.name), missing),
          ].join("\n")
        ),
        ...missing.size === 0 ? [] : [text.admin.missing],
        ...[...missing].map(([name, problems]) => [`✗ ${name}`, ...problems].join("\n")),
      ].join("\n\n"),
      maxText,
    ),
    keyboard: withBack(text, keyboard),
  };
}

/** The last lines of the log that a message holds, as they are. */
export function logView(text: Text, lines: readonly string[]): AdminView {
  const keyboard = new InlineKeyboard();
  add(keyboard, text.admin.buttons.again, { type: "log" });
  let log = "";
  for (const line of lines.toReversed()) {
    const longer = log === "" ? cut(line, maxLog) : `${line}\n${log}`;
    if (longer.length > maxLog) break;
    log = longer;
  }
  return log === "" ? { text: text.admin.logEmpty, keyboard: withBack(text, keyboard) } : {
    text: log,
    keyboard: withBack(text, keyboard),
    entities: [{ type: "pre", offset: 0, length: log.length }],
  };
}

function add(keyboard: InlineKeyboard, label: string, action: AdminAction): InlineKeyboard {
  return keyboard.text(label, dataOf(action));
}

function dataOf(action: AdminAction): string {
  return writeButton({ type: "admin", action });
}

function withBack(text: Text, keyboard: InlineKeyboard): InlineKeyboard {
  return add(keyboard, text.admin.buttons.back, { type: "home" });
}

function labelOf({ job, userName, position }: ShownJob): string {
  const signs: Partial<Record<JobState, string>> = { submitted: "⏳", delivering: "📤" };
  const sign = position === undefined ? signs[job.state] ?? "🎨" : `${position}.`;
  return `${sign} ${cut(userName, maxName)}: ${cut(job.promptText, maxLabel)}`;
}

/** What it can run, and what only others can; nothing where it has not been heard of. */
function templateLines(
  { admin }: Text,
  templates: ReadonlyMap<string, boolean> = new Map(),
  missing: ReadonlyMap<string, unknown>,
): readonly string[] {
  const able = [...templates.keys()].filter((name) => templates.get(name));
  const unable = [...templates.keys()].filter((name) => !templates.get(name) && !missing.has(name));
  return [
    ...able.length === 0 ? [] : [admin.canRun({ names: able.join(", ") })],
    ...unable.length === 0 ? [] : [admin.cannotRun({ names: unable.join(", ") })],
  ];
}

function backendLines(text: Text, answer: BackendAnswer): readonly string[] {
  const { name } = answer;
  if (!answer.ok) return [text.admin.backendAway({ name, reason: answer.reason })];
  const { version, running, pending, devices } = answer.health;
  return [
    text.admin.backend({ name, version, running: running.length, pending: pending.length }),
    ...devices.map(({ name, vramFree, vramTotal }) =>
      text.admin.device({ name: deviceName(name), free: vramFree, total: vramTotal })
    ),
  ];
}

/** `NVIDIA GeForce RTX 4090` of ComfyUI's `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync`. */
function deviceName(name: string): string {
  return name.replace(/^\w+:\d+ /, "").replace(/ : \w+$/, "");
}

function freedLine({ admin }: Text, freed: Freed): string {
  switch (freed.type) {
    case "freed":
      return admin.freed(freed);
    case "busy":
      return admin.busy(freed);
    case "away":
      return admin.backendAway(freed);
    default:
      return freed satisfies never;
  }
}
