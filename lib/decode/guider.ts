import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { Session } from "../runtime/session.ts";
import { integers, type Value } from "../runtime/value.ts";
import type { Candidates } from "../bases/base_model.ts";
import { type GuidanceShape, guide } from "./guidance.ts";
import type { GuidedCandidates } from "./step.ts";

/** Guides logits in a graph of its own, on the CPU, for models that are not part of one graph. */
export class Guider implements AsyncDisposable {
  /** Absent where nothing guides. */
  readonly #session: Session | undefined;
  readonly #feeds: Readonly<Record<string, Value>>;

  private constructor(session: Session | undefined, feeds: Readonly<Record<string, Value>>) {
    this.#session = session;
    this.#feeds = feeds;
  }

  /**
   * @param feeds those of `guidanceFeeds`.
   * @param k candidates that are kept of a whole vocabulary.
   */
  static async open(
    shape: GuidanceShape,
    feeds: Readonly<Record<string, Value>>,
    k: number,
  ): Promise<Guider> {
    const { wholeVocabulary } = shape;
    const columns = wholeVocabulary ? "vocabulary" : "k";
    const logits = input("logits", "float32", ["batch", columns]);
    const labels = [
      ...shape.guides.map(({ labels }) => labels),
      ...Array<number>(shape.formula?.models ?? 0).fill(1),
    ];
    const scores = labels.map((labels, i) =>
      input(`scores.${i}`, "float32", ["batch", labels, columns])
    );
    const candidates = wholeVocabulary ? undefined : input("candidates", "int64", ["batch", "k"]);
    const guided = guide(shape, logits, candidates, scores);
    // what comes out as it went in is not asked of the graph
    const outputs: Record<string, Tensor> = { guided: guided.guided };
    if (wholeVocabulary) {
      outputs.candidates = guided.candidates;
      outputs.top_logits = guided.logits;
      guided.scores.forEach((x, i) => outputs[`top_scores.${i}`] = x);
    }
    const session = guided.guided === logits
      ? undefined
      : await Session.open(compile(outputs), { name: "cpu" }, { spinning: false });
    return new Guider(session, wholeVocabulary ? { ...feeds, k: integers([1], [k]) } : feeds);
  }

  /** @param scores of every guide, of the candidates or of the whole vocabulary, as the shape has it. */
  async guide({ ids, logits }: Candidates, scores: readonly Value[]): Promise<GuidedCandidates> {
    if (!this.#session) return { candidates: ids!, logits, scores: [], guided: logits };
    const outputs = await this.#session.run({
      logits,
      ...this.#feeds,
      ...Object.fromEntries(scores.map((x, i) => [`scores.${i}`, x])),
    });
    return {
      candidates: ids ?? outputs.candidates,
      logits: outputs.top_logits ?? logits,
      scores: scores.map((x, i) => outputs[`top_scores.${i}`] ?? x),
      guided: outputs.guided,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }
}
