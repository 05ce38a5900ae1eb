/**
 * The same work here and in what a user would otherwise run, side by side in one run.
 *
 * `deno task bench:peers train|decode [--shape NAME…] [--python PATH] [--json]`
 * `deno task bench:peers gguf --model FILE --llama-cpp FOLDER [--json]`
 */
import { command, runCommand } from "../lib/cli/command.ts";
import { decode } from "./peers/decode.ts";
import { gguf } from "./peers/gguf.ts";
import { train } from "./peers/train.ts";

const peers = command(
  "bench:peers",
  "Compare training and decoding with PyTorch, transformers and llama.cpp on this machine's CPU, in turns.",
)
  // an option after a subcommand is the subcommand's
  .enablePositionalOptions()
  .addCommand(train)
  .addCommand(decode)
  .addCommand(gguf);

await runCommand(peers);
