// The control API and the health report, as promises; a refusal is an Error in plain words.

export async function read(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.json();
}

export async function act(action, fields = {}) {
  const answer = await post(`/control/${action}`, fields);
  return answer.result;
}

export async function post(address, fields) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(fields),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${address} answered ${response.status}`);
  return answer;
}

export async function readText(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`the file is no longer there`);
  return response.text();
}

// Calls `heard` with each happening; `opened` after every (re)connection, `lost` when it breaks.
export function listen({ heard, opened, lost }) {
  const stream = new EventSource("/control/events");
  const kinds = ["message", "message_changed", "message_deleted", "ephemeral", "ephemeral_deleted", "view", "call"];
  for (const kind of kinds) stream.addEventListener(kind, (event) => heard(JSON.parse(event.data)));
  stream.addEventListener("open", opened);
  stream.addEventListener("error", lost);
  return stream;
}
