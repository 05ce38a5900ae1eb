import type { Device } from "../runtime/device.ts";
import { read } from "../runtime/transfer.ts";
import { floats } from "../runtime/value.ts";
import { type Example, longest } from "../train/objective.ts";
import { padded } from "../train/padded_texts.ts";
import type { TeacherRewards } from "./next_token_objective.ts";

/**
 * A teacher that is asked once for every text, and remembers what it said: labels × 4 bytes a token. It reads whole texts, also
 * where the student does not learn the first token of one.
 */
export function rememberedRewards(
  teacher: TeacherRewards,
  { labels, device }: { readonly labels: number; readonly device: Device },
): TeacherRewards {
  const known = new Map<Example, Float32Array>();
  const ask = async (texts: readonly Example[]) => {
    const whole = texts.map(({ ids, before }) => ({
      ids: [...(before === undefined ? [] : [before]), ...Array.from(ids)],
    }));
    const time = longest(whole.map((text) => ({ ...text, labels: [] })));
    const { ids, mask } = padded({ endOfText: 0 }, whole, time);
    const rewards = await teacher(ids, mask, texts);
    const values = await read(rewards, "float32", device);
    if (rewards.location !== "cpu") rewards.dispose();
    texts.forEach((text, i) => {
      const [first, end] = [whole[i].ids.length - text.ids.length, whole[i].ids.length];
      known.set(text, values.slice((i * time + first) * labels, (i * time + end) * labels));
    });
  };
  return async (ids, _mask, texts) => {
    const [batch, time] = ids.dims;
    if (texts.some((text) => !known.has(text))) await ask(texts);
    const rows = new Float32Array(batch * time * labels);
    texts.forEach((text, i) => rows.set(known.get(text)!, i * time * labels));
    return floats([batch, time, labels], rows);
  };
}
