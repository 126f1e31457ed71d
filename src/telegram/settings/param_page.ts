/** One parameter in a menu: its row among the others, and the page that says what it does and has every way to set it. */
import type { InlineKeyboard } from "grammy";
import { paramLabel, shownLimits, shownValue } from "../../i18n/params.ts";
import { cut } from "../../i18n/text.ts";
import type { Language } from "../../jobs/job.ts";
import { type ParamSpec, randomSeed } from "../../templates/params.ts";
import type { MenuPage } from "./callback_data.ts";
import { type MenuView, pageSize, type Paper } from "./keyboard_builder.ts";

/** Most characters of a value on a button, and in a page's text. */
const buttonLength = 30;
const pageLength = 1_000;

/** The row of the main page: a tap on the name opens the parameter's own page. */
export function paramRow(paper: Paper, name: string, spec: ParamSpec): void {
  const { subject, text } = paper;
  const value = cut(shownValue(text, spec, subject.values[name] ?? ""), buttonLength);
  const label = `${paramLabel(text, name)}: ${value}`;
  const page: MenuPage = { type: "param", param: name };
  switch (spec.kind) {
    case "int":
    case "float":
      return paper.stepper(name, spec, false, () => paper.open(label, page));
    case "seed":
      paper.open(label, page);
      randomButton(paper, name, false).row();
      return;
    case "choice":
      paper.open(`${label} ▸`, page).row();
      return;
    case "text":
      paper.open(text.settings.set({ name: label }), page).row();
      return;
    default:
      spec satisfies never;
  }
}

function randomButton(paper: Paper, name: string, stay: boolean): InlineKeyboard {
  return paper.button(paper.text.settings.randomSeed, {
    type: "set",
    param: name,
    value: String(randomSeed),
    stay,
  });
}

/** The parameter's own page. `list` is the page of a choice's options; without it, the one with the present value. */
export function paramPage(
  paper: Paper,
  name: string,
  spec: ParamSpec,
  list: number | undefined,
  language: Language,
): MenuView {
  const { subject, text } = paper;
  const { settings } = text;
  const shown = (value = subject.values[name]) => shownValue(text, spec, value ?? "");
  let place = "";
  switch (spec.kind) {
    case "int":
    case "float":
      paper.stepper(name, spec, true);
      break;
    case "seed":
      randomButton(paper, name, true).row();
      break;
    case "choice": {
      const present = spec.options.indexOf(String(subject.values[name]));
      const [page, pages] = paper.list(
        spec.options,
        list ?? Math.max(0, Math.floor(present / pageSize)),
        (option) =>
          paper.button(option === spec.options[present] ? `✓ ${option}` : option, {
            type: "set",
            param: name,
            value: option,
            stay: false,
          }),
        (list) => ({ type: "param", param: name, list }),
      );
      if (spec.options.length === 0) place = settings.noList;
      else if (pages > 1) place = settings.page({ page, pages });
      break;
    }
    case "text":
      break;
    default:
      spec satisfies never;
  }
  const initial = { value: cut(shown(subject.initial[name]), buttonLength) };
  paper.button(settings.type, { type: "ask", param: name }).row();
  paper.button(subject.job ? settings.asBefore(initial) : settings.byDefault(initial), {
    type: "unset",
    param: name,
  }).row();
  paper.back({ type: "main" });
  return paper.view(
    `${paramLabel(text, name)}: ${cut(shown(), pageLength)}`,
    subject.template.params[name]?.about?.[language] ?? "",
    [shownLimits(text, spec), place].filter((line) => line !== "").join("\n"),
  );
}
