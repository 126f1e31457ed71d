/**
 * The words between the page's server and the page: what is streamed. Types only; the page's half of this contract is page/store.js.
 */
import type { Message, ReactionType } from "grammy/types";
import type { Draft } from "../../lab/telegram/mod.ts";
import type { BackendView } from "./backend_view.ts";
import type { TroubleState } from "./faults.ts";
import type { PageWorld } from "./world.ts";

/** What a `force_reply` asks of the page. */
export interface Asking {
  readonly selective: boolean;
  readonly placeholder: string;
}

/** A message as the page keeps it. */
export interface Entry {
  /** Unique over all chats and receivers. */
  readonly key: string;
  readonly chatId: number;
  /** Set for an ephemeral message: who alone sees it. */
  readonly receiverId?: number;
  readonly message: Message;
  readonly reaction: readonly ReactionType[];
  readonly asking?: Asking;
}

/** An API call as the panel lists it. */
export interface CallView {
  readonly id: number;
  readonly method: string;
  readonly chatId: number | null;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** null while it is being answered. */
  readonly ms: number | null;
  readonly ok: boolean | null;
  readonly code: number | null;
  readonly description: string;
}

/** What goes over the wire, one JSON object an event. */
export type FeedEvent =
  | { readonly type: "state"; readonly state: FeedState }
  | { readonly type: "message"; readonly entry: Entry; readonly change: "sent" | "edited" }
  | { readonly type: "gone"; readonly chatId: number; readonly key: string }
  | { readonly type: "draft"; readonly chatId: number; readonly draft: Draft | null }
  | { readonly type: "action"; readonly chatId: number; readonly action: string }
  | { readonly type: "commands"; readonly commands: readonly CommandsView[] }
  | { readonly type: "call"; readonly call: CallView }
  | { readonly type: "backend"; readonly backend: BackendView }
  | { readonly type: "trouble"; readonly trouble: TroubleState };

/** A menu as one user sees it in one chat. */
export interface CommandsView {
  readonly personId: number;
  readonly chatId: number;
  readonly commands: ReturnType<PageWorld["telegram"]["commands"]>;
}

export interface FeedState {
  readonly bot: PageWorld["telegram"]["bot"];
  readonly people: readonly {
    readonly id: number;
    readonly first_name: string;
    readonly isAdmin: boolean;
  }[];
  readonly group: PageWorld["group"];
  readonly entries: readonly Entry[];
  readonly drafts: readonly Draft[];
  readonly commands: readonly CommandsView[];
  readonly calls: readonly CallView[];
  readonly backend: BackendView;
  readonly trouble: TroubleState;
}
