// Builds DOM nodes; text only ever becomes text nodes, never markup.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  append(node, children);
  return node;
}

export function append(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    node.append(child);
  }
  return node;
}

export function byId(id) {
  return document.getElementById(id);
}

// Lines of text with <br> between them.
export function lines(text, render = (line) => line) {
  return text.split("\n").flatMap((line, number) => [number ? h("br") : "", render(line)]);
}

// What stands in for a link: only http and https become clickable.
export function link(url, label, context) {
  const target = webAddress(url);
  if (!target) return h("span", {}, label);
  if (context?.isPermalink(target)) return h("a", { href: target.pathname + target.search, "data-do": "permalink" }, label);
  return h("a", { href: target.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

export function webAddress(url) {
  try {
    const target = new URL(url);
    return ["http:", "https:"].includes(target.protocol) ? target : null;
  } catch {
    return null;
  }
}
