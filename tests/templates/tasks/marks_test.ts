/** Which words speak of marks on a picture, and what a model is told then. */
import assert from "node:assert/strict";
import { textIn } from "../../../src/i18n/mod.ts";
import { loadTemplates, readEmbedded } from "../../../src/templates/loader.ts";
import { speaksOfMarks, withMarks } from "../../../src/templates/tasks/marks.ts";

const { templates } = loadTemplates({ embedded: readEmbedded() });

const marked = [
  "change the jacket in the red circle",
  "Remove what I circled",
  "the part that is marked should go",
  "the encircled car should be blue",
  "make everything inside the box blurry",
  "swap the dog I marked for a cat",
  "move it where the yellow arrow points",
  "смени куртку в красном кружке",
  "убери то, что обведено",
  "я обвёл машину: сделай её синей",
  "обвела окно, закрой шторы",
  "выделенное убери",
  "что внутри рамки, размой",
  "туда, куда показывает зелёная стрелка, поставь вазу",
];

const plain = [
  "make it a winter evening",
  "put a red jacket on him",
  "put it in a red frame",
  "a sticker with a white outline",
  "add highlighted strands to the hair",
  "вставь в красную рамку",
  "draw a circle of friends around the fire",
  "a frame of a hand-drawn animated film",
  "add a marker pen to the desk",
  "сделай зимний вечер",
  "в рамках закона",
  "поставь вазу на круглый стол",
  "сделай деление на группы",
  "отведи взгляд в сторону",
  "повар в белом",
];

Deno.test("speaksOfMarks() knows sentences about what was drawn, and no others", () => {
  for (const words of marked) assert.ok(speaksOfMarks(words), words);
  for (const words of plain) assert.ok(!speaksOfMarks(words), words);
  for (const language of ["en", "ru"] as const) {
    assert.ok(speaksOfMarks(textIn(language).marked({ words: "blue" })), language);
  }
});

Deno.test("withMarks() adds the manifest's sentence, and nothing where there is none", () => {
  const [words = ""] = marked;
  const qwen = templates.get("qwen_image_2_1")!;
  assert.equal(withMarks(qwen, words), `${words}\n${qwen.marks}`);
  assert.equal(withMarks(qwen, "make it night"), "make it night");
  assert.equal(withMarks(templates.get("qwen_image_edit")!, words), words);
});
