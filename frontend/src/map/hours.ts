// 走航路段的逐日与逐时：几何只取一次，一天的数（含二十四小时）一份答复；页上的数与表跟着走。
import type { FeatureCollection } from "geojson";
import { say } from "../words";
import type { HoursConfig } from "./config";
import { h, strokes, svg } from "./dom";

/** class, PM10, PM2.5, increment, passes, vehicles */
type Figures = [number, number, number | null, number, number, number];
interface Frame {
  day: string;
  network: number | null;
  classes: string[];
  hourly: boolean;
  stretches: Record<string, { day: Figures; hours: [number, ...Figures][] }>;
}
const LAST = 23;
const pad = (n: number): string => String(n).padStart(2, "0");
const span = (hour: number): string => `${pad(hour)}:00–${pad(hour + 1)}:00`;

export class RoadHours {
  readonly element: HTMLElement;
  readonly #slider: HTMLInputElement;
  readonly #out: HTMLOutputElement;
  readonly #bars = svg("0 0 24 10");
  readonly #scale = h("div", { class: "qy-hours-scale", "aria-hidden": "true" });
  readonly #play: HTMLButtonElement;
  readonly #by: HTMLButtonElement[];
  readonly #turn: HTMLButtonElement[];
  readonly #dayOut = h("span", { class: "qy-hours-day" });
  readonly #frames = new Map<string, Promise<Frame>>();
  #frame: Frame | undefined;
  #day: string;
  #hour: number | null;
  #player = 0;
  #asked = 0;

  /** *changed* is called when the figures of the moment are there; *failed* when they are not. */
  constructor(private readonly config: HoursConfig, private readonly changed: () => void, private readonly failed: () => void) {
    this.#day = config.day;
    this.#hour = config.hour;
    this.#slider = h("input", { type: "range", min: "0", step: "1", "aria-label": say("time") });
    this.#out = h("output", {});
    this.#play = this.#button(say("play"), "M7 4v16l13 -8z", () => this.#toggle());
    this.#by = [say("byDay"), say("byHour")].map((words, hourly) => {
      const button = h("button", { type: "button" }, words);
      button.addEventListener("click", () => this.#go(this.#day, hourly ? (this.#hour ?? this.#firstHour()) : null));
      return button;
    });
    this.#turn = ([["dayBefore", "M15 6l-6 6l6 6", -1], ["dayAfter", "M9 6l6 6l-6 6", 1]] as const).map(([word, path, way]) =>
      this.#button(say(word), path, () => this.#turnDay(way)));
    this.#bars.setAttribute("preserveAspectRatio", "none");
    this.#slider.addEventListener("input", () => {
      this.#stop();
      const at = Number(this.#slider.value);
      if (this.#hour === null) this.#go(this.config.days[at]!, null);
      else this.#go(this.#day, at);
    });
    this.#slider.addEventListener("keydown", (event) => this.#key(event));
    this.element = h("div", { class: "qy-panel qy-map-time qy-map-hours", role: "group", "aria-label": say("time") },
      this.#play, h("div", { class: "qy-map-by", role: "group", "aria-label": say("step") }, ...this.#by),
      h("div", { class: "qy-hours-turn" }, this.#turn[0]!, this.#dayOut, this.#turn[1]!),
      h("div", { class: "qy-track" }, this.#bars, this.#slider, this.#scale), this.#out);
    this.#tell();
    void this.#load(this.#day).then((frame) => this.#take(frame), () => this.failed());
  }

  #button(words: string, path: string, deed: () => void): HTMLButtonElement {
    const made = h("button", { type: "button", class: "qy-btn is-small is-icon", "aria-label": words, title: words }, strokes(path));
    made.addEventListener("click", deed);
    return made;
  }

  get day(): string {
    return this.#day;
  }

  /** Midday in Beijing of the day shown: what other layers are asked for. */
  get noon(): number {
    return Date.parse(`${this.#day}T12:00:00+08:00`);
  }

  get network(): number | null | undefined {
    return this.#frame?.network;
  }

  #load(day: string): Promise<Frame> {
    let held = this.#frames.get(day);
    if (!held) {
      held = fetch(`${this.config.src}?day=${day}`, { credentials: "same-origin" }).then(async (answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return (await answer.json()) as Frame;
      });
      held.catch(() => this.#frames.delete(day));
      this.#frames.set(day, held);
    }
    return held;
  }

  /* 换日换时：先改轴上的字，数到了再改图 */
  #go(day: string, hour: number | null): void {
    this.#day = day;
    this.#hour = hour;
    this.#tell();
    const asked = ++this.#asked;
    void this.#load(day).then((frame) => asked === this.#asked && this.#take(frame), () => asked === this.#asked && this.failed());
  }

  #take(frame: Frame): void {
    this.#frame = frame;
    this.#tell();
    this.changed();
    const url = new URL(location.href);
    url.searchParams.set("day", this.#day);
    if (this.#hour === null) url.searchParams.delete("hour");
    else url.searchParams.set("hour", String(this.#hour));
    if (this.#asked) history.replaceState(history.state, "", url);
  }

  #passesByHour(): number[] {
    const told = Array.from({ length: 24 }, () => 0);
    if (this.#frame?.day !== this.#day) return told;
    for (const { hours } of Object.values(this.#frame.stretches)) for (const row of hours) told[row[0]]! += row[5];
    return told;
  }

  /** The first hour with a pass, so that choosing hours shows something. */
  #firstHour(): number {
    return Math.max(0, this.#passesByHour().findIndex((n) => n > 0));
  }

  get words(): string {
    const when = this.#hour === null ? `${this.#day} ${say("wholeDay")}` : `${this.#day} ${span(this.#hour)}`;
    return `${when} ${say("zone")}`;
  }

  #tell(): void {
    const days = this.config.days, at = days.indexOf(this.#day);
    const hourly = this.#hour !== null;
    this.#slider.max = String(hourly ? LAST : Math.max(1, days.length - 1));
    this.#slider.disabled = !hourly && days.length < 2;
    this.#slider.value = String(hourly ? this.#hour : at);
    this.#slider.setAttribute("aria-valuetext", this.words);
    this.#by.forEach((button, n) => button.setAttribute("aria-pressed", String(Boolean(n) === hourly)));
    this.#dayOut.textContent = this.#day;
    this.#turn[0]!.disabled = at <= 0;
    this.#turn[1]!.disabled = at >= days.length - 1;
    this.#out.replaceChildren(h("b", {}, hourly ? span(this.#hour!) : say("wholeDay")), h("small", { title: "Asia/Shanghai" }, say("zone")));
    const counts = this.#passesByHour(), most = Math.max(1, ...counts);
    this.#bars.replaceChildren(...(hourly ? counts : []).map((n, hour) =>
      svg("0 0 1 1", ["rect", { x: String(hour + 0.1), y: String(10 - (10 * n) / most), width: "0.8", height: String((10 * n) / most), ...(hour === this.#hour ? { class: "now" } : {}) }]).firstElementChild!));
    const marks = hourly ? [0, 6, 12, 18, 23].map((n): [number, string] => [n / LAST, `${n}`]) : days.length < 2 ? [] : [0, days.length - 1].map((n): [number, string] => [n / (days.length - 1), days[n]!.slice(5)]);
    this.#scale.replaceChildren(...marks.map(([x, words]) => {
      const mark = h("span", {}, words);
      mark.style.setProperty("--x", String(x));
      return mark;
    }));
  }

  #key(event: KeyboardEvent): void {
    const way = { PageUp: 1, PageDown: -1 }[event.key];
    if (way) {
      event.preventDefault();
      this.#stop();
      this.#turnDay(way);
    } else if (this.#hour !== null && ((event.key === "ArrowRight" && this.#hour === LAST) || (event.key === "ArrowLeft" && this.#hour === 0))) {
      event.preventDefault();
      this.#stop();
      this.#step(event.key === "ArrowRight" ? 1 : -1);
    }
  }

  #turnDay(way: number): void {
    const next = this.config.days[this.config.days.indexOf(this.#day) + way];
    if (next) this.#go(next, this.#hour);
  }

  /** One hour or day on or back; false at the end. */
  #step(way: 1 | -1): boolean {
    const days = this.config.days, at = days.indexOf(this.#day);
    const hour = this.#hour === null ? null : this.#hour + way;
    if (hour !== null && hour >= 0 && hour <= LAST) {
      this.#go(this.#day, hour);
      return true;
    }
    const next = days[at + way];
    if (!next) return false;
    this.#go(next, hour === null ? null : way > 0 ? 0 : LAST);
    return true;
  }

  #toggle(): void {
    if (this.#player) {
      this.#stop();
      return;
    }
    const days = this.config.days;
    if (this.#day === days.at(-1) && (this.#hour === null || this.#hour === LAST)) this.#go(this.#hour === null ? days[0]! : this.#day, this.#hour === null ? null : 0);
    this.#paintPlay(say("pause"), "M6 5h4v14h-4z", "M14 5h4v14h-4z");
    this.#out.setAttribute("aria-live", "off"); // 播放时不逐步朗读
    this.#player = window.setInterval(() => {
      if (!this.#step(1)) this.#stop();
    }, 900);
  }

  #stop(): void {
    clearInterval(this.#player);
    this.#player = 0;
    this.#out.removeAttribute("aria-live");
    this.#paintPlay(say("play"), "M7 4v16l13 -8z");
  }

  #paintPlay(words: string, ...paths: string[]): void {
    this.#play.setAttribute("aria-label", words);
    this.#play.title = words;
    this.#play.replaceChildren(strokes(...paths));
  }

  dispose(): void {
    clearInterval(this.#player);
  }

  /** Put the moment's figures on the stretches; what nobody drove has none. */
  dress(roads: FeatureCollection): void {
    const frame = this.#frame;
    if (!frame || frame.day !== this.#day) return;
    for (const feature of roads.features) {
      const held = frame.stretches[String(feature.properties?.["code"])];
      const told = this.#hour === null ? held?.day : (held?.hours.find((row) => row[0] === this.#hour)?.slice(1) as Figures | undefined);
      const name = told ? frame.classes[told[0]]! : "";
      Object.assign(feature.properties!, {
        road_class: name, pm10: told?.[1] ?? null, pm25: told?.[2] ?? null, increment: told?.[3] ?? null, passes: told?.[4] ?? 0, vehicles: told?.[5] ?? 0,
        state: name ? this.config.names[name] : say("noPass"),
      });
    }
    this.#page(roads, frame);
  }

  /* 页上的数字、说明与表 */
  #page(roads: FeatureCollection, frame: Frame): void {
    const rows = roads.features.map((f) => f.properties!).filter((p) => p["road_class"]).sort((a, b) => Number(b["pm10"]) - Number(a["pm10"]));
    const put = (name: string, words: string): void => document.querySelectorAll(`[data-roads="${name}"]`).forEach((slot) => (slot.textContent = words));
    for (const name of frame.classes) put(name, rows.filter((p) => p["road_class"] === name).length.toLocaleString("en-US"));
    put("none", (roads.features.length - rows.length).toLocaleString("en-US"));
    put("when", this.words);
    const passes = rows.reduce((sum, p) => sum + Number(p["passes"]), 0);
    put("says", this.#hour !== null && !frame.hourly ? say("notHourly") : say("roadsSaid", { roads: rows.length.toLocaleString("en-US"), passes: passes.toLocaleString("en-US"), none: (roads.features.length - rows.length).toLocaleString("en-US") }));
    const body = document.querySelector<HTMLElement>("[data-roads='worst']");
    if (!body) return;
    const heads = [...(body.closest("table")?.querySelectorAll("thead th") ?? [])].map((th) => th.textContent!.trim());
    const number = (value: unknown, digits: number): string => (typeof value === "number" ? value.toFixed(digits) : "—");
    body.replaceChildren(...rows.slice(0, 20).map((p) => {
      const mark = h("span", { class: "qy-road", "data-road": String(p["road_class"]) }, this.config.names[p["road_class"] as string] ?? "");
      const cells: (Node | string)[] = [String(p["district"] || "—"), mark, number(p["pm10"], 0), number(p["pm25"], 0), number(p["increment"], 1), String(p["passes"]), String(p["vehicles"])];
      return h("tr", {}, h("th", { scope: "row" }, String(p["name"])),
        ...cells.map((cell, n) => h("td", { ...(n > 1 ? { class: "qy-num" } : {}), "data-label": heads[n + 1] ?? "" }, cell)));
    }));
    body.closest("table")?.toggleAttribute("hidden", !rows.length);
    document.querySelector("[data-roads='empty']")?.toggleAttribute("hidden", Boolean(rows.length));
  }
}
