import { BrokenParquet } from "./parquet_error.ts";

/** Types of Thrift's compact protocol, as Parquet has them. */
const [stop, yes, no, byte, i16, i32] = [0, 1, 2, 3, 4, 5];
const [i64, double, binary, list, struct] = [6, 7, 8, 9, 12];

/** Deeper than the metadata of Parquet, whose logical types are the deepest. */
const deepest = 16;

/** More than the footer of a file of 100,000 column chunks has. */
const mostValues = 1 << 22;

/**
 * Walks a struct of Thrift's compact protocol before it is read: numbers are no longer than their types, lists and texts end
 * within the bytes, and what it holds is neither too deep nor too much. hyparquet's reader bounds none of these.
 *
 * @returns how long the struct is, in bytes.
 * @throws {BrokenParquet} if it is none.
 */
export function thriftLength(bytes: Uint8Array): number {
  let [at, values] = [0, 0];
  const next = (): number => {
    if (at >= bytes.length) throw new BrokenParquet("its metadata is cut off");
    return bytes[at++];
  };
  const skip = (count: number) => {
    if (count > bytes.length - at) throw new BrokenParquet("its metadata is cut off");
    at += count;
  };
  const varint = (longest: number): number => {
    let value = 0;
    for (let i = 0; i < longest; i++) {
      const part = next();
      value += (part & 0x7f) * 2 ** (7 * i);
      if (part < 0x80) return value;
    }
    throw new BrokenParquet("its metadata has a number that is too long");
  };
  const walkStruct = (depth: number) => {
    if (depth > deepest) throw new BrokenParquet("its metadata is too deep");
    for (let field = next(); (field & 15) !== stop; field = next()) {
      if (field >> 4 === 0) varint(5);
      walk(field & 15, depth);
    }
  };
  const walk = (type: number, depth: number) => {
    if (++values > mostValues) throw new BrokenParquet("its metadata is too long");
    switch (type) {
      case yes:
      case no:
        return;
      case byte:
        return skip(1);
      case i16:
      case i32:
        return void varint(5);
      case i64:
        return void varint(10);
      case double:
        return skip(8);
      case binary:
        return skip(varint(5));
      case list: {
        const head = next();
        const count = head >> 4 === 15 ? varint(5) : head >> 4;
        if (count > bytes.length - at) throw new BrokenParquet("its metadata is cut off");
        const element = head & 15;
        if (depth === deepest) throw new BrokenParquet("its metadata is too deep");
        // a boolean is a byte within a list, and nothing outside of one
        const type = element === yes || element === no ? byte : element;
        for (let i = 0; i < count; i++) walk(type, depth + 1);
        return;
      }
      case struct:
        return walkStruct(depth + 1);
      default:
        throw new BrokenParquet(`its metadata has a value of the unknown type ${type}`);
    }
  };
  walkStruct(0);
  return at;
}
