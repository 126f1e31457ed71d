/**
 * Kinds of installation steps: each has a shell command that describes it, knows whether it is done, and can be applied. Does not know
 * which steps an installation has: that is install.ts's.
 */
import type { Host } from "./host.ts";

export interface Step {
  /** The step as a shell command. */
  readonly line: string;
  /** Runs a program. */
  readonly isProgram: boolean;
  /** Whether nothing is left to do; changes nothing. */
  isDone(): Promise<boolean>;
  /** Rejects with HostError. */
  apply(): Promise<void>;
}

/** A program that changes something, unless `isDone`. */
export function program(
  host: Host,
  [name, ...args]: readonly [string, ...string[]],
  isDone: () => Promise<boolean>,
): Step {
  return {
    line: [name, ...args].join(" "),
    isProgram: true,
    isDone,
    apply: () => host.run(name, ...args),
  };
}

/** A system user without password and shell; its home is not created. */
export function systemUser(host: Host, name: string, home: string): Step {
  const options = ["--system", "--user-group", "--no-create-home"];
  return program(
    host,
    ["useradd", ...options, "--home-dir", home, "--shell", "/usr/sbin/nologin", name],
    async () => await host.account(name) !== undefined,
  );
}

/** A folder of that owner and mode; without an owner, an existing one is not changed. */
export function folder(host: Host, path: string, mode: number, owner?: string): Step {
  const options = `-m ${mode.toString(8)}${owner === undefined ? "" : ` -o ${owner} -g ${owner}`}`;
  return {
    line: `install -d ${options} ${path}`,
    isProgram: false,
    async isDone() {
      const stat = await host.stat(path);
      if (!stat?.isDirectory) return false;
      if (owner === undefined) return true;
      return (stat.mode ?? 0) % 0o1000 === mode && await belongsTo(host, stat, owner);
    },
    async apply() {
      await host.makeFolder(path);
      await host.allow(path, mode, owner);
    },
  };
}

async function belongsTo(host: Host, stat: Deno.FileInfo, owner: string): Promise<boolean> {
  return !host.hasPrograms || stat.uid === (await host.account(owner))?.uid;
}

/** A file of the bot's: an existing one is replaced where it differs. */
export function ownFile(host: Host, path: string, text: string): Step {
  return {
    line: `install -m 644 /dev/stdin ${path}`,
    isProgram: false,
    isDone: async () => await host.readText(path) === text,
    apply: () => host.replace(path, 0o644, (next) => Deno.writeTextFile(next, text)),
  };
}

/** A file that belongs to the owner once written: an existing one stays. */
export function firstFile(host: Host, path: string, text: string): Step {
  return {
    ...ownFile(host, path, text),
    line: `test -e ${path} || install -m 644 /dev/stdin ${path}`,
    isDone: async () => await host.stat(path) !== undefined,
  };
}

/** The same for a secret: only `reader` may read it, also where it exists already. */
export function firstSecret(host: Host, path: string, text: string, reader: string): Step {
  return {
    line: `test -e ${path} || install -m 600 /dev/stdin ${path}; chmod 600 ${path}; ` +
      `chown ${reader}: ${path}`,
    isProgram: false,
    async isDone() {
      const stat = await host.stat(path);
      if (!stat || (stat.mode ?? 0) & 0o007) return false;
      const account = await host.account(reader);
      // The reader's group is enough, too.
      const isOfGroup = stat.gid === account?.gid && ((stat.mode ?? 0) & 0o040) !== 0;
      return isOfGroup || await belongsTo(host, stat, reader);
    },
    async apply() {
      if (await host.stat(path) === undefined) {
        await host.replace(path, 0o600, (next) => Deno.writeTextFile(next, text));
      }
      await host.allow(path, 0o600, reader);
    },
  };
}

/** An executable, copied from `from`, which is a path of this process and not below the host's root. */
export function executable(host: Host, from: string, path: string): Step {
  return {
    line: `install -m 755 ${from} ${path}`,
    isProgram: false,
    async isDone() {
      const stat = await host.stat(path);
      return stat !== undefined && ((stat.mode ?? 0) & 0o111) !== 0 &&
        await isSame(from, host.at(path));
    },
    apply: () => host.replace(path, 0o755, (next) => Deno.copyFile(from, next)),
  };
}

/** A file or a folder with everything in it. */
export function removal(host: Host, path: string): Step {
  return {
    line: `rm -rf ${path}`,
    isProgram: false,
    isDone: async () => await host.stat(path) === undefined,
    apply: () => host.remove(path),
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
