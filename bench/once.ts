/**
 * What benchmarks are run with, one after the other: opened by the first run that asks for it, which is not timed, and
 * disposed when the next one is asked for. So loading the modules opens nothing, and little is in memory at a time.
 */
export class Once<T extends AsyncDisposable> {
  #key?: string;
  #opened?: Promise<T>;

  async get(key: string, open: () => Promise<T>): Promise<T> {
    if (key !== this.#key) {
      const before = this.#opened;
      this.#key = key;
      this.#opened = undefined;
      if (before) await (await before)[Symbol.asyncDispose]();
      this.#opened = open();
    }
    return await this.#opened!;
  }
}
