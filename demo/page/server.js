/**
 * The way to the page's server and back: acts as requests, what happens as a stream. Knows addresses, draws nothing.
 */

/** Follows the stream; the browser connects again by itself. */
export function follow({ onEvent, onBreak }) {
  const source = new EventSource("/api/events");
  source.addEventListener("message", (event) => onEvent(JSON.parse(event.data)));
  source.addEventListener("error", onBreak);
}

/** Does an act; throws an Error with a sentence for the visitor where it is refused. */
export function act(name, body) {
  return post(name, JSON.stringify(body));
}

/** Sends words and files; `about` as in demo/server/actions.ts. */
export function send(about, files = [], thumbnail = undefined) {
  const form = new FormData();
  form.set("about", JSON.stringify(about));
  for (const file of files) form.append("file", file, file.name);
  if (thumbnail) form.set("thumbnail", thumbnail, "thumbnail.jpg");
  return post("send", form);
}

async function post(name, body) {
  const response = await fetch(`/api/${name}`, { method: "POST", body });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${response.status} ${response.statusText}`);
  return answer;
}

/** Where a file of the chats is; with a name it is saved under it. */
export function fileUrl(fileId, name) {
  const query = name === undefined ? "" : `?name=${encodeURIComponent(name)}`;
  return `/api/file/${encodeURIComponent(fileId)}${query}`;
}

/** What a message is to the server. */
export function refOf({ chat, message_id, ephemeral_message_id }) {
  return { chat: { id: chat.id }, message_id, ephemeral_message_id };
}
