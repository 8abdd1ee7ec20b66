// Sends the requests to the public API. No other part of the page talks to the server.

/** One page sends no more requests than this at a time, since the server has few threads for reports. */
const AT_A_TIME = 2;

/** An answer that reports a problem, or no answer at all. */
export class Problem extends Error {
  /**
   * @param {number} status of HTTP; 0 when there was no answer
   * @param {string} code as the API names it
   * @param {string} detail for people
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export class Api {
  #authorization;
  #running = 0;
  #waiting = [];

  /**
   * @param {string} key sent with each request, and only in its header
   * @throws {TypeError} when it has characters that no header may have
   */
  constructor(key) {
    this.#authorization = new Headers({ Authorization: `Bearer ${key}` }).get('Authorization');
  }

  /** The answer to a GET, as an object. */
  async get(path, parameters = {}, signal = undefined) {
    return json(await this.#ask(path, parameters, { signal }));
  }

  /** The answer to a POST of an object, as an object. */
  async post(path, body, signal = undefined) {
    return json(
      await this.#ask(
        path,
        {},
        {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
          signal,
        },
      ),
    );
  }

  /** A list of calls as a file. */
  async csv(path, parameters) {
    const file = await (await this.#ask(path, parameters, { headers: { Accept: 'text/csv' } })).blob();
    const end = await file.slice(-200).text();
    if (end.trimEnd().split('\n').at(-1).startsWith('INCOMPLETE')) {
      throw new Problem(503, 'incomplete', 'The store was lost while the file was written.');
    }
    return file;
  }

  async #ask(path, parameters, options) {
    const query = new URLSearchParams(
      Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined),
    );
    await this.#turn(options.signal);
    try {
      const answer = await answered(`api/v1/${path}${query.size > 0 ? `?${query}` : ''}`, {
        ...options,
        headers: { ...options.headers, Authorization: this.#authorization },
        // The browser must not keep figures on its disk.
        cache: 'no-store',
      });
      this.#end();
      return answer;
    } catch (failure) {
      // The caller hears of it first, since it may then abort the requests that wait.
      setTimeout(() => this.#end());
      throw failure;
    }
  }

  async #turn(signal) {
    if (this.#running < AT_A_TIME) {
      this.#running++;
    } else {
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
    if (signal?.aborted) {
      this.#end();
      throw new DOMException('nobody waits for it any more', 'AbortError');
    }
  }

  /** Hands the place over to a request that waits. If it were free for a moment, a new request could take it, too. */
  #end() {
    const next = this.#waiting.shift();
    if (next) {
      next();
    } else {
      this.#running--;
    }
  }
}

async function answered(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Problem(0, 'no_answer', 'The server does not answer.');
  }
  if (response.ok) {
    return response;
  }
  const problem = await response.json().catch(() => ({}));
  const wait = response.headers.get('Retry-After');
  throw new Problem(
    response.status,
    problem.code ?? 'unknown',
    (problem.detail ?? `The server answered with status ${response.status}.`) + (wait ? ` Wait ${wait} s.` : ''),
  );
}

async function json(response) {
  try {
    return await response.json();
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Problem(503, 'incomplete', 'The answer broke off half way.');
  }
}
