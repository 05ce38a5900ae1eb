import { basename, join } from "node:path";
import { defaultBeta } from "../decode/guidance.ts";
import { openBase } from "../bases/open_base.ts";
import { serveExplorer } from "../explore/serve_explorer.ts";
import { serveExplorerOptions } from "../explore/serve_explorer_options.ts";
import { parseModelSpec } from "../methods/model_spec.ts";
import { deviceChoices } from "../runtime/device.ts";
import { configPath, hasWeights, readModelConfig } from "../weights/model_folder.ts";
import { choice, command, interruption, number, runCommand } from "./command.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { openGuides } from "./open_guides.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { type SteeringGroup, SteeringOptions } from "./steering_options.ts";

const steering = new SteeringOptions();

/** Where `deno task demo` leaves the models that are explored if none are named. */
const demo = join("runs", "demo");

const explore = command(
  "explore",
  "Serve a page to this machine on which a prompt is continued steered and unsteered, side by side.",
)
  .usage("[--base <model> [--reward <model> …]] [options]")
  .option(
    "--base <model>",
    "language model that writes: a folder, or a name on the Hugging Face hub that was fetched (default: the demo's)",
  )
  .option(
    "--reward <model>",
    "reward model that can steer, a folder or such a name; may be repeated, and the settings below belong to the one " +
      "before (default: the demo's)",
    (folder) => steering.addReward(folder),
  )
  .option(
    "--label <name>",
    "label that steers as the page begins (default: the model's first); may be repeated, each with its own settings",
    (name) => steering.set("label", name),
  )
  .option(
    "--beta <number>",
    `strength that the page begins with (default: ${defaultBeta})`,
    (text) => steering.set("beta", number({ min: 0, max: 1000 })(text)),
  )
  .option("--inverse", "steer away from the label", () => steering.set("inverse", true));
addFlags(explore, serveExplorerOptions);
explore
  .addOption(choice("--device <name>", "where to compute (default: auto)", deviceChoices))
  .action(async (options, command) => {
    const { base: named, device: deviceName } = options as {
      base?: string;
      device?: typeof deviceChoices[number];
    };
    if (steering.orphan) {
      command.error(`error: option '--${steering.orphan}' must follow the --reward it belongs to`);
    }
    if (/^https?:/i.test(named ?? "")) {
      command.error(
        "error: option '--base' takes a folder or a name on the hub: what a server writes is steered by " +
          "`deno task generate:net`",
      );
    }
    const { base: what, groups } = await chosenModels(named);
    const signal = interruption();
    const device = await openDeviceAndTell(deviceName);
    await using models = new AsyncDisposableStack();
    const opened = await openBase(what, device, { signal });
    const base = models.use(opened.base);
    const guides = await openGuides(groups, opened, device, models, { firstLabel: true, signal });
    await using served = serveExplorer(base, opened.tokenizer, {
      ...givenOptions(command, serveExplorerOptions),
      baseName: basename(what),
      guides: guides.map(({ model, steering }, i) => ({
        name: basename(groups[i].folder),
        model,
        steering,
      })),
      signal,
    });
    console.log(`The explorer is at ${served.address} (Ctrl-C ends it).`);
    await served.finished;
  });

/** The models that were named, or those of the demo. @throws {Error} if there are none. */
async function chosenModels(
  base: string | undefined,
): Promise<{ base: string; groups: SteeringGroup[] }> {
  if (base !== undefined) return { base, groups: byFolder(steering.groups) };
  if (steering.groups.length > 0) {
    throw new Error("Name the language model that writes, too, with --base.");
  }
  const demoBase = join(demo, "base");
  if (await hasWeights(demoBase)) return { base: demoBase, groups: await demoRewards() };
  throw new Error(
    "There are no models to explore: name a language model with --base, and what can steer it with --reward, or run " +
      "`deno task demo`, which trains some.",
  );
}

/** Groups of the same model as one, so that it is opened once. */
function byFolder(groups: readonly SteeringGroup[]): SteeringGroup[] {
  return [...Map.groupBy(groups, ({ folder }) => folder)].map(([folder, groups]) => ({
    folder,
    ways: groups.flatMap(({ ways }) => ways),
  }));
}

/** The demo's reward models, of which the first steers. */
async function demoRewards(): Promise<SteeringGroup[]> {
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(demo)) {
    const folder = join(demo, name);
    if (!isDirectory || !await hasWeights(folder)) continue;
    const { kind } = parseModelSpec(await readModelConfig(folder), configPath(folder));
    if (kind !== "lm") folders.push(folder);
  }
  return folders.sort().map((folder, i) => ({
    folder,
    ways: i === 0 ? [{ label: "positive" }] : [],
  }));
}

await runCommand(explore);
