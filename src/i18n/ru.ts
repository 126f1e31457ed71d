/** What the chat says in Russian. */
import { type FailReason } from "../jobs/mod.ts";
import { type InlineProblem, type ParamProblem } from "../templates/mod.ts";
import type { Text } from "./en.ts";
import {
  access,
  admin,
  adminCommands,
  count,
  duration,
  forget,
  language,
  notices,
  number,
  reload,
  settings,
} from "./ru_menus.ts";

function paramProblem(problem: ParamProblem): string {
  switch (problem.kind) {
    case "not_a_number":
      return `«${problem.raw}» — не число`;
    case "not_whole":
      return `«${problem.raw}» — не целое число`;
    case "below_min":
      return `должно быть не меньше ${number(problem.min)}`;
    case "above_max":
      return `должно быть не больше ${
        typeof problem.max === "string" ? problem.max : number(problem.max)
      }`;
    case "not_an_option":
      return problem.nearest.length > 0
        ? `нет варианта «${problem.raw}». Похожие: ${problem.nearest.join(", ")}`
        : `нет варианта «${problem.raw}»`;
    case "too_long":
      return `не больше ${count(problem.maxLength, "знака", "знаков", "знаков")}`;
  }
}

export const ru: Text = {
  languageName: "Русский",
  commands: {
    start: "Что умеет бот",
    help: "Помощь и примеры",
    new: "Изменить картинку по шагам",
    status: "Мои задачи и место в очереди",
    settings: "Шаги, сид, сэмплер и прочее",
    cancel: "Отменить черновик или задачу",
    language: "Русский · English",
    forget: "Стереть мои картинки и настройки",
  },
  adminCommands,
  duration,

  start:
    "Пришлите картинку и напишите, что изменить. Вот и всё.\n\nНапример, фото с подписью «сделай зимний вечер».\n\nВсе параметры — в /settings, примеры — в /help.",
  help: (p) =>
    `Пришлите фото (или картинку файлом — так качество выше) с подписью о том, что изменить, и я сразу начну. Без подписи я спрошу, что сделать.\n\nПараметры можно писать прямо в подписи:\nсделай ночь steps=12 seed=42 neg="размыто"\n\nПараметры: ${p.params}.\n\n${p.commands}`,

  askPicture: "Пришлите картинку, которую нужно изменить, — как фото или файлом.",
  askWords: (p) =>
    p.count === 1
      ? "Картинка получена. Что изменить? Напишите или выберите идею."
      : `Получено: ${
        count(p.count, "картинка", "картинки", "картинок")
      }, от Picture 1 до Picture ${p.count}. Что с ними сделать? Например: «помести человека с Picture 1 на Picture 2».`,
  collected: (p) =>
    `Картинка ${p.count} получена. Пришлите ещё (всего до ${p.max}) или напишите, что сделать.`,
  gathering: "📚 Собираю альбом…",
  startNow: "▶ Начать сразу",
  done: "✓ Готово",
  morePresets: "Ещё идеи ›",
  notYours: "Эта кнопка для другого пользователя.",
  refused:
    "Я не раздеваю людей на картинках и не делаю их изображения сексуальными, поэтому задача не начата.",
  refusedValue: (p) =>
    `Я не раздеваю людей на картинках и не делаю их изображения сексуальными. Об этом просит значение «${p.name}», поэтому задача не начата. Изменить его можно в /settings.`,
  comparing: "Минутку…",
  compared: "До · после",
  cannotCompare:
    "Не могу поставить их рядом: картинка слишком большая или в формате, который я здесь не читаю.",
  fileGone: "Файла без потерь для этого результата у меня больше нет.",
  cannotDelete:
    "Telegram больше не даёт мне удалить это сообщение: ему больше 48 часов. Свою копию картинки я удалил; сообщение удалите, пожалуйста, сами.",
  presetSaved: "Сохранено. Эта идея будет первой, когда вы пришлёте картинку без подписи.",
  buttons: {
    again: "🔁 Ещё раз",
    further: "✏️ Править дальше",
    params: "⚙️ Параметры",
    compare: "◐ До / после",
    file: "📄 Файл",
    preset: "⭐ В идеи",
    original: "↩️ От оригинала",
    seed: (p) => `🎲 ${p.seed}`,
    delete: "🗑 Удалить",
  },
  askWordsAgain: "Что изменить на этой картинке? Напишите одним предложением.",
  needPicture: "Сначала пришлите картинку, потом напишите, что в ней изменить.",
  notAPicture: "Я меняю только картинки: пришлите фото или файл JPEG, PNG или WebP.",
  wordsTooLong: (p) =>
    `Слишком длинный текст для одной правки. Уложитесь в ${
      count(p.max, "знак", "знака", "знаков")
    }; картинку я сохранил.`,
  unknownCommand: "Я не знаю такой команды. Все команды — в /help.",
  tooMuchText: "Столько текста я сохранить не могу. Сократите текст или значения.",
  somethingWrong: "Что-то пошло не так. Попробуйте, пожалуйста, ещё раз.",
  leftOut: {
    message:
      "Это сообщение дважды привело к сбою, поэтому я его пропускаю. Попробуйте, пожалуйста, иначе.",
    press: "Эта кнопка дважды привела к сбою, поэтому нажатие я пропускаю. Всё остальное работает.",
  },

  image: {
    empty: "Этот файл пуст. Пришлите его ещё раз.",
    tooLarge: (p) =>
      `Картинка слишком большая: ${number(p.mb)} МБ. Я принимаю до ${number(p.maxMb)} МБ.`,
    notAnImage: "Этот файл — не картинка. Пришлите фото или файл JPEG, PNG или WebP.",
    format: (p) => `Я не читаю картинки ${p.format}. Пришлите в одном из форматов: ${p.allowed}.`,
    damaged: "Картинка повреждена или пришла не целиком. Пришлите её ещё раз.",
    tooManyPixels: (p) =>
      `Картинка слишком большая: ${p.width} × ${p.height}. Я принимаю до ${
        count(p.maxMegapixels, "мегапикселя", "мегапикселей", "мегапикселей")
      }.`,
    animated: "Анимацию я менять не умею. Пришлите неподвижную картинку.",
    unavailable: "Не удалось получить эту картинку от Telegram. Пришлите её ещё раз.",
    noRoom: "На диске сервера нет места, поэтому сейчас я не могу это принять. Попробуйте позже.",
    tooManyPictures: (p) =>
      `За один раз я меняю не больше ${
        count(p.max, "картинки", "картинок", "картинок")
      }. Пришлите меньше.`,
  },

  queue: {
    waiting: (p) =>
      `⏳ В очереди: ${p.position}-е место` +
      (p.waitMs === undefined ? "" : ` · примерно ${duration(p.waitMs)}`),
    next: "⏳ Вы следующие…",
    paused: (p) =>
      `⏸ В очереди: ${p.position}-е место. Очередь приостановлена; задача сохранена и начнётся сама.`,
    full: (p) =>
      `Очередь заполнена (${
        count(p.max, "задача ждёт", "задачи ждут", "задач ждут")
      }). Картинку я сохранил: пришлите текст ещё раз через несколько минут.`,
    closed: (reason) =>
      reason === "draining"
        ? "Сейчас я не принимаю новые задачи: идёт обслуживание сервера. Картинку я сохранил: пришлите текст ещё раз позже."
        : "На диске сервера нет места, поэтому сейчас я не принимаю новые задачи. Картинку я сохранил: пришлите текст ещё раз позже.",
    lacking: (p) =>
      `Сервер обработки сейчас не может выполнить шаблон ${p.template}: узлу ${p.nodeId} (${p.classType}) нужен вход «${p.input}», а он не задан. Владельцу нужно ${
        p.embedded ? "обновить бота или ComfyUI" : "заново экспортировать workflow из ComfyUI"
      }; а пока можно выбрать другой шаблон: /settings. Картинку я сохранил.`,
    limit: (p) =>
      p.per === "pending"
        ? `У вас уже ${
          count(p.max, "задача", "задачи", "задач")
        } в работе — это предел. Картинку я сохранил: пришлите текст ещё раз, когда одна из них закончится.`
        : `Можно не больше ${count(p.max, "задачи", "задач", "задач")} ${
          p.per === "hour" ? "в час" : "в сутки"
        }. Картинку я сохранил: пришлите текст ещё раз позже.`,
    stalled:
      "⏸ Сервер обработки сейчас не отвечает. Задача сохранена и начнётся сама, когда он снова заработает.",
    starting: "🎨 Начинаю…",
    progress: (p) =>
      `🎨 ${p.bar} ${p.percent} %` +
      (p.step ? `\nШаг ${p.step.value} из ${p.step.max}` : "") +
      (p.leftMs === undefined
        ? ""
        : `${p.step ? " · " : "\n"}осталось примерно ${duration(p.leftMs)}`),
    sending: "📤 Отправляю…",
    cancelled: "✖ Отменено.",
    cancel: "✖ Отменить",
  },
  result: (p) => ({
    head: p.words,
    tail: [
      ...(p.seed === undefined ? [] : [`сид ${p.seed}`]),
      ...(p.steps === undefined ? [] : [count(p.steps, "шаг", "шага", "шагов")]),
      duration(p.ms),
    ].join(" · "),
  }),
  failed(reason: FailReason): string {
    switch (reason) {
      case "out_of_memory":
        return "❌ Видеокарте не хватило памяти. Попробуйте картинку поменьше или меньше картинок.";
      case "timeout":
        return "❌ Обработка зависла, поэтому я остановил задачу. Попробуйте ещё раз.";
      case "crashed":
        return "❌ Сервер обработки дважды упал на этой задаче, поэтому я её снял.";
      case "picture_gone":
        return "❌ Картинки для этой задачи у меня больше нет. Пришлите её ещё раз.";
      case "interrupted":
        return "❌ Эту задачу остановили на сервере обработки.";
      case "undeliverable":
        return "📦 Картинка готова, но Telegram не даёт отправить её сюда. Пока я её храню: получить её можно кнопкой в /status.";
      case "template_gone":
        return "❌ Владелец убрал шаблон этой задачи. Выберите другой в /settings и отправьте задачу ещё раз.";
      case "refused":
        return "❌ Сервер обработки отклонил задачу: он для неё не настроен. Причину владелец найдёт в журнале.";
      case "execution":
        return "❌ Сервер обработки не смог выполнить задачу. Попробуйте ещё раз или с другими параметрами.";
    }
  },

  cancel: {
    nothing: "Отменять нечего.",
    draft: "Черновик удалён.",
    which: "Что отменить?",
    all: "Все",
    requested: "Останавливаю…",
    tooLate: "Поздно: задача уже завершена.",
    notYours: "Это задача другого пользователя.",
    done: (p) => `Отменено: ${count(p.jobs, "задача", "задачи", "задач")}.`,
  },
  status: {
    paused: "Очередь приостановлена; задачи сохранены и начнутся сами.",
    none: "Задач у вас нет. Пришлите картинку с подписью — и начнём.",
    head: (p) => `У вас ${count(p.jobs, "задача", "задачи", "задач")}:`,
    waiting: (p) =>
      `⏳ «${p.words}»: ${p.position}-е место в очереди` +
      (p.waitMs === undefined ? "" : `, примерно ${duration(p.waitMs)}`),
    stalled: (p) => `⏸ «${p.words}»: ждёт, пока сервер обработки снова ответит`,
    running: (p) => `🎨 «${p.words}»: в работе`,
    sending: (p) => `📤 «${p.words}»: отправляется`,
    kept: (p) => `📦 «${p.words}»: готово, но не удалось отправить`,
    total: (p) =>
      p.waiting === 0
        ? "Очередь пуста."
        : `Всего в очереди: ${count(p.waiting, "задача", "задачи", "задач")}.`,
  },

  kept: {
    get: (p) => `📦 ${p.words}`,
    offer: (p) =>
      `${
        count(p.jobs, "готовый результат", "готовых результата", "готовых результатов")
      } не удалось вам отправить. Их можно получить здесь:`,
    refused: "Telegram не даёт отправить результат сюда. Пока я его храню.",
    tooLarge: "Файл больше, чем принимает Telegram (50 МБ). Он есть у владельца бота.",
    gone: "Этого результата у меня больше нет.",
  },

  params: {
    steps: "Шаги",
    cfg: "CFG",
    sampler: "Сэмплер",
    scheduler: "Планировщик",
    seed: "Сид",
    strength: "Сила",
    eta: "Eta",
    denoise: "Denoise",
    negative_prompt: "Негативный промпт",
  },
  random: "случайный",
  nothing: "ничего",
  paramProblem: (p) => `${p.name}: ${paramProblem(p.problem)}`,
  inlineProblem(problem: InlineProblem, known) {
    if (problem.kind === "unknown") {
      return `Нет параметра «${problem.name}».` +
        (problem.nearest ? ` Может быть, ${problem.nearest}?` : ` Параметры: ${known.join(", ")}.`);
    }
    if (problem.kind === "unclosed_quote") {
      return `После «${problem.name}=» открыта кавычка, но не закрыта.`;
    }
    if (problem.kind === "unclear_end") {
      return `Непонятно, где заканчивается «${problem.name}=». Возьмите значение в кавычки: ${problem.name}="…, …".`;
    }
    return `${problem.name}: ${paramProblem(problem.problem)}`;
  },
  inlineProblems: (p) =>
    `${p.problems}\n\nЗадача не начата. Пришлите исправленный текст; картинку я сохранил.`,

  settings,
  admin,
  notices,
  reload,
  access,
  language,
  forget,
  noSeed: "В этом шаблоне нет сида: получится та же самая картинка.",
  stale: "Эта кнопка устарела.",
};
