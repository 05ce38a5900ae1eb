import { displayedAs } from "../notebook/display.ts";
import { drawnGraph } from "../notebook/graph_drawing.ts";
import { Common, Compiler } from "./compiler.ts";
import { type HalfBy, inHalf } from "./half.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** A model for a GPU, and what is made of its inputs and their shapes in memory, before it runs. */
export interface DeviceModel {
  readonly model: Uint8Array;
  /** What it takes of the program's inputs. */
  readonly inputs: ReadonlySet<string>;
  /** What it takes beside those, by name. */
  readonly prepared: ReadonlyMap<string, Tensor>;
}

/** A graph ready for a session: an ONNX model and what it takes and returns. */
export interface Program {
  /** The model with ONNX Runtime's own ops, for its CPU and CUDA providers. */
  readonly model: Uint8Array;
  /** The same model by standard ops only, for other providers; written when asked for. */
  readonly portable: () => Uint8Array;
  /**
   * The model for a GPU, written when asked for. Execution providers leave what is computed of shapes and token ids to the CPU, and
   * copy between; here `isPrepared` in `prepared.ts` says what is computed before a run, and fed. Loops still compute what changes
   * from turn to turn.
   *
   * @param ops which: ONNX Runtime's own, or standard ones.
   */
  readonly onDevice: (ops: "own" | "portable") => DeviceModel;
  /** The program in half precision, where that does no harm; written when asked for. */
  readonly inHalf: (by: HalfBy) => Program;
  readonly inputs: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** The folder that the locations of external weights are relative to; absent if there are none. */
  readonly weightsFolder?: string;
}

/**
 * Writes the graph that computes `outputs` as an ONNX model. Its inputs are those that the outputs depend
 * on. Equal nodes and constants are written once; weights are referred to in their files, never copied.
 *
 * @example Build, differentiate, run
 * ```ts
 * import { compile, floats, gradients, input, openDevice, ops, Session } from "armature";
 *
 * const x = input("x", "float32", ["batch", 2]);
 * const w = input("w", "float32", [2, 1]);
 * const loss = ops.sumAll(ops.square(ops.matmul(x, w)));
 * const [slope] = gradients(loss, [w]);
 * await using session = await Session.open(compile({ loss, slope }), await openDevice("cpu"));
 * const feeds = { x: floats([1, 2], Float32Array.of(3, 4)), w: floats([2, 1], Float32Array.of(1, 1)) };
 * const results = await session.run(feeds);
 * console.log(results.loss.data, results.slope.data); // 49, and 2 (x w) x = 42, 56
 * ```
 *
 * @param outputs name → tensor; a tensor may be given under one name only.
 * @throws {TypeError} if two different inputs or weights have one name, an output has the name of an input,
 *   or is not computed by the graph.
 * @throws {RangeError} if a shape uses an extent that no input has.
 */
export function compile(outputs: Readonly<Record<string, Tensor>>): Program {
  const portable = () => new Compiler(outputs, new Common({ portable: true })).program().model;
  const onDevice = (ops: "own" | "portable"): DeviceModel => {
    const common = new Common({ portable: ops === "portable", prepares: true });
    const { model, inputs } = new Compiler(outputs, common).program();
    return { model, inputs: new Set(inputs.keys()), prepared: common.prepared };
  };
  const half = (by: HalfBy): Program => compile(inHalf(outputs, by));
  const program: Program = {
    ...new Compiler(outputs, new Common({})).program(),
    portable,
    onDevice,
    inHalf: half,
  };
  return displayedAs(program, () => drawnGraph(outputs));
}
