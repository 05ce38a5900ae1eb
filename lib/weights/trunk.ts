import { createHash } from "node:crypto";
import { inFloat32 } from "./float_copy.ts";
import { storedName } from "./stored_name.ts";
import { openFile, readAt } from "../files/open_file.ts";
import type { WeightsFile } from "./weights_file.ts";

/** What tells the trunk of a base model from others: hashes of the shapes of its parameters and of samples of their values. */
export interface TrunkIdentity {
  /** Of all parameters; absent where matrices are stored in few bits. */
  readonly weights?: string;
  /** Of embeddings, norms and biases, which quantization leaves as they are. */
  readonly vectors: string;
  /** Of an output embedding of its own; absent where the input embedding serves, or it is stored in few bits. */
  readonly output?: string;
}

/** What a model that stands on the trunk of another says of that. */
export interface TrunkReference extends TrunkIdentity {
  /** How many of the base model's blocks it shares; all of them with the final norm. */
  readonly blocks: number;
  /** The base model: a folder or file, seen from that of the model, or a name on the hub, and a revision there. */
  readonly base: string;
  readonly revision?: string;
  readonly weights: string;
}

/** The key under which `config.json` says so, in Armature's own entry. */
const key = "trunk";

/**
 * What a config.json says of a trunk; undefined if the model shares none.
 *
 * @throws {TypeError} if that is not what was written there.
 */
export function trunkIn(config: unknown, where: string): TrunkReference | undefined {
  const own = (config as { armature?: Readonly<Record<string, unknown>> } | null)?.armature;
  const said = own?.[key];
  if (said === undefined) return undefined;
  const { blocks, base, weights, vectors, ...others } = Object(said) as Record<string, unknown>;
  const areTexts = [base, weights, vectors].every((text) => typeof text === "string") &&
    [others.revision, others.output].every((text) => ["string", "undefined"].includes(typeof text));
  if (areTexts && Number.isSafeInteger(blocks) && (blocks as number) > 0) {
    return said as TrunkReference;
  }
  throw new TypeError(
    `${where} must say in armature.${key} how many blocks of which base model are shared: ` +
      "{ blocks, base, weights, vectors }.",
  );
}

/** The weights of a base model. */
interface BaseWeights {
  readonly path: string;
  readonly weights: WeightsFile;
  /** What they are merged with. */
  readonly adapter?: unknown;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Values that are sampled of a parameter, in as many places. */
const sampled = { bytes: 256, places: 8 };

/**
 * Identifies the trunk of a base model, without reading all of its weights.
 *
 * @param trunk names and shapes of the trunk's parameters.
 * @param matrices those of them that may be stored in few bits.
 * @param output an output embedding of its own.
 * @throws {TypeError} if the base model is an adapter with its own base.
 */
export async function trunkIdentity(
  { path, weights: stored, adapter }: BaseWeights,
  { trunk, matrices, output }: {
    readonly trunk: Shapes;
    readonly matrices: ReadonlySet<string>;
    readonly output: Shapes;
  },
): Promise<TrunkIdentity> {
  if (adapter) {
    throw new TypeError(
      `'${path}' is an adapter of a base model, whose trunk cannot be shared: merge it first (deno task merge).`,
    );
  }
  const weights = await inFloat32(stored);
  const [all, vectors, ofOutput] = Array.from({ length: 3 }, () => createHash("sha256"));
  const inFewBits = new Set<typeof all>();
  const inOrder = [...trunk].sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, shape] of [...inOrder, ...output]) {
    const hashes = output.has(name) ? [ofOutput] : matrices.has(name) ? [all] : [all, vectors];
    for (const hash of hashes) hash.update(`${name}[${shape}]`);
    const entry = weights.tensors.get(storedName(weights, name) ?? name);
    if (entry?.dtype !== "F32") {
      for (const hash of hashes) inFewBits.add(hash);
      continue;
    }
    using file = await openFile(entry.path ?? weights.path);
    for (const offset of samplesOf(entry.byteLength)) {
      const bytes = new Uint8Array(Math.min(sampled.bytes, entry.byteLength - offset));
      await readAt(file, entry.offset + offset, bytes);
      for (const hash of hashes) hash.update(bytes);
    }
  }
  const digest = (hash: typeof all) => hash.digest("hex").slice(0, 16);
  return {
    ...(inFewBits.has(all) ? {} : { weights: digest(all) }),
    vectors: digest(vectors),
    ...(output.size === 0 || inFewBits.has(ofOutput) ? {} : { output: digest(ofOutput) }),
  };
}

/** Where samples of so many bytes begin. */
function samplesOf(byteLength: number): number[] {
  const { bytes, places } = sampled;
  if (byteLength <= bytes * places) {
    return Array.from({ length: Math.ceil(byteLength / bytes) }, (_, i) => i * bytes);
  }
  const step = (byteLength - bytes) / (places - 1);
  return Array.from({ length: places }, (_, i) => Math.floor(i * step / 4) * 4);
}

/**
 * Whether a base model has the trunk that was trained on, and its output embedding where both say which: as they are, or with
 * matrices in few bits.
 */
export function isSameTrunk(wants: TrunkIdentity, has: TrunkIdentity): boolean {
  return wants.vectors === has.vectors &&
    (has.weights === undefined || wants.weights === has.weights) &&
    (has.output === undefined || wants.output === undefined || wants.output === has.output);
}
