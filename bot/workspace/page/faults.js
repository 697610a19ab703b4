// The faults of Slack that can be tried: what each does, what to expect, and how it is seen to strike.

import { act } from "./api.js";

const AGAIN_MILLISECONDS = 200;
const PATIENCE_MILLISECONDS = 15_000;

// `run` starts a fault and may tell at once; `watch` makes of each happening what to tell, or null.
export const FAULTS = [
  {
    id: "rate-limit",
    title: "Rate-limit Slack",
    button: "Refuse four calls",
    expect: "Slack answers 429, “again in 2 s”, to the next three updates and to one post. The answer waits, and nothing of it is lost.",
    async run() {
      const refusal = { kind: "rate_limited", retry_after: 2 };
      await act("faults", { ...refusal, method: "chat.update", times: 3 });
      await act("faults", { ...refusal, method: "chat.postMessage", times: 1 });
      return "Armed. Ask something now.";
    },
    watch: counted(["chat.update", "chat.postMessage"], (call, seen) => call.error === "ratelimited" && `Slack has refused ${seen} of 4 calls.`, " Then it took the next one."),
  },
  {
    id: "cut",
    title: "Cut the socket",
    button: "Cut it now",
    expect: "The app's Socket Mode connection breaks without a word. It comes back by itself; what you ask meanwhile is delivered then.",
    async run(store) {
      const cut = await act("cut_sockets");
      const started = Date.now();
      await untilConnected(store, started);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      const back = store.connections ? `The app was back after ${seconds} s.` : `The app is not back after ${seconds} s.`;
      return `${cut} ${cut === 1 ? "connection" : "connections"} cut. ${back}`;
    },
  },
  {
    id: "twice",
    title: "Send the event twice",
    button: "Double the next mention",
    expect: "Your next mention of the bot is delivered twice, as Slack does when an answer was late. One answer comes, not two.",
    async run() {
      // A mention is two events: the message and the mention.
      await act("send_twice", { events: 2 });
      return "Armed. Mention the bot in a thread or a channel now.";
    },
    watch: answersTo(),
  },
  {
    id: "drop",
    title: "Lose Slack's answer to a post",
    button: "Drop one answer",
    expect: "Slack takes the next post and the connection breaks before it says so. The bot looks before it posts again: no double message.",
    async run() {
      await act("faults", { method: "chat.postMessage", kind: "drop_after_accept", times: 1 });
      return "Armed. Ask something now.";
    },
    watch: posts(),
  },
];

export async function clearFaults() {
  await act("faults/clear");
  await act("send_twice", { events: 0 });
}

function counted(methods, tell, after) {
  return () => {
    let seen = 0;
    let last = "";
    return ({ kind, data }) => {
      if (kind !== "call" || !methods.includes(data.method)) return null;
      const words = tell(data, seen + 1);
      if (words) {
        seen += 1;
        last = words;
        return words;
      }
      return seen ? last + after : null;
    };
  };
}

function answersTo() {
  return (store) => {
    let asked = null;
    const answers = new Set();
    return ({ kind, channel, data }) => {
      if (kind !== "message") return null;
      if (!asked && data.user === store.me && data.text.includes(`<@${store.botUser}`)) {
        asked = { channel, root: data.thread_ts ?? data.ts };
        return "Your mention was delivered twice. No answer yet.";
      }
      if (!asked || data.bot_id !== store.botId || channel !== asked.channel || data.thread_ts !== asked.root) return null;
      answers.add(data.ts);
      return `Your mention was delivered twice. Answers in its thread: ${answers.size}.`;
    };
  };
}

function posts() {
  return (store) => {
    let dropped = false;
    let shown = 0;
    return ({ kind, data }) => {
      if (kind === "call" && data.method === "chat.postMessage") dropped = true;
      if (kind === "message" && data.bot_id === store.botId) shown += 1;
      if (kind === "call" && dropped && data.method === "chat.update") return `The answer was lost, and the bot went on in the message that it found. Messages of its own: ${shown}.`;
      return dropped ? `Slack took a post and its answer was lost. Messages of the bot: ${shown}.` : null;
    };
  };
}

async function untilConnected(store, started) {
  do {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
    await store.refresh();
  } while (!store.connections && Date.now() - started < PATIENCE_MILLISECONDS);
}
