import { fileURLToPath } from "node:url";
import type { Timed } from "../bench/peers/rounds.ts";

/** A line of what `deno task bench:peers --json` prints. */
interface PeerRow extends Timed {
  readonly title: string;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Where it was measured: a file of what the benchmark printed, and the peers that there are on that processor. */
const machines = [
  {
    name: "AMD",
    file: "peers-amd.jsonl",
    peers: ["PyTorch float32", "PyTorch float32, AVX-512", "PyTorch bfloat16"],
  },
  // PyTorch takes AVX-512 here without being forced to
  { name: "Intel", file: "peers-intel.jsonl", peers: ["PyTorch float32", "PyTorch bfloat16"] },
] as const;

async function peerRows(file: string): Promise<readonly PeerRow[]> {
  const text = await Deno.readTextFile(path(file));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** How many times faster this library was than each peer, by task; what it did in 8 bits in the same run is a task of its own. */
function ratiosOf(rows: readonly PeerRow[]): Map<string, Map<string, number>> {
  const ratios = new Map<string, Map<string, number>>();
  const keep = (task: string, peer: string, ratio: number) =>
    ratios.set(task, (ratios.get(task) ?? new Map()).set(peer, ratio));
  let inEightBits: PeerRow | undefined;
  for (const row of rows) {
    const { title, name, first_is_faster: ratio } = row;
    if (name.startsWith("Armature 8bits")) inEightBits = row;
    if (!name.startsWith("PyTorch")) continue;
    keep(title, name, ratio);
    if (inEightBits?.title === title) {
      keep(`${title}, ours in 8 bits`, name, ratio / inEightBits.first_is_faster);
    }
  }
  return ratios;
}

/** How many times faster this library was at each task than each peer on each machine: the README's table, as Markdown. */
export async function peersTable(): Promise<string> {
  const columns = await Promise.all(machines.map(async ({ name, file, peers }) => {
    const ratios = ratiosOf(await peerRows(file));
    return peers.map((peer) => ({
      header: `${name}: ${peer.replace("PyTorch ", "")}`,
      peer,
      ratios,
    }));
  }));
  const all = columns.flat();
  const tasks = [...new Set(all.flatMap(({ ratios }) => [...ratios.keys()]))];
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rows = tasks.map((task) => [
    task,
    ...all.map(({ peer, ratios }) => {
      const ratio = ratios.get(task)?.get(peer);
      return ratio === undefined ? "–" : `${ratio.toFixed(2)} ×`;
    }),
  ]);
  const header = ["work", ...all.map(({ header }) => header)];
  return [header, header.map((_, i) => i === 0 ? "---" : "--:"), ...rows].map(line).join("\n");
}

/** What stands around the table in the README. */
const [begin, end] = ["<!-- peers -->\n", "<!-- /peers -->\n"];

/** The README with another table of ratios. */
export function withPeersTable(readme: string, table: string): string {
  const [before, rest] = readme.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}\n${table}\n\n${end}${after}`;
}

if (import.meta.main) {
  const readme = path("../README.md");
  const written = withPeersTable(await Deno.readTextFile(readme), await peersTable());
  await Deno.writeTextFile(readme, written);
}
