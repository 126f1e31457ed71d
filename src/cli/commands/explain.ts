/** `explain`: a stored job as text, with its history. Does not read the store. */
import { type Job, resultFilesOf } from "../../jobs/mod.ts";

/** One line for each fact, in English. It shows the user's text: for the owner's eyes. */
export function explain(job: Job): string[] {
  const { origin } = job;
  const spans = job.history.map(({ state, at }, index) => {
    const until = job.history[index + 1]?.at;
    const took = until === undefined ? "" : ` (for ${((until - at) / 1000).toFixed(1)} s)`;
    return `  ${new Date(at).toISOString()}  ${state}${took}`;
  });
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ["user", `${origin.userId}, chat ${origin.chatId}, message ${origin.messageId}`],
    ["text", JSON.stringify(job.promptText)],
    ["template", job.template],
    [
      "parameters",
      Object.entries(job.params).map(([name, value]) => `${name}=${value}`).join(" "),
    ],
    ["set in the text", job.given.join(" ") || undefined],
    [
      "pictures",
      job.pictures.map(({ file, width, height, resultOf }) =>
        `${file} ${width}×${height}${resultOf ? ` (the result of ${resultOf})` : ""}`
      ).join(", "),
    ],
    ["chain began with", job.rootId],
    ["backend", job.backend],
    ["prompt_id", job.promptId],
    ["crashes", job.crashes > 0 ? `${job.crashes} times` : undefined],
    ["cancel requested at", job.cancelRequestedAt && new Date(job.cancelRequestedAt).toISOString()],
    ["result file", resultFilesOf(job).join(", ")],
    ["delivered as message", job.delivered?.messageId.toString()],
    ["failed because", job.failure],
    ["error", job.error],
    ["user was told", job.settled ? "yes" : "not yet"],
  ].map(([name, value]) => [String(name), value || undefined]);
  return [
    `Job ${job.id}: ${job.state}`,
    ...facts.flatMap(([name, value]) => value === undefined ? [] : [`  ${name}: ${value}`]),
    "History:",
    ...spans,
  ];
}
