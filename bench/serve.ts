/**
 * Tokens a second of the server beside `generate` in bulk, and how it stands up to many clients.
 *
 * `deno task bench:serve [--shapes small gpt2] [--rounds N] [--json]`
 *
 * `deno task bench:serve load [--requests N] [--clients N] [--json]`
 */
import { command, interruption, runCommand } from "../lib/cli/command.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { efficiencyScales } from "../lib/experiments/efficiency_scales.ts";
import type { ModelShapes } from "../lib/experiments/random_models.ts";
import { sizeText } from "../lib/files/room.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import { Progress } from "../lib/progress.ts";
import { openBenchServer } from "./serve/bench_server.ts";
import { load } from "./serve/load.ts";
import { throughput } from "./serve/throughput.ts";

const { small, paper, real } = efficiencyScales;

/** Shapes by name; GPT-2-small's is that of the paper's reward model, twice. */
const shapes = {
  small: small.shapes,
  gpt2: { base: paper.shapes.reward, reward: paper.shapes.reward },
} as const satisfies Record<string, ModelShapes>;

const throughputOptions = {
  shapes: {
    type: "list",
    of: { type: "choice", of: ["small", "gpt2"] },
    default: ["small"],
    placeholder: "name",
    help: "shapes of base model and ARM; gpt2 takes 2 GB of memory and a minute a round",
  },
  rows: { type: "integer", min: 1, default: 16, help: "texts written together, and clients" },
  newTokens: { type: "integer", min: 1, default: 32, help: "tokens of a text" },
  varied: {
    type: "boolean",
    default: false,
    help: "clients ask for half as many to half as many more, so that texts end one by one",
  },
  waves: { type: "integer", min: 1, default: 6, help: "requests of each client in a round" },
  rounds: { type: "integer", min: 1, default: 3, help: "rounds of both ways, in turns" },
  ...jsonOption,
} as const satisfies OptionTable;

const loadOptions = {
  clients: { type: "integer", min: 1, default: 64, help: "clients at a time" },
  requests: { type: "integer", min: 10, default: 10_000, help: "requests in all" },
  ...jsonOption,
} as const satisfies OptionTable;

const cpu = { name: "cpu" } as const;

const underLoad = command(
  "load",
  "Patient, streaming, slow and leaving clients, and such as send garbage: every text is checked, and the memory watched.",
)
  .action(async (_, command) => {
    const options = settle("load", loadOptions, givenOptions(command, loadOptions));
    const { requests: total, json } = options;
    await using server = await openBenchServer(real.shapes, cpu, { rows: 16 });
    const bar = new Progress({ label: "Requests", total, unit: "answers" });
    const result = await load(server, { ...options, progress: (done) => bar.update(done) });
    bar.done();
    if (json) return console.log(JSON.stringify({ benchmark: "serve load", ...result }));
    const { answers, wrong, longest, seconds, resident, growth } = result;
    for (const [kind, count] of Object.entries(answers)) console.log(`${kind}: ${count}`);
    console.log(`wrong texts: ${wrong}; the longest request took ${longest.toFixed(2)} s`);
    console.log(`${total} requests in ${seconds.toFixed(1)} s`);
    console.log(`memory: ${resident.map(sizeText).join(", ")} (${(100 * growth).toFixed(2)} %)`);
  });
addFlags(underLoad, loadOptions);

const bench = command(
  "bench:serve",
  "Tokens a second of the server with as many clients as rows, beside `generate` in bulk with as many rows.",
)
  .action(async (_, command) => {
    const given = givenOptions(command, throughputOptions);
    const { shapes: names, rows, waves, json, ...settings } = settle(
      "bench:serve",
      throughputOptions,
      given,
    );
    const signal = interruption();
    for (const name of names) {
      await using server = await openBenchServer(shapes[name], cpu, { rows, signal });
      const measured = await throughput(server, { ...settings, rows, texts: rows * waves, signal });
      const { generate, serve, ratio } = measured;
      console.log(
        json
          ? JSON.stringify({ benchmark: "serve", shapes: name, rows, ...settings, ...measured })
          : `${name}: generate ${generate.toFixed(0)} tokens/s, served ${serve.toFixed(0)} (${
            ratio.toFixed(2)
          } ×)`,
      );
    }
  })
  // an option after a subcommand is the subcommand's
  .enablePositionalOptions()
  .addCommand(underLoad);
addFlags(bench, throughputOptions);
await runCommand(bench);
