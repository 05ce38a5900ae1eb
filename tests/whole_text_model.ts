import assert from "node:assert/strict";
import { compile } from "../lib/graph/program.ts";
import { input } from "../lib/graph/tensor.ts";
import { forward } from "../lib/models/forward.ts";
import { type BackboneSpec, isLanguageModel, shapesOf } from "../lib/methods/model_spec.ts";
import { Session } from "../lib/runtime/session.ts";
import { floats, integers } from "../lib/runtime/value.ts";
import { openModelFolder, parametersIn, readParameters } from "../lib/weights/model_folder.ts";
import { backboneSpecOf } from "./backbone_spec.ts";
import { cpu } from "./run_graph.ts";

/**
 * A model that is told whole texts and reads each from its beginning, without a cache; what its head makes
 * of the last hidden state is computed here in float64. What decoding is compared with.
 */
export class WholeTextModel implements AsyncDisposable {
  private constructor(
    readonly spec: BackboneSpec,
    readonly values: ReadonlyMap<string, Float32Array>,
    private readonly session: Session,
  ) {}

  static async open(path: string): Promise<WholeTextModel> {
    const folder = await openModelFolder(path);
    const spec = backboneSpecOf(folder);
    const shape = ["batch", "time"];
    const { hidden } = forward(spec.backbone, await parametersIn(folder, shapesOf(spec)), {
      ids: input("ids", "int64", shape),
      mask: input("mask", "float32", shape),
    });
    const session = await Session.open(compile({ hidden }), cpu, { spinning: false });
    return new WholeTextModel(spec, await readParameters(folder, shapesOf(spec)), session);
  }

  /** The hidden state at the end of each text, which must not be empty. */
  async hidden(texts: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const { width } = this.spec.backbone;
    const batch = texts.length;
    const time = Math.max(...texts.map(({ length }) => length));
    const at = (i: number) => texts[Math.floor(i / time)][i % time];
    const indices = Array.from({ length: batch * time }, (_, i) => i);
    const { hidden } = await this.session.run({
      ids: integers([batch, time], indices.map((i) => at(i) ?? 0)),
      mask: floats([batch, time], Float32Array.from(indices, (i) => at(i) === undefined ? 0 : 1)),
    });
    const states = hidden.data as Float32Array;
    return texts.map(({ length }, row) => {
      const start = (row * time + length - 1) * width;
      return states.slice(start, start + width);
    });
  }

  /** A language model's logits of all tokens after each text, which is read as it is. */
  async logits(texts: readonly (readonly number[])[]): Promise<number[][]> {
    const { vocabulary } = this.spec.backbone;
    return (await this.hidden(texts)).map((h) =>
      Array.from({ length: vocabulary }, (_, token) => this.#dot("wte.weight", token, h))
    );
  }

  /** The log-probability of a text after what stands before it, and of every token that may come next. */
  async #logProbabilities(
    before: readonly number[],
    text: readonly number[],
  ): Promise<{ text: number; next: number[] }> {
    const prefixes = Array.from({ length: text.length + 1 }, (_, n) => text.slice(0, n));
    const logits = await this.logits(prefixes.map((prefix) => [...before, ...prefix]));
    const next = logits.map((z) => {
      const largest = Math.max(...z);
      const sum = z.reduce((sum, x) => sum + Math.exp(x - largest), 0);
      return z.map((x) => x - largest - Math.log(sum));
    });
    return {
      text: text.reduce((sum, token, i) => sum + next[i][token], 0),
      next: next[text.length],
    };
  }

  /** GeDi's log-odds of the desired class for each candidate after a text. */
  async #classLogOdds(
    codes: readonly number[],
    text: readonly number[],
    candidates: readonly number[],
  ): Promise<number[][]> {
    const [scale] = this.values.get("logit_scale")!;
    const bias = this.values.get("bias")!;
    const desired = await this.#logProbabilities([codes[0]], text);
    const undesired = await this.#logProbabilities([codes[1]], text);
    return candidates.map((token) => {
      const difference = desired.text + desired.next[token] - undesired.text -
        undesired.next[token];
      return [scale * difference / (text.length + 1) + bias[0] - bias[1]];
    });
  }

  /** The scores of each prompt's candidates, `[prompt][candidate][label]`, as the model gives them. */
  async rewards(
    prompts: readonly (readonly number[])[],
    candidates: readonly (readonly number[])[],
  ): Promise<number[][][]> {
    const { spec } = this;
    assert.ok(!isLanguageModel(spec));
    if (["rad", "fudge", "args", "cd"].includes(spec.kind)) {
      const { labels } = spec;
      const texts = prompts.flatMap((ids, i) => candidates[i].map((token) => [...ids, token]));
      const bias = this.values.get("lm_head.bias")!;
      const rated = (await this.hidden(texts)).map((h) =>
        labels.map((_, label) => this.#dot("lm_head.weight", label, h) + bias[label])
      );
      return candidates.map(({ length }) => rated.splice(0, length));
    }
    if (spec.kind === "gedi") {
      const rated: number[][][] = [];
      for (const [i, ids] of prompts.entries()) {
        rated.push(await this.#classLogOdds(spec.codes as number[], ids, candidates[i]));
      }
      return rated;
    }
    if (spec.kind === "genarm" || spec.kind === "farma") {
      const logits = await this.logits(prompts.map((ids) => [spec.backbone.bos, ...ids]));
      return logits.map((z, i) => {
        const normalizer = spec.kind === "farma" ? 0 : Math.log(
          z.reduce((sum, x) => sum + Math.exp(x), 0),
        );
        return candidates[i].map((token) => [z[token] - normalizer]);
      });
    }
    assert.ok(spec.kind === "arm");
    const { backbone: { endOfText, width }, labels, baseline } = spec;
    const states = await this.hidden(prompts.map((ids) => [endOfText, ...ids]));
    return states.map((h, i) => {
      const projected = labels.map((_, label) =>
        Float64Array.from(
          { length: width },
          (_, d) => this.#dot("head.lm_projection.weight", label * width + d, h),
        )
      );
      const prefix = labels.map((_, label) =>
        baseline ? this.#dot("head.prefix_baseline.weight", label, h) : 0
      );
      return candidates[i].map((token) =>
        projected.map((w, label) => prefix[label] + this.#dot("wte.weight", token, w))
      );
    });
  }

  /** ⟨row of a matrix, vector⟩. */
  #dot(name: string, row: number, vector: ArrayLike<number>): number {
    const matrix = this.values.get(name)!;
    let sum = 0;
    for (let i = 0; i < vector.length; i++) sum += matrix[row * vector.length + i] * vector[i];
    return sum;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }
}
