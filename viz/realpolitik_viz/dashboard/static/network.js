/* The leverage network: an arrow from each holder, as wide as its leverage. */
(function () {
  "use strict";
  const house = window.house;
  const WIDE = 560,
    TALL = 400,
    REACH = 26;

  const SMALLEST = 11.5; // pixels of a text on the screen
  const UP = 0.38 * TALL,
    GAP = 22, // from the middle of a node to the text next to it
    LETTER = 0.7, // the width of a bold letter, as a share of the size
    NARROWEST = 0.16 * WIDE; // the ring, from its middle to its side

  Vue.component("rp-network", {
    mixins: [house.sized],
    props: { leverage: Object, actors: Object, month: String, pair: String },
    computed: {
      names() {
        return Object.keys(this.actors);
      },
      size() {
        return Math.max(14, (SMALLEST * WIDE) / (this.across || WIDE));
      },
      /* The names of actors: in one line, or in several where one has no room next to the narrowest ring. */
      lines() {
        const most = (WIDE / 2 - GAP - NARROWEST) / (LETTER * this.size);
        const broken = (label) =>
          label.split(" ").reduce((lines, word) => {
            const longer = [...lines.slice(-1), word].join(" ");
            return longer.length <= most ? [...lines.slice(0, -1), longer] : [...lines, word];
          }, []);
        return Object.fromEntries(this.names.map((name) => [name, broken(this.actors[name].label)]));
      },
      /* Names stand outside the ring, where no arrow runs: the ring leaves them room at its sides. */
      ring() {
        const all = [...Object.values(this.lines).flat(), "holds 0.00"];
        const longest = Math.max(...all.map((line) => line.length));
        return Math.max(NARROWEST, WIDE / 2 - GAP - LETTER * this.size * longest);
      },
      /* Left, top, width and height of what is drawn: down to the lowest and up to the highest text. */
      view() {
        const nodes = Object.values(this.nodes);
        const top = Math.min(-24, ...nodes.map((node) => this.placeOf(node, 0).y - this.size));
        const last = nodes.map((node) => this.placeOf(node, node.lines.length).y + 0.4 * this.size);
        return [0, top, WIDE, Math.max(TALL, ...last) - top];
      },
      /* Whether a click on an arrow does something on this page. */
      chooses() {
        return !!this.$listeners.pair;
      },
      nodes() {
        return Object.fromEntries(
          this.names.map((name, n) => {
            const turn = (2 * Math.PI * n) / this.names.length - Math.PI / 2;
            const held = Object.entries(this.leverage)
              .filter(([p]) => p.split(">")[0] === name)
              .reduce((sum, [, v]) => sum + v, 0);
            return [
              name,
              {
                name,
                x: WIDE / 2 + this.ring * Math.cos(turn),
                y: TALL / 2 + UP * Math.sin(turn),
                side: Math.abs(Math.cos(turn)) < 0.3 ? 0 : Math.sign(Math.cos(turn)),
                held,
                lines: this.lines[name],
                ...this.actors[name],
              },
            ];
          }),
        );
      },
      arrows() {
        return Object.entries(this.leverage)
          .filter(([p, v]) => v > 0.005 && p.split(">").every((n) => n in this.nodes))
          .map(([pair, value]) => {
            const [one, other] = pair.split(">").map((name) => this.nodes[name]);
            const wide = Math.min(16, 1 + 11 * value);
            return {
              pair,
              value,
              wide,
              colour: one.colour,
              d: this.bent(one, other, wide),
              text: `${one.label} holds ${value.toFixed(2)} over ${other.label}`,
            };
          })
          .sort((a, b) => b.value - a.value);
      },
      monthInWords() {
        return house.inWords(this.month);
      },
      summary() {
        return (
          `Leverage in ${this.monthInWords}: ` +
          this.arrows
            .slice(0, 6)
            .map((a) => a.text)
            .join("; ")
        );
      },
    },
    template: /* HTML */ `<figure class="network">
      <svg ref="svg" :viewBox="view.join(' ')" :role="chooses ? 'group' : 'img'" :aria-label="summary">
        <path
          v-for="arrow in arrows"
          :key="arrow.pair"
          :d="arrow.d"
          class="arrow"
          :class="{chosen: isChosen(arrow), choice: chooses}"
          :style="{fill: arrow.colour}"
          :tabindex="chooses ? 0 : null"
          :role="chooses ? 'button' : null"
          :aria-label="chooses ? arrow.text : null"
          :aria-pressed="chooses ? String(isChosen(arrow)) : null"
          @click="$emit('pair', arrow.pair)"
          @keydown.enter.prevent="$emit('pair', arrow.pair)"
          @keydown.space.prevent="$emit('pair', arrow.pair)"
        >
          <title>{{ arrow.text }}</title>
        </path>
        <g v-for="node in nodes" :key="node.name">
          <circle :cx="node.x" :cy="node.y" :r="15" class="node" :style="{fill: node.colour}" />
          <text
            v-for="(line, n) in node.lines"
            :key="'line' + n"
            v-bind="placeOf(node, n)"
            class="actor"
            :font-size="size"
          >
            {{ line }}
          </text>
          <text v-bind="placeOf(node, node.lines.length)" class="held" :font-size="size">
            holds {{ node.held.toFixed(2) }}
          </text>
        </g>
        <text x="8" :y="view[1] + view[3] - 8" class="date" :font-size="1.35 * size">{{ monthInWords }}</text>
      </svg>
      <figcaption>
        <p class="source">
          An arrow points from the actor that can withhold something to the actor that would lose; its width is the
          loss. “Holds” is the sum of an actor's arrows.
          <rp-downloads what="leverage network" :kinds="['png', 'svg', 'csv']" @save="save"></rp-downloads>
        </p>
      </figcaption>
    </figure>`,
    methods: {
      isChosen({ pair }) {
        return [pair, pair.split(">").reverse().join(">")].includes(this.pair);
      },
      /* Lines of text, away from the middle: next to a node, above the one at the top, below at the bottom. */
      placeOf({ x, y, side, lines }, line) {
        const down = line * (this.size + 1);
        if (side) return { x: x + side * GAP, y: y + down, "text-anchor": side > 0 ? "start" : "end" };
        const above = 22 + this.size + (lines.length - 1) * (this.size + 1);
        return { x, y: (y < TALL / 2 ? y - above : y + 18 + this.size) + down, "text-anchor": "middle" };
      },
      bent(one, other, wide) {
        const dx = other.x - one.x,
          dy = other.y - one.y,
          far = Math.hypot(dx, dy) || 1;
        const [ux, uy] = [dx / far, dy / far],
          [px, py] = [-uy, ux];
        const bow = 0.11 * far,
          head = 9 + wide / 2;
        const at = (along, aside) =>
          `${(one.x + ux * along + px * aside).toFixed(1)},${(one.y + uy * along + py * aside).toFixed(1)}`;
        const from = REACH - 6,
          to = far - REACH,
          neck = to - head,
          half = wide / 2;
        return [
          `M${at(from, 6 - half * 0.4)}`,
          `Q${at(far / 2, bow - half)} ${at(neck, 7 - half)}`,
          `L${at(neck, 7 - half - 4)} L${at(to, 4)} L${at(neck, 7 + half + 4)} L${at(neck, 7 + half)}`,
          `Q${at(far / 2, bow + half)} ${at(from, 6 + half * 0.4)} Z`,
        ].join(" ");
      },
      save(kind) {
        if (kind === "csv")
          return house.saving.csv(
            [["holder", "over", "leverage"], ...this.arrows.map((a) => [...a.pair.split(">"), a.value])],
            `leverage-${this.month}`,
          );
        const title = `Who holds leverage over whom in ${this.monthInWords}`;
        house.saving.drawing(this.$refs.svg, kind, `leverage-${this.month}`, { title });
      },
    },
  });
})();
