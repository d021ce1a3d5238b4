// <qy-map>：一张图。配置见 ui/README.md；没有 WebGL 2 时给同样内容的表。
import type { Feature, FeatureCollection } from "geojson";
import htmx from "htmx.org";
import { type GeoJSONSource, LngLatBounds, Map as Gl, type MapMouseEvent, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { type Data, type LayerConfig, type MapConfig, type Tint, anchor, codeOf } from "./map/config";
import { h, strokes } from "./map/dom";
import { RoadHours } from "./map/hours";
import { images, themeOf } from "./map/icons";
import { Panel } from "./map/panel";
import { namesOf, styleOf, tinted } from "./map/style";
import { tableOf } from "./map/table";
import { TimeBar } from "./map/time";
import { say } from "./words";

setWorkerUrl(new URL(MAP_WORKER, import.meta.url).href);

const CLICKABLE: LayerConfig["kind"][] = ["suspects", "hotspots", "sections", "cases", "air", "outfalls", "enterprises", "dust"];

class CityMap extends HTMLElement {
  #config!: MapConfig;
  #gl: Gl | undefined;
  #panel!: Panel;
  #time: TimeBar | undefined;
  #hours: RoadHours | undefined;
  #data: Data = new Map();
  #shown = new Set<string>();
  #tints = new Map<string, Tint>();
  #at: number | null = null;
  #card: HTMLElement | undefined;
  #faded = false; // 点了河道，其余变淡
  #tableBox: HTMLElement | undefined;
  #tableButton!: HTMLButtonElement;
  #fetching: AbortController | undefined;
  #debounce = 0;
  readonly #restyle = () => this.#theme();
  readonly #escape = (event: KeyboardEvent) => {
    if (event.key === "Escape") this.#closeCard();
  };

  connectedCallback(): void {
    const script = this.querySelector<HTMLScriptElement>('script[type="application/json"]');
    if (!script || this.#gl) return;
    this.#config = JSON.parse(script.textContent ?? "{}") as MapConfig;
    const url = this.#urlState();
    const wanted = url.get("l")?.split(",");
    for (const layer of this.#config.layers) {
      if (wanted ? wanted.includes(layer.name) : layer.on !== false) this.#shown.add(layer.name);
    }
    this.#at = url.has("t") ? Date.parse(url.get("t")!) : null;
    this.#furnish();
    document.addEventListener("qy:theme", this.#restyle);
    const probe = document.createElement("canvas").getContext("webgl2");
    if (probe) {
      probe.getExtension("WEBGL_lose_context")?.loseContext();
      this.#draw(url);
    } else {
      this.setAttribute("data-nogl", "");
      this.#showTable(true);
    }
    void this.#load(this.#config.layers.filter((l) => this.#shown.has(l.name)));
  }

  disconnectedCallback(): void {
    document.removeEventListener("qy:theme", this.#restyle);
    document.removeEventListener("keydown", this.#escape);
    this.#time?.dispose();
    this.#hours?.dispose();
    this.#fetching?.abort();
    this.#gl?.remove();
    this.#gl = undefined;
    for (const child of [...this.children]) if (child.tagName !== "SCRIPT") child.remove();
  }

  /* 家具：图层面板、工具、时间轴 */
  #furnish(): void {
    const roomy = !matchMedia("(max-width: 767.98px)").matches && !this.hasAttribute("compact");
    this.#panel = new Panel(this.#config, this.#shown, themeOf(this), (layer, on) => this.#toggle(layer, on), roomy, (layer, tint) => this.#tint(layer, tint), this.#tints);
    const tools = h("div", { class: "qy-map-tools", role: "group", "aria-label": say("layers") });
    const tool = (word: "zoomIn" | "zoomOut" | "wholeCity" | "table", deed: () => void, ...paths: string[]) => {
      const button = h("button", { type: "button", "aria-label": say(word), title: say(word) }, strokes(...paths));
      button.addEventListener("click", deed);
      tools.append(button);
      return button;
    };
    tool("zoomIn", () => this.#gl?.zoomIn(), "M12 5l0 14", "M5 12l14 0");
    tool("zoomOut", () => this.#gl?.zoomOut(), "M5 12l14 0");
    tool("wholeCity", () => this.#gl?.fitBounds(this.#config.bounds, { padding: this.#padding() }), "M4 8v-2a2 2 0 0 1 2 -2h2", "M4 16v2a2 2 0 0 0 2 2h2", "M16 4h2a2 2 0 0 1 2 2v2", "M16 20h2a2 2 0 0 0 2 -2v-2");
    this.#tableButton = tool("table", () => this.#showTable(!this.#tableBox), "M3 5a2 2 0 0 1 2 -2h14a2 2 0 0 1 2 2v14a2 2 0 0 1 -2 2h-14a2 2 0 0 1 -2 -2z", "M3 10h18", "M10 3v18");
    this.#tableButton.setAttribute("aria-pressed", "false");
    this.append(this.#panel.element, tools);
    if (this.#config.time) {
      this.#time = new TimeBar(this.#config.time, this.#at, (at) => this.#setTime(at));
      this.append(this.#time.element);
    }
    if (this.#config.hours?.day) {
      const { layer } = this.#config.hours;
      this.#hours = new RoadHours(this.#config.hours, () => this.#setHour(layer), () => this.#tell(say("layerFailed", { name: this.#config.layers.find((l) => l.name === layer)?.label ?? "" })));
      this.#at = this.#hours.noon;
      this.append(this.#hours.element);
    }
    this.addEventListener("keydown", (event) => {
      if ((event.target as Element).matches("input, textarea, select") || event.ctrlKey || event.metaKey) return;
      if (event.key.toLowerCase() === "t") this.#showTable(!this.#tableBox);
    });
    document.addEventListener("keydown", this.#escape);
  }

  #padding(): { top: number; bottom: number; left: number; right: number } {
    const roomy = this.clientWidth > 900;
    return { top: this.#hours && !roomy ? 64 : 24, bottom: this.#hours ? (roomy ? 112 : 184) : this.#config.time ? 96 : 24, left: roomy && !this.hasAttribute("compact") ? 264 : 24, right: this.#hours ? (roomy ? 128 : 72) : 24 };
  }

  #draw(url: URLSearchParams): void {
    const box = h("div", { class: "qy-map-canvas" });
    this.prepend(box);
    const view = url.get("v")?.split(",").map(Number);
    const placed = view?.length === 3 && view.every(Number.isFinite);
    const gl = new Gl({
      container: box,
      style: styleOf(this.#config, this.#data, this.#shown, themeOf(this)),
      ...(placed
        ? { zoom: view[0]!, center: [view[2]!, view[1]!] as [number, number] }
        : { bounds: this.#config.bounds, fitBoundsOptions: { padding: this.#padding() } }),
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, maxZoom: 17, minZoom: 5,
      fadeDuration: 0, refreshExpiredTiles: false,
      locale: { "Map.Title": say("mapLabel") },
    });
    this.#gl = gl;
    gl.touchZoomRotate.disableRotation();
    gl.addControl(new ScaleControl({ maxWidth: 96, unit: "metric" }), "bottom-right");
    gl.setMissingStyleImageResolver(() => this.#addImages());
    gl.on("load", () => this.#addImages());
    gl.on("idle", () => this.setAttribute("data-idle", ""));
    gl.on("movestart", () => this.removeAttribute("data-idle"));
    gl.on("moveend", () => {
      this.#count();
      this.#keepUrl();
    });
    gl.on("click", (event) => void this.#click(event));
    gl.on("mousemove", (event) => {
      gl.getCanvas().style.cursor = this.#hit(event) ? "pointer" : "";
    });
  }

  #addImages(): void {
    for (const [name, image, pixelRatio] of images(themeOf(this))) {
      if (!this.#gl?.hasImage(name)) this.#gl?.addImage(name, image, { pixelRatio });
    }
  }

  #theme(): void {
    if (!this.#gl) return;
    this.#addImages();
    this.#gl.setStyle(styleOf(this.#config, this.#data, this.#shown, themeOf(this)), { diff: true });
    this.#paintTints();
    const open = this.#panel.element.open;
    const fresh = new Panel(this.#config, this.#shown, themeOf(this), (layer, on) => this.#toggle(layer, on), open, (layer, tint) => this.#tint(layer, tint), this.#tints);
    this.#panel.element.replaceWith(fresh.element);
    this.#panel = fresh;
    this.#count();
  }

  /* 数据 */
  async #load(layers: LayerConfig[]): Promise<void> {
    this.#fetching = new AbortController();
    const { signal } = this.#fetching;
    await Promise.all(layers.map(async (layer) => {
      const url = new URL(layer.src, location.href);
      if (layer.timed && this.#at !== null) url.searchParams.set("at", new Date(this.#at).toISOString());
      try {
        const answer = await fetch(url, { signal, headers: { Accept: "application/geo+json" }, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        const data = (await answer.json()) as FeatureCollection;
        if (layer.name === this.#config.hours?.layer) this.#hours?.dress(data);
        this.#data.set(layer.name, data);
        this.#gl?.getSource<GeoJSONSource>(layer.name)?.setData(data);
        this.#gl?.getSource<GeoJSONSource>(`${layer.name}:names`)?.setData(namesOf(data));
      } catch (error) {
        if (!(error instanceof DOMException)) this.#tell(say("layerFailed", { name: layer.label }));
      }
    }));
    this.#count();
    this.setAttribute("data-loaded", "");
    const chosen = this.#config.selected;
    if (chosen && !this.#card) {
      const layer = this.#config.layers.find((l) => l.name === chosen.layer);
      const feature = this.#data.get(chosen.layer)?.features.find((f) => codeOf(f) === chosen.id);
      if (layer && feature) this.#ring(feature);
    }
  }

  #toggle(layer: LayerConfig, on: boolean): void {
    if (on) this.#shown.add(layer.name);
    else this.#shown.delete(layer.name);
    if (on && !this.#data.has(layer.name)) void this.#load([layer]);
    for (const drawn of this.#gl?.getStyle().layers ?? []) {
      if ("source" in drawn && drawn.id.startsWith(`${layer.name}:`)) this.#gl?.setLayoutProperty(drawn.id, "visibility", on ? "visible" : "none");
    }
    this.#count();
    this.#keepUrl();
  }

  #tint(layer: LayerConfig, tint: Tint | undefined): void {
    if (tint) this.#tints.set(layer.name, tint);
    else this.#tints.delete(layer.name);
    this.#paintTints();
  }

  #paintTints(): void {
    const theme = themeOf(this);
    for (const layer of this.#config.layers.filter((l) => l.tints && this.#gl?.getLayer(`${l.name}:tint`))) {
      for (const [name, value] of Object.entries(tinted(this.#tints.get(layer.name), theme))) this.#gl!.setPaintProperty(`${layer.name}:tint`, name as never, value as never);
    }
  }

  #setTime(at: number | null): void {
    this.#at = at;
    document.dispatchEvent(new CustomEvent("qy:time", { detail: at }));
    this.#keepUrl();
    clearTimeout(this.#debounce);
    this.#debounce = window.setTimeout(() => {
      this.#fetching?.abort();
      void this.#load(this.#config.layers.filter((l) => l.timed && this.#shown.has(l.name)));
    }, 200);
  }

  /** The figures of another hour or day are there: dress the roads; fetch again what is another's. */
  #setHour(name: string): void {
    const before = this.#at;
    this.#at = this.#hours!.noon;
    const roads = this.#data.get(name) as (FeatureCollection & { network?: number }) | undefined;
    const stale = (l: LayerConfig) => (l.name === name ? roads?.network !== this.#hours!.network : before !== this.#at);
    if (roads) {
      const again = this.#config.layers.filter((l) => l.timed && this.#shown.has(l.name) && stale(l));
      if (again.length) void this.#load(again);
      this.#hours!.dress(roads);
      this.#gl?.getSource<GeoJSONSource>(name)?.setData(roads);
      this.#count();
    }
  }

  #inView(layer: LayerConfig): Feature[] {
    const all = this.#data.get(layer.name)?.features ?? [];
    if (!this.#gl || layer.kind === "districts" || layer.kind === "rivers") return all;
    const bounds = this.#gl.getBounds();
    return all.filter((f) => {
      const at = anchor(f);
      return at !== null && bounds.contains(at);
    });
  }

  #count(): void {
    for (const layer of this.#config.layers) {
      if (this.#data.has(layer.name)) this.#panel.count(layer.name, this.#inView(layer).length);
    }
    if (this.#tableBox) this.#fillTable();
  }

  /* 点击与卡片 */
  #hit(event: MapMouseEvent): { layer: LayerConfig; feature: Feature } | null {
    if (!this.#gl?.isStyleLoaded()) return null;
    const layers = this.#config.layers.filter((l) => this.#shown.has(l.name) && CLICKABLE.includes(l.kind));
    const ids = layers.flatMap((l) => [`${l.name}:mark`, ...(l.kind === "enterprises" ? [`${l.name}:cluster`] : []), ...(l.kind === "dust" ? [`${l.name}:area`, `${l.name}:edge`] : [])]).filter((id) => this.#gl!.getLayer(id));
    const { x, y } = event.point;
    const found = this.#gl.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers: ids });
    for (const kind of CLICKABLE) {
      for (const feature of found) {
        const layer = layers.find((l) => l.name === feature.source && l.kind === kind);
        if (layer) return { layer, feature };
      }
    }
    return null;
  }

  async #click(event: MapMouseEvent): Promise<void> {
    const hit = this.#hit(event);
    if (!hit) {
      this.#closeCard();
      if (this.#config.here) await this.#askHere(event.lngLat.lng, event.lngLat.lat);
      return;
    }
    const cluster = hit.feature.properties?.["cluster_id"] as number | undefined;
    if (cluster !== undefined) {
      const zoom = await this.#gl!.getSource<GeoJSONSource>(hit.layer.name)!.getClusterExpansionZoom(cluster);
      this.#gl!.easeTo({ center: anchor(hit.feature)!, zoom });
      return;
    }
    await this.#open(hit.layer, hit.feature);
  }

  #ring(feature: Feature | null): void {
    const at = feature && anchor(feature);
    this.#gl?.getSource<GeoJSONSource>("picked")?.setData({
      type: "FeatureCollection",
      features: at ? [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] : [],
    });
  }

  async #open(layer: LayerConfig, feature: Feature): Promise<void> {
    const id = codeOf(feature);
    this.dispatchEvent(new CustomEvent("qy:picked", { bubbles: true, detail: { layer: layer.name, id } }));
    if (!layer.card) return;
    await this.#showCard(String(feature.properties?.["name"] ?? id), layer.card.replace("{id}", encodeURIComponent(id)), feature, layer.label);
  }

  /** A click beside every object asks what the river is there: what lies above, what below. */
  async #askHere(lon: number, lat: number): Promise<void> {
    const url = `${this.#config.here}?lon=${lon.toFixed(6)}&lat=${lat.toFixed(6)}`;
    await this.#showCard(say("hereOnRiver"), url, { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } }, say("hereOnRiver"));
    const kept = this.#card?.querySelector<HTMLScriptElement>("[data-keep-on-map] script")?.textContent;
    if (!kept) return;
    const keep = JSON.parse(kept) as { reaches: string[]; outfalls: string[] };
    this.highlight(keep.reaches, keep.outfalls.length ? keep.outfalls : [""]);
    this.#faded = true;
  }

  async #showCard(title: string, url: string, feature: Feature, name: string): Promise<void> {
    this.#closeCard();
    this.#ring(feature);
    const close = h("button", { type: "button", class: "qy-tool", "aria-label": say("close") }, strokes("M18 6l-12 12", "M6 6l12 12"));
    close.addEventListener("click", () => this.#closeCard());
    const heading = h("h2", { tabindex: "-1" }, title);
    const body = h("div", { "aria-live": "polite" }, h("p", { class: "qy-quiet" }, say("loading")));
    const card = h("section", { class: "qy-panel qy-map-card", "aria-label": heading.textContent }, h("header", {}, heading, close), body);
    this.#card = card;
    this.append(card);
    heading.focus({ preventScroll: true });
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      body.replaceChildren(...[...made.body.childNodes].map((n) => document.importNode(n, true)));
      htmx.process(body);
      body.dispatchEvent(new CustomEvent("qy:swapped", { bubbles: true }));
    } catch {
      body.replaceChildren(h("p", { class: "qy-late" }, say("layerFailed", { name })));
    }
  }

  #closeCard(): void {
    this.#card?.remove();
    this.#card = undefined;
    this.#ring(null);
    if (this.#faded) this.highlight([], []);
    this.#faded = false;
  }

  /** Keep these reaches and outfalls, fade the rest: what lies upstream of a section. */
  highlight(reaches: string[], outfalls: string[]): void {
    const keep = (ids: string[]) => (ids.length ? ["case", ["in", ["get", "code"], ["literal", ids]], 1, 0.18] : 1) as never;
    for (const layer of this.#config.layers) {
      if (layer.kind === "rivers") for (const part of ["case", "line"]) this.#gl?.setPaintProperty(`${layer.name}:${part}`, "line-opacity", keep(reaches));
      if (layer.kind === "outfalls") this.#gl?.setPaintProperty(`${layer.name}:mark`, "icon-opacity", keep(outfalls));
    }
  }

  /** Move to an object and open its card; used by lists beside the map. */
  show(layerName: string, id: string): void {
    const layer = this.#config.layers.find((l) => l.name === layerName);
    const feature = this.#data.get(layerName)?.features.find((f) => codeOf(f) === id);
    const at = feature && anchor(feature);
    if (!layer || !feature || !at) return;
    this.#gl?.easeTo({ center: at, zoom: Math.max(this.#gl.getZoom(), 11) });
    void this.#open(layer, feature);
  }

  /* 表 */
  #showTable(on: boolean): void {
    this.#tableButton.setAttribute("aria-pressed", String(on));
    this.#tableBox?.remove();
    this.#tableBox = undefined;
    if (!on) return;
    const close = h("button", { type: "button", class: "qy-tool", "aria-label": say("close") }, strokes("M18 6l-12 12", "M6 6l12 12"));
    close.addEventListener("click", () => this.#showTable(false));
    const blind = this.hasAttribute("data-nogl");
    this.#tableBox = h("section", { class: "qy-map-table", tabindex: "0", "aria-label": say("tableOf") },
      h("header", {}, h("h2", {}, blind ? say("noWebgl") : say("tableOf")), blind ? null : close), h("div", {}));
    this.append(this.#tableBox);
    this.#fillTable();
    if (!blind) this.#tableBox.focus();
  }

  #fillTable(): void {
    const rows = this.#config.layers
      .filter((l) => this.#shown.has(l.name) && l.kind !== "districts" && l.kind !== "plume" && (l.kind !== "roads" || this.#hours))
      .map((l): [LayerConfig, Feature[]] => [l, this.#inView(l)]);
    this.#tableBox?.lastElementChild?.replaceChildren(tableOf(rows, (layer, feature) => {
      if (!this.hasAttribute("data-nogl")) this.#showTable(false);
      const at = anchor(feature);
      if (at) this.#gl?.easeTo({ center: at, zoom: Math.max(this.#gl.getZoom(), 11) });
      void this.#open(layer, feature);
    }));
  }

  #tell(words: string): void {
    this.querySelector(".qy-map-say")?.remove();
    const line = h("p", { class: "qy-map-say", role: "status" }, words);
    this.append(line);
    setTimeout(() => line.remove(), 6000);
  }

  /* 网址里的状态：视野、图层、时间；只给整窗地图 */
  #urlState(): URLSearchParams {
    return new URLSearchParams(this.hasAttribute("fill") ? location.search : "");
  }

  #keepUrl(): void {
    if (!this.hasAttribute("fill") || !this.#gl) return;
    const url = new URL(location.href);
    const { lat, lng } = this.#gl.getCenter();
    url.searchParams.set("v", `${this.#gl.getZoom().toFixed(2)},${lat.toFixed(4)},${lng.toFixed(4)}`);
    url.searchParams.set("l", this.#config.layers.filter((l) => this.#shown.has(l.name)).map((l) => l.name).join(","));
    if (this.#at === null) url.searchParams.delete("t");
    else url.searchParams.set("t", new Date(this.#at).toISOString());
    history.replaceState(history.state, "", url.href.replaceAll("%2C", ","));
  }

  /** For tests and lists: where an object is on the screen. */
  place(layerName: string, id: string): { x: number; y: number } | null {
    const feature = this.#data.get(layerName)?.features.find((f) => codeOf(f) === id);
    const at = feature && anchor(feature);
    if (!at || !this.#gl) return null;
    const { x, y } = this.#gl.project(at);
    return { x, y };
  }

  fit(bounds: [number, number, number, number]): void {
    this.#gl?.fitBounds(new LngLatBounds(bounds), { padding: this.#padding() });
  }
}

customElements.define("qy-map", CityMap);
