// One error class for everything the server or the line may do wrong, in words fit for a person.

export interface ErrorBody {
  code: string;
  message: string;
  hint: string | null;
  details?: Record<string, unknown>;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
    readonly details: Record<string, unknown> | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The line failed before the server could answer. */
export class LineError extends ApiError {
  constructor() {
    super(0, "offline", "");
    this.name = "LineError";
  }
}

/** The error in a failed response's text; bodies that are not ours keep only the status. */
export function errorFrom(status: number, body: string): ApiError {
  try {
    const { error } = JSON.parse(body) as { error: ErrorBody };
    return new ApiError(status, error.code, error.message, error.hint, error.details ?? null);
  } catch {
    return new ApiError(status, "http", "");
  }
}
