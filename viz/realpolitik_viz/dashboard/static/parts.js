/* Small components that several pages use. */
(function () {
  "use strict";
  const house = window.house;

  /* What pages compute alike: the view, the scenarios, their titles, and these as the options of a select. */
  house.shared = {
    now() {
      return JSON.parse(this.view);
    },
    stock() {
      return JSON.parse(this.catalogue);
    },
    options() {
      return Object.entries(this.stock).map(([value, one]) => ({ value, text: one.title }));
    },
    titleOf() {
      return (name) => (this.stock[name] || { title: name }).title;
    },
  };

  Vue.component("rp-downloads", {
    props: { kinds: Array, what: String },
    template: /* HTML */ `<span class="downloads" role="group" :aria-label="'Download ' + what">
      <button
        v-for="kind in kinds"
        :key="kind"
        type="button"
        class="link"
        @click="$emit('save', kind)"
        :aria-label="'Download ' + what + ' as ' + kind.toUpperCase()"
      >
        {{ kind.toUpperCase() }}
      </button></span
    >`,
  });

  Vue.component("rp-chart", {
    props: {
      option: Function,
      name: String,
      title: String,
      height: { default: 230 },
      rows: Function,
      source: String,
      legend: Array,
    },
    data: () => ({ finding: "" }),
    template: /* HTML */ `<figure class="chart">
      <div ref="place" :style="{height: height + 'px'}" role="img" :aria-label="finding || title"></div>
      <figcaption>
        <slot></slot
        ><rp-downloads :what="title" :kinds="rows ? ['png', 'svg', 'csv'] : ['png', 'svg']" @save="save"></rp-downloads>
      </figcaption>
    </figure>`,
    watch: {
      option() {
        this.draw();
      },
    },
    async mounted() {
      this.draw = () => {
        if (!this.chart) return;
        const { clientWidth, clientHeight } = this.$refs.place;
        const option = house.fitted(house.calm(this.option()), clientWidth, clientHeight),
          said = JSON.stringify(option);
        if (said !== this.drawn) this.chart.setOption(option, { notMerge: true });
        this.finding = option.aria.label.description;
        this.drawn = said;
      };
      const echarts = await house.echarts();
      if (!this.$refs.place) return;
      this.lib = echarts;
      this.chart = echarts.init(this.$refs.place, null, { renderer: "svg" });
      this.chart.on("click", (event) => this.$emit("pick", event.data));
      this.draw();
      this.sized = new ResizeObserver(() => {
        this.chart.resize();
        this.draw();
      });
      this.sized.observe(this.$refs.place);
      window.addEventListener("ink", this.draw);
    },
    beforeDestroy() {
      window.removeEventListener("ink", this.draw);
      if (this.sized) this.sized.disconnect();
      if (this.chart) this.chart.dispose();
    },
    methods: {
      draw() {},
      save(kind) {
        if (kind === "csv") return house.saving.csv(this.rows(), this.name);
        const svg = this.$refs.place.querySelector("svg");
        return house.saving.drawing(svg, kind, this.name, { source: this.source, key: this.legend });
      },
    },
  });

  Vue.component("rp-choice", {
    props: { value: [String, Number], label: String, options: Array, name: String },
    computed: {
      chosen() {
        return this.options.find((one) => String(one.value) === String(this.value)) || {};
      },
    },
    /* Options may change with the value: the browser chooses another one when they are replaced. */
    updated() {
      this.$refs.select.value = this.value;
    },
    template: /* HTML */ `<label class="choice" :title="chosen.title || chosen.text"
      ><span>{{ label }}</span>
      <select ref="select" :value="value" :name="name" @change="$emit('input', $event.target.value)">
        <option
          v-for="one in options"
          :key="one.value"
          :value="one.value"
          :selected="String(one.value) === String(value)"
          :disabled="one.disabled"
          :title="one.title"
        >
          {{ one.text }}
        </option>
      </select></label
    >`,
  });

  /* A number that is typed. What the page learns meanwhile does not replace it: the value does, once it was sent. */
  Vue.component("rp-typed", {
    props: { value: Number, label: String, name: String },
    data: () => ({ typed: null, sent: false }),
    computed: {
      shown() {
        return this.typed === null ? this.value : this.typed;
      },
    },
    watch: {
      value() {
        if (this.sent || document.activeElement !== this.$refs.field) this.typed = null;
      },
    },
    template: /* HTML */ `<label class="choice"
      >{{ label }}<input
        ref="field"
        type="number"
        min="0"
        max="9007199254740992"
        :name="name"
        :value="shown"
        @input="type($event.target.value)"
        @change="send($event.target.value)"
    /></label>`,
    methods: {
      type(text) {
        this.typed = text;
        this.sent = false;
      },
      send(text) {
        this.typed = text;
        this.sent = true;
        this.$emit("change", text);
      },
    },
  });

  /* The month that a page shows: slide, step or play. `jumps` says whether there is an event before and after it. */
  Vue.component("rp-months", {
    props: { months: Array, at: Number, marks: { type: Array, default: () => [] }, jumps: Array },
    data: () => ({ playing: null }),
    template: /* HTML */ `<div class="months" role="group" aria-label="Month">
      <button type="button" class="round" @click="step(-1)" aria-label="Previous month" :disabled="at <= 0">‹</button>
      <button type="button" class="round strong" @click="toggle" :aria-label="playing ? 'Pause' : 'Play'" data-play>
        {{ playing ? "❚❚" : "▶" }}
      </button>
      <button type="button" class="round" @click="step(1)" aria-label="Next month" :disabled="at >= months.length - 1">
        ›
      </button>
      <template v-if="jumps"
        ><button
          type="button"
          class="round wide"
          :disabled="!jumps[0]"
          data-jump-back
          aria-label="Previous event"
          @click="$emit('jump', -1)"
        >
          « event</button
        ><button
          type="button"
          class="round wide"
          :disabled="!jumps[1]"
          data-jump
          aria-label="Next event"
          @click="$emit('jump', 1)"
        >
          event »
        </button></template
      >
      <span class="track"
        ><i v-for="mark in marks" :key="mark" :style="{left: along(mark)}"></i>
        <input
          type="range"
          min="0"
          :max="months.length - 1"
          :value="at"
          aria-label="Month"
          :aria-valuetext="monthInWords"
          @input="$emit('at', +$event.target.value)"
          @change="$emit('settle')"
        /><span v-if="marks.length" class="ends" aria-hidden="true"
          ><span>{{ inWords(months[0]) }}</span><span>marks: main events</span
          ><span>{{ inWords(months[months.length - 1]) }}</span></span
        ></span
      >
      <output data-month>{{ monthInWords }}</output>
    </div>`,
    computed: {
      monthInWords() {
        return house.inWords(this.months[this.at]);
      },
    },
    beforeDestroy() {
      clearInterval(this.playing);
    },
    methods: {
      inWords: house.inWords,
      /* Where the thumb of the slider, 16 pixels wide, has its middle for a month. */
      along(month) {
        const share = month / Math.max(1, this.months.length - 1);
        return `calc(${100 * share}% + ${8 - 16 * share}px)`;
      },
      step(by) {
        this.$emit("at", Math.max(0, Math.min(this.months.length - 1, this.at + by)));
        this.$emit("settle");
      },
      toggle() {
        if (this.playing) {
          clearInterval(this.playing);
          this.playing = null;
          this.$emit("settle");
          return;
        }
        if (this.at >= this.months.length - 1) this.$emit("at", 0);
        this.playing = setInterval(() => {
          if (this.at >= this.months.length - 1) this.toggle();
          else this.$emit("at", this.at + 1);
        }, 140);
      },
    },
  });
})();
