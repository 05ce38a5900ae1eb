/** What clients of OpenAI's interface expect of an error, beside its sentence. */
export interface ApiErrorFields {
  readonly status: number;
  /** Its kind, such as `invalid_request_error`. */
  readonly type: string;
  /** A word for programs, such as `model_not_found`. */
  readonly code?: string;
  /** The field of the request that is wrong. */
  readonly param?: string;
  /** Seconds after which trying again may help. */
  readonly retryAfter?: number;
}

/** An error as a request is told of it. */
export class ApiError extends Error {
  readonly fields: ApiErrorFields;

  constructor(message: string, fields: ApiErrorFields) {
    super(message);
    this.fields = fields;
  }
}

/** A request that cannot be. */
export function wrongRequest(
  message: string,
  fields: Partial<Omit<ApiErrorFields, "type">> = {},
): ApiError {
  return new ApiError(message, { status: 400, type: "invalid_request_error", ...fields });
}

/** The error as OpenAI writes it. */
export function errorBody({ message, fields: { type, code, param } }: ApiError) {
  return { error: { message, type, param: param ?? null, code: code ?? null } };
}

/** What a request is told of anything that went wrong: of what is none of its business, only that it did. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("The server failed: its own output says more.", {
    status: 500,
    type: "server_error",
  });
}
