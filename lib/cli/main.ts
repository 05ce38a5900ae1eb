/**
 * All commands as one program, for where there are no tasks: `deno run -A jsr:@armature/armature/cli generate …` does what
 * `deno task generate …` does in a checkout.
 *
 * @module
 */

import about from "../about.json" with { type: "json" };
import { command, runCommand } from "./command.ts";
import { invokeAs } from "./invocation.ts";

/** The commands: descriptions are those of the tasks, and a module runs when it is loaded. */
const commands = {
  cuda: {
    description: "Put ONNX Runtime's CUDA provider where it is found",
    run: () => import("./cuda.ts"),
  },
  data: {
    description: "List and describe data sets",
    run: () => import("./data.ts"),
  },
  demo: {
    description: "The whole method on a small world of texts, in minutes",
    run: () => import("./demo.ts"),
  },
  "demo:pretrained": {
    description:
      "A small pretrained model, fetched once, steered by reward models that are trained in minutes",
    run: () => import("./demo_pretrained.ts"),
  },
  doctor: {
    description:
      "Say which devices work here, how fast they are, and what to do about those that do not",
    run: () => import("./doctor.ts"),
  },
  explore: {
    description: "A page on this machine that shows a prompt continued steered and unsteered",
    run: () => import("./explore.ts"),
  },
  export: {
    description:
      "Write a language model as a folder that transformers.js opens, or as a steered page for the browser",
    run: () => import("./export.ts"),
  },
  fetch: {
    description: "Fetch a model or data set from the Hugging Face hub",
    run: () => import("./fetch.ts"),
  },
  generate: {
    description: "Continue prompts, steered by reward models",
    run: () => import("./generate.ts"),
  },
  import: {
    description:
      "Write the language model of a GGUF file, or a published reward model, as a folder",
    run: () => import("./import.ts"),
  },
  merge: {
    description:
      "Write the model that an adapter (LoRA) makes of its base model as an ordinary folder",
    run: () => import("./merge.ts"),
  },
  methods: {
    description: "List every method: what it does, learns from and costs, and who published it",
    run: () => import("./methods.ts"),
  },
  notebook: {
    description: "Run a notebook with parameters, and install the kernel that runs them",
    run: () => import("./notebook.ts"),
  },
  quantize: {
    description: "Write a copy of a model with weights of 8 or 4 bits",
    run: () => import("./quantize.ts"),
  },
  reproduce: {
    description: "Reproduce an experiment of the paper",
    run: () => import("./reproduce.ts"),
  },
  score: {
    description: "Score generated texts",
    run: () => import("./score.ts"),
  },
  serve: {
    description: "Serve a steered model to clients of OpenAI's interface on this machine",
    run: () => import("./serve.ts"),
  },
  train: {
    description: "Train a language model, a reward model, a policy or a classifier",
    run: () => import("./train.ts"),
  },
};

const program = "armature";
const [name = "", ...args] = Deno.args;

if (isCommand(name)) {
  invokeAs(program, args);
  await commands[name].run();
} else {
  // Only lists the commands, and refuses what is none.
  invokeAs("", Deno.args);
  const all = command(program, "Steer language models while they write.")
    .version(about.version, "--version", "print the version");
  for (const each of Object.keys(commands).filter(isCommand)) {
    all.command(each).description(commands[each].description);
  }
  await runCommand(all);
}

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}
