// Requests to the server of this page.

/** A request that failed. `status` is 0 if the server did not answer; `data` is its answer, if that is JSON. */
export class ApiError extends Error {
  constructor(message, status, data) {
    super(message);
    this.status = status;
    this.data = data;
  }
}

const send = async (path, options) => {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("the server does not answer", 0);
  }
  if (response.ok) return response;
  const data = await response.json().catch(() => null);
  throw new ApiError(data?.message ?? `the server answered ${response.status}`, response.status, data);
};

const posted = (body) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/** Return the JSON at an address. */
export const get = async (path) => (await send(path)).json();

/** Send JSON and return the JSON of the answer. */
export const post = async (path, body) => (await send(path, posted(body))).json();

/** Send JSON and return the file of the answer. */
export const postForFile = async (path, body) => (await send(path, posted(body))).blob();

/** Return the name of a diagram as a part of an address. */
export const pathOf = (name) => name.split("/").map(encodeURIComponent).join("/");

/** Return the address of an icon's picture. */
export const iconAddress = (reference) => `/icon/${encodeURIComponent(reference)}`;

/** Call a function on each change of the project, and another one when the connection is lost or found again. */
export const listen = (onChange, onConnection) => {
  const events = new EventSource("/events");
  events.onmessage = (event) => {
    onConnection(true);
    onChange(event.data);
  };
  events.onerror = () => onConnection(false);
  return events;
};
