/**
 * Steps of an installation: each knows how one would type it, whether it is done already, and how to do it. Owns the kinds of
 * steps; which there are in what order is install.ts's and uninstall.ts's.
 */
import type { Host } from "./host.ts";

export interface Step {
  /** As one would type it in a shell. */
  readonly line: string;
  /** Runs a program, which not every machine has. */
  readonly isProgram: boolean;
  /** Whether the machine is so already; changes nothing. */
  isDone(): Promise<boolean>;
  /** Rejects with MachineError. */
  apply(): Promise<void>;
}

/** A program that changes something, unless `isDone`. */
export function program(
  machine: Host,
  [name, ...args]: readonly [string, ...string[]],
  isDone: () => Promise<boolean>,
): Step {
  return {
    line: [name, ...args].join(" "),
    isProgram: true,
    isDone,
    apply: () => machine.run(name, ...args),
  };
}

/** A user without a password, a shell or a home that is made. */
export function systemUser(machine: Host, name: string, home: string): Step {
  const options = ["--system", "--user-group", "--no-create-home"];
  return program(
    machine,
    ["useradd", ...options, "--home-dir", home, "--shell", "/usr/sbin/nologin", name],
    async () => await machine.account(name) !== undefined,
  );
}

/** A folder of that owner and mode; without an owner, one that is there stays as it is. */
export function folder(machine: Host, path: string, mode: number, owner?: string): Step {
  const options = `-m ${mode.toString(8)}${owner === undefined ? "" : ` -o ${owner} -g ${owner}`}`;
  return {
    line: `install -d ${options} ${path}`,
    isProgram: false,
    async isDone() {
      const stat = await machine.stat(path);
      if (!stat?.isDirectory) return false;
      if (owner === undefined) return true;
      return (stat.mode ?? 0) % 0o1000 === mode && await belongsTo(machine, stat, owner);
    },
    async apply() {
      await machine.makeFolder(path);
      await machine.allow(path, mode, owner);
    },
  };
}

async function belongsTo(machine: Host, stat: Deno.FileInfo, owner: string): Promise<boolean> {
  return !machine.hasPrograms || stat.uid === (await machine.account(owner))?.uid;
}

/** A file of ours: what is there is replaced where it differs. */
export function ownFile(machine: Host, path: string, text: string): Step {
  return {
    line: `install -m 644 /dev/stdin ${path}`,
    isProgram: false,
    isDone: async () => await machine.readText(path) === text,
    apply: () => machine.replace(path, 0o644, (next) => Deno.writeTextFile(next, text)),
  };
}

/** A file that is the owner's from its first day on: what is there stays. */
export function firstFile(machine: Host, path: string, text: string): Step {
  return {
    ...ownFile(machine, path, text),
    line: `test -e ${path} || install -m 644 /dev/stdin ${path}`,
    isDone: async () => await machine.stat(path) !== undefined,
  };
}

/** The same for a secret: its reader may read it and nobody else, whoever wrote it. */
export function firstSecret(machine: Host, path: string, text: string, reader: string): Step {
  return {
    line: `test -e ${path} || install -m 600 /dev/stdin ${path}; chmod 600 ${path}; ` +
      `chown ${reader}: ${path}`,
    isProgram: false,
    async isDone() {
      const stat = await machine.stat(path);
      if (!stat || (stat.mode ?? 0) & 0o007) return false;
      const account = await machine.account(reader);
      // A group that the reader has is a good way too.
      const isOfGroup = stat.gid === account?.gid && ((stat.mode ?? 0) & 0o040) !== 0;
      return isOfGroup || await belongsTo(machine, stat, reader);
    },
    async apply() {
      if (await machine.stat(path) === undefined) {
        await machine.replace(path, 0o600, (next) => Deno.writeTextFile(next, text));
      }
      await machine.allow(path, 0o600, reader);
    },
  };
}

/** A program's file, from elsewhere. `from` is no path of the machine but of the process. */
export function executable(machine: Host, from: string, path: string): Step {
  return {
    line: `install -m 755 ${from} ${path}`,
    isProgram: false,
    async isDone() {
      const stat = await machine.stat(path);
      return stat !== undefined && ((stat.mode ?? 0) & 0o111) !== 0 &&
        await isSame(from, machine.at(path));
    },
    apply: () => machine.replace(path, 0o755, (next) => Deno.copyFile(from, next)),
  };
}

/** A file or a folder with everything in it. */
export function removal(machine: Host, path: string): Step {
  return {
    line: `rm -rf ${path}`,
    isProgram: false,
    isDone: async () => await machine.stat(path) === undefined,
    apply: () => machine.remove(path),
  };
}

/** Compares two files without holding them in memory; false where the first one is not there. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [size, otherSize] = await Promise.all(
    [one, other].map(async (path) => (await Deno.stat(path).catch(() => undefined))?.size),
  );
  if (size === undefined || size !== otherSize) return false;
  const [hash, otherHash] = await Promise.all([hashOf(one), hashOf(other)]);
  return hash === otherHash;
}

async function hashOf(path: string): Promise<string> {
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
