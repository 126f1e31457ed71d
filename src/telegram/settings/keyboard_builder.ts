/**
 * The builder that a menu's pages are written on: a keyboard in the making, with what every page has. Does not know what
 * stands on which page.
 */
import { InlineKeyboard } from "grammy";
import { type Text } from "../../i18n/mod.ts";
import { type ParamSpec, stepParam } from "../../templates/mod.ts";
import { addPager, type MenuAction, type MenuPage, pageOf, writeButton } from "../buttons/mod.ts";
import type { SettingsTarget } from "./target.ts";

export interface MenuView {
  readonly text: string;
  readonly keyboard: InlineKeyboard;
}

/** Entries of a list on one page of it. */
export const pageSize = 8;

/** A keyboard in the making, with what its labels and its buttons' data are made of. */
export class KeyboardBuilder {
  readonly keyboard = new InlineKeyboard();

  constructor(readonly target: SettingsTarget, readonly text: Text) {}

  button(label: string, action: MenuAction): InlineKeyboard {
    return this.keyboard.text(label, this.#dataOf(action));
  }

  open(label: string, page: MenuPage): InlineKeyboard {
    return this.button(label, { type: "open", page });
  }

  back(page: MenuPage): InlineKeyboard {
    return this.open(this.text.settings.back, page);
  }

  /** − and + around what `between` puts there. */
  stepper(
    name: string,
    spec: Extract<ParamSpec, { kind: "int" | "float" }>,
    stay: boolean,
    between = () => {},
  ): void {
    const value = Number(this.target.values[name]);
    const step = (direction: 1 | -1): MenuAction => {
      const next = stepParam(spec, value, direction);
      return next === value
        ? { type: "limit" }
        : { type: "set", param: name, value: String(next), stay };
    };
    this.button("−", step(-1));
    between();
    this.button("+", step(1)).row();
  }

  /** One page of a list, a row an entry, and the way to its neighbours where there are any. Gives its place: `[1, 3]`. */
  list<T>(
    entries: readonly T[],
    at: number,
    row: (entry: T) => void,
    pageAt: (list: number) => MenuPage,
  ): readonly [page: number, pages: number] {
    const shown = pageOf(entries, at, pageSize);
    for (const entry of shown.entries) {
      row(entry);
      this.keyboard.row();
    }
    addPager(this.keyboard, shown, (list) => this.#dataOf({ type: "open", page: pageAt(list) }));
    return [shown.page + 1, shown.pages];
  }

  view(...paragraphs: readonly string[]): MenuView {
    return {
      text: paragraphs.filter((paragraph) => paragraph !== "").join("\n\n"),
      keyboard: this.keyboard,
    };
  }

  #dataOf(action: MenuAction): string {
    return writeButton({ type: "menu", ...this.target.owner, action });
  }
}
