/** `state copy`: all records of one state into another. Owns what is checked and said. Knows no record but the state's own version. */
import { resolve } from "node:path";
import { type FoundEntry, type KeyValueStore, openState } from "../../kv/mod.ts";
import { BotError, createRedactor, joinSignals, StateError } from "../../lib/mod.ts";
import { openSharedState } from "../../postgres/mod.ts";
import { type Context, exitCode, print } from "../core/mod.ts";

/** Records in a commit: Deno KV takes 800 KiB at once, and 64 KiB in a record. */
const batchSize = 10;
/** Each state has these of its own from the moment it is opened. */
const ownKeys: readonly unknown[] = ["version", "indexed"];

/** The copy cannot be made: the message is a sentence. */
class CopyError extends BotError {}

/**
 * `state copy FROM TO [--force]`, each a DATA_DIR or `postgres://…`; no bot may use either of them. FROM stays as it is. Where TO has
 * records that FROM lacks, nothing is changed without `--force`, which deletes all that is in TO. Throws as openState and
 * openSharedState do.
 */
export async function stateCopyCommand(
  { io, args }: Pick<Context, "io" | "args">,
): Promise<number> {
  const [from, to] = args.arguments;
  if (from === undefined || to === undefined) {
    print(io.stderr, "Cannot copy: FROM or TO is missing (wanted two of DATA_DIR or postgres://…)");
    return exitCode.usage;
  }
  await using source = await open(from, io);
  await using target = await open(to, io);
  if (args.has("force")) {
    for await (const { key } of recordsOf(target.kv)) await target.kv.delete(key);
  } else await refuseOthers(source, target);
  const copied = await copyRecords(source.kv, target.kv, io.signal);
  await compare(source, target);
  print(
    io.stdout,
    `Copied ${copied} records from ${source.name} to ${target.name}, and compared them.`,
  );
  return exitCode.ok;
}

interface OpenedState extends AsyncDisposable {
  readonly kv: KeyValueStore;
  /** For messages: without a password. */
  readonly name: string;
}

async function open(place: string, { cwd, signal }: Context["io"]): Promise<OpenedState> {
  if (!/^postgres(ql)?:\/\//.test(place)) {
    const dir = resolve(cwd, place);
    const state = await openState(dir);
    return {
      kv: state.kv,
      name: dir,
      [Symbol.asyncDispose]: () => Promise.resolve(state[Symbol.dispose]()),
    };
  }
  const name = createRedactor()(place);
  const inUse = new AbortController();
  using either = joinSignals(signal, inUse.signal);
  const state = await openSharedState({
    url: place,
    onStandby: () =>
      inUse.abort(
        new StateError(`Cannot open ${name}: a bot uses it (wanted it stopped)`, exitCode.tempFail),
      ),
    signal: either.signal,
  });
  return { ...state, name };
}

async function* recordsOf(kv: KeyValueStore): AsyncGenerator<FoundEntry, void, void> {
  for await (const entry of kv.list({ prefix: [] })) {
    if (!ownKeys.includes(entry.key[0])) yield entry;
  }
}

async function refuseOthers(source: OpenedState, target: OpenedState): Promise<void> {
  for await (const { key } of recordsOf(target.kv)) {
    if ((await source.kv.get(key)).versionstamp !== null) continue;
    throw new CopyError(
      `Cannot copy to ${target.name}: it has records that ${source.name} does not have ` +
        "(wanted an empty one, or --force to delete them)",
    );
  }
}

/** Gives how many there were. */
async function copyRecords(
  source: KeyValueStore,
  target: KeyValueStore,
  signal: AbortSignal,
): Promise<number> {
  let copied = 0;
  let write = target.atomic();
  for await (const { key, value } of recordsOf(source)) {
    signal.throwIfAborted();
    write.set(key, value);
    if (++copied % batchSize > 0) continue;
    await write.commit();
    write = target.atomic();
  }
  await write.commit();
  return copied;
}

/** Throws where the target is not the same. */
async function compare(source: OpenedState, target: OpenedState): Promise<void> {
  const copies = recordsOf(target.kv);
  for await (const record of recordsOf(source.kv)) {
    const { value: copy } = await copies.next();
    if (copy && textOf(copy) === textOf(record)) continue;
    throw new CopyError(
      `Cannot copy to ${target.name}: a record under ${String(record.key[0])} came out otherwise ` +
        "(wanted no other program to write there)",
    );
  }
}

function textOf({ key, value }: FoundEntry): string {
  return Deno.inspect([key, present(value)], {
    depth: Infinity,
    iterableLimit: Infinity,
    strAbbreviateSize: Infinity,
    sorted: true,
  });
}

/** Without the parts that are undefined: Deno KV keeps them, and PostgreSQL does not. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      part === undefined ? [] : [[name, present(part)]]
    ),
  );
}
