/** How the command was started: what help calls the program, and its arguments. */
interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
}

let invocation: Invocation = { program: "deno task", args: Deno.args };

/** How the command was started: as a task, unless {@linkcode invokeAs} said otherwise. */
export function invoked(): Invocation {
  return invocation;
}

/** To be called before the module of a command is loaded, which runs it. */
export function invokeAs(program: string, args: readonly string[]): void {
  invocation = { program, args };
}
