import { fetchDataset } from "../weights/hub/fetch_dataset.ts";
import { fetchModel, type FetchOptions } from "../weights/hub/fetch_model.ts";
import { command, Interrupted, interruption, repeatable, runCommand } from "./command.ts";

const fetching = command(
  "fetch",
  "Fetch a model or data set from the Hugging Face hub into the cache, and print its folder.",
);

for (
  const { kind, description, files, fetch } of [
    {
      kind: "model",
      description: "Fetch a model.",
      files: "config.json, the weights, and the tokenizer",
      fetch: fetchModel,
    },
    { kind: "dataset", description: "Fetch a data set.", files: "all", fetch: fetchDataset },
  ]
) {
  fetching.addCommand(
    command(kind, description)
      .usage("<name> [options]")
      .argument("<name>", "name on the hub, such as owner/name")
      .option("--revision <name>", "branch, tag or commit (default: main)")
      .option(
        "--file <path>",
        `a file, in whose path * stands for any text; may be repeated (default: ${files})`,
        repeatable,
      )
      .action(async (name, { revision, file }) => {
        const signal = interruption();
        console.log(await fetched(fetch, name, { revision, files: file, signal }));
      }),
  );
}

async function fetched(
  fetch: (name: string, options: FetchOptions) => Promise<string>,
  name: string,
  options: FetchOptions & { signal: AbortSignal },
): Promise<string> {
  try {
    return await fetch(name, options);
  } catch (error) {
    if (!options.signal.aborted) throw error;
    throw new Interrupted("Stopped; the same command goes on from there.");
  }
}

fetching.addHelpText(
  "after",
  `
The environment variables of huggingface_hub hold: HF_ENDPOINT (another hub), HF_TOKEN (for what is private or gated),
HF_HOME or HF_HUB_CACHE (the cache, which other tools share), HF_HUB_OFFLINE=1 (the cache only).`,
);

await runCommand(fetching);
