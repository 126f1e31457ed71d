/** A job's whole history in words, for whoever asks what became of it. */
import { type Job } from "../../jobs/mod.ts";

/** One line a fact, in English; nothing of it is secret, for the words are the person's own. */
export function explain(job: Job): string[] {
  const { origin } = job;
  const spans = job.history.map(({ state, at }, index) => {
    const until = job.history[index + 1]?.at;
    const took = until === undefined ? "" : ` (for ${((until - at) / 1000).toFixed(1)} s)`;
    return `  ${new Date(at).toISOString()}  ${state}${took}`;
  });
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ["person", `${origin.userId}, chat ${origin.chatId}, message ${origin.messageId}`],
    ["words", JSON.stringify(job.promptText)],
    ["template", job.template],
    [
      "parameters",
      Object.entries(job.params).map(([name, value]) => `${name}=${value}`).join(" "),
    ],
    ["given in the words", job.given.join(" ") || undefined],
    [
      "pictures",
      job.pictures.map(({ file, width, height, resultOf }) =>
        `${file} ${width}×${height}${resultOf ? ` (the result of ${resultOf})` : ""}`
      ).join(", "),
    ],
    ["chain began with", job.rootId],
    ["backend", job.backend],
    ["prompt_id", job.promptId],
    ["lost by ComfyUI", job.crashes > 0 ? `${job.crashes} times` : undefined],
    ["given up at", job.cancelRequestedAt && new Date(job.cancelRequestedAt).toISOString()],
    ["result file", job.resultFile],
    ["delivered as message", job.delivered?.messageId.toString()],
    ["failed because", job.failure],
    ["error", job.error],
    ["its person knows", job.settled ? "yes" : "not yet"],
  ].map(([name, value]) => [String(name), value || undefined]);
  return [
    `Job ${job.id}: ${job.state}`,
    ...facts.flatMap(([name, value]) => value === undefined ? [] : [`  ${name}: ${value}`]),
    "History:",
    ...spans,
  ];
}
