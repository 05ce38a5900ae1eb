/**
 * Control codes (Keskar et al., 2019): tokens of which a language model reads one before a text, to know what kind of text it is
 * to be.
 */
export interface ControlCodes {
  /** The token of each, by its name. */
  readonly tokens: Readonly<Record<string, number>>;
  /** The name of the one that is read. */
  readonly chosen: string;
}

/** What a model reads of them before a text: one token, or none where it has no codes. */
export function codeRead(codes: ControlCodes | undefined): number[] {
  return codes === undefined ? [] : [codes.tokens[codes.chosen]];
}

/**
 * Control codes as a `config.json` has them; undefined where it has none.
 *
 * @throws {TypeError} if they are no tokens of the vocabulary, or none of them is chosen.
 */
export function parseControlCodes(
  json: unknown,
  where: string,
  vocabulary: number,
): ControlCodes | undefined {
  if (json === undefined) return undefined;
  const { tokens, chosen } = Object(json) as Partial<ControlCodes>;
  const isToken = (id: unknown) =>
    Number.isInteger(id) && Number(id) >= 0 && Number(id) < vocabulary;
  if (
    !Object.values(Object(tokens)).every(isToken) || !Object.hasOwn(Object(tokens), chosen ?? "")
  ) {
    throw new TypeError(
      `${where} must have tokens below ${vocabulary} by their names, and the name of one of them, in ` +
        "armature.controlCodes: { tokens, chosen }.",
    );
  }
  return { tokens: tokens!, chosen: chosen! };
}

/**
 * The codes where another one is read.
 *
 * @param path the model's, for errors.
 * @throws {RangeError} if the model has no code of this name.
 */
export function chooseCode(
  codes: ControlCodes | undefined,
  name: string,
  path: string,
): ControlCodes {
  if (codes === undefined) {
    throw new RangeError(
      `'${path}' was trained without control codes, so there is no '${name}': leave the control code out.`,
    );
  }
  if (!Object.hasOwn(codes.tokens, name)) {
    const names = Object.keys(codes.tokens).map((code) => `'${code}'`).join(", ");
    throw new RangeError(`'${path}' has no control code '${name}': it has ${names}.`);
  }
  return { ...codes, chosen: name };
}
