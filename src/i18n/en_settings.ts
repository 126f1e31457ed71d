/** The sentences of the settings menus in English; a part of en.ts. */

export const settings = {
  head: (p: { template: string }) =>
    `⚙️ Settings for your next pictures\nTemplate: ${p.template}\n\nTap a name to see what it does.`,
  jobHead: (p: { words: string }) =>
    `⚙️ Once more, with other parameters:\n“${p.words}”\n\nTap a name to see what it does.`,
  set: (p: { name: string }) => `✏️ ${p.name}`,
  randomSeed: "🎲 Random",
  start: "▶ Start",
  reset: "↺ Reset",
  resetDone: "Everything is as at the beginning.",
  close: "✓ Done",
  leave: "✕ Close",
  back: "‹ Back",
  page: (p: { page: number; pages: number }) => `Page ${p.page} of ${p.pages}`,
  noList:
    "The list comes from the picture server, which has not answered yet. A name can be typed.",
  type: "✎ Type a value",
  byDefault: (p: { value: string }) => `↺ Default (${p.value})`,
  asBefore: (p: { value: string }) => `↺ As it was (${p.value})`,
  askValue: (p: { name: string; limits: string }) =>
    `Send the value for “${p.name}”${p.limits === "" ? "" : ` (${p.limits})`}.`,
  limits: (p: { min: number; max: number }) => `${p.min} to ${p.max}`,
  seedLimits: "a whole number; 0 draws a new one each time",
  textLimits: "a text; - for none",
  limitReached: "That is the limit.",
  template: (p: { title: string }) => `Template: ${p.title}`,
  chooseTemplate: "Which template shall I work with?",
  result: (p: { as: string }) => `Result: ${p.as}`,
  resultAs: { auto: "as sent", photo: "photo", file: "file" },
  resultSet: {
    auto: "A photo comes back as a photo, a file as a file.",
    photo: "Results come as photos; a button gives the lossless file.",
    file: "Results come as lossless files.",
  },
  more: "More ▸",
  moreHead:
    "⚙️ More settings\n\nLive preview: the picture is shown while it forms.\nIdeas: words that you have saved to use again with a tap.",
  previewOn: "Live preview: on",
  previewOff: "Live preview: off",
  language: (p: { name: string }) => `Language: ${p.name}`,
  ideas: (p: { count: number }) => `Ideas: ${p.count}`,
  ideasHead: (p: { count: number; max: number }) =>
    (p.count === 0
      ? "⭐ You have no ideas of your own yet."
      : `⭐ Your ideas: ${p.count} of ${p.max}. Tap one to read it whole, 🗑 to delete it.`) +
    "\n\nThe button ⭐ under a result saves its words and parameters. Your ideas stand before the owner's when you send a picture without words.",
  stale: "This menu is out of date. Open /settings again.",
  jobStale: "This menu is out of date: its picture or its template is no longer there.",
  notYours: "These are somebody else's settings. Open your own with /settings.",
};
