import { asRows, gather, gatherLast, sub, unsqueeze } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import { beginText } from "../inference/language_model.ts";
import { requireRoom } from "../inference/text_room.ts";
import { negativeLogLikelihood } from "../loss/language_modelling.ts";
import { forward } from "../models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../models/language_model_head.ts";
import { logSumExp } from "../loss/log_sum_exp.ts";
import { parseLanguageModel } from "../models/language_model_spec.ts";
import { Progress } from "../progress.ts";
import { checkArgument } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { Session } from "../runtime/session.ts";
import { floats, integers } from "../runtime/value.ts";
import { configPath, openModelFolder, parametersIn } from "../weights/model_folder.ts";

/** A text whose end is judged: the tokens before it, and its own. */
export interface Continuation {
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
}

/** A language model that judges how likely texts are. */
export interface LikelihoodJudge extends AsyncDisposable {
  /**
   * Negative log-likelihoods of continuations given their prompts, in nats, summed over their tokens.
   *
   * @throws {RangeError} if a text is longer than the model's context.
   */
  negativeLogLikelihoods(continuations: readonly Continuation[]): Promise<Float64Array>;
}

/** Rows that are computed together at most. */
const batchRows = 64;

/** Logits that are computed together at most: 200 MB of them. */
const batchLogits = 5e7;

/**
 * Opens a language model as a judge of fluency. A prompt is read after BOS; one of no tokens leaves BOS alone.
 *
 * @throws {TypeError} if the folder does not hold a language model.
 */
export async function openLikelihoodJudge(path: string, device: Device): Promise<LikelihoodJudge> {
  checkArgument("openLikelihoodJudge", "path", { type: "text" }, path);
  checkArgument("openLikelihoodJudge", "device", deviceKind, device);
  const folder = await openModelFolder(path);
  const spec = parseLanguageModel(
    folder.config,
    configPath(path),
    (kind) => `'${path}' holds a model of kind ${kind}: only a language model judges fluency`,
  );
  const { backbone } = spec;
  const parameters = await parametersIn(folder, backbone.shapes);
  const shape = ["batch", "time"];
  const { hidden } = forward(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  // logits of judged tokens only: there may be a quarter of a million of each
  const judged = gather(hidden, input("places", "int64", ["judged"]));
  const logits = languageModelHead(backbone, parameters, judged);
  const targets = asRows(unsqueeze(input("targets", "int64", ["judged"]), [1]));
  const embeddings = outputEmbeddings(backbone, parameters);
  const nats = folder.quantization
    // the head's matrix is not the embedding: the target's logit must be the one that is normalized
    ? sub(logSumExp(logits), gatherLast(logits, targets))
    : negativeLogLikelihood(logits, judged, asRows(gather(embeddings, targets)));
  const session = await Session.open(compile({ nats }), device);

  /** What is read before the first judged token; Hugging Face's GPT-2 reads BOS only where there is no prompt. */
  const before = ({ prompt }: Continuation): readonly number[] => beginText(spec, prompt);

  return {
    async negativeLogLikelihoods(continuations) {
      continuations.forEach((continuation, i) =>
        // the last token is not read
        requireRoom(
          `Text ${i + 1}`,
          before(continuation).length + continuation.ids.length,
          backbone.context + 1,
          { including: "what the model reads before it" },
        )
      );
      const result = new Float64Array(continuations.length);
      const order = continuations.map((_, i) => i)
        .filter((i) => continuations[i].ids.length > 0)
        .sort((a, b) => lengthOf(continuations[a]) - lengthOf(continuations[b]));
      const progress = new Progress({
        label: "Judging fluency",
        total: order.length,
        unit: "texts",
      });
      for (let start = 0; start < order.length;) {
        const longest = Math.max(
          ...order.slice(start, start + batchRows).map((i) => continuations[i].ids.length),
        );
        const most = Math.floor(batchLogits / (longest * backbone.vocabulary));
        const rows = order.slice(start, start + Math.max(1, Math.min(batchRows, most))).map((i) => {
          const prefix = before(continuations[i]);
          return { i, from: prefix.length, text: [...prefix, ...continuations[i].ids] };
        });
        const time = Math.max(...rows.map(({ text }) => text.length - 1));
        const table = (at: (row: typeof rows[number], t: number) => number) =>
          rows.flatMap((row) => Array.from({ length: time }, (_, t) => at(row, t)));
        const dims = [rows.length, time];
        // a token is judged from the hidden state of the one before it
        const places = rows.flatMap(({ from, text }, row) =>
          text.slice(from).map((_, i) => row * time + from - 1 + i)
        );
        const targets = rows.flatMap(({ from, text }) => text.slice(from));
        const { nats } = await session.run({
          ids: integers(dims, table(({ text }, t) => text[t] ?? backbone.endOfText)),
          mask: floats(
            dims,
            Float32Array.from(table(({ text }, t) => t < text.length - 1 ? 1 : 0)),
          ),
          places: integers([places.length], places),
          targets: integers([targets.length], targets),
        });
        const values = nats.data as Float32Array;
        let at = 0;
        for (const { i, from, text } of rows) {
          const until = at + text.length - from;
          for (; at < until; at++) result[i] += values[at];
          if (Number.isFinite(result[i])) continue;
          throw new Error(
            `The language model in '${path}' gave ${result[i]} for the likelihood of text ${
              i + 1
            } of ${continuations.length}; ` +
              "check its weights.",
          );
        }
        start += rows.length;
        progress.update(start);
      }
      progress.done();
      return result;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function lengthOf({ prompt, ids }: Continuation): number {
  return prompt.length + ids.length;
}
