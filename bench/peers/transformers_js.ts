import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { type Contender, timed } from "./rounds.ts";

/**
 * A base model in transformers.js, greedily by its own `generate`, in float32.
 *
 * @param from the folder of a language model.
 * @param to where it is exported for transformers.js.
 */
export async function openTransformersJs(
  from: string,
  to: string,
  { prompt, samples, tokens }: {
    readonly prompt: number;
    readonly samples: number;
    readonly tokens: number;
  },
): Promise<Contender & AsyncDisposable> {
  await exportBaseModel(from, to);
  const { AutoModelForCausalLM, Tensor } = await import("@huggingface/transformers");
  const model = await AutoModelForCausalLM.from_pretrained(to, {
    dtype: "fp32",
    device: "cpu",
    local_files_only: true,
    session_options: { logSeverityLevel: 4 },
  });
  const size = samples * prompt;
  const places = (value: (i: number) => number) =>
    new Tensor("int64", BigInt64Array.from({ length: size }, (_, i) => BigInt(value(i))), [
      samples,
      prompt,
    ]);
  const round = timed(async () => {
    await model.generate({
      inputs: places((i) => i % prompt + 1),
      attention_mask: places(() => 1),
      min_new_tokens: tokens,
      max_new_tokens: tokens,
      do_sample: false,
    } as never);
  });
  await round();
  return {
    name: "transformers.js float32, unguided",
    round,
    [Symbol.asyncDispose]: async () => {
      await model.dispose();
    },
  };
}
