import { outputOptions } from "../files/finished_output.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import {
  type Quantization,
  quantizationBits,
  quantizationBlocks,
} from "../weights/quantization.ts";

function isBits(value: unknown): value is Quantization["bits"] {
  return quantizationBits.some((bits) => bits === value);
}

function isBlock(value: unknown): value is number {
  return quantizationBlocks.some((block) => block === value);
}

/** What a flag's text means, if it is one of some numbers. */
function numberAmong(numbers: readonly number[], text: string): number {
  const value = numbers.find((each) => String(each) === text);
  if (value === undefined) throw new Error(`give one of ${numbers.join(", ")}`);
  return value;
}

function bitsOf(text: string): number {
  return numberAmong(quantizationBits, text);
}

function blockOf(text: string): number {
  return numberAmong(quantizationBlocks, text);
}

/** What `quantizeModel` takes. */
export const quantizeModelOptions = {
  bits: {
    type: "value",
    is: isBits,
    what: "one of 8, 4",
    parse: bitsOf,
    default: 8,
    placeholder: "n",
    help: "bits of a weight: 8 or 4",
  },
  block: {
    type: "value",
    is: isBlock,
    what: "one of 16, 32, 64",
    parse: blockOf,
    default: 32,
    placeholder: "n",
    help: "weights that share a step: 16, 32 or 64",
  },
  ...outputOptions,
} as const satisfies OptionTable;

export type QuantizeModelOptions = OptionsOf<typeof quantizeModelOptions>;
