/**
 * The Inbox port: updates that Telegram has delivered and that are not handled yet. Owns the contract of at least once; kv/ implements it.
 *
 * Telegram forgets an update as soon as the next one is asked for, so an update is written here first and taken out when
 * its handling has ended. After a kill the rest is handled again; handling is idempotent by `update_id`.
 */

/** An update as it came, opaque to the store. */
export interface StoredUpdate {
  readonly update_id: number;
}

export interface Inbox<U extends StoredUpdate> {
  /** Writes the updates and returns the new ones, without those that were written before. */
  keep(updates: readonly U[]): Promise<readonly U[]>;
  /** These have been dealt with, all at once. */
  done(...updateIds: readonly number[]): Promise<void>;
  /**
   * What was left by the process before this one, oldest first. An update that was begun alone, and whose process died of it,
   * is given to `onPoison`, without its words where they cannot be read, and dropped when what that gives has resolved: a kill before
   * its user is told has the next process do it.
   */
  left(
    onPoison: (updateId: number, update: U | undefined) => Promise<void> | void,
  ): Promise<readonly U[]>;
  /**
   * True for an update that two processes in a row have left, or that one has begun as a suspect: it may be what kills them.
   * Known after `left`.
   */
  isSuspect(updateId: number): boolean;
  /** Writes down that the handling of these begins, with nothing beside it; `alone` where they are one message's. */
  begin(updateIds: readonly number[], options: { readonly alone: boolean }): Promise<void>;
  /** Writes down the message that says that the update is taken: where it is handled again, that message goes on. */
  setNotice(updateId: number, messageId: number): Promise<void>;
  /** The message that a former process has written down. */
  noticeOf(updateId: number): number | undefined;
  /** Takes out those that `isDropped` picks, handled or not. */
  drop(isDropped: (update: U) => boolean): Promise<void>;
  /** They are not what kills: takes back what `begin` has written. */
  spare(updateIds: readonly number[]): Promise<void>;
}
