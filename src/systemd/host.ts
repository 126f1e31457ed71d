/**
 * The host that `install` works on: files, accounts, programs. Owns how each is read and changed. A folder may stand for `/`; then no
 * programs are run. Does not know what is installed.
 */
import { join } from "node:path";
import { messageOf } from "../lib/mod.ts";
import { type RunProgram } from "./run_program.ts";

/** A user of the host. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The host could not be read or changed; the message is a sentence. */
export class HostError extends Error {}

export class Host {
  readonly #root: string;
  readonly #run: RunProgram | undefined;

  /** `root`: the folder that stands for `/`. Without `run` no program is run, and no owner is set. */
  constructor({ root = "/", run }: { readonly root?: string; readonly run?: RunProgram }) {
    this.#root = root;
    this.#run = run;
  }

  get hasPrograms(): boolean {
    return this.#run !== undefined;
  }

  /** The path of a file of the host, below its root. */
  at(path: string): string {
    return join(this.#root, path);
  }

  /** Runs a program that changes something. Throws HostError where it fails. */
  async run(program: string, ...args: readonly string[]): Promise<void> {
    const { code, err } = await this.#run?.(program, args) ??
      { code: 127, err: "no programs are run on this host" };
    if (code === 0) return;
    const why = err.trim().split("\n").at(-1);
    throw new HostError(
      `Cannot ${program} ${args.join(" ")}: it ended with ${code}${why ? ` (${why})` : ""}`,
    );
  }

  /** Runs a program that changes nothing; returns its stdout, undefined where it fails or programs are not run. */
  async ask(program: string, ...args: readonly string[]): Promise<string | undefined> {
    const end = await this.#run?.(program, args);
    return end?.code === 0 ? end.out.trim() : undefined;
  }

  /** True where the host was booted with systemd; sd_booted(3). */
  async isBootedWithSystemd(): Promise<boolean> {
    return (await this.stat("/run/systemd/system"))?.isDirectory === true;
  }

  /** Undefined where there is no such user, and where programs are not run. */
  async account(name: string): Promise<Account | undefined> {
    const line = await this.ask("getent", "passwd", name);
    const [, , uid, gid] = line?.split(":") ?? [];
    return line === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  }

  /** Undefined where nothing is there. */
  async stat(path: string): Promise<Deno.FileInfo | undefined> {
    try {
      return await Deno.stat(this.at(path));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
        return undefined;
      }
      throw cannot("read", path, error);
    }
  }

  /** Undefined where nothing is there. */
  async readText(path: string): Promise<string | undefined> {
    if (await this.stat(path) === undefined) return undefined;
    return await change("read", path, () => Deno.readTextFile(this.at(path)));
  }

  async makeFolder(path: string): Promise<void> {
    await change("create", path, () => Deno.mkdir(this.at(path), { recursive: true }));
  }

  /** Sets mode and owner; without an owner, or where programs are not run, the mode only. */
  async allow(path: string, mode: number, owner?: string): Promise<void> {
    await change("change", path, () => Deno.chmod(this.at(path), mode));
    if (!this.hasPrograms || owner === undefined) return;
    const account = await this.account(owner);
    if (!account) throw new HostError(`Cannot chown ${path}: there is no user ${owner}`);
    await change("chown", path, () => Deno.chown(this.at(path), account.uid, account.gid));
  }

  /** Replaces a file atomically: the old one may be in use, or running. */
  async replace(path: string, mode: number, fill: (next: string) => Promise<void>): Promise<void> {
    const next = this.at(`${path}.new`);
    await change("write", path, async () => {
      await Deno.mkdir(join(next, ".."), { recursive: true });
      await Deno.writeFile(next, new Uint8Array(), { mode });
      await fill(next);
      await Deno.chmod(next, mode);
      await Deno.rename(next, this.at(path));
    });
  }

  /** Removes a file, or a folder with its content. What does not exist is no error. */
  async remove(path: string): Promise<void> {
    if (await this.stat(path) === undefined) return;
    await change("remove", path, () => Deno.remove(this.at(path), { recursive: true }));
  }
}

async function change<Value>(act: string, path: string, how: () => Promise<Value>): Promise<Value> {
  try {
    return await how();
  } catch (error) {
    throw cannot(act, path, error);
  }
}

function cannot(act: string, path: string, error: unknown): HostError {
  return new HostError(`Cannot ${act} ${path}: ${messageOf(error)}`, { cause: error });
}
