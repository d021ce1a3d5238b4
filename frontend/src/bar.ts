// 导航栏放不下时，末尾的入口收进“更多”；宽了再放回来。窄屏是抽屉，不用收。
export function foldBar(): void {
  const list = document.querySelector<HTMLElement>(".qy-nav > ul");
  const more = list?.querySelector<HTMLElement>(":scope > .qy-nav-more");
  const folded = more?.querySelector<HTMLElement>("ul");
  const tools = document.querySelector<HTMLElement>(".qy-tools");
  if (!list || !more || !folded || !tools) return;
  const wide = window.matchMedia("(min-width: 1200px)");
  const fold = (): void => {
    while (folded.firstElementChild) more.before(folded.firstElementChild);
    more.hidden = true;
    const tooLong = (): boolean => {
      const last = more.hidden ? more.previousElementSibling : more;
      return !!last && last.getBoundingClientRect().right > tools.getBoundingClientRect().left - 4;
    };
    while (wide.matches && tooLong() && more.previousElementSibling) {
      more.hidden = false;
      folded.prepend(more.previousElementSibling);
    }
    const here = folded.querySelector('[aria-current="page"]');
    more.querySelector("summary")?.toggleAttribute("data-here", !!here);
  };
  fold();
  void document.fonts?.ready.then(fold);
  window.addEventListener("resize", fold);
}
