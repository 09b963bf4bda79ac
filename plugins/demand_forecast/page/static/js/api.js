// The data routes, relative to the page: they hold under any base path, and the browser sends the session's cookie.

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || `HTTP status ${status}`);
    this.status = status;
    this.mend = problem.mend || "";
  }
}

export function addressOf(path, parameters = {}) {
  return `api/${path}?${new URLSearchParams(parameters)}`;
}

export async function get(path, parameters = {}) {
  const answer = await fetch(addressOf(path, parameters), { headers: { Accept: "application/json" } });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new ApiError(answer.status, problem);
}

// What a region may not have yet is no failure.
export async function getOrNull(path, parameters) {
  try {
    return await get(path, parameters);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
