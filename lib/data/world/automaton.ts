import type { Random } from "../../random.ts";

/** The arrays of an {@linkcode Automaton} of n states, a arcs and C classes. */
export interface AutomatonTables {
  readonly words: readonly string[];
  /** Prior of each class: [C]. */
  readonly priors: Float64Array;
  readonly start: number;
  /** The state after a slip. */
  readonly lost: number;
  /** The arcs that write word w are `wordArcs[w]` … `wordArcs[w + 1] − 1`: [words + 1]. */
  readonly wordArcs: Int32Array;
  /** The word that an arc writes, and the states that it leaves and reaches: [a]. */
  readonly arcWord: Int32Array;
  readonly arcFrom: Int32Array;
  readonly arcTo: Int32Array;
  /** The arcs that leave state i are `leaving[stateArcs[i]]` … `leaving[stateArcs[i + 1] − 1]`: [n + 1]. */
  readonly stateArcs: Int32Array;
  readonly leaving: Int32Array;
  /** Probability of the arc from its state, by class: [a, C]. */
  readonly arcProbability: Float64Array;
  /** Probability that the text ends in the state, by class: [n, C]. */
  readonly stop: Float64Array;
  /** Probability that a slip writes any word and leads to the lost state: [n]. */
  readonly slip: Float64Array;
  /** Probability that the word of a slip is spelled at random. */
  readonly spelled: number;
}

/** What {@linkcode Automaton.score} finds. */
export interface AutomatonScore {
  /** log P(text | prompt), in nats. */
  readonly logProbability: number;
  /** P(class | prompt and text), by class; NaN where no text begins so. */
  readonly posterior: Float64Array;
}

const letters = "abcdefghijklmnopqrstuvwxyz";
/** Words spelled at random have 1 / `wordEnd` letters on average. */
const wordEnd = 1 / 6;
/** The log-probability of any one character that is not a letter a–z; these are never drawn. */
const logStrangeCharacter = Math.log(1e-6 / 0x110000);

/**
 * A probabilistic finite automaton with latent classes: a class is drawn from the priors, then arcs,
 * each writing a word, until the text ends. Its forward algorithm gives exact probabilities of
 * texts and of their beginnings, and the exact posterior of the class.
 */
export class Automaton {
  readonly words: readonly string[];
  readonly #tables: AutomatonTables;
  readonly #wordIds: ReadonlyMap<string, number>;
  /** The probability that the word of a slip is this known word: [words]. */
  readonly #slipWords: Float64Array;
  /** The forward probabilities after the words so far, and those being made for the next word. */
  #now: Forward;
  #next: Forward;

  constructor(tables: AutomatonTables) {
    this.#tables = tables;
    this.words = tables.words;
    this.#wordIds = new Map(tables.words.map((word, id) => [word, id]));
    this.#slipWords = Float64Array.from(
      tables.words,
      (word) =>
        (1 - tables.spelled) / tables.words.length +
        tables.spelled * Math.exp(logSpelling(word)) * wordEnd,
    );
    this.#now = new Forward(tables.slip.length, tables.priors.length);
    this.#next = new Forward(tables.slip.length, tables.priors.length);
  }

  /** The size of the automaton. */
  get size(): { states: number; arcs: number } {
    return { states: this.#tables.slip.length, arcs: this.#tables.arcWord.length };
  }

  /** Draws a text and tells the class it was drawn from. */
  sample(random: Random): { words: string[]; class: number } {
    const { priors, start, lost, slip } = this.#tables;
    const latent = random.weighted(priors);
    const words: string[] = [];
    let state = start;
    while (true) {
      if (random.uniform() < slip[state]) {
        words.push(this.#slipWord(random));
        state = lost;
        continue;
      }
      const arc = this.#drawArc(state, latent, random);
      if (arc === undefined) break;
      words.push(this.words[this.#tables.arcWord[arc]]);
      state = this.#tables.arcTo[arc];
    }
    return { words, class: latent };
  }

  /**
   * The exact probability of `text` after `prompt`, both given as words, and the posterior of the
   * classes after both, by the forward algorithm.
   *
   * @param finished Whether the text ends there. If not, it is the probability that a text begins so;
   * a last word that is not known is then taken as the beginning of a word.
   */
  score(prompt: readonly string[], text: readonly string[], finished: boolean): AutomatonScore {
    const { start, priors } = this.#tables;
    this.#now.clear();
    this.#now.add(start);
    this.#now.values.set(priors, start * priors.length);
    let logProbability = 0;
    for (const word of prompt) this.#write(word);
    text.forEach((word, i) => {
      const cutShort = !finished && i === text.length - 1 && !this.#wordIds.has(word);
      logProbability += cutShort ? this.#writeBeginning(word) : this.#write(word);
    });
    let posterior = this.#byClass(finished);
    if (finished) {
      const end = posterior.reduce((a, b) => a + b);
      logProbability += Math.log(end);
      // A text that cannot end here still has a posterior: that of texts which begin so.
      if (end === 0) posterior = this.#byClass(false);
    }
    const total = posterior.reduce((a, b) => a + b);
    return { logProbability, posterior: posterior.map((probability) => probability / total) };
  }

  #drawArc(state: number, latent: number, random: Random): number | undefined {
    const { stateArcs, leaving, arcProbability, stop, slip, priors } = this.#tables;
    const classes = priors.length;
    let left = random.uniform() * (1 - slip[state]) - stop[state * classes + latent];
    if (left < 0) return undefined;
    let last: number | undefined;
    for (let i = stateArcs[state]; i < stateArcs[state + 1]; i++) {
      const arc = leaving[i];
      const probability = arcProbability[arc * classes + latent];
      if (probability === 0) continue;
      last = arc;
      left -= probability;
      if (left < 0) break;
    }
    return last;
  }

  #slipWord(random: Random): string {
    if (random.uniform() >= this.#tables.spelled) {
      return this.words[random.integer(this.words.length)];
    }
    let word = "";
    do word += letters[random.integer(letters.length)]; while (random.uniform() >= wordEnd);
    return word;
  }

  /** Goes on by `word` and returns its log-probability after the words so far. */
  #write(word: string): number {
    const id = this.#wordIds.get(word);
    if (id !== undefined) return Math.log(this.#advance([id], this.#slipWords[id]));
    // Only a slip writes an unknown word; apart from the rest, its probability cannot underflow.
    return Math.log(this.#advance([], 1)) + Math.log(this.#tables.spelled) + logSpelling(word) +
      Math.log(wordEnd);
  }

  /** Goes on by any word that begins with `beginning` and returns their log-probability together. */
  #writeBeginning(beginning: string): number {
    const ids = this.words.flatMap((word, id) => word.startsWith(beginning) ? [id] : []);
    const spelling = Math.log(this.#tables.spelled) + logSpelling(beginning);
    if (ids.length === 0) return Math.log(this.#advance([], 1)) + spelling;
    const known = (1 - this.#tables.spelled) * ids.length / this.words.length;
    return Math.log(this.#advance(ids, known + Math.exp(spelling)));
  }

  /**
   * Moves all forward probabilities on by one word out of `ids`, which a slip writes with probability
   * `slipWord`, and returns the probability of these words after those so far.
   */
  #advance(ids: readonly number[], slipWord: number): number {
    const { wordArcs, arcFrom, arcTo, arcProbability, slip, lost, priors } = this.#tables;
    const classes = priors.length;
    const [now, next] = [this.#now, this.#next];
    next.clear();
    for (const id of ids) {
      for (let arc = wordArcs[id]; arc < wordArcs[id + 1]; arc++) {
        if (now.has[arcFrom[arc]] === 0) continue;
        next.add(arcTo[arc]);
        const from = arcFrom[arc] * classes;
        const to = arcTo[arc] * classes;
        for (let c = 0; c < classes; c++) {
          next.values[to + c] += now.values[from + c] * arcProbability[arc * classes + c];
        }
      }
    }
    next.add(lost);
    for (let i = 0; i < now.count; i++) {
      const from = now.states[i] * classes;
      const slips = slip[now.states[i]] * slipWord;
      for (let c = 0; c < classes; c++) {
        next.values[lost * classes + c] += now.values[from + c] * slips;
      }
    }
    [this.#now, this.#next] = [next, now];
    return next.normalize();
  }

  /** The sum of the forward probabilities by class; if `finished`, of those that end there. */
  #byClass(finished: boolean): Float64Array {
    const { stop, priors } = this.#tables;
    const sums = new Float64Array(priors.length);
    for (let i = 0; i < this.#now.count; i++) {
      const from = this.#now.states[i] * sums.length;
      for (let c = 0; c < sums.length; c++) {
        sums[c] += this.#now.values[from + c] * (finished ? stop[from + c] : 1);
      }
    }
    return sums;
  }
}

/** Forward probabilities of n states by C classes, of which few differ from 0. */
class Forward {
  /** The probabilities: [n, C]. */
  readonly values: Float64Array;
  /** The states that were added; all others are 0. */
  readonly states: Int32Array;
  count = 0;
  /** 1 for the states that were added: [n]. */
  readonly has: Uint8Array;
  readonly #classes: number;

  constructor(states: number, classes: number) {
    this.values = new Float64Array(states * classes);
    this.states = new Int32Array(states);
    this.has = new Uint8Array(states);
    this.#classes = classes;
  }

  add(state: number): void {
    if (this.has[state] === 1) return;
    this.has[state] = 1;
    this.states[this.count++] = state;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) {
      const state = this.states[i];
      this.has[state] = 0;
      for (let c = 0; c < this.#classes; c++) this.values[state * this.#classes + c] = 0;
    }
    this.count = 0;
  }

  /** Scales the probabilities to sum to 1, so that long texts do not underflow; returns the sum. */
  normalize(): number {
    let total = 0;
    for (let i = 0; i < this.count; i++) {
      const at = this.states[i] * this.#classes;
      for (let c = 0; c < this.#classes; c++) total += this.values[at + c];
    }
    if (total === 0) return 0;
    for (let i = 0; i < this.count; i++) {
      const at = this.states[i] * this.#classes;
      for (let c = 0; c < this.#classes; c++) this.values[at + c] /= total;
    }
    return total;
  }
}

/** log of the probability that a word spelled at random begins with these characters. */
function logSpelling(characters: string): number {
  let length = 0;
  let logProbability = 0;
  for (const character of characters) {
    const letter = letters.includes(character);
    logProbability += letter ? Math.log((1 - 1e-6) / letters.length) : logStrangeCharacter;
    length++;
  }
  return logProbability + (length - 1) * Math.log1p(-wordEnd);
}
