import { nvidiaCards } from "../../lib/doctor/system_facts.ts";

/** Milliseconds between two looks at a card's memory. */
const interval = 500;

/** What of a device's memory is in use at most, by NVIDIA's driver, and what of the machine's a process took at most, by Linux. */
export class PeakMemory implements Disposable {
  readonly #hasCard: boolean;
  readonly #timer: ReturnType<typeof setInterval>;
  #before?: number;
  #device?: number;
  #host?: number;
  /** The process that is watched, once it runs. */
  pid?: number;

  private constructor(hasCard: boolean) {
    this.#hasCard = hasCard;
    this.#timer = setInterval(() => this.#look(), interval);
  }

  /** @param hasCard whether NVIDIA's driver answers; without it the device's memory is not known. */
  static async begin(hasCard: boolean): Promise<PeakMemory> {
    const peak = new PeakMemory(hasCard);
    await peak.#look();
    return peak;
  }

  async #look(): Promise<void> {
    const status = await statusOf(this.pid);
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(status) ?? [];
    if (kilobytes !== undefined) this.#host = 1024 * Number(kilobytes);
    const [card] = this.#hasCard ? await nvidiaCards() : [];
    if (card === undefined) return;
    const used = card.memory - card.freeMemory;
    this.#before ??= used;
    this.#device = Math.max(this.#device ?? 0, used - this.#before);
  }

  /** Bytes by now; undefined where nobody tells. */
  async soFar(): Promise<{ peak_device_bytes?: number; peak_host_bytes?: number }> {
    await this.#look();
    return { peak_device_bytes: this.#device, peak_host_bytes: this.#host };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** What Linux says of a process; nothing elsewhere. Deno itself reads it with all permissions only, `cat` always does. */
async function statusOf(pid?: number): Promise<string> {
  if (pid === undefined || Deno.build.os !== "linux") return "";
  // by its path, as a pack may run in an empty environment
  const cat = new Deno.Command("/bin/cat", {
    args: [`/proc/${pid}/status`],
    stdin: "null",
    stderr: "null",
  });
  try {
    return new TextDecoder().decode((await cat.output()).stdout);
  } catch {
    // no measurement ends because this cannot be asked
    return "";
  }
}
