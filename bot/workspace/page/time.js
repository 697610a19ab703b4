// Moments as people read them: local time, with UTC for whoever compares it with a log.

export function moment(ts) {
  return new Date(Number(ts) * 1000);
}

export function clock(date, seconds = false) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return date.toLocaleTimeString([], seconds ? { ...parts, second: "2-digit" } : parts);
}

export function utc(date) {
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

export function dayKey(date) {
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

export function day(date, now = new Date()) {
  const near = nearDay(date, now);
  if (near) return near;
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return date.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric", ...year });
}

export function ago(date, now = new Date()) {
  const seconds = Math.max(0, (now - date) / 1000);
  for (const [size, unit] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
    const count = Math.floor(seconds / size);
    if (count) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

// Slack's <!date^seconds^format>: braces name the parts.
export function formatted(seconds, format) {
  const date = new Date(seconds * 1000);
  return format.replace(/\{(\w+)\}/g, (whole, name) => (PARTS[name] ? PARTS[name](date) : whole));
}

function nearDay(date, now) {
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (dayKey(date) === dayKey(now)) return "Today";
  return dayKey(date) === dayKey(yesterday) ? "Yesterday" : "";
}

function local(options) {
  return (date) => date.toLocaleDateString([], options);
}

function pretty(plain) {
  return (date) => nearDay(date, new Date()).toLowerCase() || plain(date);
}

const whole = local({ year: "numeric", month: "long", day: "numeric" });
const short = local({ year: "numeric", month: "short", day: "numeric" });
const long = local({ weekday: "long", year: "numeric", month: "long", day: "numeric" });
const PARTS = {
  date_num: (date) => date.toISOString().slice(0, 10),
  date_slash: local({ year: "numeric", month: "2-digit", day: "2-digit" }),
  date: whole,
  date_short: short,
  date_long: long,
  date_pretty: pretty(whole),
  date_short_pretty: pretty(short),
  date_long_pretty: pretty(long),
  time: (date) => clock(date),
  time_secs: (date) => clock(date, true),
  ago: (date) => ago(date),
};
