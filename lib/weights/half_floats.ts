/** The values of bfloat16 bits: the upper half of a float32. */
export function floatsOfBrains(bits: Uint16Array): Float32Array {
  return new Float32Array(Uint32Array.from(bits, (brain) => brain << 16).buffer);
}

/** The values of float16 bits, IEEE 754 binary16: sign, 5 exponent bits (bias 15), 10 mantissa bits. */
export function floatsOfHalves(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const mantissa = half & 0x3ff;
    if (exponent === 0) return sign * mantissa * 2 ** -24;
    if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
    return sign * (1024 + mantissa) * 2 ** (exponent - 25);
  });
}
