/**
 * Russian texts of the menus: settings, language, /forget, access, the admin panel; and what admins alone are sent.
 * Owns how Russian counts. Other sentences: ru.ts.
 */
import type { Text } from "./en.ts";
import { createCount, createDuration } from "./plurals.ts";

/** `1 задача`, `2 задачи`, `5 задач`. */
export const count = createCount("ru", ["one", "few", "many"]);

/** `1 мин 20 с`. */
export const duration = createDuration({ h: "ч", min: "мин", s: "с" });

/** `0,5`. */
export function number(n: number): string {
  return String(n).replace(".", ",");
}

export const settings: Text["settings"] = {
  head: (p) =>
    `⚙️ Настройки для следующих картинок\nШаблон: ${p.template}\n\nНажмите на название, чтобы узнать, на что оно влияет.`,
  jobHead: (p) =>
    `⚙️ Ещё раз, с другими параметрами:\n«${p.words}»\n\nНажмите на название, чтобы узнать, на что оно влияет.`,
  set: (p) => `✏️ ${p.name}`,
  randomSeed: "🎲 Случайный",
  start: "▶ Начать",
  reset: "↺ Сбросить",
  resetDone: "Сброшено.",
  close: "✓ Готово",
  leave: "✕ Закрыть",
  back: "‹ Назад",
  page: (p) => `Страница ${p.page} из ${p.pages}`,
  noList: "Сервер обработки ещё не прислал список. Название можно ввести вручную.",
  type: "✎ Ввести значение",
  byDefault: (p) => `↺ По умолчанию (${p.value})`,
  asBefore: (p) => `↺ Как было (${p.value})`,
  askValue: (p) => `Пришлите значение для «${p.name}»${p.limits === "" ? "" : ` (${p.limits})`}.`,
  limits: (p) => `от ${number(p.min)} до ${number(p.max)}`,
  seedLimits: "целое число; 0 — каждый раз новый",
  textLimits: "любой текст; «-» — без текста",
  limitReached: "Это предел.",
  template: (p) => `Шаблон: ${p.title}`,
  chooseTemplate: "С каким шаблоном работать?",
  result: (p) => `Результат: ${p.as}`,
  resultAs: { auto: "как прислали", photo: "фото", file: "файл" },
  resultSet: {
    auto: "Фото вернётся как фото, файл — как файл.",
    photo: "Результат придёт как фото; файл без потерь — по кнопке под ним.",
    file: "Результат придёт файлом без потерь.",
  },
  more: "Ещё ▸",
  moreHead:
    "⚙️ Другие настройки\n\nПредпросмотр: картинка видна, пока рисуется.\nТот же размер: после правки в результате столько же пикселей, сколько в вашей картинке, до 12 миллионов. Иначе размер — какой даёт модель.\nИдеи: сохранённые тексты, которые применяются одним нажатием.",
  previewOn: "Предпросмотр: включён",
  previewOff: "Предпросмотр: выключен",
  sameSizeOn: "Размер как у моей картинки: да",
  sameSizeOff: "Размер как у моей картинки: нет",
  language: (p) => `Язык: ${p.name}`,
  ideas: (p) => `Идеи: ${p.count}`,
  ideasHead: (p) =>
    (p.count === 0
      ? "⭐ Своих идей у вас пока нет."
      : `⭐ Ваши идеи: ${p.count} из ${p.max}. Нажмите на идею, чтобы прочитать её целиком, на 🗑 — чтобы удалить.`) +
    "\n\nКнопка ⭐ под результатом сохраняет его текст и параметры. Когда вы присылаете картинку без подписи, ваши идеи идут первыми.",
  stale: "Это меню устарело. Откройте /settings ещё раз.",
  jobStale: "Это меню устарело: его картинки или шаблона больше нет.",
  notYours: "Это настройки другого пользователя. Откройте свои: /settings.",
};

export const access: Text["access"] = {
  closed: "Это закрытый бот. Вы можете запросить доступ у владельца.",
  ask: "🔑 Запросить доступ",
  asked: "Запрос отправлен. Ответ придёт сообщением.",
  waiting: "Ваш запрос ждёт ответа.",
  granted:
    "Добро пожаловать! Теперь вы можете пользоваться ботом: пришлите картинку и напишите, что изменить.",
  refused: "Вам отказано в доступе.",
  revoked: "У вас больше нет доступа к этому боту.",
  appointed: "Теперь вы администратор этого бота. Ваши команды: /admin и /users.",
  question: (p) => `🔑 ${p.name} запрашивает доступ (${p.id < 0 ? "группа, " : ""}id ${p.id}).`,
  approved: "✓ Доступ открыт.",
  declined: "✗ Отказано.",
  adminsOnly: "Это могут делать только администраторы.",
  list: "Пользователи и группы. Нажмите, чтобы изменить доступ.",
  nobody: "Запросов на доступ ещё не было.",
  guest: (p) =>
    `${p.name}\nid ${p.id}\n${
      { admin: "администратор", user: "пользователь", blocked: "заблокирован" }[p.role ?? ""] ??
        "ждёт ответа"
    }`,
  makeUser: "✓ Разрешить",
  makeAdmin: "★ Сделать админом",
  block: "⛔ Заблокировать",
  remove: "Удалить",
  back: "‹ Назад",
};

export const language: Text["language"] = {
  ask: "На каком языке говорить?",
  auto: "Как в Telegram",
  set: "Теперь я говорю по-русски.",
};

export const forget: Text["forget"] = {
  ask: (p) =>
    `Стереть всё, что я о вас храню? Картинки, результаты, тексты, идеи и настройки; ${
      count(
        p.jobs,
        "начатая или ожидающая задача будет отменена",
        "начатые или ожидающие задачи будут отменены",
        "начатых или ожидающих задач будет отменено",
      )
    }. Сообщения в этом чате останутся, пока вы сами их не удалите.`,
  yes: "🗑 Стереть всё",
  no: "Оставить",
  kept: "Ничего не стёрто.",
  done: (p) =>
    `Стёрто: ${count(p.jobs, "задача", "задачи", "задач")}, ${
      count(p.files, "файл картинки", "файла картинок", "файлов картинок")
    }, ${count(p.presets, "идея", "идеи", "идей")}, черновики и настройки.` +
    (p.left === 0 ? "" : ` ${
      count(
        p.left,
        "задача ещё завершается и будет стёрта",
        "задачи ещё завершаются и будут стёрты",
        "задач ещё завершается и будет стёрто",
      )
    } сразу после этого.`),
};

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
  atStart: (p) =>
    `✗ Эти файлы шаблонов использовать нельзя:\n${p.problems}` +
    (p.builtIn === "" ? "" : `\n\nВместо них работают встроенные шаблоны: ${p.builtIn}.`),
  lacking: (p) => `⚠ В ComfyUI не хватает того, что нужно шаблонам:\n${p.problems}`,
};

/** `9,5 ГБ`. */
function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1).replace(".", ",")} ГБ`;
}

const date = new Intl.DateTimeFormat("ru", { day: "numeric", month: "short" });

export const admin: Text["admin"] = {
  privateOnly: "Команды администратора работают только в личном чате со мной.",
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
  canRun: (p) => `умеет: ${p.names}`,
  cannotRun: (p) => `не умеет: ${p.names}`,
  freed: (p) =>
    p.bytes === 0
      ? `🧹 ${p.name}: освобождать было нечего.`
      : `🧹 ${p.name}: освобождено ${gigabytes(p.bytes)}.`,
  busy: (p) => `🧹 ${p.name} занят, поэтому память не очищена.`,
  logEmpty: "Журнал пуст.",
  missing: "Шаблоны, которые здесь не работают, и чего им не хватает (по-английски):",
  imports: {
    offer: "В этой картинке есть граф ComfyUI.",
    tooLarge: (p: { maxMb: number }) =>
      `Файл слишком большой: граф может занимать не больше ${p.maxMb} МБ.`,
    unavailable: "Telegram больше не отдаёт этот файл. Пришлите его ещё раз.",
    refused: (p: { reason: string }) => `✗ Не импортировано.\n${p.reason}`,
    notWritten: (p: { folder: string; reason: string }) =>
      `✗ Не могу записать в папку ${p.folder}${
        p.reason === "" ? "" : ` (${p.reason})`
      }. Разрешите ` +
      "запись пользователю бота или импортируйте файл на сервере.",
    imported: (p: { name: string; pictures: number; params: string }) =>
      `📥 Импортировано как шаблон ${p.name}. Теперь его может выбрать любой пользователь в /settings.\n` +
      aboutTemplate(p),
    known: (p: { name: string; pictures: number; params: string }) =>
      `📥 Такой граф уже есть, это шаблон ${p.name}.\n${aboutTemplate(p)}`,
    canRun: "✓ В ComfyUI есть всё, что ему нужно. Попробуйте его на одной картинке:",
    cannotRun: (p: { problems: string }) => `⚠ ComfyUI пока не может его запустить:\n${p.problems}`,
    unchecked: "ComfyUI не отвечает, поэтому проверить шаблон не удалось.",
    review: (p: { warnings: string }) => `Проверьте:\n${p.warnings}`,
    askPicture: "Пришлите картинку для пробы. В подписи напишите, что изменить.",
    gone: "Этого шаблона больше нет.",
    changed: "Его файлы изменились после импорта. Удалите их сами.",
    taken: "Импорт отменён: шаблон удалён.",
    buttons: {
      file: "📥 Импортировать как шаблон",
      sample: "▶ Попробовать на примере",
      picture: "🖼 Попробовать на моей картинке",
      back: "↩ Отменить импорт",
    },
  },
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
  unusableDefault: (p) =>
    `⚠ ComfyUI не может выполнить шаблон по умолчанию ${p.name}:\n${p.problems}\n\n` +
    (p.instead === undefined
      ? "Другие шаблоны он тоже не может выполнить: задачи не будут выполняться, пока это не исправлено."
      : `Пока это так, пользователи получают ${p.instead}.`),
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

function aboutTemplate({ pictures, params }: { pictures: number; params: string }): string {
  const all = `Картинок: ${pictures === 1 ? "1" : `от 1 до ${pictures}`}.`;
  return params === "" ? all : `${all} Параметры: ${params}.`;
}
