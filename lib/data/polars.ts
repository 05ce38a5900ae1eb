import type pl from "nodejs-polars";
import { optionalPackage } from "../optional_package.ts";

/** What the package of Polars exports. */
export type Polars = typeof pl;

/**
 * Polars, loaded where a table is first read or written: whoever only steers a model needs none.
 *
 * @throws {MissingPackage} if it is not installed.
 */
export async function polars(): Promise<Polars> {
  const { default: pl } = await optionalPackage(
    () => import("nodejs-polars"),
    "Parquet is neither read nor written here, as Polars is not installed (a pack comes without it): " +
      "use CSV, TSV or JSON Lines, or convert the file where Armature is a checkout.",
  );
  return pl;
}
