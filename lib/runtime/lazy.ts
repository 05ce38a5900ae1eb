/** Something that is opened when it is first used, and only then has to be disposed. */
export class Lazy<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #open: () => Promise<T>;
  #opened?: Promise<T>;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  /** Opens it, the first time. @throws what opening throws; the next call tries again. */
  get(): Promise<T> {
    if (this.#opened) return this.#opened;
    const opening = this.#open();
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    // an opening that fails has nothing to close, and was reported where it was asked for
    await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}
