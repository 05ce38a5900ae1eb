import assert from "node:assert/strict";
import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { command } from "../../lib/cli/command.ts";
import { addFlags, givenOptions } from "../../lib/cli/option_flags.ts";
import type { OptionTable } from "../../lib/options/option.ts";

const table = {
  learningRate: { type: "number", min: 0, help: "highest learning rate", former: ["rate"] },
  baseline: { type: "boolean", default: true, help: "the baseline of the prefix" },
  published: { type: "boolean", default: false, help: "losses as published" },
  kind: { type: "choice", of: ["arm", "rad"], required: true, help: "what is trained" },
  labels: { type: "list", of: { type: "text" }, flag: "label", help: "columns" },
  codes: { type: "list", of: { type: "text" }, length: 2, help: "two words" },
  steps: {
    type: "either",
    of: [{ type: "choice", of: ["all"] }, { type: "integer", min: 1 }],
    defaultHelp: "all there are",
    help: "steps",
  },
  lora: {
    type: "options",
    of: {
      rank: { type: "integer", min: 1, help: "the rank", former: ["r"] },
      targetModules: { type: "list", of: { type: "text" }, help: "layers" },
      rslora: { type: "boolean", help: "by the root" },
    },
    textual: true,
    help: "low-rank adaptation",
  },
  signal: { type: "value", is: (_: unknown): _ is string => true, what: "a signal", help: "stops" },
} as const satisfies OptionTable;

interface Outcome {
  readonly given?: unknown;
  readonly said: string;
  readonly code?: number;
}

/** What a command with these flags makes of arguments, or how it ends, and what it says. */
async function run(...args: string[]): Promise<Outcome> {
  return await outcomeOf(command("f", "A command."), args);
}

async function outcomeOf(made: CommandUnknownOpts, args: readonly string[]): Promise<Outcome> {
  let said = "";
  let given: unknown;
  made.configureOutput({
    writeOut: (text) => said += text,
    writeErr: (text) => said += text,
  });
  addFlags(made, table);
  made.action(() => {
    given = givenOptions(made, table);
  });
  try {
    await made.parseAsync([...args], { from: "user" });
  } catch (error) {
    assert.ok(error instanceof CommanderError, String(error));
    return { said, code: error.exitCode };
  }
  return { given, said };
}

Deno.test("flags are the options in kebab case, and only what was given is handed on", async () => {
  const { given } = await run("--kind", "arm", "--learning-rate", "1e-3", "--no-baseline");
  assert.deepEqual(given, { kind: "arm", learningRate: 1e-3, baseline: false });
});

Deno.test("lists, words and numbers are parsed as their kinds", async () => {
  const many = await run("--kind", "rad", "--label", "a", "b", "--steps", "all", "--published");
  assert.deepEqual(many.given, { kind: "rad", labels: ["a", "b"], steps: "all", published: true });
  assert.deepEqual((await run("--kind", "rad", "--steps", "3")).given, { kind: "rad", steps: 3 });
});

Deno.test("a list of a command with arguments of its own leaves these to it, and is given one by one", async () => {
  const named = () => command("f", "A command.").argument("<name>") as CommandUnknownOpts;
  const { given } = await outcomeOf(named(), [
    ..."--kind rad --label a --label b".split(" "),
    "name",
  ]);
  assert.deepEqual(given, { kind: "rad", labels: ["a", "b"] });
  const { said } = await outcomeOf(named(), ["--help"]);
  assert.match(said, /--label <name> +columns; may be repeated/);
});

Deno.test("a former name goes on working, and is not in the help", async () => {
  assert.deepEqual((await run("--kind", "arm", "--rate", "2")).given, {
    kind: "arm",
    learningRate: 2,
  });
  const { said } = await run("--help");
  assert.match(said, /--learning-rate <x>/);
  assert.doesNotMatch(said, /--rate/);
});

Deno.test("a name and its former name together are wrong usage", async () => {
  const { said, code } = await run("--kind", "arm", "--rate", "2", "--learning-rate", "2");
  assert.equal(code, 1);
  assert.match(said, /'--rate' is the former name of '--learning-rate': give one of them/);
});

Deno.test("wrong values are wrong usage, with what there must be", async () => {
  const wrong: [string[], RegExp][] = [
    [["--kind", "arms"], /invalid: give one of arm, rad/],
    [["--kind", "arm", "--learning-rate", "-1"], /invalid: give a number from 0 up/],
    [["--kind", "arm", "--steps", "0"], /invalid: give "all", or a whole number from 1 up/],
    [["--kind", "arm", "--codes", "a"], /option '--codes' takes 2 values/],
    [[], /required option '--kind <name>' not specified/],
  ];
  for (const [args, message] of wrong) {
    const { said, code } = await run(...args);
    assert.match(said, message);
    assert.equal(code, 1);
  }
});

Deno.test("help shows each option's sentence, choices and default, and no option that a text cannot give", async () => {
  const { said } = await run("--help");
  const words = said.replace(/\s+/g, " ");
  assert.match(words, /--no-baseline without the baseline of the prefix/);
  assert.match(words, /--kind <name> what is trained \(choices: arm, rad\)/);
  assert.match(words, /--steps <name> steps \(default: all there are\)/);
  assert.doesNotMatch(words, /signal/);
});

Deno.test("options inside of an option are given as name=value, with + between the elements of a list", async () => {
  const { given } = await run("--kind", "rad", "--lora", "r=4,target-modules=a+b,rslora=true");
  assert.deepEqual(given, {
    kind: "rad",
    lora: { rank: 4, targetModules: ["a", "b"], rslora: true },
  });
  for (
    const [text, said] of [
      ["rank=0", "rank: give a whole number from 1 up"],
      ["dropout=0.1", "give settings as name=value, of rank, targetModules, rslora"],
      ["rank", "give settings as name=value, of rank, targetModules, rslora"],
    ]
  ) {
    const outcome = await run("--kind", "rad", "--lora", text);
    assert.ok(outcome.said.includes(said), outcome.said);
  }
});
