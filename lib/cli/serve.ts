import { basename } from "node:path";
import { openBase } from "../bases/open_base.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import type { OptionTable } from "../options/option.ts";
import { serveModel } from "../serve/serve_model.ts";
import { serveModelOptions } from "../serve/serve_model_options.ts";
import { modelAt } from "../weights/hub.ts";
import { command, interruption, repeatable, runCommand } from "./command.ts";
import { deviceOption } from "./device_option.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

/** The environment variable that holds the key: a flag would be seen by everybody on the machine. */
const keyName = "ARMATURE_KEY";

const serve = command(
  "serve",
  "Serve a steered model to clients of OpenAI's interface: completions and chats, whole or as they are written. Requests " +
    `that come together are computed together. The key is in the environment variable ${keyName}.`,
)
  .usage("--base <model> [--reward <model> …] [options]")
  .requiredOption(
    "--base <model>",
    "language model that writes: a folder, a GGUF file, or a name on the Hugging Face hub that was fetched",
  )
  .option(
    "--reward <model>",
    "reward model that requests can steer with, a folder or such a name; may be repeated",
    repeatable,
  );
addFlags(serve, serveModelOptions);
addFlags(serve, deviceOption satisfies OptionTable);
serve.action(async (options, command) => {
  const { base: what, reward = [] } = options;
  if (/^https?:/i.test(what)) {
    command.error(
      "error: option '--base' takes a folder or a name on the hub: what another server writes has a server",
    );
  }
  const { device: deviceName } = givenOptions(command, deviceOption);
  const signal = interruption();
  const device = await openDeviceAndTell(deviceName);
  await using models = new AsyncDisposableStack();
  const opened = await openBase(what, device, { signal });
  const base = models.use(opened.base);
  const guides = [];
  for (const each of reward) {
    const folder = await modelAt(each, { signal });
    const model = models.use(
      await openRewardModel(folder, device, { baseTokenizer: opened.tokenizer }),
    );
    guides.push({ name: basename(each), model });
  }
  await using served = await serveModel(base, opened.tokenizer, {
    baseName: basename(what).replaceAll("+", "-"),
    ...givenOptions(command, serveModelOptions),
    guides,
    key: Deno.env.get(keyName) || undefined,
    signal,
  });
  console.log(`The model is served at ${served.address} (Ctrl-C ends it).`);
  await served.finished;
});

await runCommand(serve);
