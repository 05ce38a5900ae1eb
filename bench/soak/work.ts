/** How a process of the soak is to work; it is told as its first argument, in JSON. */
export interface SoakTask {
  readonly work: "training" | "generation";
  /** The folder that it writes, and goes on in. */
  readonly out: string;
  readonly seed: number;
  /** Steps of training, or chunks of prompts. */
  readonly units: number;
  /** Steps between checkpoints. */
  readonly checkpointEvery: number;
}

/** What a process says after a unit of work, a line each. */
export interface SoakLine {
  /** Which unit is done, from 1. */
  readonly unit: number;
  /** Resident memory, in bytes. */
  readonly resident: number;
}

/** Says that a unit of work is done. */
export function tell(unit: number): void {
  const line: SoakLine = { unit, resident: Deno.memoryUsage().rss };
  console.log(JSON.stringify(line));
}
