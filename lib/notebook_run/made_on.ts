import { cpus } from "node:os";
import { provenance } from "../experiments/provenance.ts";

/** What outputs were made on: where it is the same, so are the numbers. */
export interface MadeOn {
  readonly cpu: string;
  /** Extensions of the processor that kernels are chosen by: virtual machines hide its name. */
  readonly vectors: string;
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
    vectors: await vectorExtensions(),
    cores: processors.length,
    os,
    deno,
    packages,
  };
}

/** The vector extensions that Linux names; nothing elsewhere, where the name of the processor says enough. */
async function vectorExtensions(): Promise<string> {
  const information = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const [, flags = ""] = /^(?:flags|Features)\s*:(.*)$/m.exec(information) ?? [];
  return flags.split(" ").filter((flag) => /^(avx|fma|amx|asimd|sve|bf16|i8mm)/.test(flag)).sort()
    .join(" ");
}
