/** The pages of long lists, and the buttons that lead from one to the other. */
import { InlineKeyboard } from "grammy";
import assert from "node:assert/strict";
import { addPager, pageOf } from "../../../src/telegram/buttons/pager.ts";

/** Labels and the pages that they open. */
function pager(page: number, pages: number): readonly (readonly [string, string])[] {
  const keyboard = new InlineKeyboard();
  addPager(keyboard, { page, pages }, String);
  return keyboard.inline_keyboard.flat().map((button) =>
    [button.text, "callback_data" in button ? button.callback_data : ""] as const
  );
}

Deno.test("pageOf() gives the page with that number, and the last one when it is gone", () => {
  const all = ["a", "b", "c", "d", "e"];
  assert.deepEqual(pageOf(all, 0, 2), { entries: ["a", "b"], page: 0, pages: 3 });
  assert.deepEqual(pageOf(all, 2, 2), { entries: ["e"], page: 2, pages: 3 });
  assert.deepEqual(pageOf(all, 9, 2), { entries: ["e"], page: 2, pages: 3 });
  assert.deepEqual(pageOf([], 1, 2), { entries: [], page: 0, pages: 1 });
});

Deno.test("addPager() leads around in a circle, and adds nothing to a single page", () => {
  assert.deepEqual(pager(0, 1), []);
  assert.deepEqual(pager(0, 3), [["‹", "2"], ["1 / 3", "0"], ["›", "1"]]);
  assert.deepEqual(pager(2, 3), [["‹", "1"], ["3 / 3", "2"], ["›", "0"]]);
});

Deno.test("addPager() skips five pages, to the first and the last at most, when there are more than that", () => {
  assert.deepEqual(pager(1, 7).map(([label]) => label), ["«", "‹", "2 / 7", "›", "»"]);
  assert.deepEqual([pager(1, 7)[0], pager(1, 7)[4]], [["«", "0"], ["»", "6"]]);
  assert.deepEqual([pager(6, 7)[0], pager(6, 7)[4]], [["«", "1"], ["»", "6"]]);
});
