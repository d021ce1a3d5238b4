// 我们自己的底图样式：没有瓦片、字形与外部主机，全部是本市的 GeoJSON。
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Feature, FeatureCollection } from "geojson";
import { type Data, type LayerConfig, type MapConfig, type Tint, anchor } from "./config";
import { CLASSES, LEVELS, RAMP, ROADS, type Theme } from "./icons";

const FONT = ["Noto Sans SC", "Source Han Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Zen Hei", "sans-serif"];
type E = ExpressionSpecification;

const classColour = (other: string): E => ["match", ["get", "water_class"], ...CLASSES.flatMap((s) => [s.name, s.colour]), other] as unknown as E;
const zoomed = (...stops: (number | E)[]): E => ["interpolate", ["linear"], ["zoom"], ...stops] as unknown as E;
export const suspicion = (dark: boolean): E =>
  ["interpolate", ["linear"], ["coalesce", ["get", "p"], 0], ...(dark ? RAMP.dark_stops : RAMP.stops).flat()] as unknown as E;

const worst = (two: number, one: number): E => ["case", ["==", ["get", "water_class"], "劣Ⅴ"], two, one] as unknown as E; // 两个字要小一号
function text(size: number | E, extra: object = {}): object {
  return { "text-font": FONT, "text-size": size, "text-padding": 3, ...extra };
}
const halo = (t: Theme, colour = t.ink): object => ({ "text-color": colour, "text-halo-color": t.ground, "text-halo-width": 1.6 });

type Bare = { id: string; type: LayerSpecification["type"]; [key: string]: unknown };
function drawn(layer: LayerConfig, t: Theme, trace: boolean): Bare[] {
  const tail = t.dark ? "-d" : "-l";
  const id = layer.name;
  switch (layer.kind) {
    case "districts":
      return [
        { id: `${id}:fill`, type: "fill", paint: { "fill-color": t.surface, "fill-opacity": t.dark ? 0.45 : 0.75 } },
        { id: `${id}:line`, type: "line", paint: { "line-color": t.line2, "line-width": 1, "line-dasharray": [4, 2], "line-opacity": 0.8 } },
        // 名称写在各区一个点上；按面注记会在每个瓦片里各写一遍
        { id: `${id}:label`, type: "symbol", source: `${id}:names`, layout: { ...text(zoomed(8, 12, 12, 16)), "text-field": ["get", "name"], "text-letter-spacing": 0.2 }, paint: { ...halo(t, t.ink2), "text-halo-color": t.surface } },
      ];
    case "plume": {
      const band = id.endsWith("band"); // 上限宽而淡，中位窄而浓
      return [{ id: `${id}:line`, type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": t.suspect, "line-width": band ? zoomed(8, 20, 13, 48) : zoomed(8, 12, 13, 26), "line-opacity": ["*", band ? 0.22 : 0.7, ["coalesce", ["get", "p"], 1]], "line-blur": band ? 8 : 3 } }];
    }
    case "rivers": {
      // 干支流的粗细：有级别用级别，没有就按流量
      const size = ["coalesce", ["get", "order"], ["step", ["coalesce", ["get", "flow_m3_s"], 0], 1, 0.5, 1.5, 2, 2, 5, 3, 20, 4]] as unknown as E;
      const width = (extra: number): E => zoomed(7, ["+", extra, ["*", 0.8, size]] as unknown as E, 13, ["+", extra, ["*", 3, size]] as unknown as E);
      const fade: number | E = trace ? (["case", ["==", ["get", "upstream"], true], 1, 0.22] as unknown as E) : 1;
      const round = { "line-cap": "round", "line-join": "round" };
      return [
        { id: `${id}:case`, type: "line", layout: round, paint: { "line-color": t.dark ? "#050b09" : "#4c5a54", "line-width": width(2), "line-opacity": fade } },
        { id: `${id}:line`, type: "line", layout: round, paint: { "line-color": classColour(t.water), "line-width": width(0), "line-opacity": fade } },
        { id: `${id}:arrow`, type: "symbol", minzoom: 10, layout: { "symbol-placement": "line", "symbol-spacing": 90, "icon-image": `arrow${tail}`, "icon-size": zoomed(10, 0.7, 14, 1.1), "icon-rotation-alignment": "map", "icon-allow-overlap": true, "icon-ignore-placement": true }, paint: { "icon-opacity": fade } },
        { id: `${id}:label`, type: "symbol", minzoom: 8.5, layout: { ...text(13), "symbol-placement": "line", "symbol-spacing": 320, "text-field": ["get", "name"], "text-letter-spacing": 0.25, "text-offset": [0, 1.1], "text-max-angle": 40 }, paint: halo(t, t.dark ? "#8fc2d6" : "#2c6480") },
      ];
    }
    case "enterprises":
      return [
        { id: `${id}:mark`, type: "symbol", filter: ["!", ["has", "point_count"]], layout: { "icon-image": `enterprise${tail}`, "icon-size": zoomed(8, 0.75, 13, 1.1), "icon-allow-overlap": true } },
        { id: `${id}:cluster`, type: "circle", filter: ["has", "point_count"], paint: { "circle-color": t.sunken, "circle-stroke-color": t.line2, "circle-stroke-width": 1.25, "circle-opacity": 0.95, "circle-radius": ["step", ["get", "point_count"], 11, 10, 13, 50, 16, 200, 20] } },
        { id: `${id}:count`, type: "symbol", filter: ["has", "point_count"], layout: { ...text(12), "text-field": ["to-string", ["get", "point_count"]], "text-allow-overlap": true }, paint: { "text-color": t.ink2 } },
        { id: `${id}:label`, type: "symbol", minzoom: 12.5, filter: ["!", ["has", "point_count"]], layout: { ...text(12), "text-field": ["get", "name"], "text-anchor": "top", "text-offset": [0, 0.8], "text-max-width": 9 }, paint: halo(t, t.ink2) },
      ];
    case "outfalls":
      return [
        { id: `${id}:tint`, type: "circle", paint: { "circle-opacity": 0, "circle-stroke-opacity": 0 } },
        { id: `${id}:mark`, type: "symbol", layout: { "icon-image": `outfall${tail}`, "icon-size": zoomed(8, 0.55, 13, 1.15), "icon-allow-overlap": true } },
        { id: `${id}:label`, type: "symbol", minzoom: 12.5, layout: { ...text(12), "text-field": ["get", "name"], "text-anchor": "top", "text-offset": [0, 0.8] }, paint: halo(t, t.ink2) },
      ];
    case "suspects":
      return [
        { id: `${id}:mark`, type: "circle", layout: { "circle-sort-key": ["coalesce", ["get", "p"], 0] }, paint: { "circle-color": suspicion(t.dark), "circle-radius": ["interpolate", ["linear"], ["sqrt", ["coalesce", ["get", "p"], 0]], 0, 4, 1, 20], "circle-opacity": 0.92, "circle-stroke-color": t.surface, "circle-stroke-width": 1.5 } },
        { id: `${id}:p`, type: "symbol", filter: [">=", ["coalesce", ["get", "p"], 0], 0.15], layout: { ...text(12), "text-field": ["number-format", ["get", "p"], { "min-fraction-digits": 2, "max-fraction-digits": 2 }], "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": t.dark ? "#06100d" : "#ffffff" } },
        { id: `${id}:label`, type: "symbol", filter: [">=", ["coalesce", ["get", "p"], 0], 0.03], layout: { ...text(12), "text-field": ["get", "name"], "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1.7, "text-max-width": 10, "text-justify": "auto", "symbol-sort-key": ["-", 0, ["coalesce", ["get", "p"], 0]] }, paint: halo(t) },
      ];
    case "air":
      return [
        { id: `${id}:mark`, type: "symbol", layout: { "icon-image": ["match", ["get", "aqi_level"], LEVELS.map((l) => l.name), ["concat", "air-", ["get", "aqi_level"], tail], `air-${tail}`], "icon-allow-overlap": true, ...text(11), "text-field": ["to-string", ["coalesce", ["get", "aqi"], "—"]], "text-allow-overlap": true }, paint: { "text-color": ["match", ["get", "aqi_level"], ...LEVELS.flatMap((l) => [l.name, l.ink]), t.ink] } },
        { id: `${id}:label`, type: "symbol", minzoom: 9.5, layout: { ...text(12), "text-field": ["get", "name"], "text-anchor": "top", "text-offset": [0, 1.3] }, paint: halo(t) },
      ];
    case "dust": {
      // 面与点同一种图；远看时面的边线粗到看得见
      const colour = ["match", ["get", "state"], "active", t.warn, t.ink2] as unknown as E;
      const area = ["==", ["geometry-type"], "Polygon"];
      return [
        { id: `${id}:area`, type: "fill", filter: area, paint: { "fill-color": colour, "fill-opacity": 0.35 } },
        { id: `${id}:edge`, type: "line", filter: area, layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": colour, "line-width": zoomed(8, 5, 13, 2) } },
        { id: `${id}:mark`, type: "circle", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": zoomed(8, 4, 13, 7), "circle-color": colour, "circle-stroke-color": t.surface, "circle-stroke-width": 1.5 } },
        { id: `${id}:label`, type: "symbol", minzoom: 12, layout: { ...text(12), "text-field": ["get", "name"], "text-anchor": "top", "text-offset": [0, 0.8], "text-max-width": 9 }, paint: halo(t, t.ink2) },
      ];
    }
    case "cases":
      return [
        { id: `${id}:mark`, type: "symbol", layout: { "icon-image": ["case", ["<", ["coalesce", ["get", "left"], 99], 0], `case-late${tail}`, ["<=", ["coalesce", ["get", "left"], 99], 3], `case-warn${tail}`, `case-ok${tail}`], "icon-allow-overlap": true, "icon-size": zoomed(8, 0.8, 13, 1.1) } },
      ];
    case "sections":
      return [
        { id: `${id}:ring`, type: "circle", filter: ["==", ["get", "meets"], false], paint: { "circle-radius": zoomed(7, 11, 12, 17), "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": t.late, "circle-stroke-width": 3 } },
        { id: `${id}:mark`, type: "circle", paint: { "circle-radius": zoomed(7, 7, 12, 12), "circle-color": classColour(t.surface), "circle-stroke-color": t.dark ? "#e8eeea" : "#17211d", "circle-stroke-width": 2, "circle-opacity": 1 } },
        { id: `${id}:class`, type: "symbol", layout: { ...text(zoomed(7, worst(8, 9), 12, worst(10, 13))), "text-field": ["case", ["to-boolean", ["get", "water_class"]], ["get", "water_class"], "—"], "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": ["match", ["get", "water_class"], ...CLASSES.flatMap((s) => [s.name, s.ink]), t.ink2] } },
        { id: `${id}:label`, type: "symbol", minzoom: 8.2, layout: { ...text(13), "text-field": ["get", "name"], "text-variable-anchor": ["top", "right", "left", "bottom"], "text-radial-offset": 1.35, "text-justify": "auto" }, paint: halo(t) },
      ];
    case "roads":
      // 走航路段按级着色；没有分级的只是底图上的路
      return [
        { id: `${id}:line`, type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": ["match", ["coalesce", ["get", "road_class"], ""], ...ROADS.flatMap((r) => [r.name, r.colour]), t.line2], "line-width": ["interpolate", ["linear"], ["zoom"], 8, ["case", ["to-boolean", ["get", "road_class"]], 1.6, 0.6], 13, ["case", ["to-boolean", ["get", "road_class"]], 5, 2]] } },
        { id: `${id}:label`, type: "symbol", minzoom: 13.5, layout: { ...text(11), "symbol-placement": "line", "symbol-spacing": 360, "text-field": ["get", "name"], "text-max-angle": 30 }, paint: halo(t, t.ink2) },
      ];
    case "hotspots":
      return [
        { id: `${id}:mark`, type: "circle", paint: { "circle-radius": zoomed(9, 6, 14, 12), "circle-color": t.suspect, "circle-opacity": 0.85, "circle-stroke-color": t.surface, "circle-stroke-width": ["case", ["==", ["get", "slip"], true], 4, 1.5] } },
        { id: `${id}:label`, type: "symbol", minzoom: 11, layout: { ...text(12), "text-field": ["get", "name"], "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1.2, "text-justify": "auto" }, paint: halo(t) },
      ];
  }
}

/** What a chosen tint paints under the marks: a colour per value, or a circle as large as the load. */
export function tinted(tint: Tint | undefined, t: Theme): Record<string, unknown> {
  const ring = { "circle-stroke-color": t.surface, "circle-stroke-width": 1 };
  if (!tint) return { "circle-opacity": 0, "circle-stroke-opacity": 0 };
  const there = ["has", tint.property];
  const known = ["all", there, ["!=", ["get", tint.property], null]];
  if (!tint.values.length) {
    const share = ["sqrt", ["/", ["max", 0, ["to-number", ["get", tint.property], 0]], tint.largest ?? 1]];
    return { ...ring, "circle-color": t.brand, "circle-radius": ["+", 4, ["*", 26, share]], "circle-opacity": ["case", known, 0.42, 0], "circle-stroke-opacity": ["case", known, 1, 0] };
  }
  const colour = ["match", ["get", tint.property], ...tint.values.flatMap(([value, , c]) => [value, c]), t.line2];
  return { ...ring, "circle-color": colour, "circle-radius": zoomed(8, 7, 13, 13), "circle-opacity": 0.95, "circle-stroke-opacity": 1 };
}

/** One named point per area. */
export function namesOf(areas: FeatureCollection | undefined): FeatureCollection {
  const features = (areas?.features ?? []).flatMap((f): Feature[] => {
    const at = anchor(f);
    return at ? [{ type: "Feature", properties: { name: String(f.properties?.["name"] ?? "") }, geometry: { type: "Point", coordinates: at } }] : [];
  });
  return { type: "FeatureCollection", features };
}

/** What lies on top of what, whatever order the layer tree has. */
const ORDER: LayerConfig["kind"][] = ["districts", "roads", "dust", "enterprises", "plume", "rivers", "outfalls", "air", "cases", "sections", "hotspots", "suspects"];
const LABELS = /:(label|p)$/;

export function styleOf(config: MapConfig, data: Data, shown: Set<string>, t: Theme): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {
    picked: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
  };
  const layers: Bare[] = [];
  for (const kind of ORDER) {
    for (const layer of config.layers.filter((l) => l.kind === kind)) {
      sources[layer.name] = {
        type: "geojson", data: data.get(layer.name) ?? { type: "FeatureCollection", features: [] },
        ...(kind === "enterprises" ? { cluster: true, clusterRadius: 64, clusterMinPoints: 3, clusterMaxZoom: 11 } : {}),
      };
      if (kind === "districts") sources[`${layer.name}:names`] = { type: "geojson", data: namesOf(data.get(layer.name)) };
      for (const one of drawn(layer, t, config.trace === true)) {
        const layout = { ...(one["layout"] as object | undefined), visibility: shown.has(layer.name) ? "visible" : "none" };
        layers.push({ source: layer.name, ...one, layout });
      }
    }
  }
  const ring: Bare = { id: "picked", type: "circle", source: "picked", paint: { "circle-radius": 20, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": t.brand, "circle-stroke-width": 3 } };
  const ground: Bare = { id: "ground", type: "background", paint: { "background-color": t.ground } };
  const all = [ground, ...layers.filter((l) => !LABELS.test(l.id)), ring, ...layers.filter((l) => LABELS.test(l.id))];
  return { version: 8, sources, layers: all as unknown as LayerSpecification[] };
}
