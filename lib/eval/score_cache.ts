import { checkArgument } from "../options/settle.ts";
import { createHash } from "node:crypto";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { identityOf, type ScorerIdentity } from "./scorers/scorer.ts";

/** Marks the file as ours, and the version of its tables. */
const applicationId = 0x41524d53;
const schemaVersion = 1;

/** Milliseconds to wait for other processes that write. */
const patience = 60_000;

/** A text with its scores, to be kept. */
export interface CachedScores {
  readonly text: string;
  /** One a label; NaN where the scorer has none. */
  readonly scores: ArrayLike<number>;
}

/**
 * Scores that were paid for, on disk: by scorer (its name, version and labels) and text.
 *
 * It is an SQLite file, so that what was stored is there after the process is killed, several processes can use it at
 * once, and it may be larger than the memory. Of texts only the SHA-256 is kept.
 *
 * @example
 * ```ts
 * using cache = ScoreCache.open("scores.sqlite");
 * cache.store({ name: "judge", version: "1", labels: ["kind"] }, [{ text: "Well done", scores: [0.9] }]);
 * ```
 */
export class ScoreCache implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #scorerIds = new Map<string, number>();

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#find = database.prepare("SELECT scores FROM scores WHERE scorer = ? AND text = ?");
    this.#insert = database.prepare("INSERT OR IGNORE INTO scores VALUES (?, ?, ?)");
  }

  /**
   * Opens the cache at `path`, and makes it where there is none.
   *
   * @throws Error, one sentence, if the file is something else or cannot be used.
   */
  static open(path: string): ScoreCache {
    checkArgument("ScoreCache.open", "path", { type: "text" }, path);
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: patience });
      // a journal that is deleted, rather than a write-ahead log, works on network file systems too
      database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;");
      prepareTables(database);
      return new ScoreCache(path, database);
    } catch (cause) {
      database?.close();
      throw refused(path, cause);
    }
  }

  /** The scores of texts by a scorer; undefined where there are none yet. */
  lookUp(scorer: ScorerIdentity, texts: readonly string[]): (Float64Array | undefined)[] {
    return this.#try(() => {
      const id = this.#idOf(scorer, false);
      return texts.map((text) => {
        const row = id === undefined ? undefined : this.#find.get(id, keyOf(text));
        return row === undefined ? undefined : parsed(String(row.scores), scorer.labels.length);
      });
    });
  }

  /**
   * Keeps scores, all or none of them. What is kept already stays as it is.
   *
   * @throws RangeError if a text has not one score a label; Error, one sentence, if the file cannot be written.
   */
  store(scorer: ScorerIdentity, rows: readonly CachedScores[]): void {
    for (const { scores } of rows) {
      if (scores.length === scorer.labels.length) continue;
      throw new RangeError(
        `Cannot keep scores: '${scorer.name}' has ${scorer.labels.length} labels, but a text ${scores.length} scores`,
      );
    }
    this.#try(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const id = this.#idOf(scorer, true)!;
        for (const { text, scores } of rows) {
          const written = Array.from(scores, (score) => Number.isNaN(score) ? null : score);
          this.#insert.run(id, keyOf(text), JSON.stringify(written));
        }
        this.#database.exec("COMMIT");
      } catch (error) {
        this.#scorerIds.clear();
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** How many texts have scores by a scorer. */
  count(scorer: ScorerIdentity): number {
    return this.#try(() => {
      const id = this.#idOf(scorer, false);
      if (id === undefined) return 0;
      const count = this.#database.prepare("SELECT count(*) AS n FROM scores WHERE scorer = ?");
      return Number(count.get(id)!.n);
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  #idOf(scorer: ScorerIdentity, create: boolean): number | undefined {
    const identity = identityOf(scorer);
    const known = this.#scorerIds.get(identity);
    if (known !== undefined) return known;
    if (create) {
      this.#database.prepare("INSERT OR IGNORE INTO scorers (identity) VALUES (?)").run(identity);
    }
    const row = this.#database.prepare("SELECT id FROM scorers WHERE identity = ?").get(identity);
    if (row === undefined) return undefined;
    this.#scorerIds.set(identity, Number(row.id));
    return Number(row.id);
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw refused(this.#path, cause);
    }
  }
}

function prepareTables(database: DatabaseSync): void {
  const pragma = (name: string) =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0]);
  database.exec("BEGIN IMMEDIATE");
  try {
    const isNew = pragma("application_id") === 0 &&
      database.prepare("SELECT 1 FROM sqlite_master").get() === undefined;
    if (isNew) {
      database.exec(`
        CREATE TABLE scorers (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE);
        CREATE TABLE scores (
          scorer INTEGER NOT NULL,
          text BLOB NOT NULL,
          scores TEXT NOT NULL,
          PRIMARY KEY (scorer, text)
        ) WITHOUT ROWID;
        PRAGMA application_id = ${applicationId};
        PRAGMA user_version = ${schemaVersion};
      `);
    }
    if (pragma("application_id") !== applicationId) throw new Error("it is not a cache of scores");
    if (pragma("user_version") !== schemaVersion) {
      throw new Error(
        `it is of version ${pragma("user_version")}, and this program reads ${schemaVersion}`,
      );
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function keyOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function parsed(scores: string, labels: number): Float64Array {
  const values = JSON.parse(scores) as (number | null)[];
  if (values.length !== labels) throw new Error("it holds scores of another number of labels");
  return Float64Array.from(values, (value) => value ?? NaN);
}

function refused(path: string, cause: unknown): Error {
  const said = cause instanceof Error ? cause.message.replace(/\.$/, "") : String(cause);
  const reason = said.replace(`: ${path}`, ""); // the sentence has the path already
  const remedy = /unable to open/.test(reason)
    ? "check that its folder is there and may be written"
    : /locked|busy/.test(reason)
    ? "wait for the other processes that use it"
    : /full/.test(reason)
    ? "free some space on the disk"
    : "name another file, or remove it to score anew";
  return new Error(`Cannot use the cache of scores '${path}': ${reason}, so ${remedy}`, { cause });
}
