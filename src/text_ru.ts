/** Предложения по-русски. */
import type { FailReason } from "./job.ts";
import type { InlineProblem } from "./inline_params.ts";
import type { ParamProblem } from "./params.ts";
import { admin, adminCommands, notices, reload } from "./text_ru_admin.ts";
import { count, duration, number } from "./text_ru_forms.ts";
import { settings } from "./text_ru_settings.ts";
import type { Text } from "./text.ts";

function paramProblem(problem: ParamProblem): string {
  switch (problem.kind) {
    case "not_a_number":
      return `«${problem.raw}» — не число`;
    case "not_whole":
      return `«${problem.raw}» — не целое число`;
    case "below_min":
      return `допустимо не меньше ${number(problem.min)}`;
    case "above_max":
      return `допустимо не больше ${number(problem.max)}`;
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
    status: "Мои задачи: место и время",
    settings: "Шаги, сид, сэмплер и прочее",
    cancel: "Отменить черновик или задачу",
    language: "Русский · English",
    forget: "Стереть мои картинки и настройки",
  },
  adminCommands,
  duration,

  start:
    "Пришлите картинку и напишите, что изменить. Это всё.\n\nНапример, фото с подписью «сделай зимний вечер».\n\nВсе настройки — в /settings, примеры — в /help.",
  help: (p) =>
    `Пришлите фото (или картинку файлом — так качество лучше) с подписью, что изменить: задача начнётся сразу. Без подписи я спрошу, что сделать.\n\nПараметры можно писать прямо в подписи:\nсделай ночь steps=12 seed=42 neg="размыто"\n\nЕсть такие: ${p.params}.\n\n${p.commands}`,

  askPicture: "Пришлите картинку, которую нужно изменить, — как фото или файлом.",
  askWords: (p) =>
    p.count === 1
      ? "Картинка есть. Что изменить? Просто напишите или выберите идею."
      : `Есть ${
        count(p.count, "картинка", "картинки", "картинок")
      }: от Picture 1 до Picture ${p.count}. Что с ними сделать? Например: «помести человека с Picture 1 на Picture 2».`,
  collected: (p) =>
    `Картинка ${p.count} есть. Пришлите ещё (всего до ${p.max}) или напишите, что сделать.`,
  gathering: "📚 Собираю альбом…",
  startNow: "▶ Начать сразу",
  done: "✓ Готово",
  morePresets: "Ещё идеи ›",
  notYours: "Это чужая кнопка.",
  refused: "Я не раздеваю людей на картинках и не делаю их откровенными. Задача не начата.",
  comparing: "Минутку…",
  compared: "До · после",
  cannotCompare:
    "Не могу поставить их рядом: картинка слишком велика или в формате, который я здесь не читаю.",
  fileGone: "Файла этого результата без потерь у меня больше нет.",
  presetSaved: "Сохранено. Эта идея будет первой, когда вы пришлёте картинку без слов.",
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
  noPictureInReply: "В сообщении, на которое вы ответили, нет картинки.",
  wordsTooLong: (p) =>
    `Слишком длинный текст для одной правки. Уложитесь в ${
      count(p.max, "знак", "знака", "знаков")
    }; картинку я сохранил.`,
  unknownCommand: "Я не знаю такой команды. Все команды — в /help.",
  somethingWrong: "У меня что-то пошло не так. Попробуйте, пожалуйста, ещё раз.",

  image: {
    empty: "Этот файл пуст. Пришлите его ещё раз.",
    tooLarge: (p) =>
      `Картинка слишком большая: ${number(p.mb)} МБ. Я принимаю до ${number(p.maxMb)} МБ.`,
    notAnImage: "Этот файл — не картинка. Пришлите фото или файл JPEG, PNG или WebP.",
    format: (p) => `Я не читаю картинки ${p.format}. Пришлите в одном из форматов: ${p.allowed}.`,
    damaged: "Картинка повреждена или пришла не целиком. Пришлите её ещё раз.",
    tooManyPixels: (p) =>
      `Картинка слишком велика: ${p.width} × ${p.height}. Я принимаю до ${
        count(p.maxMegapixels, "мегапикселя", "мегапикселей", "мегапикселей")
      }.`,
    animated: "Анимацию я менять не умею. Пришлите неподвижную картинку.",
    unavailable: "Telegram не отдал мне эту картинку. Пришлите её ещё раз.",
    noRoom: "На диске сервера нет места, сейчас это не принять. Попробуйте позже.",
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
      `⏸ В очереди: ${p.position}-е место. Сейчас пауза; задача сохранена и начнётся сама.`,
    full: (p) =>
      `Очередь заполнена (${
        count(p.max, "задача ждёт", "задачи ждут", "задач ждут")
      }). Картинку я сохранил: пришлите слова ещё раз через несколько минут.`,
    closed: (reason) =>
      reason === "draining"
        ? "Сейчас я не беру новых задач: сервер обслуживают. Картинку я сохранил: пришлите слова ещё раз позже."
        : "На диске сервера нет места, и новых задач я сейчас не беру. Картинку я сохранил: пришлите слова ещё раз позже.",
    lacking: (p) =>
      `Сервер картинок сейчас не может выполнить шаблон ${p.template}: узлу ${p.nodeId} (${p.classType}) нужен вход «${p.input}», а он не задан. Владельцу нужно ${
        p.embedded ? "обновить бота или ComfyUI" : "заново экспортировать workflow из ComfyUI"
      }; пока можно выбрать другой шаблон: /settings. Картинку я сохранил.`,
    limit: (p) =>
      p.per === "pending"
        ? `У вас уже ${
          count(p.max, "задача", "задачи", "задач")
        } в работе — больше нельзя. Картинку я сохранил: пришлите слова ещё раз, когда одна закончится.`
        : `Можно не больше ${count(p.max, "задачи", "задач", "задач")} ${
          p.per === "hour" ? "в час" : "в сутки"
        }. Картинку я сохранил: пришлите слова ещё раз позже.`,
    stalled:
      "⏸ Сервер картинок сейчас не отвечает. Задача сохранена и начнётся сама, когда он вернётся.",
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
        return "❌ Сервер картинок перестал двигаться вперёд, и я снял задачу. Попробуйте ещё раз.";
      case "crashed":
        return "❌ Сервер картинок дважды упал на этой задаче, и я её снял.";
      case "picture_gone":
        return "❌ Картинки для этой задачи у меня больше нет. Пришлите её ещё раз.";
      case "interrupted":
        return "❌ Кто-то остановил эту задачу на сервере картинок.";
      case "undeliverable":
        return "❌ Не получилось отправить вам результат.";
      case "template_gone":
        return "❌ Владелец убрал шаблон этой задачи. Выберите другой в /settings и отправьте её ещё раз.";
      case "refused":
        return "❌ Сервер картинок отказался от задачи: он к ней не готов. Причина — в журнале у владельца.";
      case "execution":
        return "❌ Сервер картинок не смог закончить задачу. Попробуйте ещё раз или с другими параметрами.";
    }
  },

  cancel: {
    nothing: "Отменять нечего.",
    draft: "Черновик убран.",
    which: "Какую?",
    all: "Все",
    requested: "Останавливаю…",
    tooLate: "Поздно: задача уже закончена.",
    notYours: "Это чужая задача.",
    done: (p) => `Отменено: ${count(p.jobs, "задача", "задачи", "задач")}.`,
  },
  status: {
    paused: "Сейчас пауза; задачи сохранены и начнутся сами.",
    none: "Задач у вас нет. Пришлите картинку с подписью — и начнём.",
    head: (p) => `У вас ${count(p.jobs, "задача", "задачи", "задач")}:`,
    waiting: (p) =>
      `⏳ «${p.words}»: ${p.position}-е место в очереди` +
      (p.waitMs === undefined ? "" : `, примерно ${duration(p.waitMs)}`),
    running: (p) => `🎨 «${p.words}»: рисуется`,
    sending: (p) => `📤 «${p.words}»: отправляется`,
    total: (p) =>
      p.waiting === 0
        ? "В очереди никого нет."
        : `Всего в очереди: ${count(p.waiting, "задача", "задачи", "задач")}.`,
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
    negative_prompt: "Чего не надо",
  },
  random: "случайный",
  nothing: "ничего",
  paramProblem: (p) => `${p.name}: ${paramProblem(p.problem)}`,
  inlineProblem(problem: InlineProblem, known) {
    if (problem.kind === "unknown") {
      return `Нет параметра «${problem.name}».` +
        (problem.nearest ? ` Может быть, ${problem.nearest}?` : ` Есть: ${known.join(", ")}.`);
    }
    if (problem.kind === "unclosed_quote") {
      return `После «${problem.name}=» открыта кавычка, но не закрыта.`;
    }
    return `${problem.name}: ${paramProblem(problem.problem)}`;
  },
  inlineProblems: (p) =>
    `${p.problems}\n\nЗадача не начата. Пришлите исправленный текст; картинку я сохранил.`,

  settings,
  admin,
  notices,
  reload,
  stale: "Эта кнопка устарела.",
  access: {
    closed: "Это закрытый бот. Можно попросить владельца вас пустить.",
    ask: "🔑 Попросить доступ",
    asked: "Я передал просьбу. Когда решат, вы получите сообщение.",
    waiting: "Ваша просьба ждёт ответа.",
    granted: "Добро пожаловать! Теперь бот ваш: пришлите картинку и напишите, что изменить.",
    refused: "Вам отказано в доступе.",
    revoked: "У вас больше нет доступа к этому боту.",
    appointed: "Теперь вы администратор этого бота. Ваши команды: /admin и /users.",
    question: (p) => `🔑 ${p.name} просит доступ (${p.id < 0 ? "группа, " : ""}id ${p.id}).`,
    approved: "✓ Доступ открыт.",
    declined: "✗ Отказано.",
    adminsOnly: "Это могут только администраторы.",
    list: "Люди и группы. Нажмите, чтобы изменить права.",
    nobody: "Доступа ещё никто не просил.",
    guest: (p) =>
      `${p.name}\nid ${p.id}\n${
        { admin: "администратор", user: "пользователь", blocked: "заблокирован" }[p.role ?? ""] ??
          "ждёт ответа"
      }`,
    makeUser: "✓ Пустить",
    makeAdmin: "★ Сделать админом",
    block: "⛔ Заблокировать",
    remove: "Убрать",
    back: "‹ Назад",
  },
  language: {
    ask: "На каком языке говорить?",
    auto: "Как в Telegram",
    set: "Теперь я говорю по-русски.",
  },
  forget: {
    ask: (p) =>
      `Стереть всё, что я о вас храню? Картинки, результаты, тексты, идеи и настройки; ${
        count(
          p.jobs,
          "начатая или ждущая задача будет отменена",
          "начатые или ждущие задачи будут отменены",
          "начатых или ждущих задач будет отменено",
        )
      }. То, что стоит в этом чате, останется, пока вы сами не удалите.`,
    yes: "🗑 Стереть всё",
    no: "Оставить",
    kept: "Ничего не стёрто.",
    done: (p) =>
      `Стёрто: ${count(p.jobs, "задача", "задачи", "задач")}, ${
        count(p.files, "файл картинки", "файла картинок", "файлов картинок")
      }, ${count(p.presets, "идея", "идеи", "идей")}, черновики и настройки.`,
  },
};
