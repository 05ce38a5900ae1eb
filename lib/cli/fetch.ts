import { fetchDataset } from "../weights/hub/fetch_dataset.ts";
import { fetchModel, type FetchOptions, fetchOptions } from "../weights/hub/fetch_model.ts";
import { command, Interrupted, interruption, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const fetching = command(
  "fetch",
  "Fetch a model or data set from the Hugging Face hub into the cache, and print its folder.",
);

for (
  const { kind, description, fetch } of [
    {
      kind: "model",
      description:
        "Fetch a model: config.json, the weights and the tokenizer, or the files that are named.",
      fetch: fetchModel,
    },
    {
      kind: "dataset",
      description: "Fetch a data set: all its files, or those that are named.",
      fetch: fetchDataset,
    },
  ]
) {
  const own = command(kind, description).usage("<name> [options]")
    .argument("<name>", "name on the hub, such as owner/name");
  addFlags(own, fetchOptions);
  own.action(async (name) => {
    const signal = interruption();
    console.log(await fetched(fetch, name, { ...givenOptions(own, fetchOptions), signal }));
  });
  fetching.addCommand(own);
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
