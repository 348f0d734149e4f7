/* Downloads, made in the browser: PNG, SVG, CSV and text. */
(function () {
  "use strict";
  const hand = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const text = (content, name, type = "text/plain") => hand(new Blob([content], { type }), name);
  /* Positions where a spreadsheet would read a formula; the same pattern as FORMULA of realpolitik.frames. */
  const FORMULA = /(?:^|(?<=[;\t\r\n]))(?=[\t\r]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
  const cell = (value) => {
    const plain = value === null || value === undefined ? "" : String(value);
    const inert = typeof value === "string" ? plain.replace(FORMULA, "'") : plain;
    return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  };
  const csv = (rows, name) =>
    text(rows.map((row) => row.map(cell).join(",")).join("\n") + "\n", `${name}.csv`, "text/csv");
  const styled = (svg) => {
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((node, n) => {
      const style = getComputedStyle(from[n]);
      for (const key of [
        "fill",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "opacity",
        "fill-opacity",
        "font-size",
        "font-weight",
        "text-anchor",
      ]) {
        node.style.setProperty(key, style.getPropertyValue(key));
      }
      node.style.fontFamily = "sans-serif";
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", svg.clientWidth);
    copy.setAttribute("height", svg.clientHeight);
    copy.style.background = window.house.colour("paper");
    return new XMLSerializer().serializeToString(copy);
  };
  const png = (source, width, height, name) => {
    const picture = new Image();
    picture.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = width * 2;
      canvas.height = height * 2;
      const pen = canvas.getContext("2d");
      pen.fillStyle = window.house.colour("paper");
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => hand(blob, `${name}.png`));
    };
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  };
  const drawing = (svg, kind, name) => {
    if (kind === "svg") text(styled(svg), `${name}.svg`, "image/svg+xml");
    else png(styled(svg), svg.clientWidth, svg.clientHeight, name);
  };
  Object.assign(window.house, { saving: { text, csv, cell, drawing, styled } });
})();
