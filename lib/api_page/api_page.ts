import { apiGroups } from "./api_groups.ts";
import { type DocType, type Documented, documented } from "./documented.ts";
import { type OptionRow, optionRows } from "./option_rows.ts";

/**
 * One page, in Markdown, of all that a table of contents such as `mod.ts` exports: grouped as it is, every function with
 * its options, those that it inherits included.
 *
 * @param module address of the table of contents.
 * @throws {Error} if something of it is not documented.
 */
export async function apiPage(module: URL): Promise<string> {
  const symbols = await documented(module.href);
  const groups = apiGroups(await tableOfContents(module));
  const written = new Set<string>();
  const listed = new Set(
    groups.flatMap(({ names, namespaces }) => [...names, ...Object.keys(namespaces)]),
  );
  const parts = [
    "# The API",
    "Everything that `mod.ts` exports, in its order. `deno task docs` writes this page.",
    groups.map(({ title }) => `- [${title}](#${anchorOf(title)})`).join("\n"),
  ];
  for (const { title, names, namespaces, modules } of groups) {
    parts.push(`## ${title}`);
    const rest = modules.length > 0
      ? [...symbols.values()].flatMap(({ name, isExported }) =>
        isExported && !listed.has(name) ? name : []
      )
      : [];
    for (const name of [...names, ...rest].filter((name) => !written.has(name))) {
      written.add(name);
      const symbol = symbols.get(name);
      if (!symbol) throw new Error(`mod.ts exports ${name}, which 'deno doc' does not know.`);
      parts.push(...await partsOf(symbol, symbols));
    }
    for (const [name, path] of Object.entries(namespaces)) {
      const members = await documented(new URL(path, module).href);
      parts.push(`### ${name}`, symbols.get(name)?.doc ?? "");
      parts.push([...members.values()].map(line).join("\n"));
    }
  }
  return linked(parts.filter((part) => part !== "").join("\n\n") + "\n");
}

/** The source of a table of contents, with those of entry points that it exports whole in their places. */
async function tableOfContents(module: URL): Promise<string> {
  let source = await Deno.readTextFile(module);
  for (const [line, path] of source.matchAll(/^export \* from "(\.\/lib\/entries\/[^"]+)";$/gm)) {
    const entry = new URL(path, module);
    const [exports] = (await Deno.readTextFile(entry)).match(/^export [^]*$/m)!;
    source = source.replace(
      line,
      exports.trimEnd().replace(/(?<= from ")[^"]+/g, (from) => new URL(from, entry).href),
    );
  }
  return source;
}

/** Heading, declaration, meaning, errors, options and examples of one name. */
async function partsOf(
  symbol: Documented,
  symbols: ReadonlyMap<string, Documented>,
): Promise<string[]> {
  const { name, kind, doc, tags, def } = symbol;
  const parts = [`### ${name}`];
  const options = kind === "function" ? optionsOf(symbol, symbols) : undefined;
  const rows = kind === "interface" || isTable(symbol) ? await optionRows(symbol, symbols) : [];
  if (rows.length === 0) parts.push(codeOf(symbol));
  parts.push(doc);
  parts.push(
    tags.filter((tag) => tag.kind === "param" && tag.doc)
      .map((tag) => `- \`${tag.name}\`: ${oneLine(tag.doc!)}`).join("\n"),
  );
  for (const { kind, doc = "", tsType } of tags) {
    const words = oneLine(doc);
    if (kind === "return") parts.push(`Gives ${words}`);
    if (kind === "throws") {
      parts.push(`Throws ${tsType?.repr ? `\`${tsType.repr}\` ` : ""}${words}`);
    }
  }
  if (options) {
    parts.push(`Options (\`${options.name}\`):`, optionTable(await optionRows(options, symbols)));
  }
  if (rows.length > 0) parts.push(isOptions(symbol) ? optionTable(rows) : propertyTable(rows));
  const methods = (kind === "interface" ? def.methods : undefined) ?? [];
  parts.push(
    methods.map((method) =>
      `- \`${symbol.member(method.name)}\`: ${oneLine(method.jsDoc?.doc ?? "")}`
    )
      .join("\n"),
  );
  for (const { kind, doc = "" } of tags) if (kind === "example") parts.push(doc.trim());
  return parts;
}

/** The type of a function's options. */
function optionsOf(
  { def }: Documented,
  symbols: ReadonlyMap<string, Documented>,
): Documented | undefined {
  const types = (def.params ?? []).map(({ tsType, left }) => tsType ?? left?.tsType)
    .flatMap((type) => type?.kind === "intersection" ? type.value as DocType[] : [type]);
  return types.map((type) => symbols.get(type?.value?.typeName))
    .findLast((symbol) => symbol !== undefined && isOptions(symbol));
}

function isOptions(symbol: Documented): boolean {
  return isTable(symbol) || symbol.name.endsWith("Options");
}

/** Whether a type is made of a table of options. */
function isTable({ kind, def }: Documented): boolean {
  return kind === "typeAlias" && JSON.stringify(def.tsType).includes('"typeName":"OptionsOf"');
}

/** The declaration; of a class with those of its members. */
function codeOf(symbol: Documented): string {
  const { signature, def, kind } = symbol;
  const members = kind !== "class"
    ? []
    : [...def.properties ?? [], ...def.methods ?? []].map(({ name }) => symbol.member(name))
      .filter((member) => member !== undefined);
  const body = members.length > 0
    ? ` {\n${[...new Set(members)].map((x) => `  ${x}`).join("\n")}\n}`
    : "";
  return `\`\`\`ts\n${signature}${body}\n\`\`\``;
}

function line({ signature, doc }: Documented): string {
  const [first = ""] = doc.split("\n\n");
  return `- \`${signature.replace(/^(async )?function\*? /, "")}\`: ${oneLine(first)}`;
}

function optionTable(rows: readonly OptionRow[]): string {
  return table(
    ["option", "what", "default", "meaning"],
    rows.map(({ name, what, fallback, help }) => [`\`${name}\``, what, fallback, help]),
  );
}

/** Of a type that is none of options: what may be absent has a question mark. */
function propertyTable(rows: readonly OptionRow[]): string {
  return table(
    ["property", "type", "meaning"],
    rows.map(({ name, what, fallback, isOptional, help }) => [
      `\`${name}${isOptional ? "?" : ""}\``,
      what,
      isOptional && fallback ? `${help} Default ${fallback}.` : help,
    ]),
  );
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

/** Links of comments as Markdown has them, where they lead to a heading of the page. */
function linked(page: string): string {
  const headings = new Set(page.match(/^### \w+$/gm)?.map((heading) => heading.slice(4)));
  return page.replace(
    /\{@link(?:code)? (\w+)\}/g,
    (_, name: string) => headings.has(name) ? `[\`${name}\`](#${anchorOf(name)})` : `\`${name}\``,
  );
}

/** Where a heading is on the page, as GitHub names it. */
function anchorOf(title: string): string {
  return title.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-");
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}
