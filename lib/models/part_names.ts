/** What parameters are part of, for people, by what their names match. */
export type PartNames = readonly (readonly [parameter: RegExp, part: string])[];

/** What a parameter is part of: that of the first match, or the parameter itself. */
export function partNamed(names: PartNames, parameter: string): string {
  return names.find(([pattern]) => pattern.test(parameter))?.[1] ?? parameter;
}
