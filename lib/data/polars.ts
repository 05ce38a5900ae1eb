import type pl from "nodejs-polars";
import { optionalPackage } from "../optional_package.ts";

/** What the package of Polars exports. */
export type Polars = typeof pl;

/**
 * Polars, loaded where a frame is first made: whoever only steers a model needs none.
 *
 * @throws {MissingPackage} if it is not installed.
 */
export async function polars(): Promise<Polars> {
  const { default: pl } = await optionalPackage(
    () => import("nodejs-polars"),
    "Parquet is not written here, as Polars is not installed (a pack comes without it): take the CSV, or write it where " +
      "Armature is a checkout.",
  );
  return pl;
}
