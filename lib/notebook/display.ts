/** What a cell shows of a value: contents by media type, of which the notebook takes the richest that it knows. */
export type MediaBundle = Record<string, string | object>;

/** What the Deno kernel calls on the value of a cell's last line. */
export const displaySymbol = Symbol.for("Jupyter.display");

/**
 * Gives an object a look of its own in notebooks, and leaves it as it is otherwise: the look is neither listed nor
 * copied with its properties.
 *
 * @param look what to show; called when a notebook shows the object.
 * @returns the same object.
 */
export function displayedAs<T extends object>(
  object: T,
  look: () => MediaBundle | Promise<MediaBundle>,
): T {
  return Object.defineProperty(object, displaySymbol, { value: look, configurable: true });
}

/** What a notebook shows of an object, if it has a look of its own. */
export async function lookOf(object: object): Promise<MediaBundle | undefined> {
  const look = (object as { [displaySymbol]?: () => MediaBundle | Promise<MediaBundle> })[
    displaySymbol
  ];
  return await look?.call(object);
}
