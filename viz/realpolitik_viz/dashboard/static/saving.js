/* Downloads, made in the browser: PNG, SVG, CSV and text. */
(function () {
  "use strict";
  const house = window.house;
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
  /* What decides how an element looks; a saved file has no style sheet. */
  const PAINTED = [
    ...["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linejoin"],
    ...["stroke-linecap", "opacity", "filter", "font-size", "font-weight", "font-style", "text-anchor"],
    ...["dominant-baseline", "visibility", "display"],
  ];
  const styled = (svg) => {
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")];
    [copy, ...copy.querySelectorAll("*")].forEach((node, n) => {
      const style = getComputedStyle(from[n]);
      for (const key of PAINTED) node.style.setProperty(key, style.getPropertyValue(key));
      node.style.fontFamily = "sans-serif";
      node.removeAttribute("tabindex");
      if (style.getPropertyValue("paint-order").startsWith("stroke") && style.stroke !== "none") haloed(node);
    });
    return copy;
  };
  /* A text whose outline lies under it becomes two texts: many programs paint the outline over the letters. */
  const haloed = (node) => {
    const halo = node.cloneNode(true);
    halo.style.fill = "none";
    halo.setAttribute("aria-hidden", "true");
    node.parentNode.insertBefore(halo, node);
    node.style.stroke = "none";
  };
  const SVG = "http://www.w3.org/2000/svg";
  const drawn = (name, attributes, content = "") => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.textContent = content;
    return node;
  };
  const pen = document.createElement("canvas").getContext("2d");
  const wide = (words, font) => {
    pen.font = font;
    return pen.measureText(words).width;
  };
  /* Lines of a text that fit into a width; a word that is too long, such as a link, is broken anywhere. */
  const broken = (words, width, font) => {
    const lines = [""];
    const put = (word) => {
      const last = lines[lines.length - 1];
      const longer = last ? `${last} ${word}` : word;
      if (wide(longer, font) <= width) lines[lines.length - 1] = longer;
      else if (wide(word, font) <= width) lines.push(word);
      else {
        const letters = [...word];
        let n = letters.length;
        while (n > 1 && wide(letters.slice(0, n).join(""), font) > width) n -= 1;
        lines.push(letters.slice(0, n).join(""));
        if (n < letters.length) put(letters.slice(n).join(""));
      }
    };
    words
      .split(/\s+/)
      .filter((word) => word)
      .forEach(put);
    return lines.filter((line) => line);
  };
  const EDGE = 14,
    NARROWEST = 320;
  const KINDS = {
    title: { size: 17, weight: 600, leading: 22, colour: "text" },
    key: { size: 12, weight: 400, leading: 17, colour: "text" },
    note: { size: 12, weight: 400, leading: 16, colour: "muted" },
    source: { size: 11, weight: 400, leading: 15, colour: "muted" },
  };
  /* What stands before a text of a key: a piece of the line, or a square of the colour; null if it has none. */
  const markOf = ({ colour, line }) => {
    if (line) {
      const stroke = line.stroke.replace(/var\(--(\w+)\)/, (_, name) => house.colour(name));
      const at = (down) => drawn("line", { ...line, stroke, x1: EDGE, x2: EDGE + 26, y1: down - 8, y2: down - 8 });
      return { wide: 34, at };
    }
    const style = `fill: ${colour}`;
    return colour
      ? { wide: 16, at: (down) => drawn("rect", { x: EDGE, y: down - 13, width: 10, height: 10, style }) }
      : null;
  };
  /* A picture that explains itself: title, drawing, key, notes, source and link, one below the other. */
  const framed = (svg, { title = "", key = [], notes = [], source = "", link = "" }) => {
    const [inner, high] = [svg.clientWidth, svg.clientHeight];
    const width = Math.max(inner, NARROWEST) + 2 * EDGE;
    const made = drawn("svg", { xmlns: SVG, width });
    let down = EDGE;
    const write = (words, kind, parent = made, mark = null) => {
      const { size, weight, leading, colour } = KINDS[kind];
      const left = EDGE + (mark ? mark.wide : 0);
      for (const line of broken(words, width - left - EDGE, `${weight} ${size}px sans-serif`)) {
        down += leading;
        const style = `font: ${weight} ${size}px sans-serif; fill: ${house.colour(colour)}`;
        parent.append(drawn("text", { x: left, y: down - 4, style }, line));
        if (mark) made.append(mark.at(down));
        mark = null;
      }
    };
    if (title) made.append(drawn("title", {}, title));
    write(title, "title");
    const picture = styled(svg);
    if (!picture.getAttribute("viewBox")) picture.setAttribute("viewBox", `0 0 ${inner} ${high}`);
    for (const [name, value] of Object.entries({ x: EDGE, y: down + 6, width: inner, height: high }))
      picture.setAttribute(name, value);
    for (const property of ["position", "left", "top", "width", "height"]) picture.style.removeProperty(property);
    made.append(picture);
    down += high + 10;
    key.forEach((one) => write(one.text, "key", made, markOf(one)));
    notes.forEach((words) => write(words, "note"));
    down += 3;
    write(source, "source");
    if (/^https?:/.test(link)) {
      const anchor = drawn("a", { href: link });
      made.append(anchor);
      write(link, "source", anchor);
    }
    const height = Math.ceil(down + EDGE);
    made.setAttribute("height", height);
    made.setAttribute("viewBox", `0 0 ${width} ${height}`);
    made.prepend(drawn("rect", { width, height, style: `fill: ${house.colour("paper")}` }));
    return { text: new XMLSerializer().serializeToString(made), width, height };
  };
  const png = ({ text: source, width, height }, name) => {
    const picture = new Image();
    picture.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = width * 2;
      canvas.height = height * 2;
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => hand(blob, `${name}.png`));
    };
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
  };
  const plain = (node) => node.textContent.replace(/\s+/g, " ").trim();
  /* What the figure of a drawing says around it: its title, key, notes, and the source and link of the view. */
  const about = (svg, { title, source, key: given } = {}) => {
    const figure = svg.closest("figure") || svg;
    const named = svg.closest("[role][aria-label]") || svg;
    const caption = figure.querySelector("figcaption");
    const key = [...figure.querySelectorAll("figcaption .legend > div")].map((row) => ({
      text: [...row.children].map(plain).join(" "),
      colour: row.querySelector("i") ? getComputedStyle(row.querySelector("i")).backgroundColor : "",
    }));
    const rest = caption ? caption.cloneNode(true) : null;
    if (rest) rest.querySelectorAll(".downloads, .legend, button").forEach((node) => node.remove());
    return {
      title: title || named.getAttribute("aria-label") || "",
      key: given || key,
      notes: rest ? [plain(rest)] : [],
      source: source || house.source || "",
      link: window.location.href,
    };
  };
  /* Save a drawing as SVG or PNG. Title and source are those of its figure and of the view, unless they are given. */
  const drawing = (svg, kind, name, given) => {
    const made = framed(svg, about(svg, given));
    if (kind === "svg") text(made.text, `${name}.svg`, "image/svg+xml");
    else png(made, name);
  };
  /* A figure that has its own title and source, with the link of the view below it. */
  const linked = (source, name) => {
    const figure = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
    const [left, top, width, height] = figure.getAttribute("viewBox").split(/\s+/).map(Number);
    const size = 8;
    const lines = broken(window.location.href, width - 20, `${size}px sans-serif`);
    const more = 8 + lines.length * 11;
    const grown = parseFloat(figure.getAttribute("height")) * (1 + more / height);
    figure.setAttribute("viewBox", `${left} ${top} ${width} ${height + more}`);
    figure.setAttribute("height", `${grown}pt`);
    const anchor = drawn("a", { href: window.location.href });
    lines.forEach((line, n) => {
      const style = `font: ${size}px sans-serif; fill: #5c636b`;
      anchor.append(drawn("text", { x: left + 10, y: top + height + 8 + 11 * n, style }, line));
    });
    figure.append(anchor);
    text(new XMLSerializer().serializeToString(figure), `${name}.svg`, "image/svg+xml");
  };
  Object.assign(house, { saving: { linked, text, csv, cell, drawing, framed, about, broken, wide } });
})();
