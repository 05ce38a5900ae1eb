/** The values of bfloat16 bits: the upper half of a float32. */
export function floatsOfBrains(bits: Uint16Array): Float32Array {
  const floats = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = bits[i] << 16;
  return new Float32Array(floats.buffer);
}

/** The value of every float16 pattern, made when the first is asked for. */
let halves: Float32Array | undefined;

/** The values of float16 bits, IEEE 754 binary16: sign, 5 exponent bits (bias 15), 10 mantissa bits. */
export function floatsOfHalves(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => floatOfHalf(half));
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = halves[bits[i]];
  return floats;
}

function floatOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
