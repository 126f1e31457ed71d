/** What admins alone read, in English: their commands and the answers to them. */

export const adminCommands = {
  users: "Who may use the bot",
  reload: "Read the settings and templates again",
};

/** Lists stand in lines of their own: names of settings and what is wrong with a file are in English in every language. */
export const reload = {
  unchanged: "Nothing has changed.",
  applied: (p: { changes: string }) => `✓ In force from the next job on:\n${p.changes}`,
  refused: (p: { problems: string }) => `✗ Refused; what was in force stays:\n${p.problems}`,
  odd: (p: { warnings: string }) => `⚠ Taken, but odd:\n${p.warnings}`,
  needRestart: (p: { settings: string }) => `↻ Counts only after a restart:\n${p.settings}`,
  lacking: (p: { problems: string }) =>
    `⚠ ComfyUI does not have everything that the templates want:\n${p.problems}`,
};
