/** Lines on a terminal that are drawn anew in their place; nothing where standard error is no terminal, or `CI` is set. */
export class LiveLines {
  readonly isShown = Deno.stderr.isTerminal() && !Deno.env.get("CI");
  #count = 0;

  /** Draws lines, as `lines` makes them for a width, in place of those before. */
  show(lines: (width: number) => readonly string[]): void {
    if (!this.isShown) return;
    const { columns, rows } = Deno.consoleSize();
    // what would scroll away could not be drawn over
    const shown = lines(columns - 1).slice(0, rows - 1);
    const back = this.#count > 0 ? `\x1b[${this.#count}A` : "";
    const text = shown.map((line) => `${line}\x1b[K\n`).join("");
    Deno.stderr.writeSync(new TextEncoder().encode(`${back}\r${text}\x1b[J`));
    this.#count = shown.length;
  }
}
