// Puts the page together: what is shown, what a click does, where an address leads.

import { act, read } from "./api.js";
import { announce } from "./announce.js";
import { firstChannel, renderChannels } from "./channels.js";
import { Composer } from "./composer.js";
import { PERMALINK, contextOf } from "./context.js";
import { byId } from "./dom.js";
import { Menu } from "./menu.js";
import { MessageList } from "./messages.js";
import { FileViewer, Modal } from "./modal.js";
import { Models } from "./models.js";
import { Narrator } from "./narrator.js";
import { Panel } from "./panel.js";
import { Store } from "./store.js";
import { startTheme } from "./theme.js";

const store = new Store();
const context = contextOf(store);
const lists = { channel: listIn("channel"), thread: listIn("thread") };
const composers = {
  channel: composerIn("channel", "Message to the channel"),
  thread: composerIn("thread", "Reply in the thread"),
};
const modal = new Modal(byId("modal"), store, context);
const viewer = new FileViewer(byId("file"));
const menu = new Menu(byId("menu"));
const models = new Models(byId("models"), store);
const narrator = new Narrator(store, context);
new Panel(byId("panel"), byId("panel-open"), store);
startTheme(byId("theme"));

function listIn(pane) {
  return new MessageList({ list: byId(`${pane}-messages`), scroll: byId(`${pane}-scroll`), newer: byId(`${pane}-newer`), context, pane });
}

function composerIn(pane, label) {
  const target = () => ({ channel: store.current, thread: pane === "thread" ? store.thread : "", name: title() });
  return new Composer(byId(`${pane}-composer`), { store, target, label, sent: () => lists[pane].toBottom() });
}

function title() {
  const channel = store.channels.get(store.current);
  if (!channel) return "…";
  return channel.is_im ? `@${context.userName(channel.members.find((id) => id !== store.me))}` : `#${channel.name}`;
}

function show(pane) {
  document.documentElement.dataset.pane = pane;
}

let drawing = false;
function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    render();
  });
}

function render() {
  renderChannels(byId("channels"), store, context);
  renderConnection();
  modal.render();
  const shelf = store.current && store.shelf(store.current);
  if (!shelf) return;
  const more = { highlight: store.highlight, pending: store.pending };
  const empty = "Nothing has been said here yet. Type /rca to ask for an analysis.";
  lists.channel.render(store.current, store.current, shelf.topLevel(), { ...more, empty });
  renderHead();
  composers.channel.render();
  byId("thread").hidden = !store.thread;
  if (!store.thread) return;
  lists.thread.render(`${store.current}:${store.thread}`, store.current, shelf.thread(store.thread), { ...more, empty: "This thread is no longer there." });
  byId("thread-about").textContent = title();
  composers.thread.render();
}

function renderHead() {
  const name = title();
  const channel = store.channels.get(store.current);
  byId("channel-name").textContent = name;
  byId("channel-about").textContent = channel && !channel.is_im ? `${channel.num_members} ${channel.num_members === 1 ? "member" : "members"}` : "";
  byId("channel-scroll").setAttribute("aria-label", `Messages in ${name}`);
  document.title = `${store.unread.size ? "• " : ""}${name} · RCA Insight Engine`;
  const health = [...store.channels.values()].find((one) => one.name === "rca-health");
  if (!health) return;
  byId("health").href = `/archives/${health.id}`;
  byId("health").dataset.do = "channel";
}

function renderConnection() {
  byId("connection").hidden = store.online;
  byId("connection").textContent = store.online ? "" : "The bot does not answer. Trying to reach it again …";
}

// Shows what an address names: a channel, a message in it, a thread.
async function go(address, { push = true } = {}) {
  const target = new URL(address, location.origin);
  const [, named, digits] = PERMALINK.exec(target.pathname) ?? [];
  const channel = store.channels.has(named) ? named : firstChannel(store);
  const ts = digits && channel === named ? `${digits.slice(0, -6)}.${digits.slice(-6)}` : "";
  if (push) history.pushState(null, "", target.pathname + target.search);
  if (named && channel !== named) announce("There is no such channel here");
  const moved = channel !== store.current;
  store.highlight = ts;
  await store.open(channel);
  const root = ts ? await rootOf(channel, ts, target.searchParams.get("thread_ts")) : "";
  if (root || moved || !ts) await store.openThread(root);
  render();
  reveal(ts);
}

async function rootOf(channel, ts, told) {
  if (told) return told;
  const known = store.message(channel, ts) ?? (await found(channel, ts));
  if (!known) announce("That message is no longer there");
  return known?.thread_ts && known.thread_ts !== ts ? known.thread_ts : "";
}

async function found(channel, ts) {
  const answer = await read(`/archives/${channel}/p${ts.replace(".", "")}`).catch(() => null);
  return answer?.message;
}

function reveal(ts) {
  const inThread = store.thread && (!ts || store.shelf(store.current).thread(store.thread).some((one) => one.ts === ts));
  show(inThread ? "thread" : "channel");
  if (ts && inThread && ts !== store.thread) lists.channel.show(store.thread);
  if (ts) lists[inThread ? "thread" : "channel"].show(ts);
}

async function openThread(channel, ts) {
  const message = store.message(channel, ts);
  const root = message?.thread_ts ?? ts;
  store.highlight = "";
  history.pushState(null, "", `/archives/${channel}/p${root.replace(".", "")}?thread_ts=${root}&cid=${channel}`);
  await store.openThread(root);
  render();
  show("thread");
  composers.thread.focus();
}

function closeThread() {
  history.pushState(null, "", `/archives/${store.current}`);
  store.openThread("");
  show("channel");
  composers.channel.focus();
}

async function click(button, ts) {
  const key = `${ts}:${button.dataset.action}`;
  if (store.pending.has(key)) return;
  if (button.dataset.url) open(button.dataset.url, "_blank", "noopener");
  store.setPending(key, true);
  try {
    const result = await act("click", { user: store.me, channel: store.current, ts, action_id: button.dataset.action });
    if (!result.acked) announce(`The app did not answer: ${result.error}`);
  } catch (error) {
    announce(`That did not work: ${error.message}`);
  } finally {
    store.setPending(key, false);
  }
}

function openMenu(button, channel, ts) {
  const message = store.message(channel, ts);
  const shortcuts = store.app.shortcuts.map((one) => ({
    label: one.name,
    run: () => act("shortcut", { user: store.me, callback_id: one.callback_id, channel, ts }).catch((error) => announce(error.message)),
  }));
  menu.open(button, [
    ...shortcuts,
    { label: "Reply in thread", run: () => openThread(channel, ts) },
    { label: "Copy link", run: () => copyLink(channel, message) },
  ]);
}

async function copyLink(channel, message) {
  await navigator.clipboard.writeText((store.app.base_url || location.origin) + context.permalinkOf(channel, message));
  announce("Link copied");
}

const DEEDS = {
  channel: (node) => go(node.getAttribute("href")),
  permalink(node) {
    if (node.closest("#modal")) modal.close();
    go(node.getAttribute("href"));
  },
  thread: (node, { channel, ts }) => openThread(channel, ts),
  menu: (node, { channel, ts }) => openMenu(node, channel, ts),
  click: (node, { ts }) => ts && click(node, ts),
  dismiss: (node, { channel, ts }) => store.dismiss(channel, ts),
  file: (node) => viewer.open(node.dataset.file, node.dataset.name),
};

document.addEventListener("click", (event) => {
  const node = event.target.closest("[data-do]");
  if (!node || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  DEEDS[node.dataset.do](node, node.closest("[data-ts]")?.dataset ?? {});
});

byId("thread-close").addEventListener("click", closeThread);
byId("thread-back").addEventListener("click", closeThread);
byId("to-channels").addEventListener("click", () => {
  show("channels");
  byId("channels").querySelector("[aria-current]")?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && store.thread && !event.defaultPrevented && !document.querySelector("dialog[open]")) closeThread();
});
addEventListener("popstate", () => go(location.href, { push: false }));
store.addEventListener("change", draw);
store.addEventListener("happening", (event) => {
  narrator.hear(event.detail);
  if (event.detail.kind.startsWith("message")) models.refresh();
});

await store.start();
models.refresh();
await go(location.href, { push: false });
if (location.pathname === "/") show("channels");
document.documentElement.dataset.ready = "true";
