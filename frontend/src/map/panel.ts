// 图层树：开关、图例、视野内的数量。
import { say } from "../words";
import type { Kind, LayerConfig, MapConfig, Tint } from "./config";
import { h, svg } from "./dom";
import { CLASSES, RAMP, ROADS, type Theme } from "./icons";

function symbol(kind: Kind, t: Theme, faint = false): SVGSVGElement {
  const box = "0 0 20 20";
  switch (kind) {
    case "sections": return svg(box, ["circle", { cx: "10", cy: "10", r: "7", fill: "#33ccff", stroke: t.dark ? "#e8eeea" : "#17211d", "stroke-width": "2" }]);
    case "rivers": return svg(box, ["path", { d: "M2 14c4-8 6 4 9-2s4-6 7-6", fill: "none", stroke: t.dark ? "#0a1411" : "#4c5a54", "stroke-width": "5", "stroke-linecap": "round" }], ["path", { d: "M2 14c4-8 6 4 9-2s4-6 7-6", fill: "none", stroke: "#33ccff", "stroke-width": "3", "stroke-linecap": "round" }]);
    case "outfalls": return svg(box, ["path", { d: "M4 5h12l-6 11z", fill: t.surface, stroke: t.ink, "stroke-width": "1.5", "stroke-linejoin": "round" }]);
    case "suspects": return svg(box, ["circle", { cx: "10", cy: "10", r: "7", fill: t.suspect }]);
    case "enterprises": return svg(box, ["rect", { x: "5", y: "5", width: "10", height: "10", rx: "2", fill: t.ink2 }]);
    case "cases": return svg(box, ["path", { d: "M10 2l8 8-8 8-8-8z", fill: t.surface, stroke: t.brand, "stroke-width": "2.5", "stroke-linejoin": "round" }]);
    case "air": return svg(box, ["rect", { x: "3", y: "3", width: "14", height: "14", rx: "2", fill: "#00e400", stroke: t.mark, "stroke-width": "2" }]);
    case "dust": return svg(box, ["path", { d: "M3 15l3-9 8-2 4 8-5 5z", fill: t.warn, "fill-opacity": "0.35", stroke: t.warn, "stroke-width": "2", "stroke-linejoin": "round" }]);
    case "roads": return svg(box, ...ROADS.map((r, n): [string, Record<string, string>] => ["line", { x1: String(1 + n * 4.6), x2: String(5 + n * 4.6), y1: "10", y2: "10", stroke: r.colour, "stroke-width": "4" }]));
    case "hotspots": return svg(box, ["circle", { cx: "10", cy: "10", r: "7", fill: t.suspect, "fill-opacity": "0.85", stroke: t.surface, "stroke-width": "1.5" }]);
    case "plume": return svg(box, ["path", { d: "M2 12c5-6 10 4 16-2", fill: "none", stroke: t.suspect, "stroke-width": faint ? "11" : "6", "stroke-opacity": faint ? "0.25" : "0.7" }]);
    default: return svg(box, ["rect", { x: "3", y: "4", width: "14", height: "12", fill: "none", stroke: t.line2, "stroke-width": "1.5", "stroke-dasharray": "4 2" }]);
  }
}

function key(kind: Kind, t: Theme): HTMLElement | null {
  if (kind === "sections" || kind === "rivers") {
    const box = h("div", { class: "qy-map-key" });
    for (const step of CLASSES) box.append(h("span", { class: "qy-class", "data-class": step.name }, step.name));
    return box;
  }
  if (kind === "suspects") {
    const stops = t.dark ? RAMP.dark_stops : RAMP.stops;
    const bar = svg("0 0 88 10", ...Array.from({ length: 22 }, (_, i): [string, Record<string, string>] => ["rect", { x: String(i * 4), y: "0", width: "4", height: "10", fill: mix(stops as [number, string][], i / 21) }]));
    return h("div", { class: "qy-map-key" }, h("small", {}, "0", bar, "1"));
  }
  return null;
}

function mix(stops: [number, string][], at: number): string {
  const after = Math.max(1, stops.findIndex(([s]) => s >= at));
  const [a, from] = stops[after - 1]!, [b, to] = stops[after]!;
  const part = (at - a) / (b - a);
  const channel = (c: string, i: number) => Number.parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `rgb(${[0, 1, 2].map((i) => Math.round(channel(from, i) + (channel(to, i) - channel(from, i)) * part)).join(" ")})`;
}

export class Panel {
  readonly element: HTMLDetailsElement;
  readonly #counts = new Map<string, HTMLElement>();

  constructor(config: MapConfig, shown: Set<string>, theme: Theme, toggle: (layer: LayerConfig, on: boolean) => void, open: boolean, private readonly tint: (layer: LayerConfig, chosen: Tint | undefined) => void = () => {}, chosen: Map<string, Tint> = new Map()) {
    this.element = h("details", { class: "qy-panel qy-map-layers", ...(open ? { open: "" } : {}) }, h("summary", {}, say("layers")));
    const groups = new Map<string, HTMLFieldSetElement>();
    const explained = new Set<string>();
    for (const layer of config.layers) {
      let group = groups.get(layer.group);
      if (!group) {
        group = h("fieldset", {}, h("legend", {}, layer.group));
        groups.set(layer.group, group);
        this.element.append(group);
      }
      const box = h("input", { type: "checkbox" });
      box.checked = shown.has(layer.name);
      box.addEventListener("change", () => toggle(layer, box.checked));
      const count = h("span", {});
      this.#counts.set(layer.name, count);
      group.append(h("label", {}, box, symbol(layer.kind, theme, layer.name.endsWith("band")), h("span", {}, layer.label), count));
      if (layer.tints?.length) group.append(this.#tints(layer, layer.tints, chosen.get(layer.name)));
      const legend = key(layer.kind, theme);
      const family = layer.kind === "rivers" ? "sections" : layer.kind; // 断面与河流同一套颜色，只列一次
      if (legend && !explained.has(family)) group.append(legend);
      explained.add(family);
    }
  }

  /* 着色：一排单选，下面是所选的图例 */
  #tints(layer: LayerConfig, tints: Tint[], chosen: Tint | undefined): HTMLElement {
    const legend = h("div", { class: "qy-map-tint-key" });
    const explain = (tint: Tint | undefined): void => {
      const keys = (tint?.values ?? []).map(([, label, colour]) => h("small", {}, svg("0 0 12 12", ["circle", { cx: "6", cy: "6", r: "5", fill: colour }]), label));
      const size = tint && !tint.values.length ? [h("small", {}, `${say("upTo")} ${(tint.largest ?? 0).toLocaleString("en-US")} ${tint.unit ?? ""}`)] : [];
      legend.replaceChildren(...keys, ...size);
    };
    const box = h("div", { class: "qy-map-tints", role: "radiogroup", "aria-label": `${layer.label} ${say("paintBy")}` });
    for (const tint of [undefined, ...tints]) {
      const button = h("button", { type: "button", role: "radio", "aria-checked": String(tint?.name === chosen?.name) }, tint?.label ?? say("plain"));
      button.addEventListener("click", () => {
        for (const one of box.querySelectorAll("button")) one.setAttribute("aria-checked", String(one === button));
        explain(tint);
        this.tint(layer, tint);
      });
      box.append(button);
    }
    explain(chosen);
    return h("div", {}, box, legend);
  }

  count(name: string, n: number): void {
    const box = this.#counts.get(name);
    if (box) box.textContent = n.toLocaleString("en-US");
  }
}
