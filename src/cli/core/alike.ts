/** Answers of several ComfyUIs, each told once: those that share a folder of models lack the same. */

/** What was answered, with the names of all that gave that answer, divided by commas; in the order of the first of each. */
export function alike<Answer>(
  answers: readonly { readonly name: string; readonly answer: Answer }[],
): readonly { readonly names: string; readonly answer: Answer }[] {
  const groups = Map.groupBy(answers, ({ answer }) => JSON.stringify(answer));
  return Array.from(groups.values(), (group) => ({
    names: group.map(({ name }) => name).join(", "),
    answer: group[0]!.answer,
  }));
}
