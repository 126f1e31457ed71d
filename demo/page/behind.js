/**
 * The panel of what happens behind the chat: ComfyUI's work, buttons that make trouble, the bot's calls to Telegram.
 */
import { el, icon } from "./dom.js";

const kinds = ["comfyui", "bot", "flood", "slow", "memory"];

export function createBehind({ store, panel, onTrouble, onClose }) {
  const title = el("h2");
  const close = el("button", { type: "button", class: "round", onclick: onClose }, icon("close"));
  const backend = el("section");
  const trouble = el("section");
  const callsTitle = el("h3");
  const calls = el("ol", { class: "calls" });
  /** By call id: {row, call}. */
  let rows = new Map();
  let language = "";
  panel.append(
    el("header", {}, title, close),
    el("div", { class: "behind-body" }, backend, trouble, el("section", {}, callsTitle, calls)),
  );

  function drawBackend() {
    const { words, backend: view, trouble: state } = store;
    const isDead = state.comfyui;
    backend.replaceChildren(
      el(
        "h3",
        {},
        words.comfyui,
        el(
          "span",
          { class: `chip ${isDead ? "bad" : "good"}` },
          isDead ? words.dead : words.running,
        ),
      ),
      view.running
        ? runCard(view.running)
        : el("p", { class: "quiet" }, isDead ? words.troubles.comfyui[1] : words.idle),
      view.waiting.length > 0
        ? el("p", { class: "quiet" }, words.waiting(view.waiting.length))
        : "",
      el(
        "ul",
        { class: "ended" },
        view.ended.map((run) =>
          el(
            "li",
            {},
            el("span", { class: `dot ${run.outcome}` }),
            el(
              "span",
              { class: "ended-words", title: run.words },
              run.words || run.promptId.slice(0, 8),
            ),
            el(
              "span",
              { class: "ended-time" },
              `${words.outcomes[run.outcome]} · ${words.span(run.endedAt - run.startedAt)}`,
            ),
          )
        ),
      ),
    );
  }

  function runCard({ words: wanted, value, max, promptId }) {
    const { words } = store;
    const bar = el("div", {
      class: "bar",
      role: "progressbar",
      "aria-label": words.comfyui,
      "aria-valuemin": 0,
      "aria-valuemax": max,
      "aria-valuenow": value,
    }, el("i"));
    bar.firstElementChild.style.setProperty("--done", String(max === 0 ? 0 : value / max));
    return el(
      "div",
      { class: "run" },
      el("p", { class: "run-words" }, wanted || promptId),
      bar,
      el(
        "p",
        { class: "run-step" },
        el("span", {}, max === 0 ? words.preparing : words.step(value, max)),
        el("code", {}, promptId.slice(0, 8)),
      ),
    );
  }

  function drawTrouble() {
    const { words, trouble: state } = store;
    trouble.replaceChildren(
      el("h3", {}, words.trouble),
      el(
        "div",
        { class: "troubles" },
        kinds.map((kind) => {
          const [label, hint] = words.troubles[kind];
          return el(
            "button",
            {
              type: "button",
              role: "switch",
              "aria-checked": String(state[kind] === true),
              dataset: { trouble: kind },
              disabled: kind === "bot" && state.bot,
              onclick: () => onTrouble({ kind, on: !store.trouble[kind] }),
            },
            el("span", {}, el("b", {}, label), el("small", {}, hint)),
            el("i", { class: "switch", "aria-hidden": "true" }),
          );
        }),
      ),
    );
  }

  function drawCalls() {
    callsTitle.textContent = store.words.calls;
    for (const [id, { row }] of rows) {
      if (store.calls.has(id)) continue;
      row.remove();
      rows.delete(id);
    }
    for (const call of store.calls.values()) {
      const known = rows.get(call.id);
      if (known?.call === call) continue;
      const row = rowOf(call);
      if (known) known.row.replaceWith(row);
      else calls.prepend(row);
      rows.set(call.id, { row, call });
    }
    calls.dataset.empty = rows.size === 0 ? store.words.noCalls : "";
  }

  function rowOf(call) {
    const { words } = store;
    const state = call.ok === null
      ? "pending"
      : call.ok
      ? "good"
      : call.code === 429
      ? "late"
      : "bad";
    const label = call.ok === null ? words.pending : call.ok ? "ok" : String(call.code ?? "✕");
    return el(
      "li",
      { title: call.description },
      el("time", {}, words.exactTime(call.at)),
      el("code", {}, call.method),
      el("span", { class: "call-ms" }, call.ms === null ? "" : words.ms(call.ms)),
      el("span", { class: `chip ${state}` }, label),
      state === "bad" ? el("small", {}, call.description) : "",
    );
  }

  return {
    draw() {
      if (panel.hidden || !store.backend) return;
      if (language !== store.words.code) {
        language = store.words.code;
        rows = new Map();
        calls.replaceChildren();
        title.textContent = store.words.behind;
        close.setAttribute("aria-label", store.words.close);
      }
      const focused = document.activeElement?.dataset?.trouble;
      drawBackend();
      drawTrouble();
      drawCalls();
      if (focused) trouble.querySelector(`[data-trouble="${focused}"]`)?.focus();
    },
  };
}
