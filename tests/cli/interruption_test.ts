import assert from "node:assert/strict";

const command = new URL("../../lib/cli/command.ts", import.meta.url);
/** A process that runs a program, whose output is read here. */
const started = (program: string): Deno.ChildProcess =>
  new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();

/** Says that it listens, and then when it was stopped; a second signal ends it. */
const program = `
  import { interruption } from ${JSON.stringify(command)};
  const signal = interruption();
  console.log("listening");
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  console.log("stopped");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
`;

for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name:
      `a command is stopped once by what deno task passes on twice, and a later signal ends it at once: ${signal}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const child = started(program);
      let said = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        said += text;
        if (text.includes("listening")) {
          for (let i = 0; i < 3; i++) {
            child.kill(signal);
            await new Promise((resolve) => setTimeout(resolve, 30));
          }
        }
        if (text.includes("stopped")) setTimeout(() => child.kill(signal), 1500);
      }
      assert.equal((await child.status).code, exitCode);
      assert.equal(said, "listening\nstopped\n");
    },
  });
}

/** Sends a process a SIGINT. @returns whether it was still there. */
function interrupted(child: Deno.ChildProcess): boolean {
  try {
    child.kill("SIGINT");
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** A command that ends well when it is stopped. */
const stoppable = `
  import { command, interruption, runCommand } from ${JSON.stringify(command)};
  await runCommand(command("wait", "Waits.").action(async () => {
    const signal = interruption();
    console.log("listening");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }));
`;

Deno.test({
  name: "a command that is stopped ends as it would, though SIGINTs come until its process is gone",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (let run = 0; run < 3; run++) {
      const child = started(stoppable);
      const reader = child.stdout.getReader();
      await reader.read();
      while (interrupted(child)) await new Promise((resolve) => setTimeout(resolve, 1));
      await reader.cancel();
      const { code, signal } = await child.status;
      assert.deepEqual({ code, signal }, { code: 0, signal: null });
    }
  },
});
