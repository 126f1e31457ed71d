/** The servers that the queue of workers can be on, for the rows that try each of them. */
import { phonePhoto } from "../../lab/load/photos.ts";
import { untilOrNot } from "../../lab/load/lives.ts";
import { renderedTwice, type Stand, wordsOf } from "../../lab/load/stand.ts";
import { queueEngines, type RemoteWorker } from "../../lab/remote_worker.ts";
import { type ChaosOptions, type Finding, noted } from "../finding.ts";
import type { Ledger } from "../ledger.ts";

type Engine = (typeof queueEngines)[number];
type Server = Awaited<ReturnType<Engine["start"]>>;

/** A queue's server that runs. */
export interface QueueServer {
  readonly engine: Engine["engine"];
  readonly server: Server;
  /** `queue.url`: an empty database. */
  readonly url: string;
}

/** Tries a server of each kind. The short run takes turns: chance says which. */
export async function onEachEngine(
  what: string,
  { seed, isShort }: ChaosOptions,
  attempt: (server: QueueServer) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { engine, canServe, start } of queueEngines) {
    if (isShort && queueEngines[seed % queueEngines.length]?.engine !== engine) continue;
    if (!await canServe()) {
      findings.push(noted(`${what} over ${engine}`, "not tried: it is not installed"));
      continue;
    }
    await using server = await start();
    findings.push(...await attempt({ engine, server, url: await server.database() }));
  }
  return findings;
}

/** The words of those requests that the workers together rendered to the end more than once. */
export function renderedTwiceBy(workers: readonly RemoteWorker[]): readonly string[] {
  return renderedTwice(
    workers.flatMap(({ comfyui }) => comfyui.ran).filter(({ outcome }) => outcome === "success"),
  );
}

/** Keeps so many requests under way until it is stopped; one that takes longer than `patienceMs` is not waited for. */
export function askSteadily(
  { stage, people }: Stand,
  ledger: Ledger,
  { inFlight, patienceMs }: { readonly inFlight: number; readonly patienceMs: number },
): AsyncDisposable & { stop(): Promise<void> } {
  const stopped = new AbortController();
  async function ask(): Promise<void> {
    const photo = await phonePhoto();
    for (let index = 0; !stopped.signal.aborted; index++) {
      const person = people[index % people.length]!;
      ledger.add(await person.sendPhoto(photo, { caption: wordsOf(index) }));
      await untilOrNot(
        stage,
        () => stopped.signal.aborted || ledger.open().length < inFlight,
        patienceMs,
      );
    }
  }
  const asking = ask();
  asking.catch(() => {}); // said where it is stopped
  async function stop(): Promise<void> {
    stopped.abort();
    await asking;
  }
  return { stop, [Symbol.asyncDispose]: stop };
}
