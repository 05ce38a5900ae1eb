import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { command, Interrupted, interruption } from "../lib/cli/command.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { measuredModel } from "../lib/experiments/efficiency.ts";
import { efficiencyScales } from "../lib/experiments/efficiency_scales.ts";
import { RandomModels } from "../lib/experiments/random_models.ts";
import { sizeText } from "../lib/files/room.ts";
import type { OptionTable } from "../lib/options/option.ts";

const loadingOptions = {
  small: { type: "boolean", default: false, help: "a small shape" },
  ...jsonOption,
} as const satisfies OptionTable;

/** What `first_token.ts` prints. */
interface FirstToken {
  tokens: number;
  peak_bytes: number;
  resident_bytes: number;
  load_and_first_token_s: number;
  start_to_first_token_s: number;
}

/** Peak memory of loading the base model and generating a token, over its file's size, in a process of its own. */
export const loading = command(
  "loading",
  "Peak memory and time of loading GPT-2-Large's shape and generating the first token, in a process of its own, on the CPU.",
)
  .action(async (_, command) => {
    const { small, json } = givenOptions(command, loadingOptions);
    const signal = interruption();
    const { shapes } = efficiencyScales[small ? "small" : "paper"];
    try {
      await using models = await RandomModels.write(shapes, [], { signal });
      const { size } = await Deno.stat(join(models.baseFolder, "model.safetensors"));
      const first = await firstToken(models.baseFolder, signal);
      const { width, layers, heads, vocabulary } = measuredModel(shapes.base);
      const result = {
        benchmark: "loading",
        file_bytes: size,
        ...first,
        peak_over_file: Number((first.peak_bytes / size).toFixed(3)),
        device: "cpu",
        shapes: { base: { width, layers, heads, vocabulary } },
      };
      console.log(json ? JSON.stringify(result) : describe(result));
    } catch (error) {
      if (signal.aborted) throw new Interrupted("Stopped; the temporary weights are removed.");
      throw error;
    }
  });
addFlags(loading, loadingOptions);

async function firstToken(folder: string, signal: AbortSignal): Promise<FirstToken> {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const permissions = ["--no-prompt", "--allow-read", "--allow-env", "--allow-ffi", "--allow-sys"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...permissions, join(here, "first_token.ts"), folder],
    cwd: join(here, ".."),
    signal,
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`The process that loads the model failed: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout));
}

function describe(result: FirstToken & { file_bytes: number; peak_over_file: number }): string {
  return `Weights of ${sizeText(result.file_bytes)}: peak memory ${sizeText(result.peak_bytes)}, ` +
    `${result.peak_over_file} × the file; first token after ${
      result.load_and_first_token_s.toFixed(1)
    } s, ` +
    `${result.start_to_first_token_s.toFixed(1)} s after the process started`;
}
