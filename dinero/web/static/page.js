// What the pages do in the browser beside Streamlit. It is allowed by the content policy because it comes from our own
// address; nothing here decides anything.
(() => {
  "use strict";

  // Links of our own HTML (class "go") change the page as Streamlit's own navigation does, without loading all anew:
  // Streamlit listens to the history, so the place is in the address, and Back and Forward come home.
  const go = (address) => {
    const wanted = new URL(address, location.href);
    if (wanted.origin !== location.origin) return false;
    if (wanted.href !== location.href) {
      history.pushState({}, "", wanted.pathname + wanted.search);
      dispatchEvent(new PopStateEvent("popstate", { state: {} }));
      // Where it is narrow, an order takes the place of its list, which may be scrolled far down.
      if (matchMedia("(max-width: 999px)").matches) document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
    }
    return true;
  };

  const closeMenus = (but) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== but) menu.open = false;
  };

  addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    closeMenus(target.closest("details.menu"));
    if (event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    // A click anywhere in a row is one on its link, unless it meant something else in it, or marked some text.
    const row = target.closest("[data-row]");
    const link = target.closest("a") ?? (target.closest("button, input, label, summary") ? null : row?.querySelector("a.go"));
    if (!link?.classList.contains("go") || String(getSelection()).trim()) return;
    if (go(link.href)) {
      event.preventDefault();
      closeMenus();
    }
  });

  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });

  // Streamlit's page asks the server whether it is there when its websocket was closed, and shows the gate's 401 as an
  // error of its own in English. The owner is led to the sign-in instead, and back from there.
  let leaving = false;
  const look = (status, url) => {
    if (leaving || status !== 401 || new URL(url || "/", location.href).origin !== location.origin) return;
    leaving = true;
    location.assign("/login?ended&next=" + encodeURIComponent(location.pathname + location.search));
  };
  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (...given) {
    this.addEventListener("loadend", () => look(this.status, this.responseURL));
    return open.apply(this, given);
  };
  const ask = window.fetch;
  window.fetch = async (...given) => {
    const answer = await ask(...given);
    look(answer.status, answer.url);
    return answer;
  };

  // Streamlit has no translations. What it says by itself, at bad moments above all, is said in the owner's language;
  // the words come from the server, in the page's own element.
  const words = JSON.parse(document.getElementById("own-words")?.textContent || "{}");
  const whole = new Map(Object.entries(words));
  const shapes = [...whole].filter(([text]) => text.includes("{name}")).map(([text, said]) => [...text.split("{name}"), said]);
  const say = (given) => {
    const text = given.trim().replace(/\s+/g, " ");
    const said = whole.get(text);
    if (said || text.length > 300) return said;
    for (const [before, after, shape] of shapes)
      if (text.length > before.length + after.length && text.startsWith(before) && text.endsWith(after)) {
        const name = text.slice(before.length, text.length - after.length);
        return shape.replace("{name}", () => say(name) ?? name);
      }
  };
  // What we draw is ours: a product may be called "Open".
  const OURS = "[data-testid=stHtml], [data-testid=stMarkdown], [data-testid=stTable], [data-testid=stAlert]";
  const translate = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walk.currentNode; node; node = walk.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        const said = say(node.data);
        if (said && said !== node.data && !node.parentElement?.closest(OURS)) node.data = said;
        continue;
      }
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        const value = node.getAttribute?.(name);
        if (!value) continue;
        // A sign beside a word is not read aloud by its English name.
        if (name === "aria-label" && /^[a-z0-9_]+ icon$/.test(value)) node.setAttribute("aria-hidden", "true");
        const said = say(value);
        if (said && said !== value) node.setAttribute(name, said);
      }
    }
  };
  if (whole.size)
    new MutationObserver((changes) => {
      for (const change of changes)
        if (change.type === "childList") change.addedNodes.forEach((node) => translate(node));
        else translate(change.target);
    }).observe(document.documentElement, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["aria-label", "title", "placeholder"],
    });
})();
