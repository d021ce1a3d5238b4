// 时间轴：一只钟管地图、图表与列表；告警是刻度上的红点，可前后跳。
import { beijing, instant, midnights } from "../clock";
import { say } from "../words";
import type { TimeConfig } from "./config";
import { h, strokes, svg } from "./dom";

export class TimeBar {
  readonly element: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #out: HTMLOutputElement;
  readonly #from: number;
  readonly #to: number;
  readonly #step: number;
  readonly #now: number;
  readonly #alarms: number[];
  #player = 0;
  #play!: HTMLButtonElement;

  constructor(config: TimeConfig, at: number | null, private readonly changed: (at: number | null) => void) {
    this.#from = instant(config.from);
    this.#to = instant(config.to);
    this.#step = config.step_minutes * 60_000;
    this.#alarms = config.alarms.map((a) => instant(a.at)).sort((a, b) => a - b);
    this.#now = config.now ? instant(config.now) : this.#to;
    const steps = Math.round((this.#to - this.#from) / this.#step);
    this.#slider = h("input", { type: "range", min: "0", max: String(steps), step: "1", "aria-label": say("time") });
    this.#out = h("output", {});
    const x = (t: number) => `${(((t - this.#from) / (this.#to - this.#from)) * 100).toFixed(2)}%`;
    const track = svg("0 0 100 12");
    track.removeAttribute("viewBox");
    for (const day of midnights(this.#from, this.#to)) track.append(...svg("0 0 1 1", ["line", { class: "tick", x1: x(day), x2: x(day), y1: "6", y2: "12" }]).children);
    for (const alarm of config.alarms) {
      const mark = svg("0 0 1 1", ["circle", { class: "alarm", cx: x(instant(alarm.at)), cy: "6", r: "4" }]).firstElementChild!;
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = `${beijing(instant(alarm.at)).full} ${alarm.label}`;
      mark.append(title);
      mark.addEventListener("click", () => this.go(instant(alarm.at)));
      track.append(mark);
    }
    this.#play = this.#button("play", "M7 4v16l13 -8z", () => this.#toggle());
    const jump = h("span", { class: "qy-map-jump qy-deeds" },
      this.#button("previousAlarm", "M15 6l-6 6l6 6", () => this.#jump(-1)), this.#button("nextAlarm", "M9 6l6 6l-6 6", () => this.#jump(1)));
    const now = h("button", { type: "button", class: "qy-btn is-small" }, say("now"));
    now.addEventListener("click", () => this.go(this.#now));
    this.element = h("div", { class: "qy-panel qy-map-time", role: "group", "aria-label": say("time") },
      this.#play, jump, h("div", { class: "qy-track" }, track, this.#slider), this.#out, now);
    this.#slider.addEventListener("input", () => {
      this.#stop();
      this.#tell();
    });
    this.#set(at ?? this.#now);
  }

  #button(word: "play" | "previousAlarm" | "nextAlarm", path: string, deed: () => void): HTMLButtonElement {
    const made = h("button", { type: "button", class: "qy-btn is-small is-icon", "aria-label": say(word), title: say(word) }, strokes(path));
    made.addEventListener("click", deed);
    return made;
  }

  get #at(): number {
    return Math.min(this.#to, this.#from + Number(this.#slider.value) * this.#step);
  }

  get #live(): boolean {
    return this.#now === this.#to ? this.#at >= this.#to : Math.abs(this.#at - this.#now) < this.#step / 2;
  }

  #set(at: number): void {
    this.#slider.value = String(Math.round((at - this.#from) / this.#step));
    const live = this.#live;
    const words = beijing(this.#at).full;
    this.#out.textContent = live ? `${words} ${say("now")}` : words;
    this.#out.toggleAttribute("data-live", live);
    this.#slider.setAttribute("aria-valuetext", words);
  }

  #tell(): void {
    this.#set(this.#at);
    this.changed(this.#live ? null : this.#at);
  }

  go(at: number): void {
    this.#set(at);
    this.#tell();
  }

  #jump(direction: 1 | -1): void {
    const now = this.#at;
    const next = direction > 0 ? this.#alarms.find((a) => a > now + this.#step / 2) : [...this.#alarms].reverse().find((a) => a < now - this.#step / 2);
    if (next !== undefined) this.go(next);
  }

  #toggle(): void {
    if (this.#player) {
      this.#stop();
      return;
    }
    if (this.#at >= this.#to) this.#set(this.#from);
    this.#play.setAttribute("aria-label", say("pause"));
    this.#play.replaceChildren(strokes("M6 5h4v14h-4z", "M14 5h4v14h-4z"));
    this.#player = window.setInterval(() => {
      this.go(this.#at + this.#step);
      if (this.#at >= this.#to) this.#stop();
    }, 1200);
  }

  #stop(): void {
    clearInterval(this.#player);
    this.#player = 0;
    this.#play.setAttribute("aria-label", say("play"));
    this.#play.replaceChildren(strokes("M7 4v16l13 -8z"));
  }

  dispose(): void {
    clearInterval(this.#player);
  }
}
