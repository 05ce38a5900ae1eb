import {
  add,
  cumSum,
  exp,
  gatherLast,
  greaterOrEqual,
  maxLast,
  mul,
  softmax,
  sub,
  topK,
  where,
} from "../graph/ops/mod.ts";
import { requireTensor, scalar, type Tensor } from "../graph/tensor.ts";

type Float = Tensor<"float32">;

const negative = (x: Float): Float => sub(0, x);

/** The smallest of the values of `x` where `condition` holds, kept as an extent of 1; ∞ where it holds nowhere. */
function smallestWhere(condition: (x: Float) => Float, x: Float): Float {
  return negative(maxLast(condition(negative(x))));
}

/**
 * The nucleus filter (Holtzman et al., 2020): a token stays while the probability of all more probable ones is at
 * most p, so the first that passes p stays; the others get −∞. Equally probable tokens stay or go together.
 *
 * @param logits `[…, k]`, in any order; those that are −∞ stay so.
 * @param p `[]`; from 1 up, all tokens stay.
 */
export function nucleus(logits: Float, p: Float): Float {
  requireTensor("nucleus", logits);
  const [sorted] = topK(logits, logits.shape.at(-1)!);
  const before = cumSum(softmax(sorted), -1, { exclusive: true });
  // rounding may carry the sum above 1
  const limit = where(greaterOrEqual(p, scalar("float32", 1)), Infinity, p);
  const threshold = smallestWhere(
    (x) => where(greaterOrEqual(limit, before), x, -Infinity),
    sorted,
  );
  return where(greaterOrEqual(logits, threshold), logits, -Infinity);
}

/**
 * The min-p filter (Nguyen et al., 2024), as transformers' `MinPLogitsWarper`: a token stays if it is at least p times as probable
 * as the likeliest, so that one always does; the others get −∞.
 *
 * @param logits `[…, k]`, in any order; those that are −∞ stay so.
 * @param p `[]`.
 */
export function minP(logits: Float, p: Float): Float {
  const probabilities = softmax(logits);
  const least = mul(maxLast(probabilities), p);
  return where(greaterOrEqual(probabilities, least), logits, -Infinity);
}

/** What GeDi's filter takes from a logit: enough to leave it no probability. */
const dropped = -10_000;

/**
 * GeDi's filter (Krause et al., 2020, section 4.2): tokens are taken in the order of the desired class's
 * probability, the least first; as long as their own accumulated probability is below `filterP`, those whose class
 * probability is below `targetP` lose 10,000. Tokens of equal class probability stay or go together.
 *
 * @param logits guided, `[…, k]`.
 * @param logDesired log P_d, the desired class's log-probability with each token, `[…, k]`.
 * @param filterP the accumulated probability up to which tokens may go, `[]`; 0 keeps all.
 * @param targetP the class probability from which a token stays in any case, `[]`.
 */
export function filterByClass(
  logits: Float,
  logDesired: Float,
  filterP: Float,
  targetP: Float,
): Float {
  const [descending, places] = topK(negative(logDesired), logits.shape.at(-1)!);
  const least = negative(descending);
  const accumulated = cumSum(gatherLast(softmax(logits), places));
  const threshold = smallestWhere(
    (x) =>
      where(
        greaterOrEqual(accumulated, filterP),
        x,
        where(greaterOrEqual(exp(least), targetP), x, -Infinity),
      ),
    least,
  );
  return where(greaterOrEqual(logDesired, threshold), logits, add(logits, dropped));
}
