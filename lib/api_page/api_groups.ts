/** What a module exports under one heading. */
export interface ApiGroup {
  readonly title: string;
  /** The names, in their order. */
  readonly names: readonly string[];
  /** Modules all of whose exports have one name: `export * as ops from "./…"`. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** Modules all of whose exports are there under their own names. */
  readonly modules: readonly string[];
}

/** The exports of a table of contents such as `mod.ts`, by the comments `// Title` that stand over them. */
export function apiGroups(source: string): ApiGroup[] {
  const groups: ApiGroup[] = [];
  for (const part of source.split(/^\/\/ (?=[^\n]+\nexport )/m).slice(1)) {
    const title = part.slice(0, part.indexOf("\n"));
    const names: string[] = [];
    const namespaces: Record<string, string> = {};
    const modules: string[] = [];
    for (const [, what, path] of part.matchAll(/^export ([^;"]+?) from "([^"]+)";/gm)) {
      const namespace = what.match(/^\* as (\w+)$/)?.[1];
      if (namespace !== undefined) namespaces[namespace] = path;
      else if (/^(type )?\*$/.test(what)) modules.push(path);
      else names.push(...what.replace(/^type /, "").match(/(?!type\b)\b\w+/g)!);
    }
    groups.push({ title, names, namespaces, modules });
  }
  return groups;
}
