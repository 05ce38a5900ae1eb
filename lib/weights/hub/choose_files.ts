import type { Choose } from "./fetch_repository.ts";

/**
 * Chooses files by their paths, in which `*` stands for any text, as in huggingface_hub's patterns.
 *
 * @returns what throws an error for a path that no file has.
 */
export function filesNamed(patterns: readonly string[]): Choose {
  return (files) => {
    const chosen = new Set<string>();
    for (const pattern of patterns) {
      const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
      const wanted = new RegExp(`^${parts.join(".*")}$`, "s");
      const fitting = files.filter((file) => wanted.test(file));
      if (fitting.length === 0) {
        const some = files.slice(0, 10).join(", ");
        throw new Error(
          `it has no file '${pattern}': choose among its ${files.length} files, such as ${some}`,
        );
      }
      for (const file of fitting) chosen.add(file);
    }
    return [...chosen];
  };
}
