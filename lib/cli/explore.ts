import { basename, join } from "node:path";
import { defaultBeta } from "../decode/guidance.ts";
import { openBase } from "../decode/open_base.ts";
import { serveExplorer } from "../explore/serve_explorer.ts";
import { deviceChoices } from "../runtime/device.ts";
import { hasWeights } from "../weights/model_folder.ts";
import { choice, command, integer, interruption, number, runCommand } from "./command.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { openGuides } from "./open_guides.ts";
import { SteeringOptions } from "./steering_options.ts";

const steering = new SteeringOptions();

/** Where `deno task demo` leaves the models that are explored if none are named. */
const demo = { base: join("runs", "demo", "base"), reward: join("runs", "demo", "arm-distilled") };

const explore = command(
  "explore",
  "Serve a page to this machine on which a prompt is continued steered and unsteered, side by side.",
)
  .usage("[--base <model> --reward <model> …] [options]")
  .option(
    "--base <model>",
    "language model that writes: a folder, or a name on the Hugging Face hub that was fetched (default: the demo's)",
  )
  .option(
    "--reward <model>",
    "reward model that steers, a folder or such a name; may be repeated, and the settings below belong to the one " +
      "before (default: the demo's)",
    (folder) => steering.addReward(folder),
  )
  .option(
    "--label <name>",
    "label that steers, where the model has several; may be repeated, each with its own settings",
    (name) => steering.set("label", name),
  )
  .option(
    "--beta <number>",
    `strength that the page begins with (default: ${defaultBeta})`,
    (text) => steering.set("beta", number({ min: 0, max: 1000 })(text)),
  )
  .option("--inverse", "steer away from the label", () => steering.set("inverse", true))
  .option("--prompt <text>", "prompt that the page begins with")
  .option("--port <n>", "where the page is; 0 takes a free port", integer({ min: 0 }), 8765)
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("auto"))
  .action(async (options, command) => {
    if (steering.orphan) {
      command.error(`error: option '--${steering.orphan}' must follow the --reward it belongs to`);
    }
    if (/^https?:/i.test(options.base ?? "")) {
      command.error(
        "error: option '--base' takes a folder or a name on the hub: what a server writes is steered by " +
          "`deno task generate:net`",
      );
    }
    if (options.port > 65_535) command.error("error: option '--port' goes up to 65535");
    const { base: what, groups } = await chosenModels(options.base);
    const signal = interruption();
    const device = await openDeviceAndTell(options.device);
    await using models = new AsyncDisposableStack();
    const opened = await openBase(what, device, { signal });
    const base = models.use(opened.base);
    const guides = await openGuides(groups, opened, device, models, { signal });
    await using served = serveExplorer(
      {
        base,
        tokenizer: opened.tokenizer,
        baseName: basename(what),
        guides: guides.map((guide, i) => ({ ...guide, name: basename(groups[i].folder) })),
        prompt: options.prompt,
      },
      { port: options.port, signal },
    );
    console.log(`The explorer is at ${served.address} (Ctrl-C ends it).`);
    await served.finished;
  });

/** The models that were named, or those of the demo. @throws {Error} if there are none. */
async function chosenModels(base: string | undefined) {
  const { groups } = steering;
  if (base !== undefined && groups.length > 0) return { base, groups };
  const isNone = base === undefined && groups.length === 0;
  if (isNone && await hasWeights(demo.base) && await hasWeights(demo.reward)) {
    return { base: demo.base, groups: [{ folder: demo.reward, ways: [{ label: "positive" }] }] };
  }
  throw new Error(
    isNone
      ? "There are no models to explore: name them with --base and --reward, or run `deno task demo`, which trains some."
      : "Name both the model that writes with --base and what steers it with --reward.",
  );
}

await runCommand(explore);
