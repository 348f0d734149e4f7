/* The South Caucasus in one month: control of Karabakh, forces, the route and the border. */
(function () {
  "use strict";
  const house = window.house;
  const WEST = 42.3,
    EAST = 50.9,
    SOUTH = 38.2,
    NORTH = 42.4,
    ACROSS = 0.762,
    WIDE = 720;
  const SCALE = WIDE / ((EAST - WEST) * ACROSS),
    TALL = (NORTH - SOUTH) * SCALE;
  const spot = ([lon, lat]) => [(lon - WEST) * ACROSS * SCALE, (NORTH - lat) * SCALE];
  const point = (place) =>
    spot(place)
      .map((v) => v.toFixed(1))
      .join(",");
  const rings = (shape) =>
    (shape.geometry.type === "Polygon" ? [shape.geometry.coordinates] : shape.geometry.coordinates).flat();
  const outline = (shape) =>
    rings(shape)
      .map((ring) => `M${ring.map(point).join("L")}Z`)
      .join("");
  const near = ([lon, lat]) => lon > WEST - 2 && lon < EAST + 2 && lat > SOUTH - 2 && lat < NORTH + 2;

  /* The line that two countries share: the edges that both outlines have. */
  const shared = (one, other) => {
    const theirs = new Set(rings(other).flat().map(String));
    return rings(one)
      .map((ring) => {
        let path = "",
          pen = false;
        ring.forEach((place) => {
          const both = theirs.has(String(place));
          if (both) path += `${pen ? "L" : "M"}${point(place)}`;
          pen = both;
        });
        return path;
      })
      .join("");
  };
  const laid = (map) => {
    const by = (kind) => map.features.filter((f) => f.properties.kind === kind);
    const id = (name) => map.features.find((f) => f.properties.id === name);
    return {
      countries: by("country")
        .filter((f) => rings(f).flat().some(near))
        .map((f) => ({ id: f.properties.id, d: outline(f) })),
      oblast: outline(id("NKAO")),
      around: outline(id("SURR")),
      exclave: outline(id("NAX")),
      syunik: outline(id("SYU")),
      border: shared(id("ARM"), id("AZE")),
      places: by("place")
        .map((f) => ({ name: f.properties.name, at: spot(f.geometry.coordinates) }))
        .filter((p) => !["Meghri", "Lachin", "Shusha"].includes(p.name)),
    };
  };

  const COUNTRIES = {
    Georgia: [43.5, 42.02],
    Russia: [46.9, 42.22],
    Turkey: [43.05, 39.85],
    Armenia: [44.75, 40.62],
    Azerbaijan: [48.15, 40.62],
    Iran: [47.4, 38.42],
  }; // where their names stand
  const COUNTRY_NAMES = Object.entries(COUNTRIES).map(([name, place]) => ({ name, at: spot(place) }));
  const AREAS = [
    { name: "Former oblast of Nagorno-Karabakh", shade: 0.78 },
    { name: "Districts around it", shade: 0.42 },
  ]; // with the shade at which Baku holds all of it
  const LINES = { corridor: "corridor", border_1991: "border" };

  const LARGEST = 20; // radius of the disc of a whole force
  const ASIDE = LARGEST + 6; // from a city to the centre of the disc next to it, which covers neither city nor name
  const SMALLEST = 11.5; // pixels of a text on the screen

  Vue.component("rp-map", {
    mixins: [house.sized],
    props: { outlines: Object, issues: Object, labels: Object, actors: Object, month: String },
    data() {
      return {
        land: laid(this.outlines),
        tall: TALL,
        wide: WIDE,
        countries: COUNTRY_NAMES,
        areas: AREAS,
        lines: LINES,
      };
    },
    computed: {
      monthInWords() {
        return house.inWords(this.month);
      },
      of() {
        return (name) => (name in this.issues ? this.issues[name] : 0);
      },
      baku() {
        return (this.actors.Baku || {}).colour;
      },
      moscow() {
        return (this.actors.Moscow || {}).colour;
      },
      force() {
        return LARGEST * Math.sqrt(this.of("peacekeepers"));
      },
      mission() {
        return LARGEST * Math.sqrt(this.of("csto_mission"));
      },
      stepanakert() {
        const [x, y] = spot([46.75, 39.82]);
        return [x - ASIDE, y];
      },
      gyumri() {
        return spot([43.85, 40.79]);
      },
      size() {
        return Math.max(16, (SMALLEST * WIDE) / (this.across || WIDE));
      },
      villages() {
        return spot([45.1, 41.1]);
      },
      route() {
        return [
          [45.75, 39.12],
          [46.24, 38.9],
          [46.72, 39.12],
        ]
          .map(point)
          .join(" ");
      },
      rows() {
        return ["karabakh", "peacekeepers", "csto_mission", "corridor", "border_1991", "villages", "tension"]
          .filter((n) => n in this.issues)
          .map((name) => ({ name, ...this.labels[name], value: this.of(name) }));
      },
      borderStyle() {
        const level = this.of("border_1991");
        return { strokeDasharray: level > 0.7 ? "none" : `${3 + 9 * level} 4`, strokeWidth: 1.4 + 1.8 * level };
      },
      routeStyle() {
        const level = this.of("corridor");
        return {
          strokeWidth: 1.5 + 6 * level,
          strokeDasharray: level > 0.6 ? "none" : "3 4",
          strokeOpacity: 0.35 + 0.65 * level,
        };
      },
      summary() {
        return (
          `Map, ${house.inWords(this.month)}: ` + this.rows.map((r) => `${r.label} ${r.value.toFixed(2)}`).join(", ")
        );
      },
    },
    template: /* HTML */ `<figure class="map">
      <svg ref="svg" :viewBox="'0 0 ' + wide + ' ' + tall.toFixed(0)" role="img" :aria-label="summary">
        <rect class="sea" :width="wide" :height="tall" />
        <path v-for="one in land.countries" :key="one.id" :d="one.d" class="land" :class="one.id" />
        <path :d="land.exclave" class="exclave" />
        <path :d="land.syunik" class="syunik" />
        <path :d="land.around" class="oblast" :style="{fill: baku, fillOpacity: 0.12 + 0.3 * of('karabakh')}" />
        <path
          :d="land.oblast"
          class="oblast"
          :style="{fill: baku, fillOpacity: 0.06 + 0.72 * Math.max(0, (of('karabakh') - 0.3) / 0.7)}"
        />
        <path :d="land.border" class="tension" :style="{strokeOpacity: of('tension') * 0.8, strokeWidth: 9}" />
        <path :d="land.border" class="border" :style="borderStyle" />
        <polyline :points="route" class="corridor" :style="routeStyle" />
        <circle
          v-if="of('villages') > 0.02"
          :cx="villages[0]"
          :cy="villages[1]"
          :r="4 + 7 * of('villages')"
          :style="{fill: baku}"
          class="mark"
        />
        <text
          v-for="one in countries"
          :key="one.name"
          :x="one.at[0]"
          :y="one.at[1]"
          text-anchor="middle"
          :font-size="size"
          class="country"
        >
          {{ one.name }}
        </text>
        <g v-for="place in land.places" :key="place.name">
          <circle :cx="place.at[0]" :cy="place.at[1]" r="2.4" class="place" />
          <text
            :x="place.name === 'Baku' ? place.at[0] - 6 : within(place)"
            :y="place.at[1] + (below(place) ? size + 8 : -6)"
            :text-anchor="place.name === 'Baku' ? 'end' : 'start'"
            :font-size="size"
            class="place"
          >
            {{ place.name }}
          </text>
        </g>
        <g v-if="force > 3">
          <circle :cx="stepanakert[0]" :cy="stepanakert[1]" :r="force" class="force" :style="{fill: moscow}" />
        </g>
        <g v-if="mission > 3">
          <circle :cx="gyumri[0]" :cy="gyumri[1]" :r="mission" class="force" :style="{fill: moscow}" />
        </g>
        <text x="14" :y="tall - 14" class="date" :font-size="1.5 * size">{{ monthInWords }}</text>
      </svg>
      <figcaption>
        <dl class="legend">
          <div v-for="row in rows" :key="row.name" :title="'0: ' + row.low + '; 1: ' + row.high">
            <dt>
              <svg v-if="lines[row.name]" class="sample" width="22" height="10" aria-hidden="true">
                <line
                  x1="0"
                  x2="22"
                  y1="5"
                  y2="5"
                  :class="lines[row.name]"
                  :style="row.name === 'corridor' ? routeStyle : borderStyle"
                /></svg
              ><i
                v-else
                :class="row.name"
                :style="{'--of': row.name === 'peacekeepers' || row.name === 'csto_mission' ? moscow : baku}"
              ></i
              >{{ row.label }}:
            </dt>
            <dd>{{ levelOf(row) }}</dd>
          </div>
        </dl>
        <dl class="legend areas">
          <div v-for="one in areas" :key="one.name">
            <dt><i :style="{'--of': baku, opacity: one.shade}"></i>{{ one.name }}, if Baku holds it</dt>
          </div>
          <div>
            <dt><i class="syunik"></i>Syunik, which the Zangezur route crosses</dt>
          </div>
        </dl>
        <p class="source">
          Outlines: Natural Earth (public domain). The former oblast is approximate. The map takes no position on
          borders. <rp-downloads what="map" :kinds="['png', 'svg']" @save="save"></rp-downloads>
        </p>
      </figcaption>
    </figure>`,
    methods: {
      /* Two names stand below their cities: there, neither hides the other. */
      below: ({ name }) => name.startsWith("Step") || name.startsWith("Nakh"),
      /* Where a name begins: next to its city, or further left if it would leave the map. */
      within({ name, at: [x] }) {
        return Math.min(x + 6, WIDE - 4 - house.saving.wide(name, `${this.size}px system-ui, sans-serif`));
      },
      /* A level in words: either end as the case describes it, or how far it is towards the upper one. */
      levelOf({ value, low, high }) {
        if (value < 0.005) return low;
        return value > 0.995 ? high : `${value.toFixed(2)}, where 1 is “${high}”`;
      },
      save(kind) {
        const title = `The South Caucasus in ${this.monthInWords}: who holds what, and where the forces are`;
        house.saving.drawing(this.$refs.svg, kind, `map-${this.month}`, { title });
      },
    },
  });
})();
