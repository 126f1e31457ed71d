/**
 * Every sentence of the page, in Russian and English, and how numbers and times are written. What the bot says is the bot's.
 */

const words = {
  ru: {
    whoAreYou: "Кто вы",
    language: "Язык страницы и Telegram",
    chats: "Чаты",
    back: "К списку чатов",
    behind: "Что происходит внутри",
    messages: "Сообщения",
    toBottom: "Вниз",
    composer: "Новое сообщение",
    commands: "Команды бота",
    attach: "Прикрепить",
    message: "Сообщение",
    caption: "Что изменить на картинке?",
    send: "Отправить",
    noAi:
      "Демо: ИИ здесь не работает. Симулятор ComfyUI лишь перекрашивает, растягивает и отражает картинки.",
    aboutDemo:
      "Telegram и ComfyUI здесь ненастоящие, а бот между ними настоящий. Данные не покидают этот компьютер.",
    admin: "админ",
    guest: "гость",
    bot: "бот",
    members: (names) => `участники: ${names}`,
    typing: "печатает…",
    upload_photo: "отправляет фото…",
    upload_document: "отправляет файл…",
    connecting: "соединение…",
    samples: "Примеры",
    sampleNames: { landscape: "Пейзаж", portrait: "Портрет", still_life: "Натюрморт", cat: "Кот" },
    ideas: ["сделай вечер", "зимний пейзаж", "акварель steps=12"],
    asPhoto: "Фото",
    asFile: "Файл",
    asPhotoHint: "Telegram сожмёт",
    asFileHint: "без сжатия",
    dropPhoto: "Отправить как фото",
    dropFile: "Отправить файлом, без сжатия",
    detach: (name) => `Убрать ${name}`,
    reply: "Ответить",
    replyTo: (name) => `Ответ: ${name}`,
    edit: "Изменить",
    editing: "Изменение сообщения",
    forward: "Переслать",
    remove: "Удалить",
    cancel: "Отмена",
    forwardTo: "Куда переслать?",
    forwardedFrom: (name) => `Переслано от: ${name}`,
    edited: "изменено",
    onlyYou: "видите только вы",
    photo: "Фотография",
    file: "Файл",
    download: "Скачать",
    openPhoto: "Открыть фото",
    close: "Закрыть",
    ok: "Понятно",
    stop: "Остановить",
    copied: "Скопировано",
    cannotCopy: "Не удалось скопировать",
    noAnswer: "Бот не ответил",
    today: "Сегодня",
    deleted: "Удалённое сообщение",
    unsupported: "Такое сообщение демо показать не умеет",
    joined: (names) => `${names}: в группе`,
    start: "Начать",
    emptyTitle: "Пришлите картинку и скажите, что изменить",
    emptyText: "Возьмите пример внизу или перетащите сюда свою картинку.",
    emptyGroupTitle: "В группе бот отвечает, когда к нему обращаются",
    emptyGroupText: "Команда, @упоминание или ответ на его сообщение.",
    comfyui: "ComfyUI",
    running: "работает",
    dead: "не отвечает",
    idle: "Свободен. Пришлите картинку, и здесь появится задача.",
    step: (value, max) => `шаг ${value} из ${max}`,
    preparing: "подготовка…",
    waiting: (n) => `в очереди ComfyUI: ${n}`,
    outcomes: { success: "готово", error: "ошибка", interrupted: "прервано", lost: "потеряно" },
    trouble: "Сломать что-нибудь",
    troubles: {
      comfyui: ["Выключить ComfyUI", "задачи подождут и продолжатся сами"],
      flood: ["Шквал 429", "почти на всё Telegram отвечает «позже»"],
      slow: ["Медленный Telegram", "полторы секунды на каждый ответ"],
      memory: ["Не хватит видеопамяти", "следующая задача завершится ошибкой"],
      bot: ["Убить бота (kill -9)", "запустится сам и закончит работу"],
    },
    calls: "Вызовы Bot API",
    noCalls: "Пока ни одного",
    pending: "ждёт",
  },
  en: {
    whoAreYou: "Who you are",
    language: "Language of the page and of Telegram",
    chats: "Chats",
    back: "Back to the chats",
    behind: "Behind the scenes",
    messages: "Messages",
    toBottom: "To the bottom",
    composer: "New message",
    commands: "Bot commands",
    attach: "Attach",
    message: "Message",
    caption: "What should change in the picture?",
    send: "Send",
    noAi:
      "Demo: there is no AI here. The simulated ComfyUI only recolours, stretches and mirrors pictures.",
    aboutDemo:
      "Telegram and ComfyUI are simulated here; the bot between them is real. Nothing leaves this computer.",
    admin: "admin",
    guest: "guest",
    bot: "bot",
    members: (names) => `members: ${names}`,
    typing: "typing…",
    upload_photo: "sending a photo…",
    upload_document: "sending a file…",
    connecting: "connecting…",
    samples: "Samples",
    sampleNames: {
      landscape: "Landscape",
      portrait: "Portrait",
      still_life: "Still life",
      cat: "Cat",
    },
    ideas: ["make it evening", "a winter scene", "watercolour steps=12"],
    asPhoto: "Photo",
    asFile: "File",
    asPhotoHint: "compressed",
    asFileHint: "uncompressed",
    dropPhoto: "Send as a photo",
    dropFile: "Send as a file, uncompressed",
    detach: (name) => `Remove ${name}`,
    reply: "Reply",
    replyTo: (name) => `Reply to ${name}`,
    edit: "Edit",
    editing: "Edit message",
    forward: "Forward",
    remove: "Delete",
    cancel: "Cancel",
    forwardTo: "Forward to…",
    forwardedFrom: (name) => `Forwarded from ${name}`,
    edited: "edited",
    onlyYou: "only you see this",
    photo: "Photo",
    file: "File",
    download: "Download",
    openPhoto: "Open photo",
    close: "Close",
    ok: "OK",
    stop: "Stop",
    copied: "Copied",
    cannotCopy: "Could not copy",
    noAnswer: "The bot did not answer",
    today: "Today",
    deleted: "Deleted message",
    unsupported: "A message that the demo cannot show",
    joined: (names) => `${names} joined the group`,
    start: "Start",
    emptyTitle: "Send a picture and say what to change",
    emptyText: "Take a sample below, or drop a picture of your own here.",
    emptyGroupTitle: "In a group the bot answers when addressed",
    emptyGroupText: "A command, an @mention, or a reply to its message.",
    comfyui: "ComfyUI",
    running: "running",
    dead: "does not answer",
    idle: "Idle. Send a picture to see its job here.",
    step: (value, max) => `step ${value} of ${max}`,
    preparing: "preparing…",
    waiting: (n) => `waiting in ComfyUI: ${n}`,
    outcomes: { success: "done", error: "failed", interrupted: "interrupted", lost: "lost" },
    trouble: "Break something",
    troubles: {
      comfyui: ["Switch ComfyUI off", "jobs wait and continue by themselves"],
      flood: ["429 storm", "most calls are told to retry later"],
      slow: ["Slow Telegram", "every answer takes 1.5 seconds"],
      memory: ["Out of graphics memory", "the next job will fail"],
      bot: ["Kill the bot (kill -9)", "it restarts and finishes its work"],
    },
    calls: "Bot API calls",
    noCalls: "Nothing yet",
    pending: "pending",
  },
};

/** The languages that the page speaks. */
export const languages = Object.keys(words);

/** All sentences of a language, with its ways to write times and sizes. */
export function speak(language) {
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const time = new Intl.DateTimeFormat(language, { ...clock });
  const exact = new Intl.DateTimeFormat(language, {
    ...clock,
    second: "2-digit",
  });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const units = language === "ru" ? ["Б", "КБ", "МБ"] : ["B", "KB", "MB"];
  return {
    ...words[language],
    code: language,
    /** Seconds since 1970 as hours and minutes. */
    time: (seconds) => time.format(seconds * 1000),
    /** Milliseconds since 1970 with seconds. */
    exactTime: (ms) => exact.format(ms),
    /** Seconds since 1970 as a day. */
    day: (seconds) => {
      const date = new Date(seconds * 1000);
      return date.toDateString() === new Date().toDateString()
        ? words[language].today
        : day.format(date);
    },
    /** A file's size. */
    size(bytes) {
      const power = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2;
      return `${decimal.format(bytes / 1024 ** power)} ${units[power]}`;
    },
    /** A short span in milliseconds. */
    ms: (ms) => `${Math.round(ms)} ${language === "ru" ? "мс" : "ms"}`,
    /** A span of milliseconds in seconds. */
    span: (ms) =>
      language === "ru" ? `${decimal.format(ms / 1000)} с` : `${decimal.format(ms / 1000)} s`,
  };
}
