/**
 * All commands as one program, for where there are no tasks: `deno run -A jsr:@armature/armature/cli generate …` does what
 * `deno task generate …` does in a checkout.
 *
 * @module
 */

import configuration from "../../deno.json" with { type: "json" };
import { command, runCommand } from "./command.ts";
import { invokeAs } from "./invocation.ts";

/** The modules of the commands, which run when they are loaded. Their descriptions are those of the tasks. */
const commands = {
  data: () => import("./data.ts"),
  demo: () => import("./demo.ts"),
  explore: () => import("./explore.ts"),
  export: () => import("./export.ts"),
  fetch: () => import("./fetch.ts"),
  generate: () => import("./generate.ts"),
  import: () => import("./import.ts"),
  merge: () => import("./merge.ts"),
  quantize: () => import("./quantize.ts"),
  reproduce: () => import("./reproduce.ts"),
  score: () => import("./score.ts"),
  train: () => import("./train.ts"),
} satisfies Partial<Record<keyof typeof configuration.tasks, () => Promise<unknown>>>;

const program = "armature";
const [name = "", ...args] = Deno.args;

if (isCommand(name)) {
  invokeAs(program, args);
  await commands[name]();
} else {
  // Only lists the commands, and refuses what is none.
  invokeAs("", Deno.args);
  const all = command(program, "Steer language models while they write.")
    .version(configuration.version, "--version", "print the version");
  for (const each of Object.keys(commands).filter(isCommand)) {
    all.command(each).description(configuration.tasks[each].description);
  }
  await runCommand(all);
}

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}
