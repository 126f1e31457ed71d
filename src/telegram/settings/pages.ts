/**
 * What stands in a menu: the text and the buttons of each of its pages. Pure; what a button does is menu.ts's,
 * how that is written into its callback data is callback_data.ts's.
 */
import { cut, languages, textIn } from "../../i18n/text.ts";
import { Delivery, type Language } from "../../jobs/job.ts";
import { specsOf, type Template } from "../../templates/template.ts";
import { maxOwnPresets } from "../../users/settings.ts";
import type { MenuPage } from "./callback_data.ts";
import { type MenuView, pageSize, Paper } from "./keyboard_builder.ts";
import { paramPage, paramRow } from "./param_page.ts";
import type { MenuSubject } from "./target.ts";

export interface MenuSurroundings {
  readonly language: Language;
  readonly templates: ReadonlyMap<string, Template>;
}

/** Most characters of a title and of a person's words on a button. */
const titleLength = 36;
const wordsLength = 32;
/** Most characters of a job's words in the text of its menu. */
const headLength = 200;

/** The page as it stands now. A page of something that is no longer there is the main one. */
export function menuView(
  subject: MenuSubject,
  page: MenuPage,
  surroundings: MenuSurroundings,
): MenuView {
  const paper = new Paper(subject, textIn(surroundings.language));
  switch (page.type) {
    case "main":
      return mainPage(paper, surroundings);
    case "param": {
      const spec = specsOf(subject.template)[page.param];
      return spec
        ? paramPage(paper, page.param, spec, page.list, surroundings.language)
        : mainPage(paper, surroundings);
    }
    case "more":
      return morePage(paper);
    case "templates":
      return templatesPage(paper, page.list, surroundings);
    case "language":
      return languagePage(paper);
    case "ideas":
      return ideasPage(paper, page.list);
    default:
      return page satisfies never;
  }
}

function mainPage(paper: Paper, { language, templates }: MenuSurroundings): MenuView {
  const { subject, text } = paper;
  const { settings } = text;
  for (const [name, spec] of Object.entries(specsOf(subject.template))) paramRow(paper, name, spec);
  const title = subject.template.title[language];
  if (subject.job) {
    paper.button(settings.start, { type: "start" }).success().row();
    paper.button(settings.reset, { type: "reset" }).danger();
    paper.button(settings.leave, { type: "close" });
    return paper.view(settings.jobHead({ words: cut(subject.job.promptText, headLength) }));
  }
  if (templates.size > 1) {
    const label = settings.template({ title: cut(title, titleLength) });
    paper.open(`${label} ▸`, { type: "templates" }).row();
  }
  const { delivery } = subject.person;
  const deliveries = Delivery.options;
  const next = deliveries[(deliveries.indexOf(delivery) + 1) % deliveries.length] ?? "auto";
  paper.button(settings.result({ as: settings.resultAs[delivery] }), {
    type: "delivery",
    delivery: next,
  });
  paper.open(settings.more, { type: "more" }).row();
  paper.button(settings.reset, { type: "reset" }).danger();
  paper.button(settings.close, { type: "close" }).primary();
  return paper.view(settings.head({ template: title }));
}

function morePage(paper: Paper): MenuView {
  const { settings } = paper.text;
  const { preview, language, presets } = paper.subject.person;
  const { auto } = paper.text.language;
  paper.button(preview ? settings.previewOn : settings.previewOff, {
    type: "preview",
    on: !preview,
  }).row();
  const name = language ? textIn(language).languageName : auto;
  paper.open(`${settings.language({ name })} ▸`, { type: "language" }).row();
  paper.open(`${settings.ideas({ count: presets.length })} ▸`, { type: "ideas" }).row();
  paper.back({ type: "main" });
  return paper.view(settings.moreHead);
}

function templatesPage(
  paper: Paper,
  list: number | undefined,
  { language, templates }: MenuSurroundings,
): MenuView {
  const all = [...templates.values()];
  const present = paper.subject.template.name;
  const at = Math.max(0, all.findIndex(({ name }) => name === present));
  paper.list(
    all,
    list ?? Math.floor(at / pageSize),
    ({ name, title }) => {
      const label = cut(title[language], titleLength);
      paper.button(name === present ? `✓ ${label}` : label, { type: "template", name });
    },
    (list) => ({ type: "templates", list }),
  );
  paper.back({ type: "main" });
  const about = all.map(({ title, description }) =>
    `${title[language]} — ${description[language]}`
  );
  return paper.view(paper.text.settings.chooseTemplate, cut(about.join("\n"), 3_000));
}

function languagePage(paper: Paper): MenuView {
  const chosen = paper.subject.person.language;
  const choice = (label: string, language: Language | undefined) =>
    paper.button(language === chosen ? `✓ ${label}` : label, {
      type: "language",
      language: language ?? "auto",
    }).row();
  for (const language of languages) choice(textIn(language).languageName, language);
  choice(paper.text.language.auto, undefined);
  paper.back({ type: "more" });
  return paper.view(paper.text.language.ask);
}

function ideasPage(paper: Paper, list = 0): MenuView {
  const { presets } = paper.subject.person;
  paper.list(
    presets.toReversed(),
    list,
    ({ id, words }) => {
      paper.button(`⭐ ${cut(words, wordsLength)}`, { type: "idea", id });
      paper.button("🗑", { type: "drop_idea", id }).danger();
    },
    (list) => ({ type: "ideas", list }),
  );
  paper.back({ type: "more" });
  const count = presets.length;
  return paper.view(paper.text.settings.ideasHead({ count, max: maxOwnPresets }));
}
