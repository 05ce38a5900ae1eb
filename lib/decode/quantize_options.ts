import { outputOptions } from "../files/finished_output.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import {
  type Quantization,
  quantizationBits,
  quantizationBlocks,
} from "../weights/quantization.ts";

const isBits = (value: unknown): value is Quantization["bits"] =>
  quantizationBits.some((bits) => bits === value);
const isBlock = (value: unknown): value is number =>
  quantizationBlocks.some((block) => block === value);

/** What a flag's text means, if it is one of some numbers. */
function numberAmong(numbers: readonly number[]): (text: string) => number {
  return (text) => {
    const value = numbers.find((each) => String(each) === text);
    if (value === undefined) throw new Error(`give one of ${numbers.join(", ")}`);
    return value;
  };
}

/** What `quantizeModel` takes. */
export const quantizeModelOptions = {
  bits: {
    type: "value",
    is: isBits,
    what: `one of ${quantizationBits.join(", ")}`,
    parse: numberAmong(quantizationBits),
    default: 8,
    placeholder: "n",
    help: "bits of a weight: 8 or 4",
  },
  block: {
    type: "value",
    is: isBlock,
    what: `one of ${quantizationBlocks.join(", ")}`,
    parse: numberAmong(quantizationBlocks),
    default: 32,
    placeholder: "n",
    help: "weights that share a step: 16, 32 or 64",
  },
  ...outputOptions,
} as const satisfies OptionTable;

export type QuantizeModelOptions = OptionsOf<typeof quantizeModelOptions>;
