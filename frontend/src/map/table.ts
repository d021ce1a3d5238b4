// 与地图等价的表：视野内的对象，逐层列出。看不了图的人和测试都用它。
import type { Feature } from "geojson";
import { say } from "../words";
import { type LayerConfig, codeOf } from "./config";
import { h } from "./dom";

const AT_MOST = 200;

function cells(layer: LayerConfig, feature: Feature): (Node | string)[] {
  const p = feature.properties ?? {};
  const value = (name: string) => (p[name] === null || p[name] === undefined ? "" : String(p[name]));
  switch (layer.kind) {
    case "sections":
      return [badge(value("water_class")), badge(value("target")), value("pollutants")];
    case "air":
      return [value("aqi_level"), value("aqi")];
    case "suspects":
      return [typeof p["p"] === "number" ? p["p"].toFixed(2) : "—"];
    case "cases":
      return [value("state"), codeOf(feature)];
    case "hotspots":
      return [value("place"), value("state")];
    case "roads":
      return [p["road_class"] ? h("span", { class: "qy-road", "data-road": value("road_class") }, value("state")) : value("state"), value("pm10") || "—", value("passes"), value("vehicles")];
    case "enterprises":
      return [value("trade_name")];
    default:
      return [value("enterprise")];
  }
}

function badge(name: string): HTMLElement {
  return h("span", { class: "qy-class", "data-class": name }, name || "—");
}

/** One row a river: how many of its reaches are of each class. */
function byRiver(features: Feature[]): HTMLTableRowElement[] {
  const rivers = new Map<string, Map<string, number>>();
  for (const f of features) {
    const name = String(f.properties?.["name"] ?? ""), of = String(f.properties?.["water_class"] ?? "");
    const classes = rivers.get(name) ?? new Map<string, number>();
    classes.set(of, (classes.get(of) ?? 0) + 1);
    rivers.set(name, classes);
  }
  return [...rivers].map(([name, classes]) => {
    const cell = h("td");
    for (const [of, n] of [...classes].sort()) cell.append(badge(of), ` ${say("reaches", { n })}　`);
    return h("tr", {}, h("th", { scope: "row" }, name), cell);
  });
}

function heads(layer: LayerConfig): string[] {
  switch (layer.kind) {
    case "sections": return [say("class"), say("target"), say("over")];
    case "rivers": return [say("class")];
    case "air": return [say("class"), "AQI"];
    case "suspects": return [say("probability")];
    case "hotspots": return [say("place"), say("state")];
    case "roads": return [say("class"), "PM10 μg/m³", say("passes"), say("vehicles")];
    case "cases": return [say("state"), say("number")];
    case "enterprises": return [say("trade")];
    default: return [say("enterprise")];
  }
}

type Pick = (layer: LayerConfig, feature: Feature) => void;
function oneByOne(layer: LayerConfig, features: Feature[], pick: Pick): HTMLTableRowElement[] {
  const chance = (f: Feature) => Number(f.properties?.["p"] ?? 0);
  const pm10 = (f: Feature) => Number(f.properties?.["pm10"] ?? -1);
  const sorted = layer.kind === "suspects" ? [...features].sort((a, b) => chance(b) - chance(a)) : layer.kind === "roads" ? [...features].sort((a, b) => pm10(b) - pm10(a)) : features;
  return sorted.slice(0, AT_MOST).map((feature) => {
    const name = String(feature.properties?.["name"] ?? codeOf(feature));
    let first: HTMLElement = h("span", {}, name);
    if (layer.card) {
      first = h("button", { type: "button", class: "qy-btn is-quiet is-small" }, name);
      first.addEventListener("click", () => pick(layer, feature));
    }
    return h("tr", {}, h("th", { scope: "row" }, first), ...cells(layer, feature).map((c) => h("td", {}, c)));
  });
}

export function tableOf(layers: [LayerConfig, Feature[]][], pick: Pick): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const [layer, features] of layers) {
    made.append(h("h3", {}, `${layer.label} `, h("span", { class: "qy-count" }, features.length.toLocaleString("en-US"))));
    if (!features.length) {
      made.append(h("p", { class: "qy-quiet qy-empty-layer" }, say("emptyLayer")));
      continue;
    }
    const rows = layer.kind === "rivers" ? byRiver(features) : oneByOne(layer, features, pick);
    const head = h("tr", {}, h("th", { scope: "col" }, say("name")), ...heads(layer).map((t) => h("th", { scope: "col" }, t)));
    made.append(h("table", { class: "qy-table is-dense" }, h("caption", { class: "qy-hidden" }, layer.label), h("thead", {}, head), h("tbody", {}, ...rows)));
  }
  return made;
}
