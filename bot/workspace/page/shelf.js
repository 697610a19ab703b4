// The messages of one channel, by ts: what was loaded, and what has happened since.

export class Shelf {
  #messages = new Map();
  threads = new Set();

  replace(messages) {
    this.#messages = new Map(messages.map((message) => [message.ts, message]));
  }

  put(message) {
    this.#messages.set(message.ts, message);
  }

  drop(ts) {
    this.#messages.delete(ts);
  }

  find(ts) {
    return this.#messages.get(ts);
  }

  // What the channel itself shows, oldest first.
  topLevel() {
    return this.#sorted((message) => !isReply(message) || message.subtype === "thread_broadcast");
  }

  // The root and all below it, oldest first.
  thread(root) {
    return this.#sorted((message) => message.ts === root || message.thread_ts === root);
  }

  take(kind, data) {
    if (kind === "message_deleted" || kind === "ephemeral_deleted") this.#remove(data.ts);
    else if (kind === "message") this.#add(data);
    else this.put(data);
  }

  #add(message) {
    this.put(message);
    const root = isReply(message) && this.#messages.get(message.thread_ts);
    if (root && !(Number(message.ts) <= Number(root.latest_reply ?? 0))) this.put(withReply(root, message));
  }

  #remove(ts) {
    const message = this.#messages.get(ts);
    this.drop(ts);
    const root = message && isReply(message) && this.#messages.get(message.thread_ts);
    if (!root?.reply_count) return;
    if (root.subtype === "tombstone" && root.reply_count === 1) this.drop(root.ts);
    else this.put({ ...root, reply_count: root.reply_count - 1 });
  }

  #sorted(wanted) {
    return [...this.#messages.values()].filter(wanted).sort((one, other) => Number(one.ts) - Number(other.ts));
  }
}

export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts;
}

function withReply(root, reply) {
  const author = reply.user ?? reply.bot_id;
  const users = root.reply_users ?? [];
  return {
    ...root,
    thread_ts: root.ts,
    reply_count: (root.reply_count ?? 0) + 1,
    latest_reply: reply.ts,
    reply_users: users.includes(author) ? users : [...users, author],
  };
}
