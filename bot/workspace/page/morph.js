// Changes existing nodes into what was freshly built: what stays the same keeps focus and selection.

export function morph(have, want) {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
    return;
  }
  // What a person has typed into a control is theirs.
  if (have.isEqualNode(want) || ("keep" in have.dataset && have.id === want.id)) return;
  morphAttributes(have, want);
  morphChildren(have, want);
}

// Each item is {key, version, build}: a node is built anew only when its version's parts differ.
export function syncList(list, items) {
  const known = keyed(list);
  const wanted = new Set(items.map((item) => item.key));
  for (const [key, node] of known) if (!wanted.has(key)) node.remove();
  let cursor = list.firstChild;
  for (const item of items) {
    const node = known.get(item.key);
    if (!node) {
      list.insertBefore(built(item), cursor);
      continue;
    }
    if (node === cursor) cursor = cursor.nextSibling;
    else list.insertBefore(node, cursor);
    if (!same(node.version, item.version)) refresh(node, item);
  }
}

function built(item) {
  const node = item.build();
  node.dataset.key = item.key;
  node.version = item.version;
  return node;
}

function refresh(node, item) {
  const focused = node.contains(document.activeElement);
  morph(node, built(item));
  node.version = item.version;
  // A button that had the focus may be gone: stay at its message.
  if (focused && !node.contains(document.activeElement)) node.focus({ preventScroll: true });
}

function same(before, after) {
  return before?.length === after.length && before.every((part, place) => part === after[place]);
}

function keyed(parent) {
  const nodes = [...parent.children].filter((child) => child.dataset.key);
  return new Map(nodes.map((child) => [child.dataset.key, child]));
}

function keyOf(node) {
  return node?.nodeType === Node.ELEMENT_NODE ? node.dataset.key : undefined;
}

function morphAttributes(have, want) {
  for (const { name } of [...have.attributes]) if (!want.hasAttribute(name)) have.removeAttribute(name);
  for (const { name, value } of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
}

function morphChildren(parent, fresh) {
  const known = keyed(parent);
  const wanted = new Set([...fresh.children].map(keyOf));
  for (const [key, node] of known) if (!wanted.has(key)) node.remove();
  let cursor = parent.firstChild;
  for (const want of [...fresh.childNodes]) {
    const key = keyOf(want);
    const have = key ? known.get(key) : keyOf(cursor) ? null : cursor;
    if (!have || have.nodeName !== want.nodeName) {
      parent.insertBefore(want, cursor);
      continue;
    }
    if (have === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(have, cursor);
    morph(have, want);
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}
