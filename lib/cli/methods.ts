import { type ListedMethod, listedMethods } from "../methods/listed_methods.ts";
import { command, runCommand } from "./command.ts";
import { jsonOption } from "./json_option.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

/** A method as lines of text. */
function described(
  { kind, title, formula, source, learnsFrom, callsAStep, command }: ListedMethod,
): string {
  return [
    `${kind}: ${title}`,
    ...(formula === "" ? [] : [`  ${formula}`]),
    `  learns from: ${learnsFrom}`,
    `  calls a step: ${callsAStep}`,
    ...(source === "" ? [] : [`  source: ${source}`]),
    `  ${command}`,
  ].join("\n");
}

const methods = command("methods", "List every way to control text that there is.")
  .action((_, command) => {
    const { json } = givenOptions(command, jsonOption);
    const all = listedMethods();
    if (json) { for (const method of all) console.log(JSON.stringify(method)); }
    else console.log(all.map(described).join("\n\n"));
  });
addFlags(methods, jsonOption);

await runCommand(methods);
