import { opcodes } from "./opcodes.ts";

/** Something that a pickle may hold. `T` is what the reader makes of it beyond these. */
export type PickleValue<T> =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleTuple<T>
  | PickleList<T>
  | PickleDict<T>
  | PickleFunction<T>
  | Built<T>;

/** A tuple of Python. */
export class PickleTuple<T> {
  constructor(readonly items: readonly PickleValue<T>[]) {}
}

/** A list of Python. */
export class PickleList<T> {
  readonly items: PickleValue<T>[] = [];
}

/** A dictionary of Python whose keys are texts or numbers. */
export class PickleDict<T> {
  readonly entries = new Map<string | number, PickleValue<T>>();
}

/** A global that a pickle may name: what it makes of arguments. */
export class PickleFunction<T> {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue<T>[]) => PickleValue<T>,
  ) {}
}

/** What the reader made. */
export class Built<T> {
  constructor(readonly value: T) {}
}

/** What a pickle may do beyond building plain values. Everything else is refused. */
export interface PickleReader<T> {
  /** The globals that it may name, by `module name`. */
  readonly globals: ReadonlyMap<string, PickleFunction<T>>;
  /** What a persistent id stands for. @throws {Error} if it is none. */
  persistent(id: PickleValue<T>): PickleValue<T>;
}

/** What a pickle holds cannot be, or is not allowed. The message ends a sentence about the file. */
export class PickleError extends Error {}

// A model of a thousand tensors takes 50,000 steps and nests four deep.
const mostSteps = 2 ** 18;
const mostMarks = 64;

/** The highest protocol that Python has. */
const latestProtocol = 5;

/**
 * Runs a pickle: a program for a machine with a stack and a memo. Of what such programs can do, this machine can build
 * plain values, and call the reader's functions; it knows no classes, no imports and no attributes. Time and memory are
 * bounded by the number of steps, each of which makes one value.
 *
 * @throws {PickleError} if it is broken, asks for anything else, or for too much.
 */
export function unpickle<T>(bytes: Uint8Array, reader: PickleReader<T>): PickleValue<T> {
  return new Machine(bytes, reader).run();
}

class Machine<T> {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #reader: PickleReader<T>;
  readonly #memo = new Map<number, PickleValue<T>>();
  /** The stacks below the marks, the innermost last. */
  readonly #below: PickleValue<T>[][] = [];
  #stack: PickleValue<T>[] = [];
  #at = 0;

  constructor(bytes: Uint8Array, reader: PickleReader<T>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#reader = reader;
  }

  run(): PickleValue<T> {
    for (let step = 0; step < mostSteps; step++) {
      const code = this.#uint8();
      const name = opcodes[code];
      if (name === "STOP") return this.#pop();
      if (name === undefined) throw new PickleError(`it has the unknown opcode ${code}`);
      this.#step(name);
    }
    throw new PickleError(`it takes more than ${mostSteps} steps`);
  }

  #step(name: string): void {
    switch (name) {
      case "PROTO": {
        const protocol = this.#uint8();
        if (protocol > latestProtocol) {
          throw new PickleError(`it has protocol ${protocol}, which is newer than is known`);
        }
        return;
      }
      case "FRAME":
        this.#take(8);
        return;
      case "MARK":
        if (this.#below.length === mostMarks) {
          throw new PickleError(`it nests deeper than ${mostMarks} levels`);
        }
        this.#below.push(this.#stack);
        this.#stack = [];
        return;
      case "NONE":
        return this.#push(null);
      case "NEWTRUE":
        return this.#push(true);
      case "NEWFALSE":
        return this.#push(false);
      case "BININT":
        return this.#push(this.#view.getInt32(this.#take(4), true));
      case "BININT1":
        return this.#push(this.#uint8());
      case "BININT2":
        return this.#push(this.#view.getUint16(this.#take(2), true));
      case "LONG1":
        return this.#push(this.#long(this.#uint8()));
      case "BINFLOAT":
        return this.#push(this.#view.getFloat64(this.#take(8), false));
      case "SHORT_BINSTRING":
      case "SHORT_BINUNICODE":
        return this.#push(this.#text(this.#uint8()));
      case "BINSTRING":
      case "BINUNICODE":
        return this.#push(this.#text(this.#uint32()));
      case "EMPTY_TUPLE":
        return this.#push(new PickleTuple([]));
      case "TUPLE1":
      case "TUPLE2":
      case "TUPLE3": {
        const items = Array.from({ length: Number(name.at(-1)) }, () => this.#pop());
        return this.#push(new PickleTuple(items.reverse()));
      }
      case "TUPLE":
        return this.#push(new PickleTuple(this.#marked()));
      case "EMPTY_LIST":
        return this.#push(new PickleList());
      case "APPEND":
        return this.#append([this.#pop()]);
      case "APPENDS":
        return this.#append(this.#marked());
      case "EMPTY_DICT":
        return this.#push(new PickleDict());
      case "SETITEM": {
        const value = this.#pop();
        return this.#set([this.#pop(), value]);
      }
      case "SETITEMS":
        return this.#set(this.#marked());
      case "BINPUT":
        return this.#remember(this.#uint8());
      case "LONG_BINPUT":
        return this.#remember(this.#uint32());
      case "MEMOIZE":
        return this.#remember(this.#memo.size);
      case "BINGET":
        return this.#recall(this.#uint8());
      case "LONG_BINGET":
        return this.#recall(this.#uint32());
      case "GLOBAL":
        return this.#global(this.#line(), this.#line());
      case "STACK_GLOBAL": {
        const [named, module] = [this.#pop(), this.#pop()];
        if (typeof named !== "string" || typeof module !== "string") {
          throw new PickleError("it names a global by something that is no text");
        }
        return this.#global(module, named);
      }
      case "REDUCE":
        return this.#reduce();
      case "BUILD":
        return this.#build();
      case "BINPERSID":
        return this.#push(this.#reader.persistent(this.#pop()));
      default:
        throw new PickleError(`it uses ${name}, which tensors do not need`);
    }
  }

  #global(module: string, name: string): void {
    const found = this.#reader.globals.get(`${module} ${name}`);
    if (!found) {
      throw new PickleError(`it asks for '${shortened(`${module}.${name}`)}'`);
    }
    this.#push(found);
  }

  #reduce(): void {
    const [args, called] = [this.#pop(), this.#pop()];
    if (!(called instanceof PickleFunction) || !(args instanceof PickleTuple)) {
      throw new PickleError("it calls something that is no function");
    }
    this.#push(called.call(args.items));
  }

  /** Attributes of a dictionary, such as the versions that PyTorch notes, are of no use here. */
  #build(): void {
    const state = this.#pop();
    if (!(this.#top() instanceof PickleDict && state instanceof PickleDict)) {
      throw new PickleError("it sets the state of something that is no dictionary");
    }
  }

  #append(items: readonly PickleValue<T>[]): void {
    const list = this.#top();
    if (!(list instanceof PickleList)) {
      throw new PickleError("it appends to something that is no list");
    }
    for (const item of items) list.items.push(item);
  }

  #set(items: readonly PickleValue<T>[]): void {
    const dict = this.#top();
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) {
      throw new PickleError("it sets items of something that is no dictionary");
    }
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== "string" && typeof key !== "number") {
        throw new PickleError("it has a dictionary with a key that is neither text nor a number");
      }
      dict.entries.set(key, items[i + 1]);
    }
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new PickleError(`it recalls ${index}, which it has not put`);
    this.#push(value);
  }

  #push(value: PickleValue<T>): void {
    this.#stack.push(value);
  }

  #top(): PickleValue<T> {
    if (this.#stack.length === 0) throw new PickleError("it takes more values than it has");
    return this.#stack.at(-1)!;
  }

  #pop(): PickleValue<T> {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  /** The values since the last mark, which is taken off. */
  #marked(): PickleValue<T>[] {
    const below = this.#below.pop();
    if (!below) throw new PickleError("it takes the values since a mark that there is not");
    const items = this.#stack;
    this.#stack = below;
    return items;
  }

  /** Goes so many bytes on. @returns where they begin. */
  #take(length: number): number {
    const begin = this.#at;
    if (length > this.#bytes.length - begin) throw new PickleError("it ends too early");
    this.#at += length;
    return begin;
  }

  #uint8(): number {
    return this.#bytes[this.#take(1)];
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #text(length: number): string {
    const begin = this.#take(length);
    try {
      return utf8.decode(this.#bytes.subarray(begin, begin + length));
    } catch {
      throw new PickleError("it has a text that is not UTF-8");
    }
  }

  /** The text up to a line's end. */
  #line(): string {
    const length = this.#bytes.subarray(this.#at).indexOf(0x0a);
    if (length < 0) throw new PickleError("it ends too early");
    const text = this.#text(length);
    this.#take(1);
    return text;
  }

  /** A whole number in two's complement, the lowest byte first. */
  #long(length: number): number | bigint {
    const begin = this.#take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = value << 8n | BigInt(this.#bytes[begin + i]);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
