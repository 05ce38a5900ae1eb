import { command, runCommand } from "../lib/cli/command.ts";
import { deviceOption } from "../lib/cli/device_option.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { runGolden } from "./run_golden.ts";

const goldenOptions = {
  ...jsonOption,
  models: {
    type: "text",
    placeholder: "dir",
    help: "folder of the GGUF files that numbers of pretrained models belong to",
  },
  ...deviceOption,
} as const satisfies OptionTable;

const golden = command(
  "golden",
  "Compare this implementation with a folder of golden numbers. Exits 1 if any is out of tolerance.",
);
golden
  .argument("<dir>", "the folder, laid out as ../shared/golden")
  .action(async (folder, _, command) => {
    const { failed } = await runGolden(folder, givenOptions(command, goldenOptions));
    if (failed > 0) Deno.exitCode = 1;
  });
addFlags(golden, goldenOptions);

await runCommand(golden);
