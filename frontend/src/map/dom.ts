// 搭 DOM 的一只小手：不拼 HTML，文字一律作文本。
type Child = Node | string | null | undefined | false;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((c): c is Node | string => Boolean(c)));
  return made;
}

const NS = "http://www.w3.org/2000/svg";
export function svg(viewBox: string, ...shapes: [tag: string, attributes: Record<string, string>][]): SVGSVGElement {
  const made = document.createElementNS(NS, "svg");
  made.setAttribute("viewBox", viewBox);
  made.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    made.append(shape);
  }
  return made;
}

export const strokes = (...paths: string[]): SVGSVGElement => {
  const made = svg("0 0 24 24", ...paths.map((d): [string, Record<string, string>] => ["path", { d }]));
  made.setAttribute("class", "qy-icon");
  return made;
};
