import { deviceChoices } from "../lib/runtime/device.ts";
import { choice, command, runCommand } from "../lib/cli/command.ts";
import { runGolden } from "./run_golden.ts";

const golden = command(
  "golden",
  "Compare this implementation with a folder of golden numbers. Exits 1 if any is out of tolerance.",
);
golden
  .argument("<dir>", "the folder, laid out as ../shared/golden")
  .option("--json", "print one JSON object a line instead of a table", false)
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu"))
  .action(async (folder, { json, device }) => {
    const { failed } = await runGolden(folder, { json, device });
    if (failed > 0) Deno.exitCode = 1;
  });

await runCommand(golden);
