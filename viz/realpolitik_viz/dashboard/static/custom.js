/* Runs before the first paint: sets language, zoom and theme, then loads our own scripts in order. */
(function () {
  "use strict";
  const root = document.documentElement;
  root.lang = "en";
  document.querySelector("meta[name=viewport]").content = "width=device-width, initial-scale=1";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const inks = () => localStorage.getItem("realpolitik.ink") || (dark.matches ? "dark" : "light");
  const paint = () => {
    root.dataset.ink = inks();
    window.dispatchEvent(new Event("ink"));
  };
  window.house = {
    ink: () => root.dataset.ink,
    toggle: () => {
      localStorage.setItem("realpolitik.ink", root.dataset.ink === "dark" ? "light" : "dark");
      paint();
    },
    colour: (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim(),
  };
  dark.addEventListener("change", paint);
  /* Paper is light: charts are drawn again in the light colours before a page is printed, and back afterwards. */
  window.addEventListener("beforeprint", () => {
    root.dataset.ink = "light";
    window.dispatchEvent(new Event("ink"));
  });
  window.addEventListener("afterprint", paint);
  paint();
  for (const name of [
    "words",
    "terms",
    "saving",
    "charts",
    "parts",
    "changes",
    "levers",
    "cards",
    "matters",
    "map",
    "network",
    "heat",
    "accounts",
    "events",
    "story",
    "reconnecting",
  ]) {
    document.write(`<script src="/static/assets/${name}.js"></scr` + "ipt>");
  }
})();
