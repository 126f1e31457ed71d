/** То, что читают только админы: их команды и ответы на них. */
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
  refused: (p) => `✗ Не принято; остаётся то, что действовало:\n${p.problems}`,
  odd: (p) => `⚠ Принято, но странно:\n${p.warnings}`,
  needRestart: (p) => `↻ Подействует только после перезапуска:\n${p.settings}`,
  lacking: (p) => `⚠ В ComfyUI есть не всё, что нужно шаблонам:\n${p.problems}`,
};

/** `9,5 ГБ`. */
function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1).replace(".", ",")} ГБ`;
}

const date = new Intl.DateTimeFormat("ru", { day: "numeric", month: "short" });

export const admin: Text["admin"] = {
  privateOnly: "Панель открывается только в нашем личном чате.",
  modes: {
    running: "▶ Бот работает",
    paused: "⏸ Пауза: задачи принимаются и ждут",
    draining: "⏏ Завершение: новых задач нет, ждущие доделываются",
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
    free: "🧹 Видеопамять",
    reload: "↻ Перечитать",
    log: "📜 Журнал",
    announce: "📣 Объявление",
    close: "✖ Закрыть",
    back: "‹ Назад",
    again: "↻ Обновить",
    cancel: "✖ Отменить её",
    first: "⤒ В начало",
    send: "📣 Отправить",
    discard: "✖ Не надо",
  },
  queue: (p) =>
    p.jobs === 0
      ? "Задач в очереди и в работе нет."
      : "Задачи в работе, за ними ждущие. Нажмите на задачу.",
  asked: (p) => `${duration(p.ms)} назад`,
  first: "Теперь она следующая.",
  notWaiting: "Эта задача уже не ждёт.",
  statistics: (p) =>
    `📊 ${date.format(p.from)} – ${date.format(p.to)}\n` +
    `🟩 готово ${p.done} · 🟥 не удалось ${p.failed} · ⬜ отменено ${p.cancelled}` +
    (p.runMs === undefined ? "" : `\n🟦 работа в среднем ${duration(p.runMs)}`) +
    (p.waitMs === undefined ? "" : ` · 🟧 ожидание ${duration(p.waitMs)}`),
  today: (p) => `Сегодня: готово ${p.done}, не удалось ${p.failed}, отменено ${p.cancelled}`,
  backend: (p) =>
    `✓ ${p.name}: ComfyUI ${p.version ?? ""}`.trimEnd() +
    `\nв его очереди: работают ${p.running}, ждут ${p.pending}`,
  device: (p) => `${p.name}: свободно ${gigabytes(p.free)} из ${gigabytes(p.total)}`,
  backendAway: (p) => `✗ ${p.name}: ${p.reason}`,
  freed: (p) =>
    p.bytes === 0
      ? `🧹 ${p.name}: освобождать было нечего.`
      : `🧹 ${p.name}: освобождено ${gigabytes(p.bytes)}.`,
  busy: (p) => `🧹 ${p.name} занят работой, его не трогаю.`,
  logEmpty: "Журнал пуст.",
  announce: {
    ask: "Пришлите текст для всех, чьи задачи ждут или выполняются.",
    tooLong: (p) => `Слишком длинно: не больше ${count(p.max, "знака", "знаков", "знаков")}.`,
    preview: (p) =>
      `Это уйдёт в ${count(p.chats, "чат", "чата", "чатов")}, где задачи ждут или выполняются:`,
    nobody: "Сейчас ни у кого нет задач: сообщать некому.",
    discarded: "Ничего не отправлено.",
    sending: "📣 Отправляю…",
    sent: (p) =>
      `✓ Отправлено в ${count(p.chats, "чат", "чата", "чатов")}.` +
      (p.missed === 0 ? "" : ` Telegram не принял: ${p.missed}.`),
  },
};

export const notices: Text["notices"] = {
  reasons: {
    refused: "ComfyUI её не принимает",
    out_of_memory: "не хватило видеопамяти",
    crashed: "ComfyUI дважды упал на ней",
    timeout: "ComfyUI не продвигался",
    execution: "ошибка в ComfyUI",
    undeliverable: "Telegram не принимает результат",
  },
  jobFailed: (p) => `❌ Задача не удалась: ${p.reason}.\n${p.error}`,
  away: (p) => `🔌 ComfyUI (${p.name}) не отвечает. Задачи ждут и пойдут сами, когда он вернётся.`,
  back: (p) => `🔌 ComfyUI (${p.name}) снова отвечает.`,
  token:
    "🔑 Telegram какое-то время не принимал мой токен. Ничего не пропало: результаты сохранены и уйдут, когда он его примет. Если вы отозвали токен, впишите новый в настройки и перезапустите меня.",
  diskFull:
    "💾 Диск почти полон: новые картинки и задачи не принимаются. Начатые задачи идут дальше. Приём возобновится сам, когда место появится.",
  diskRoom: "💾 На диске снова есть место: картинки и задачи принимаются.",
  repeated: (p) =>
    `Ещё ${count(p.count, "раз", "раза", "раз")} за четверть часа, последнее:\n${p.notice}`,
};
