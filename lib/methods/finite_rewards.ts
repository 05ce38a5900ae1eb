import { NotFinite } from "../train/not_finite.ts";
import type { TeacherRewards } from "./next_token_objective.ts";

/** A teacher that ends the training where it gives what is no number; what stays on a GPU shows in the loss alone. */
export function finiteRewards(teacher: TeacherRewards): TeacherRewards {
  return async (ids, mask, texts) => {
    const rewards = await teacher(ids, mask, texts);
    if (rewards.location !== "cpu") return rewards;
    const data = rewards.data as Float32Array;
    const size = data.length / texts.length;
    const wrong = texts.filter((_, row) =>
      !data.subarray(row * size, (row + 1) * size).every(Number.isFinite)
    );
    if (wrong.length === 0) return rewards;
    throw new NotFinite("The teacher gave a reward that is no number", wrong, "check its weights");
  };
}
