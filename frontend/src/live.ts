// <qy-live url="/live" every="3" since="…">：轮询一个地址；204 表示没有新东西。
// 答复里每个带 id 的元素替换页面上同 id 的元素；带 data-say 的文字由读屏播报。
import htmx from "htmx.org";
import { beijing } from "./clock";
import { toast } from "./toast";
import { say } from "./words";

export class Live extends HTMLElement {
  #since = "";
  #timer = 0;
  #failures = 0;
  #last = Date.now();
  #busy = false;
  readonly #wake = () => {
    if (!document.hidden) void this.#poll();
  };

  connectedCallback(): void {
    this.#since = this.getAttribute("since") ?? "";
    document.addEventListener("visibilitychange", this.#wake);
    this.#next();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.#wake);
    clearTimeout(this.#timer);
  }

  #next(): void {
    clearTimeout(this.#timer);
    const every = Math.max(1, Number(this.getAttribute("every") ?? 3)) * 1000;
    this.#timer = window.setTimeout(() => void this.#poll(), every * Math.min(10, 2 ** this.#failures));
  }

  async #poll(): Promise<void> {
    if (this.#busy) return;
    if (document.hidden) return; // 页面在后台时停住，回到前台由 visibilitychange 唤醒
    this.#busy = true;
    try {
      const url = new URL(this.getAttribute("url") ?? "/live", location.href);
      if (this.#since) url.searchParams.set("since", this.#since);
      const answer = await fetch(url, { headers: { "HX-Request": "true", "X-Qingyuan-Live": "1" }, credentials: "same-origin" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) return; // 登录过期：下一次点击会再问
      if (!answer.ok) throw new Error(String(answer.status));
      if (this.#failures > 2) toast(say("back"), "success");
      this.#failures = 0;
      this.#last = Date.now();
      this.#since = answer.headers.get("X-Live-Since") ?? this.#since;
      if (answer.status !== 204) swapById(await answer.text());
    } catch {
      this.#failures += 1;
      if (this.#failures === 3) toast(say("lost", { at: beijing(this.#last).time }), "error");
    } finally {
      this.#busy = false;
      if (this.isConnected) this.#next();
    }
  }
}

/** Replace each element of the page that has the id of one in *html*; leave one being typed in. */
export function swapById(html: string): void {
  const made = new DOMParser().parseFromString(html, "text/html");
  const said: string[] = [];
  for (const fresh of [...made.body.children]) {
    const words = fresh.getAttribute("data-say");
    if (words) said.push(words);
    const old = fresh.id ? document.getElementById(fresh.id) : null;
    if (!old) continue;
    const active = document.activeElement;
    if (active && old.contains(active) && active.matches("input, textarea, select")) continue;
    const focused = active && old.contains(active) ? active.id : "";
    const node = document.importNode(fresh, true);
    old.replaceWith(node);
    htmx.process(node);
    if (focused) document.getElementById(focused)?.focus();
    node.dispatchEvent(new CustomEvent("qy:swapped", { bubbles: true }));
  }
  const voice = document.getElementById("qy-voice");
  if (voice && said.length) voice.textContent = said.join(" ");
}
