/* A heat map: the share of worlds in the cells of two inputs of a sweep. */
(function () {
  "use strict";
  const house = window.house;
  const LEFT = 84,
    RIGHT = 22, // half of the name of the last column, which is wider than the column
    TOP = 26,
    BOTTOM = 44,
    CELL = 34; // pixels of a cell that can hold its number

  /* The colour of a cell, the stronger the higher its share, and that of the number on it. */
  house.shaded = (share, { accent, paper }) => {
    const fill = house.mixed(accent, paper, 0.04 + 0.96 * share);
    return { fill, ink: house.inkOn(fill) };
  };

  Vue.component("rp-heat", {
    mixins: [house.sized],
    data: () => ({ inks: {}, left: LEFT }),
    props: { grid: Object, x: String, y: String, label: String, source: String, name: String },
    computed: {
      wide() {
        return this.across || 480;
      },
      tall() {
        return Math.min(420, Math.max(260, 0.62 * this.wide));
      },
      step() {
        return [(this.wide - LEFT - RIGHT) / this.grid.across.length, (this.tall - TOP - BOTTOM) / this.grid.up.length];
      },
      title() {
        return `${this.label}: share of worlds, along "${this.x}" and "${this.y}"`;
      },
      summary() {
        const shares = this.grid.cells.map((cell) => cell[2]);
        const ends = [Math.min(...shares), Math.max(...shares)].map((share) => `${house.percent(share)}%`);
        return `${this.title}: from ${ends.join(" to ")}`;
      },
      cells() {
        const [width, height] = this.step;
        return this.grid.cells.map(([column, row, share, points]) => ({
          key: `${column} ${row}`,
          ...house.shaded(share, this.inks),
          x: LEFT + column * width,
          y: TOP + (this.grid.up.length - 1 - row) * height,
          share,
          words: [
            `${this.x}: ${this.grid.across[column]}`,
            `${this.y}: ${this.grid.up[row]}`,
            `${house.percent(share)}% of worlds, ${points} points`,
          ].join("; "),
        }));
      },
      /* The cell with the case's own values of both numbers. */
      own() {
        if (!this.grid.own) return null;
        const [width, height] = this.step,
          [column, row] = this.grid.own;
        return { x: LEFT + column * width, y: TOP + (this.grid.up.length - 1 - row) * height, width, height };
      },
      each() {
        const points = this.grid.cells.map((cell) => cell[3]);
        return Math.round(points.reduce((sum, one) => sum + one, 0) / points.length);
      },
      numbered() {
        return Math.min(this.step[0], 1.6 * this.step[1]) >= CELL;
      },
      /* Every nth name of the horizontal axis, so that names do not touch. */
      ticks() {
        const every = Math.ceil(76 / this.step[0]);
        return this.grid.across.map((text, n) => ({ text, n })).filter((one) => one.n % every === 0);
      },
    },
    template: /* HTML */ `<figure class="heat">
      <svg ref="svg" :viewBox="'0 0 ' + wide + ' ' + tall" :height="tall" role="img" :aria-label="summary">
        <text x="2" y="14" class="axis">{{ y }}</text>
        <g v-for="cell in cells" :key="cell.key">
          <rect
            :x="cell.x + 0.5"
            :y="cell.y + 0.5"
            :width="step[0] - 1"
            :height="step[1] - 1"
            class="cell"
            :fill="cell.fill"
          >
            <title>{{ cell.words }}</title>
          </rect>
          <text
            v-if="numbered"
            :x="cell.x + step[0] / 2"
            :y="cell.y + step[1] / 2 + 4"
            text-anchor="middle"
            :style="{fill: cell.ink}"
          >
            {{ percent(cell.share) }}
          </text>
        </g>
        <rect v-if="own" v-bind="own" class="own" />
        <text
          v-for="one in ticks"
          :key="'x' + one.n"
          :x="left + (one.n + 0.5) * step[0]"
          :y="tall - 26"
          text-anchor="middle"
          class="tick"
        >
          {{ one.text }}
        </text>
        <text
          v-for="(text, n) in grid.up"
          :key="'y' + n"
          x="78"
          :y="26 + (grid.up.length - n - 0.5) * step[1] + 4"
          text-anchor="end"
          class="tick"
        >
          {{ text }}
        </text>
        <text :x="left + (grid.across.length * step[0]) / 2" :y="tall - 6" text-anchor="middle" class="axis">
          {{ x }}
        </text>
      </svg>
      <figcaption>
        <span
          >Share of worlds in percent, the stronger the colour, the more; {{ each }} points per cell<template v-if="own"
            >; outlined: where the case itself lies</template
          >.
          <slot></slot>
        </span>
        <rp-downloads what="heat map" :kinds="['png', 'svg', 'csv']" @save="save"></rp-downloads>
      </figcaption>
    </figure>`,
    created() {
      this.dip();
      window.addEventListener("ink", this.dip);
    },
    beforeDestroy() {
      window.removeEventListener("ink", this.dip);
    },
    methods: {
      percent: house.percent,
      /* Take the colours of the page, light or dark. */
      dip() {
        this.inks = { accent: house.colour("accent"), paper: house.colour("paper") };
      },
      save(kind) {
        if (kind !== "csv")
          return house.saving.drawing(this.$refs.svg, kind, this.name, { title: this.title, source: this.source });
        const rows = this.grid.cells.map(([column, row, share, points]) => [
          this.grid.across[column],
          this.grid.up[row],
          share,
          points,
        ]);
        house.saving.csv([[this.grid.x, this.grid.y, "share", "points"], ...rows], this.name);
      },
    },
  });
})();
