/** Тексты для администраторов: панель, их команды, уведомления. */
import type { Text } from "./en.ts";
import { count, duration } from "./ru_plurals.ts";

export const adminCommands: Text["adminCommands"] = {
  admin: "Очередь, пауза, статистика, журнал",
  users: "Кто может пользоваться ботом",
  reload: "Перечитать настройки и шаблоны",
};

export const reload: Text["reload"] = {
  unchanged: "Ничего не изменилось.",
  applied: (p) => `✓ Действует со следующей задачи:\n${p.changes}`,
  refused: (p) => `✗ Не применено; действуют прежние настройки:\n${p.problems}`,
  odd: (p) => `⚠ Применено, но есть замечания:\n${p.warnings}`,
  needRestart: (p) => `↻ Вступит в силу только после перезапуска:\n${p.settings}`,
  lacking: (p) => `⚠ В ComfyUI не хватает того, что нужно шаблонам:\n${p.problems}`,
};

/** `9,5 ГБ`. */
function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1).replace(".", ",")} ГБ`;
}

const date = new Intl.DateTimeFormat("ru", { day: "numeric", month: "short" });

export const admin: Text["admin"] = {
  privateOnly: "Панель открывается только в личном чате со мной.",
  modes: {
    running: "▶ Работает",
    paused: "⏸ Пауза: новые задачи ждут в очереди",
    draining: "⏏ Завершение: новые задачи не принимаются, ожидающие выполняются",
  },
  jobs: (p) =>
    `🗂 ${count(p.waiting, "задача ждёт", "задачи ждут", "задач ждут")}, в работе ${p.active}`,
  comfyui: (p) =>
    p.there === p.all
      ? "🖥 ComfyUI отвечает"
      : p.all === 1
      ? "🖥 ComfyUI не отвечает"
      : `🖥 ComfyUI: отвечают ${p.there} из ${p.all}`,
  buttons: {
    queue: (p) => `🗂 Очередь: ${p.jobs}`,
    pause: "⏸ Пауза",
    drain: "⏏ Завершение",
    resume: "▶ Продолжить",
    statistics: "📊 Статистика",
    backends: "🖥 Серверы",
    free: "🧹 Очистить память",
    reload: "↻ Перечитать",
    log: "📜 Журнал",
    announce: "📣 Объявление",
    close: "✖ Закрыть",
    back: "‹ Назад",
    again: "↻ Обновить",
    cancel: "✖ Отменить задачу",
    first: "⤒ В начало",
    send: "📣 Отправить",
    discard: "✖ Не надо",
  },
  queue: (p) =>
    p.jobs === 0
      ? "Нет задач ни в очереди, ни в работе."
      : "Сначала задачи в работе, затем ожидающие. Нажмите на задачу.",
  asked: (p) => `отправлена ${duration(p.ms)} назад`,
  first: "Теперь эта задача следующая.",
  notWaiting: "Эта задача уже не в очереди.",
  statistics: (p) =>
    `📊 ${date.format(p.from)} – ${date.format(p.to)}\n` +
    `🟩 готово ${p.done} · 🟥 не удалось ${p.failed} · ⬜ отменено ${p.cancelled}` +
    (p.runMs === undefined ? "" : `\n🟦 работа в среднем ${duration(p.runMs)}`) +
    (p.waitMs === undefined ? "" : ` · 🟧 ожидание ${duration(p.waitMs)}`),
  today: (p) => `Сегодня: готово ${p.done}, не удалось ${p.failed}, отменено ${p.cancelled}`,
  backend: (p) =>
    `✓ ${p.name}: ComfyUI ${p.version ?? ""}`.trimEnd() +
    `\nв его очереди: выполняется ${p.running}, ожидает ${p.pending}`,
  device: (p) => `${p.name}: свободно ${gigabytes(p.free)} из ${gigabytes(p.total)}`,
  backendAway: (p) => `✗ ${p.name}: ${p.reason}`,
  freed: (p) =>
    p.bytes === 0
      ? `🧹 ${p.name}: освобождать было нечего.`
      : `🧹 ${p.name}: освобождено ${gigabytes(p.bytes)}.`,
  busy: (p) => `🧹 ${p.name} занят, поэтому память не очищена.`,
  logEmpty: "Журнал пуст.",
  announce: {
    ask: "Пришлите текст для всех, чьи задачи ждут или выполняются.",
    tooLong: (p) => `Слишком длинно: не больше ${count(p.max, "знака", "знаков", "знаков")}.`,
    preview: (p) =>
      `Это уйдёт в ${count(p.chats, "чат", "чата", "чатов")}, где задачи ждут или выполняются:`,
    nobody: "Сейчас ни одна задача не ждёт и не выполняется: отправлять некому.",
    discarded: "Ничего не отправлено.",
    sending: "📣 Отправляю…",
    sent: (p) =>
      `✓ Отправлено в ${count(p.chats, "чат", "чата", "чатов")}.` +
      (p.missed === 0 ? "" : ` Не доставлено: ${p.missed}.`),
  },
};

export const notices: Text["notices"] = {
  reasons: {
    refused: "ComfyUI её отклонил",
    out_of_memory: "не хватило видеопамяти",
    crashed: "ComfyUI дважды упал на ней",
    timeout: "выполнение в ComfyUI зависло",
    execution: "ошибка в ComfyUI",
    undeliverable: "Telegram не принял результат",
  },
  jobFailed: (p) => `❌ Задача не удалась: ${p.reason}.\n${p.error}`,
  away: (p) =>
    `🔌 ComfyUI (${p.name}) не отвечает. Задачи ждут и продолжатся сами, когда он снова ответит.`,
  back: (p) => `🔌 ComfyUI (${p.name}) снова отвечает.`,
  token:
    "🔑 Telegram уже какое-то время не принимает мой токен. Ничего не потеряно: результаты сохранены и будут отправлены, когда токен снова заработает. Если вы отозвали токен, впишите новый в .env и перезапустите меня.",
  diskFull:
    "💾 Диск почти полон: новые картинки и задачи не принимаются. Начатые задачи продолжаются. Приём возобновится сам, когда появится место.",
  diskRoom: "💾 На диске снова есть место: картинки и задачи принимаются.",
  repeated: (p) =>
    `Ещё ${count(p.count, "раз", "раза", "раз")} за 15 минут, последнее:\n${p.notice}`,
};
