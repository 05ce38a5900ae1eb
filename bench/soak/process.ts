import { soakGeneration } from "./generation.ts";
import { soakTraining } from "./training.ts";
import type { SoakTask } from "./work.ts";

const task: SoakTask = JSON.parse(Deno.args[0]);
await (task.work === "training" ? soakTraining : soakGeneration)(task);
