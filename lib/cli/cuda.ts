import { join } from "node:path";
import { readJsonFile } from "../files/json_file.ts";
import { librariesOfSomeOps, nativeFolder, neededLibraries } from "../runtime/cuda_libraries.ts";
import { command, runCommand } from "./command.ts";
import { putCudaProvider } from "./cuda_provider.ts";

await runCommand(
  command(
    "cuda",
    "Put the CUDA provider of PyPI's onnxruntime-gpu where onnxruntime-node finds it.",
  )
    .usage("--from <path>")
    .requiredOption(
      "--from <path>",
      "wheel of onnxruntime-gpu, or a site-packages folder that has it, and the libraries of CUDA",
    )
    .action(async ({ from }) => {
      if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
        throw new Error(`CUDA is offered on Linux x64 alone, not on ${Deno.build.target}.`);
      }
      const to = nativeFolder();
      const about = await readJsonFile(join(to, "../../../../package.json"));
      const { version } = about as { version: string };
      const { provider, cuda } = await putCudaProvider(from, to, version);
      console.error(`Put ${provider.join(" and ")} into '${to}'.`);
      const missing = (names: readonly string[]) => names.filter((name) => !cuda.includes(name));
      const [needed, ofSomeOps] = [missing(neededLibraries), missing(librariesOfSomeOps)];
      if (cuda.length > 0) console.error(`Linked ${cuda.join(", ")}.`);
      if (needed.length > 0) console.error(`The system has to have ${needed.join(", ")}.`);
      if (ofSomeOps.length > 0) {
        console.error(`Where an op asks for them, it also has to have ${ofSomeOps.join(", ")}.`);
      }
    }),
);
