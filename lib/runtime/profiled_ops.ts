import { basename, dirname, join } from "node:path";

/** Where the runs of a session called an op, and how often. */
export interface OpCalls {
  /** `CPU`, `WebGpu` or `CUDA`. */
  readonly provider: string;
  /** Its ONNX name; `MemcpyToHost` and `MemcpyFromHost` where tensors cross between providers within a run. */
  readonly op: string;
  readonly calls: number;
}

/** What is read of a profile's event. */
interface Event {
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

/**
 * The ops that sessions called, from the profiles that they wrote: one list a session. Profiles of sessions that are still open are
 * left out.
 *
 * @param prefix the device's `profile`.
 */
export async function profiledOps(prefix: string): Promise<OpCalls[][]> {
  const lists: OpCalls[][] = [];
  for await (const { name } of Deno.readDir(dirname(prefix))) {
    if (!name.startsWith(basename(prefix)) || !name.endsWith(".json")) continue;
    const text = (await Deno.readTextFile(join(dirname(prefix), name))).trimEnd();
    // the end is written when the session ends
    if (text.endsWith("]")) lists.push(callsIn(JSON.parse(text)));
  }
  return lists;
}

function callsIn(events: readonly Event[]): OpCalls[] {
  const nodes = events.flatMap(({ args }) =>
    args?.provider === undefined
      ? []
      : [{ provider: args.provider.replace("ExecutionProvider", ""), op: args.op_name! }]
  );
  return [...Map.groupBy(nodes, ({ provider, op }) => `${provider} ${op}`).values()].map((
    calls,
  ) => ({ ...calls[0], calls: calls.length }));
}
