import { createHash } from "node:crypto";
import { providerLibraries } from "../../lib/runtime/cuda_libraries.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const info = (version: string) => `onnxruntime_gpu-${version}.dist-info`;

/** The files of a wheel of onnxruntime-gpu with small libraries. */
export function wheelFiles(
  { version = "1.30.0", tag = "manylinux_2_28_x86_64", changed = false } = {},
) {
  const libraries = Object.fromEntries(
    providerLibraries.map((name) => [`onnxruntime/capi/${name}`, bytes(`library ${name}`)]),
  );
  const record = Object.entries(libraries).map(([path, content]) => {
    const digest = createHash("sha256").update(content).digest("base64url");
    return `${path},sha256=${digest},${content.length}\r\n`;
  });
  if (changed) libraries[`onnxruntime/capi/${providerLibraries[1]}`] = bytes("another");
  return {
    ...libraries,
    [`${info(version)}/WHEEL`]: bytes(`Wheel-Version: 1.0\nTag: cp311-cp311-${tag}\n`),
    [`${info(version)}/RECORD`]: bytes(record.join("")),
  };
}
