import { command, runCommand } from "../lib/cli/command.ts";
await runCommand(command("bench:gpu", "x"));
