import fc from "fast-check";
import {
  type Quantization,
  quantizationBits,
  quantizationBlocks,
} from "../../lib/weights/quantization.ts";

/** Every way to store matrices in few bits. */
export const quantizations: fc.Arbitrary<Quantization> = fc.record({
  bits: fc.constantFrom(...quantizationBits),
  block: fc.constantFrom(...quantizationBlocks),
});
