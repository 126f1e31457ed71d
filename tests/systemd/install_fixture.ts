/**
 * A machine to install on, in a folder: its files are real, its programs do to those files what the real ones do. Users get the
 * id of who runs the tests, so that files can be given to them. Holds no test.
 */
import { install, type InstallRequest } from "../../src/cli/commands/install.ts";
import { Host } from "../../src/systemd/host.ts";
import { type ProgramEnd } from "../../src/systemd/run_program.ts";
import { type Folder, folder } from "../cli/cli_fixture.ts";

export interface TestMachine extends AsyncDisposable {
  readonly root: Folder;
  /** Programs that were run and change something, as one would type them. */
  readonly commands: string[];
  /** Units that run. */
  readonly running: Set<string>;
  /** Names of programs that fail from now on. */
  readonly broken: Set<string>;
  install(request?: Partial<InstallRequest>, isRoot?: boolean): Promise<InstallEnd>;
  read(path: string): Promise<string>;
  /** `755`, `600`. */
  mode(path: string): Promise<string>;
  /** Every file and folder below a folder of the host, with its mode and content. */
  snapshot(path?: string): Promise<Readonly<Record<string, string>>>;
}

export interface InstallEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const ended = (code: number, out = "", err = ""): ProgramEnd => ({ code, out, err });

/** A machine that was started by systemd and has nothing of ours. */
export async function machine(): Promise<TestMachine> {
  const root = await folder();
  await Deno.mkdir(`${root.path}/run/systemd/system`, { recursive: true });
  await root.write("program", "the binary, version 1");
  const at = (path: string) => `${root.path}${path}`;
  const commands: string[] = [];
  const [users, enabled, running, broken] = [
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
    new Set<string>(),
  ];

  function systemctl([verb = "", ...args]: readonly string[]): ProgramEnd {
    const unit = args.at(-1) ?? "";
    switch (verb) {
      case "--version":
        return ended(0, "systemd 252");
      case "is-enabled":
        return ended(enabled.has(unit) ? 0 : 1);
      case "show":
        return ended(0, running.has(unit) ? "active\n" : "inactive\n");
    }
    commands.push(`systemctl ${[verb, ...args].join(" ")}`);
    if (verb === "enable") enabled.add(unit);
    if (verb === "disable") enabled.delete(unit);
    if (verb === "stop") running.delete(unit);
    return ended(0);
  }

  function run(program: string, args: readonly string[]): Promise<ProgramEnd> {
    if (broken.has(program)) return Promise.resolve(ended(1, "", `first\n${program}: no way\n`));
    const name = args.at(-1) ?? "";
    switch (program) {
      case "systemctl":
        return Promise.resolve(systemctl(args));
      case "getent":
        return Promise.resolve(
          users.has(name)
            ? ended(0, `${name}:x:${Deno.uid()}:${Deno.gid()}::/:/usr/sbin/nologin\n`)
            : ended(2),
        );
      case "useradd":
        commands.push([program, ...args].join(" "));
        users.add(name);
        return Promise.resolve(ended(0));
      default:
        return Promise.resolve(ended(127, "", "not found"));
    }
  }

  async function snapshot(path: string, into: Record<string, string>): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(at(path))) {
      const each = `${path}/${name}`;
      into[each] = isDirectory ? await mode(each) : `${await mode(each)} ${await read(each)}`;
      if (isDirectory) await snapshot(each, into);
    }
  }
  const read = (path: string) => Deno.readTextFile(at(path));
  const mode = async (path: string) => ((await Deno.stat(at(path))).mode! & 0o7777).toString(8);

  return {
    root,
    commands,
    running,
    broken,
    read,
    mode,
    async snapshot(path = "") {
      const files = {};
      await snapshot(path, files);
      return files;
    },
    async install(request = {}, isRoot = true) {
      const said = { out: "", err: "" };
      const stream = (name: keyof typeof said) => ({
        isTerminal: () => false,
        writeSync(bytes: Uint8Array) {
          said[name] += new TextDecoder().decode(bytes);
          return bytes.length;
        },
      });
      const code = await install({
        io: { cwd: root.path, stdout: stream("out"), stderr: stream("err") },
        openHost: () => new Host({ root: root.path, run }),
        isRoot,
        binary: `${root.path}/program`,
      }, {
        dir: "/opt/image-edit-bot",
        user: "botuser",
        comfyuiDir: "/opt/ComfyUI",
        withComfyUI: true,
        isWorker: false,
        root: undefined,
        dryRun: false,
        uninstall: false,
        purge: false,
        ...request,
      });
      return { code, ...said };
    },
    [Symbol.asyncDispose]: () => root[Symbol.asyncDispose](),
  };
}
