/** What one writes and another reads when it likes, in order, to its end. */
export class Mailbox<Item> {
  readonly #items: Item[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  put(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** Nothing comes any more. @param reason why not all came, if so: it is thrown behind what is there. */
  end(reason: { readonly error?: unknown } = {}): void {
    this.#end ??= reason;
    this.#wake?.();
  }

  async *items(): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      // what has piled up is taken at once, so that a long pile is not moved item by item
      yield* this.#items.splice(0);
      if (this.#items.length > 0) continue;
      if (this.#end) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }
}
