/**
 * The Inbox port: updates that Telegram has handed over and that are not dealt with yet.
 *
 * Telegram forgets an update as soon as the next one is asked for, so an update is written here first and taken out when
 * its handling has ended. After a kill the rest is handled again; handling is idempotent by `update_id`.
 */

/** An update as it came, opaque to the store. */
export interface StoredUpdate {
  readonly update_id: number;
}

export interface Inbox<U extends StoredUpdate> {
  /** Writes the updates and gives back those that are new; those that were written once before are left out. */
  keep(updates: readonly U[]): Promise<readonly U[]>;
  /** It has been dealt with. */
  done(updateId: number): Promise<void>;
  /**
   * What was left by the process before this one, oldest first. An update whose `begin` ten processes did not survive is
   * dropped and given to `onPoison`: it is what kills them.
   */
  left(onPoison: (updateId: number) => void): Promise<readonly U[]>;
  /**
   * True for an update that several processes in a row have left: it may be what kills them, so it is to be handled with
   * nothing beside it. Known after `left`.
   */
  isSuspect(updateId: number): boolean;
  /** Writes down that the handling of these suspects begins. A kill from outside is held against nobody else. */
  begin(updateIds: readonly number[]): Promise<void>;
}
