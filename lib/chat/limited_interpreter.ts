import { type Environment, Interpreter } from "@huggingface/jinja";
import { type Growth, growthOf } from "./growth.ts";
import { pythonStrip, stripCallOf } from "./python_strip.ts";

type Statement = Parameters<Interpreter["evaluate"]>[0];
type Value = ReturnType<Interpreter["evaluate"]>;

/** What a template may do before it is given up: about a second's work. */
const mostWork = 5e6;
/** The longest text, and the most of lists within lists, that it may make, in characters. */
const mostText = 4e6;
/** How deep statements, expressions and calls of macros may lie within each other. */
const mostDepth = 300;

/** A template comes with a model, from anyone: one that asks for too much is given up, and not followed. */
export class TemplateLimit extends Error {}

/**
 * Jinja's interpreter with limits to time, memory and depth. Every statement and expression goes through `evaluate`: there
 * its work is counted, and how large the value is that comes out. What makes much of little (joining, replacing, indenting)
 * is refused before it is done.
 *
 * Where the library differs from Python's Jinja in what templates use, it is done here as there: `strip` with characters.
 */
export class LimitedInterpreter extends Interpreter {
  #work = 0;
  #depth = 0;
  readonly #sizes = new WeakMap<object, number>();
  /** What is evaluated just now and could make much of little, the innermost last. */
  readonly #growing: Growth[] = [];
  /** What it costs to look through the whole template, as the definition of a macro does. */
  readonly #length: number;

  /** @param length of the template, in characters. */
  constructor(environment: Environment, length: number) {
    super(environment);
    this.#length = length;
  }

  override evaluate(statement: Statement, environment: Environment): Value {
    const looksThrough = statement?.type === "Macro" || statement?.type === "CallStatement";
    this.#spend(looksThrough ? this.#length : 1);
    if (++this.#depth > mostDepth) throw new TemplateLimit("it is nested too deeply");
    const growth = growthOf(statement);
    if (growth) this.#growing.push(growth);
    let value: Value;
    try {
      value = this.#stripped(statement, environment) ?? super.evaluate(statement, environment);
    } finally {
      if (growth) this.#growing.pop();
      this.#depth--;
    }
    const size = this.#sizeOf(value);
    if (size > mostText) throw new TemplateLimit("it makes a text or a list that is too long");
    // whatever a list is used for goes through it
    this.#spend(Array.isArray(value.value) ? 4 * value.value.length : size / 64);
    const grown = this.#growing.at(-1)?.see(statement, value.value, size);
    if (grown !== undefined && grown > 4 * mostText) {
      throw new TemplateLimit("it makes a text that is too long");
    }
    return value;
  }

  /** What `strip` and its like make of a text with characters, which the library takes for white space whatever they are. */
  #stripped(statement: Statement, environment: Environment): Value | undefined {
    const call = stripCallOf(statement);
    if (!call) return undefined;
    const text = this.evaluate(call.object as Statement, environment);
    const { value: characters } = this.evaluate(call.characters as Statement, environment);
    if (typeof text.value !== "string" || typeof characters !== "string") return undefined;
    const Text = text.constructor as new (value: string) => Value;
    return new Text(pythonStrip(text.value, characters, call.name));
  }

  #spend(work: number): void {
    this.#work += work;
    if (this.#work > mostWork) {
      throw new TemplateLimit("it takes too long, or never comes to an end");
    }
  }

  /** Characters of a value when it is written out, more or less: what is in it twice counts twice. */
  #sizeOf({ type, value }: Value, depth = 0): number {
    if (typeof value === "string") return value.length;
    if (typeof value !== "object" || value === null) return 8;
    // it may still change, so its size is not known for good
    const isSettled = type !== "NamespaceValue";
    if (!isSettled && depth > 0) throw new TemplateLimit("it puts a namespace into a list");
    if (depth > mostDepth) throw new TemplateLimit("it makes a list that is nested too deeply");
    const known = this.#sizes.get(value);
    if (known !== undefined && isSettled) return known;
    let size = 8;
    const elements: Iterable<[unknown, Value]> = value instanceof Map
      ? value.entries()
      : value.entries();
    for (const [key, element] of elements) {
      size += String(key).length + 4 + this.#sizeOf(element, depth + 1);
      if (size > mostText) break;
    }
    if (!isSettled) this.#spend(value instanceof Map ? value.size : 0);
    this.#sizes.set(value, size);
    return size;
  }
}

/** Python's `range`, as far as a template may count. */
export function limitedRange(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (!(length <= mostText / 16)) throw new TemplateLimit("it counts too far");
  return Array.from({ length }, (_, i) => from + i * step);
}
