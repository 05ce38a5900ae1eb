/**
 * ONNX graphs as typed values: ops with shapes, reverse-mode gradients, and sessions that run them on a device.
 *
 * @example
 * ```ts ignore
 * import { compile, floats, input, openDevice, ops, Session } from "@armature/armature/graph";
 *
 * const x = input("x", "float32", [3]);
 * await using session = await Session.open(compile({ y: ops.mul(x, x) }), await openDevice());
 * const { y } = await session.run({ x: floats([3], [1, 2, 3]) });
 * ```
 *
 * @module
 */

export { gradients, stopGradient } from "../graph/gradient.ts";
export * as ops from "../graph/ops/functions.ts";
export { compile, type Program } from "../graph/program.ts";
export { constant, input, scalar, type Tensor } from "../graph/tensor.ts";
export { Session } from "../runtime/session.ts";
export { floats, integers, type Value } from "../runtime/value.ts";
export { type Device, openDevice } from "../runtime/device.ts";
