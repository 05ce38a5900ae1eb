import { cpus } from "node:os";
import { basename, delimiter, join } from "node:path";
import { freeMemory } from "../files/room.ts";

/** A card of NVIDIA's, as its driver describes it. */
export interface NvidiaCard {
  readonly name: string;
  readonly driver: string;
  /** Bytes of the card's memory, in all and free. */
  readonly memory: number;
  readonly freeMemory: number;
}

/** What is known of a machine before any device is tried. */
export interface SystemFacts {
  readonly processor: string;
  readonly cores: number;
  /** Bytes of memory, in all and free. */
  readonly memory: number;
  readonly freeMemory: number;
  readonly deno: string;
  /** Empty where NVIDIA's driver does not answer. */
  readonly nvidia: readonly NvidiaCard[];
  /** Files of Vulkan drivers that the loader will find; empty where there are none, or the system has no such folders. */
  readonly vulkanDrivers: readonly string[];
}

export async function systemFacts(): Promise<SystemFacts> {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: navigator.hardwareConcurrency,
    memory: Deno.systemMemoryInfo().total,
    freeMemory: freeMemory(),
    deno: Deno.version.deno,
    nvidia: await nvidiaCards(),
    vulkanDrivers: await vulkanDrivers(),
  };
}

/** The cards that NVIDIA's driver tells of; none where there is no such driver. */
export async function nvidiaCards(): Promise<NvidiaCard[]> {
  const query = "--query-gpu=name,driver_version,memory.total,memory.free";
  const command = new Deno.Command("nvidia-smi", {
    args: [query, "--format=csv,noheader,nounits"],
  });
  let answer: Deno.CommandOutput;
  try {
    answer = await command.output();
  } catch {
    return [];
  }
  if (!answer.success) return [];
  return new TextDecoder().decode(answer.stdout).trim().split("\n").map((line) => {
    const [name, driver, memory, freeMemory] = line.split(",").map((cell) => cell.trim());
    return { name, driver, memory: mebibytes(memory), freeMemory: mebibytes(freeMemory) };
  });
}

function mebibytes(text: string): number {
  return Number(text) * 2 ** 20;
}

/** Where Vulkan's loader looks for drivers on Linux, unless VK_DRIVER_FILES names them. */
const driverFolders = [
  "/usr/share/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
  "/etc/vulkan/icd.d",
];

async function vulkanDrivers(): Promise<string[]> {
  const named = Deno.env.get("VK_DRIVER_FILES") ?? Deno.env.get("VK_ICD_FILENAMES");
  if (named) return named.split(delimiter).map((path) => basename(path));
  const found: string[] = [];
  for (const folder of driverFolders) {
    try {
      for await (const { name } of Deno.readDir(folder)) {
        if (name.endsWith(".json")) found.push(join(folder, name));
      }
    } catch {
      // there is no such folder
    }
  }
  return found.map((path) => basename(path)).sort();
}
