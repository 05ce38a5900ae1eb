/** A job, or one of its tasks, by the engine's id of the job. */
export interface JobOrTask {
  readonly id: string;
  /** Default: all of its tasks. */
  readonly task?: number;
}

/** Tasks that may run at the same time, of which each makes some stages one after the other. */
export interface Job {
  /** A word that no other job has. */
  readonly name: string;
  /** How many tasks there are. */
  readonly tasks: number;
  /** File with a line for each task: the keys of its stages. */
  readonly list: string;
  /** Folder that gets a file of what each task says, `NAME-TASK.log`. */
  readonly logs: string;
  /** The command line that makes stages, whose keys are put behind it after `--stage`. */
  readonly command: readonly string[];
  /** What has to have ended well before. If one of them does not, the engine drops this job. */
  readonly after: readonly JobOrTask[];
  /** Whether its stages compute on the device: if not, it asks for none. */
  readonly onDevice: boolean;
}

/** A task that has not ended. */
export interface QueuedTask {
  /** The name of its job. */
  readonly job: string;
  /** The engine's id of its job. */
  readonly id: string;
  /** Which of the job's tasks it is, from 0. */
  readonly task: number;
  readonly isRunning: boolean;
  /** Whether the engine gave up starting it, and waits for a word. */
  readonly isStuck: boolean;
}

/**
 * What runs jobs on other machines, which see the same files. It may forget jobs, run a task twice, or end it at any moment: results
 * get their names when they are whole, and what is missing is submitted again.
 */
export interface Engine {
  /** What the user calls it. */
  readonly name: string;
  /** Whether it can be asked from this machine. */
  isHere(): Promise<boolean>;
  /** Most tasks that a job may have where the engine does not say, or cannot be asked. */
  readonly usualTasks: number;
  /** Most tasks that a job may have. @throws {Error} if the engine cannot be reached. */
  mostTasks(): Promise<number>;
  /** The tasks of this user that have not ended. @throws {Error} if the engine cannot be reached. */
  queued(): Promise<QueuedTask[]>;
  /** What is handed in for a job. */
  script(job: Job): string;
  /** Hands in a script. @returns the engine's id of the job. @throws {Error} in its own words, if it refuses. */
  submit(script: string): Promise<string>;
  /** Lets stuck tasks start again. */
  release(tasks: readonly QueuedTask[]): Promise<void>;
}
