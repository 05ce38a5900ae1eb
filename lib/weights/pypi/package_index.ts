import type { HubSettings } from "../hub/hub_options.ts";
import { Refusal } from "../hub/refusal.ts";
import { ask, askJson } from "../hub/request.ts";

/** A package, and which version of it. */
export interface PackageName {
  /** As indexes spell it: small letters, words joined by `-`. */
  readonly name: string;
  /** Default: the newest. */
  readonly version?: string;
}

/** What of a package is taken: its plain wheel, or its source archive. */
export type PackageForm = "wheel" | "source";

/** Which of an index's files are of a form, what they are called, and the version that their name says. */
const forms: Record<PackageForm, { title: string; name: RegExp }> = {
  wheel: { title: "plain wheel", name: /^[\w.]+-([\w.!+]+)(?:-\d\w*)?-py3-none-any\.whl$/ },
  source: { title: "source archive (.tar.gz)", name: /^[\w.-]+-([\w.!+]+)\.tar\.gz$/ },
};

/** A file of a package that an index has. */
export interface PackageFile {
  readonly file: string;
  readonly version: string;
  readonly address: string;
  readonly sha256: string;
  readonly size: number;
}

/** Reads `name` or `name==version`. @throws {TypeError} if it is neither. */
export function parsePackageName(text: string): PackageName {
  const [, name, version] =
    /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:==([A-Za-z0-9][\w.!+-]*))?$/.exec(text) ?? [];
  if (name === undefined) {
    throw new TypeError(
      `'${text}' cannot be a package: give a name such as package, or package==1.0.`,
    );
  }
  return { name: name.toLowerCase().replace(/[-_.]+/g, "-"), version };
}

/**
 * Asks an index for a package's file of a form, of the wanted version or the one that came last. The answer is the JSON form of the simple
 * index (PEP 691); where it does not say a file's length, the file is asked for it.
 *
 * @throws {Error} whose message ends a sentence, if there is none, or the index does not say its SHA-256.
 */
export async function findPackageFile(
  settings: HubSettings,
  { name, version }: PackageName,
  form: PackageForm,
): Promise<PackageFile> {
  const page = `${settings.endpoint}/${name}/`;
  const accept = "application/vnd.pypi.simple.v1+json";
  const { answer, value } = await askJson(settings, page, { accept });
  if (answer.status === 404) throw new Error(`there is none of that name at ${settings.endpoint}`);
  if (answer.status !== 200) throw new Refusal(answer);
  const { files } = Object(value) as { files?: unknown };
  if (!Array.isArray(files)) {
    throw new Error(`${settings.endpoint} does not list its files in JSON, as PEP 691 has it`);
  }
  const { title, name: pattern } = forms[form];
  const versionOf = (file: string) => pattern.exec(file)?.[1];
  const found = files.map((file) => Object(file) as Record<string, unknown>)
    .filter(({ filename, yanked }) =>
      typeof filename === "string" && versionOf(filename) !== undefined &&
      (yanked === undefined || yanked === false)
    )
    .filter(({ filename }) => version === undefined || versionOf(String(filename)) === version)
    .sort((a, b) => uploadOf(a) < uploadOf(b) ? -1 : 1)
    .at(-1);
  if (found === undefined) {
    throw new Error(`it has no ${title}${version === undefined ? "" : ` of version ${version}`}`);
  }
  const file = String(found.filename);
  const { sha256 } = Object(found.hashes) as { sha256?: unknown };
  const address = typeof found.url === "string" ? URL.parse(found.url, page) : null;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256) || address === null) {
    throw new Error(`${settings.endpoint} does not say where ${file} is, and its SHA-256`);
  }
  const size = Number.isSafeInteger(found.size)
    ? found.size as number
    : await sizeOf(settings, address.href, file);
  return { file, version: versionOf(file)!, address: address.href, sha256, size };
}

/** When a file came, as a text that sorts; the empty text where the index does not say. */
function uploadOf(file: Readonly<Record<string, unknown>>): string {
  const time = file["upload-time"];
  return typeof time === "string" ? time : "";
}

async function sizeOf(settings: HubSettings, address: string, file: string): Promise<number> {
  const { status, headers } = await ask(settings, address, { method: "HEAD" });
  const length = headers.get("content-length");
  if (status === 200 && /^\d+$/.test(length ?? "")) return Number(length);
  throw new Error(`${settings.endpoint} does not say how long ${file} is`);
}
