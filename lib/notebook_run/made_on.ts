import { cpus } from "node:os";
import { provenance } from "../experiments/provenance.ts";

/** What outputs were made on: where it is the same, so are the numbers. */
export interface MadeOn {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly deno: string;
  readonly packages: Readonly<Record<string, string>>;
}

/** Describes this machine, and the versions of what computes. */
export async function madeHere(): Promise<MadeOn> {
  const { os, deno, packages } = await provenance();
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? "unknown",
    cores: processors.length,
    os,
    deno,
    packages,
  };
}
