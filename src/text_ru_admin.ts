/** То, что читают только админы: их команды и ответы на них. */
import type { Text } from "./text.ts";

export const adminCommands: Text["adminCommands"] = {
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
