/** A drafted manifest as the YAML that a person goes on writing: its notes are comments. Knows nothing of graphs. */
import { Document, isMap, isScalar, YAMLMap } from "yaml";
import type { ManifestDraft } from "./draft.ts";
import type { DraftEntry } from "./params.ts";

/** The manifest's text; `head` is its first comment. */
export function manifestText(draft: ManifestDraft, head: string): string {
  const document = new Document(new YAMLMap());
  add(document, document.contents, draft.entries);
  const parameters = new YAMLMap();
  add(document, parameters, draft.parameters);
  document.set("parameters", parameters);
  document.commentBefore = ` ${head}`;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function add(document: Document, map: unknown, entries: readonly DraftEntry[]): void {
  if (!isMap(map)) return;
  for (const { key, value, note } of entries) {
    const pair = document.createPair(key, value);
    if (isScalar(pair.key) && note !== undefined) pair.key.commentBefore = ` ${note}`;
    map.items.push(pair);
  }
}
