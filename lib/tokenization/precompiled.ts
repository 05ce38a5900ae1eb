/**
 * The normalization that SentencePiece compiles into a model: a trie, as a double array, from characters to what stands
 * for them. As Hugging Face's `spm_precompiled`, down to taking the shortest of several entries.
 *
 * @param charsmap base64 of the trie's size in bytes, the trie, and the normal forms, each ended by a zero byte.
 */
export function precompiled(charsmap: string): (text: string) => string {
  const bytes = Uint8Array.from(atob(charsmap), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = view.getUint32(0, true);
  const unit = (index: number) => 4 * index < size ? view.getUint32(4 + 4 * index, true) : 0;
  const forms = bytes.subarray(4 + size);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const encoder = new TextEncoder();
  const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

  function formOf(text: string): string | undefined {
    const root = unit(0);
    let node = offsetOf(root);
    for (const byte of encoder.encode(text)) {
      if (byte === 0) break;
      node ^= byte;
      const at = unit(node);
      // a unit's label, and the sign of a leaf, which no byte has
      if ((at & 0x8000_00ff) !== byte) return undefined;
      node ^= offsetOf(at);
      if ((at >>> 8) & 1) {
        const form = unit(node) & 0x7fff_ffff;
        return decoder.decode(forms.subarray(form, forms.indexOf(0, form)));
      }
    }
    return undefined;
  }

  return (text) => {
    let normal = "";
    for (const { segment } of graphemes.segment(text)) {
      const whole = encoder.encode(segment).length < 6 ? formOf(segment) : undefined;
      if (whole !== undefined) normal += whole;
      else for (const character of segment) normal += formOf(character) ?? character;
    }
    return normal;
  };
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
