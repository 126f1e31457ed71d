/**
 * The backends that there are, each with its worker. Owns that those of the configuration stay, and that others join while the program
 * runs: one that is away and has no job is left out until it is back.
 */
import { limitSignal } from "./lib/mod.ts";
import { type Backend, type Worker } from "./worker/mod.ts";

export interface PoolMember {
  readonly backend: Backend;
  readonly worker: Worker;
}

export interface BackendPool extends AsyncDisposable {
  /** Those that are there or have a job, in the order in which they joined. */
  readonly members: readonly PoolMember[];
  /** Those that are away, too. */
  readonly known: readonly PoolMember[];
  /** Its name is like no other's. `isPresent` is false while it is known to be away; default: never. */
  join(backend: Backend, isPresent?: () => boolean): void;
  /** Has each one work, also those that join later; resolves when the signal has aborted and all have stopped. */
  run(signal: AbortSignal): Promise<void>;
}

export interface BackendPoolDeps {
  readonly makeWorker: (backend: Backend, isPresent: () => boolean) => Worker;
  /** Work beside the worker's, for each that joins; ends with the signal. */
  readonly attend: (member: PoolMember, signal: AbortSignal) => Promise<void>;
}

export function createBackendPool({ makeWorker, attend }: BackendPoolDeps): BackendPool {
  const known: (PoolMember & { readonly isPresent: () => boolean })[] = [];
  const working: Promise<unknown>[] = [];
  let begin = (_member: PoolMember): void => {};

  return {
    get members() {
      return known.filter(({ isPresent, worker }) => isPresent() || worker.held().length > 0);
    },
    known,
    join(backend, isPresent = () => true) {
      const member = { backend, worker: makeWorker(backend, isPresent), isPresent };
      known.push(member);
      begin(member);
    },
    async run(signal) {
      begin = (member) => {
        working.push(member.worker.run(signal), attend(member, signal));
      };
      known.forEach(begin);
      using stopped = limitSignal(signal);
      await stopped.over;
      await Promise.all(working);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(known.map(({ backend }) => backend[Symbol.asyncDispose]()));
    },
  };
}
