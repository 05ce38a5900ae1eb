/** Something that is opened when it is first used, and only then has to be disposed. */
export class Lazy<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #open: () => Promise<T>;
  #opened?: Promise<T>;

  constructor(open: () => Promise<T>) {
    this.#open = open;
  }

  /** Opens it, the first time. @throws what opening throws; the next call tries again. */
  get(): Promise<T> {
    return this.#opened ??= this.#open().catch((error) => {
      this.#opened = undefined;
      throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened)?.[Symbol.asyncDispose]();
  }
}
