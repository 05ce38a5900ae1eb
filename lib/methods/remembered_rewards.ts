import type { Device } from "../runtime/device.ts";
import { read } from "../runtime/transfer.ts";
import { floats } from "../runtime/value.ts";
import { type Example, longest } from "../train/objective.ts";
import { padded } from "../train/padded_texts.ts";
import type { TeacherRewards } from "./next_token_objective.ts";

/** Bytes that are remembered of texts. */
export function rememberedBytes(texts: readonly Example[], labels: number): number {
  return 4 * labels * texts.reduce((sum, { ids }) => sum + ids.length, 0);
}

/**
 * A teacher that is asked once for every text, and remembers what it said: labels × 4 bytes a token. It reads whole texts, also
 * where the student does not learn the first token of one.
 *
 * @param together texts that are asked about at once whichever of them comes first, so that a run that goes on from its checkpoint
 *   is told the same, to the last bit, as one that was never stopped. Default: those that come together.
 */
export function rememberedRewards(
  teacher: TeacherRewards,
  { labels, device, together = () => [] }: {
    readonly labels: number;
    readonly device: Device;
    readonly together?: () => readonly (readonly Example[])[];
  },
): TeacherRewards {
  const known = new Map<Example, Float32Array>();
  let batches: ReadonlyMap<Example, readonly Example[]> | undefined;
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
    batches ??= new Map(together().flatMap((batch) => batch.map((text) => [text, batch])));
    for (const text of texts) if (!known.has(text)) await ask(batches.get(text) ?? texts);
    const rows = new Float32Array(batch * time * labels);
    texts.forEach((text, i) => rows.set(known.get(text)!, i * time * labels));
    return floats([batch, time, labels], rows);
  };
}
