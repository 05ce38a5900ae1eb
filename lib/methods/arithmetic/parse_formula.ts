import {
  baseTerm,
  type Formula,
  intersectionOf,
  likelyBy,
  modelTerm,
  sumOf,
  unionOf,
  type Weighted,
} from "./formula.ts";
import { presets } from "./presets.ts";
import type { NamedModel } from "./formula.ts";

/** What stands in the brackets of a call. */
type Argument = string | number | Formula;

/** What can be called in a formula: what it takes, and what it makes of it, if that is what it was given. */
interface Callable {
  readonly takes: string;
  of(given: readonly Argument[]): Formula | undefined;
}

const isText = (x: Argument | undefined): x is string => typeof x === "string";
const isNumber = (x: Argument | undefined): x is number => typeof x === "number";
const isFormula = (x: Argument | undefined): x is Formula => typeof x === "object";
const isShare = (x: Argument | undefined): x is number => isNumber(x) && x > 0 && x <= 1;

const pair = (make: (one: Formula, other: Formula) => Formula) => (given: readonly Argument[]) =>
  given.length === 2 && given.every(isFormula) ? make(given[0], given[1]) : undefined;

const named: Readonly<Record<string, Callable>> = {
  base: {
    takes: 'nothing, or a text before the prompt: base, base("A cheerful review. ")',
    of: (given) =>
      given.length === 0 || (given.length === 1 && isText(given[0]))
        ? baseTerm(given[0] as string | undefined)
        : undefined,
  },
  lm: {
    takes: 'a model and, where there is one, a text before the prompt: lm("models/other")',
    of: ([model, prefix, ...more]) =>
      isText(model) && (prefix === undefined || isText(prefix)) && more.length === 0
        ? modelTerm(model, prefix)
        : undefined,
  },
  union: {
    takes: 'two formulas: union(base, lm("models/other"))',
    of: pair(unionOf),
  },
  intersection: {
    takes: 'two formulas: intersection(base, lm("models/other"))',
    of: pair(intersectionOf),
  },
  likely: {
    takes:
      "a formula, what tokens have to be likely by, and a share of its likeliest, from 0 to 1: " +
      'likely(base - lm("amateur"), base, 0.1)',
    of: ([of, by, share, ...more]) =>
      isFormula(of) && isFormula(by) && isShare(share) && more.length === 0
        ? likelyBy(of, by, share)
        : undefined,
  },
  ...Object.fromEntries(
    Object.entries(presets).map(([name, { takes, texts, of }]): [string, Callable] => [name, {
      takes,
      of: (given) => {
        const [named, [number, ...more]] = [given.slice(0, texts), given.slice(texts)];
        const fits = named.length === texts && named.every(isText) && more.length === 0 &&
          (number === undefined || isNumber(number));
        return fits ? of(named as string[], number as number | undefined) : undefined;
      },
    }]),
  ),
};

/** A piece of a formula's text: a number, a name, a text in quotation marks, or a sign. */
interface Piece {
  readonly kind: "number" | "name" | "text" | "sign" | "end";
  readonly text: string;
  readonly at: number;
}

const pattern = /\s*(?:(\d+\.?\d*|\.\d+)|([a-z]+)|"([^"]*)"|'([^']*)'|([-−+*·×/(),]))/y;

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) throw new SyntaxError(`cannot read it from '${text.slice(at).trim()}' on`);
    const [whole, number, name, double, single, sign] = found;
    const spelled = { "−": "-", "·": "*", "×": "*" }[sign] ?? sign;
    const kind = number ? "number" : name ? "name" : sign ? "sign" : "text";
    pieces.push({ kind, text: number ?? name ?? double ?? single ?? spelled, at });
    at += whole.length;
  }
  return [...pieces, { kind: "end", text: "", at: end }];
}

/**
 * Reads a formula such as `base + 0.5 lm("models/positive") - 0.5 lm("models/negative")`: sums of models by weights, brackets,
 * `union`, `intersection` and `likely`, and the presets `dexperts`, `proxy`, `contrast` and `cfg`.
 *
 * @throws {SyntaxError} in words that follow "is invalid:", if it is none.
 */
export function parseFormula(text: string): Formula {
  const reader = new Reader(text);
  const value = reader.sum();
  const rest = reader.next();
  if (rest.kind !== "end") throw new SyntaxError(`'${rest.text}' is not expected there`);
  if (typeof value === "number") throw new SyntaxError("it is a number and names no model");
  return value;
}

class Reader {
  readonly #pieces: readonly Piece[];
  #place = 0;

  constructor(text: string) {
    this.#pieces = piecesOf(text);
  }

  next(): Piece {
    return this.#pieces[this.#place++] ?? this.#pieces.at(-1)!;
  }

  #takes(...signs: readonly string[]): string | undefined {
    const { kind, text } = this.#pieces[this.#place];
    if (kind !== "sign" || !signs.includes(text)) return undefined;
    this.#place++;
    return text;
  }

  /** Products, added and subtracted. */
  sum(): number | Formula {
    const first = this.#product();
    const rest: (number | Formula)[] = [];
    const signs: number[] = [];
    for (let sign = this.#takes("+", "-"); sign; sign = this.#takes("+", "-")) {
      signs.push(sign === "+" ? 1 : -1);
      rest.push(this.#product());
    }
    if (rest.length === 0) return first;
    const all = [first, ...rest];
    if (all.every((each) => typeof each === "number")) {
      return all.reduce((sum, each, i) => i === 0 ? each : sum + signs[i - 1] * each, 0);
    }
    return sumOf(...all.map((each, i): Weighted<NamedModel> => {
      if (typeof each === "number") {
        throw new SyntaxError(
          `${each} is added to a model, where it changes nothing: leave it out`,
        );
      }
      const sign = i === 0 ? 1 : signs[i - 1];
      // a number times one thing is a term by itself
      const [weight, of] = each.kind === "sum" && each.terms.length === 1
        ? each.terms[0]
        : [1, each] as const;
      return [sign * weight, of];
    }));
  }

  /** Numbers times one formula; the sign between them may be left out. */
  #product(): number | Formula {
    let weight = 1;
    let of: Formula | undefined;
    for (;;) {
      const factor = this.#factor();
      if (typeof factor === "number") weight *= factor;
      else if (of === undefined) of = factor;
      else throw new SyntaxError("models are added, and not multiplied");
      if (this.#takes("/")) {
        const by = this.#factor();
        if (typeof by !== "number" || by === 0) {
          throw new SyntaxError("what stands behind '/' must be a number other than 0");
        }
        weight /= by;
      }
      const { kind, text } = this.#pieces[this.#place];
      const goesOn = this.#takes("*") !== undefined || kind === "name" || kind === "number" ||
        (kind === "sign" && text === "(");
      if (!goesOn) break;
    }
    if (of === undefined) return weight;
    return weight === 1 ? of : sumOf([weight, of]);
  }

  #factor(): number | Formula {
    if (this.#takes("-")) {
      const negated = this.#factor();
      return typeof negated === "number" ? -negated : sumOf([-1, negated]);
    }
    if (this.#takes("(")) {
      const inside = this.sum();
      this.#close();
      return inside;
    }
    const { kind, text } = this.next();
    if (kind === "number") return Number(text);
    if (kind === "name") return this.#call(text);
    throw new SyntaxError(
      kind === "end"
        ? "a model or a number is missing at the end"
        : `a model or a number must stand in place of '${text}'`,
    );
  }

  #call(name: string): Formula {
    if (!Object.hasOwn(named, name)) {
      throw new SyntaxError(`there is no '${name}': name one of ${Object.keys(named).join(", ")}`);
    }
    const given: Argument[] = [];
    if (this.#takes("(") && !this.#takes(")")) {
      do given.push(this.#argument()); while (this.#takes(","));
      this.#close();
    }
    const { takes, of } = named[name];
    const made = of(given);
    if (!made) throw new SyntaxError(`'${name}' takes ${takes}`);
    return made;
  }

  #argument(): Argument {
    const { kind, text } = this.#pieces[this.#place];
    if (kind !== "text") return this.sum();
    this.#place++;
    return text;
  }

  #close(): void {
    if (!this.#takes(")")) throw new SyntaxError("a ')' is missing");
  }
}
