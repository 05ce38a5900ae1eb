/** What an error says of a text that is too long, beside its length and the room that there is. */
export interface RoomWords {
  /** What is counted with it, as "BOS". */
  readonly including?: string;
  /** What takes room as well, as "with 20 new ones". */
  readonly beside?: string;
  /** What to do. Default: shorten it. */
  readonly advice?: string;
}

/**
 * Refuses a text that does not fit into a model's context. Whatever reads a text asks this first: a graph would take the
 * last position for all that are too far.
 *
 * @param name the text's name and number, counted from 1: "Prompt 3".
 * @param length its tokens.
 * @param room the tokens that fit.
 * @throws {RangeError} one sentence, if it does not fit.
 */
export function requireRoom(
  name: string,
  length: number,
  room: number,
  { including, beside, advice = "shorten it" }: RoomWords = {},
): void {
  if (length <= room) return;
  throw new RangeError(
    `${name} has ${length} tokens${
      including === undefined ? "" : ` including ${including}`
    }, but ` +
      `${beside === undefined ? "" : `${beside} `}only ${
        Math.max(0, room)
      } fit into the context: ${advice}`,
  );
}
