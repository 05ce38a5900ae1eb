/** A type, as `deno doc --json` has it. */
export interface DocType {
  readonly kind: string;
  readonly repr?: string;
  // deno-lint-ignore no-explicit-any -- its form differs by kind, and is not published
  readonly value?: any;
}

/** A property of an interface. */
export interface DocProperty {
  readonly name: string;
  readonly optional?: boolean;
  readonly jsDoc?: JsDoc;
}

interface JsDoc {
  readonly doc?: string;
  readonly tags?: readonly {
    readonly kind: string;
    readonly name?: string;
    readonly doc?: string;
    readonly tsType?: DocType;
  }[];
}

interface Declaration {
  readonly kind: string;
  readonly declarationKind: "export" | "private" | "declare";
  readonly location: { readonly filename: string };
  readonly jsDoc?: JsDoc;
  readonly def: {
    readonly params?: readonly {
      readonly tsType?: DocType;
      readonly left?: { readonly tsType?: DocType };
    }[];
    readonly properties?: readonly DocProperty[];
    readonly methods?: readonly DocProperty[];
    readonly extends?: readonly DocType[] | string;
    readonly tsType?: DocType;
  };
}

/** A name that a module exports, or that one of these needs. */
export interface Documented {
  readonly name: string;
  readonly isExported: boolean;
  readonly kind: string;
  /** Address of the module that declares it. */
  readonly module: string;
  readonly doc: string;
  readonly tags: NonNullable<JsDoc["tags"]>;
  readonly def: Declaration["def"];
  /** Its declaration as TypeScript writes it, and those of its members, one a line. */
  readonly signature: string;
  /** The declaration of a member. */
  member(name: string): string | undefined;
}

/**
 * What a module exports, by name, and what these need, as `deno doc` reads it.
 *
 * @throws {Error} if `deno doc` fails.
 */
export async function documented(module: string): Promise<Map<string, Documented>> {
  const [json, text] = await Promise.all([denoDoc("--json", module), denoDoc(module)]);
  const signatures = blocksOf(text);
  const [{ symbols }] = Object.values(
    (JSON.parse(json) as {
      nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
    }).nodes,
  );
  return new Map(symbols.map(({ name, declarations: [declaration] }) => {
    const { kind, declarationKind, location, jsDoc, def } = declaration;
    const [signature = name, ...lines] = signatures.get(name) ?? [];
    return [name, {
      name,
      isExported: declarationKind === "export",
      kind,
      module: location.filename,
      doc: jsDoc?.doc?.trim() ?? "",
      tags: jsDoc?.tags ?? [],
      def,
      signature,
      member: (name) => {
        const form = new RegExp(`^  (?:(?:readonly|static|async|get) )*${name}[?(:<]`);
        return lines.find((line) => form.test(line))?.trim();
      },
    }];
  }));
}

async function denoDoc(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--quiet", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`deno doc failed: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout);
}

/** The declarations in what `deno doc` prints, by name: the first line, and those below. */
function blocksOf(text: string): Map<string, string[]> {
  const blocks = text.split(/^Defined in .*\n+/m).slice(1).map((block) => block.split("\n"));
  return new Map(blocks.map((lines) => {
    const words = lines[0].match(
      /\b(?:function|class|interface|type|const|namespace|enum)\*? (\w+)/,
    );
    return [words?.[1] ?? lines[0], lines];
  }));
}
