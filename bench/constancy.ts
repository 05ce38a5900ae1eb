import { command, Interrupted, interruption } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { openDeviceAndTell } from "../lib/cli/open_device.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import { generateSteps } from "../lib/decode/generate.ts";
import { sizeText } from "../lib/files/room.ts";
import { openTinyModels, randomPrompts, tinyShapes } from "./tiny_models.ts";

const samples = 25;
const early = 50;

const constancyOptions = {
  prompts: { type: "integer", min: 1, default: 1000, help: "prompts in all" },
  ...jsonOption,
  ...deviceOption,
} as const satisfies OptionTable;

/** Whether memory grows while many prompts are continued. */
export const constancy = command(
  "constancy",
  "Resident memory after 50 prompts and after many more, 25 continuations each, tiny models steered by an ARM.",
)
  .action(async (_, command) => {
    const given = givenOptions(command, constancyOptions);
    const { prompts: count, json, device: name } = settle("constancy", constancyOptions, given);
    const signal = interruption();
    const device = await openDeviceAndTell(name);
    await using models = await openTinyModels("arm", device, signal);
    const prompts = randomPrompts(count, { least: 10, most: 10 });
    const { guides } = models;
    const options = { guides, samples, maxNewTokens: 20, ends: [], signal };
    const resident: Record<number, number> = {};
    const begun = new Set<number>();
    let due = early;
    const began = performance.now();
    const steps = generateSteps(models.base, prompts, options);
    let step = await steps.next();
    while (!step.done) {
      const { rows } = step.value;
      // a batch that begins tells that those before it have ended
      if (!begun.has(rows[0].prompt) && begun.size >= due) {
        resident[due] = Deno.memoryUsage().rss;
        due *= 2;
      }
      for (const { prompt } of rows) begun.add(prompt);
      step = await steps.next();
    }
    const { tokens } = step.value;
    if (signal.aborted) throw new Interrupted("Stopped; the temporary weights are removed.");
    const seconds = (performance.now() - began) / 1000;
    resident[count] = Deno.memoryUsage().rss;
    const result = {
      benchmark: "constancy",
      samples,
      /** Prompts → bytes. */
      resident_bytes: resident,
      ratio: Number((resident[count] / resident[Math.min(early, count)]).toFixed(3)),
      tokens_per_second: Math.round(tokens / seconds),
      device: device.name,
      shapes: tinyShapes,
    };
    console.log(json ? JSON.stringify(result) : describe(result));
  });
addFlags(constancy, constancyOptions);

function describe(
  { resident_bytes, ratio, tokens_per_second }: {
    resident_bytes: Record<number, number>;
    ratio: number;
    tokens_per_second: number;
  },
): string {
  const sizes = Object.entries(resident_bytes).map(([count, bytes]) =>
    `${count}: ${sizeText(bytes)}`
  );
  return `Resident memory after so many prompts: ${sizes.join(", ")}; ${ratio} × in all; ` +
    `${tokens_per_second} tokens/s`;
}
