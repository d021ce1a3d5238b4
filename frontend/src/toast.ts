import { say } from "./words";

/** Show one line at the corner; errors stay until closed. */
export function toast(text: string, tone: "info" | "success" | "warning" | "error" = "info"): void {
  const home = document.getElementById("qy-toasts");
  if (!home) return;
  const box = document.createElement("div");
  box.className = "qy-toast";
  box.dataset["tone"] = tone;
  const line = document.createElement("p");
  line.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", say("close"));
  close.textContent = "×";
  box.append(line, close);
  home.append(box);
  if (tone !== "error") setTimeout(() => box.remove(), 6000);
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest(".qy-toast button");
  button?.closest(".qy-toast")?.remove();
});
