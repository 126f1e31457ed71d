/** Running a program of the host: without a terminal, in English. Owns where programs are found. Does not know which ones are run. */

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end; one that is not there ends with 127, as in a shell. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<ProgramEnd>;

/** Where programs are found, whatever PATH says. */
export const programFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Runs a program to its end. One that is not there ends with 127, as in a shell. */
export async function runProgram(name: string, args: readonly string[]): Promise<ProgramEnd> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(name, {
      args: [...args],
      stdin: "null",
      // Nothing of this process's own: Deno, with some programs allowed, runs none while there is an LD_LIBRARY_PATH.
      clearEnv: true,
      env: { LC_ALL: "C", PATH: programFolders.join(":") },
    }).output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { code: 127, out: "", err: `${name}: not found` };
  }
}
