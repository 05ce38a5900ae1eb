import { median } from "../../lib/eval/median.ts";
import { Peer } from "../peers/peer.ts";
import type { Config } from "../peers/shapes.ts";
import { type Finding, rounded } from "./row.ts";

/** What a script of bench/peers is told. */
export interface TorchSetting {
  readonly script: "train.py" | "decode.py" | "best.py";
  readonly quantity: string;
  /** Tokens of a training step; of decoding, absent. */
  readonly tokens?: number;
  /** Steps of a round. */
  readonly steps: number;
  readonly rounds: number;
  readonly told: Readonly<Record<string, Config | string | number | boolean>>;
}

const versions = `
import json, torch
try:
    import transformers
    others = transformers.__version__
except ImportError:
    others = None
card = torch.cuda.get_device_name() if torch.cuda.is_available() else None
print(json.dumps({"torch": torch.__version__, "transformers": others, "card": card}))
`;

/** Whether there is a Python that has PyTorch. */
export async function* openTorch(python: string): AsyncGenerator<Finding> {
  let answer: Deno.CommandOutput;
  try {
    answer = await new Deno.Command(python, { args: ["-c", versions] }).output();
  } catch (error) {
    throw new Error(`'${python}' does not start: ${(error as Error).message}`);
  }
  const [said, problem] = [answer.stdout, answer.stderr].map((bytes) =>
    new TextDecoder().decode(bytes).trim()
  );
  if (!answer.success) throw new Error(`'${python}': ${problem.split("\n").at(-1)}`);
  yield { quantity: "open", value: 1, unit: "works", about: JSON.parse(said) };
}

/** The same in PyTorch: the rounds of a script, after those that it does not count. */
export async function* torch(
  python: string,
  { script, quantity, tokens, steps, rounds, told }: TorchSetting,
): AsyncGenerator<Finding> {
  await using peer = await Peer.start(python, script, told);
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await peer.round() / steps);
  const middle = median(times);
  yield {
    quantity,
    value: rounded(tokens === undefined ? middle : 1000 * tokens / middle),
    unit: tokens === undefined ? "ms a step" : "tokens/s",
    about: {
      ...peer.about,
      least_ms: rounded(Math.min(...times)),
      most_ms: rounded(Math.max(...times)),
    },
  };
}
