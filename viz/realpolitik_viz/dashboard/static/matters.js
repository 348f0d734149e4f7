/* What matters most, and what it takes: the range of each number on one scale, and the smallest change for a goal. */
(function () {
  "use strict";
  const house = window.house;
  const MOST = 10;

  Vue.component("rp-matters", {
    props: { found: Object, rows: Object, options: Array, outcome: String, by: String, fresh: Boolean, cards: Object },
    data: () => ({ all: false }),
    computed: {
      bars() {
        const known = this.found ? this.found.bars.filter((one) => one.path in this.rows) : [];
        return (this.all ? known : known.slice(0, MOST)).map((one) => {
          const [low, high] = one.at;
          return {
            ...one,
            label: this.rows[one.path].words,
            left: 100 * Math.min(low, high, this.found.value),
            right: 100 * Math.max(low, high, this.found.value),
            ends: [
              { value: one.low, share: low },
              { value: one.high, share: high },
            ],
          };
        });
      },
      /* The share here and that of the card are of other worlds: both are named, so that neither seems wrong. */
      worlds() {
        const { found, cards, by } = this;
        const row = this.fresh && cards.outcomes[found.outcome];
        const here = house.percent(found.value);
        const few = `It is ${here}% of the ${found.worlds} worlds played here, with numbers as given`;
        if (!row) return `${few}.`;
        const share = house.percent(house.shareBy(row, cards.months, by));
        return `${few}; the card has ${share}% of ${cards.worlds.toLocaleString("en-GB")} worlds.`;
      },
    },
    methods: {
      percent: house.percent,
      short: house.short,
      inWords: house.inWords,
      save() {
        const head = ["path", "low", "high", "share_at_low", "share_at_high"];
        const rows = this.found.bars.map((one) => [one.path, one.low, one.high, ...one.at]);
        house.saving.csv([head, ...rows], `what-matters-${this.found.outcome}`);
      },
    },
    template: /* HTML */ `<section class="panel full matters" aria-label="What matters most" data-matters>
      <div class="top">
        <h3>What matters most</h3>
        <rp-choice
          label="For"
          name="outcome"
          :value="outcome"
          :options="options"
          @input="$emit('outcome', $event)"
        ></rp-choice>
      </div>
      <p v-if="!found" class="muted">This follows once the page has been still for a moment …</p>
      <p v-else-if="found.why" class="muted">{{ found.why }}</p>
      <template v-else>
        <p class="muted" data-matters-of>
          Each bar: the share of worlds by {{ inWords(found.by) }} when one number is at either end of its plausible
          range and all others are as they are. On the right: the share at its low end → at its high end. Click a share
          to set the number to that end.
          <span v-if="!fresh">This is for the numbers as they were; an update follows.</span>
        </p>
        <ol class="bars">
          <li v-for="one in bars" :key="one.path" :data-bar="one.path">
            <span class="label" :title="one.path">{{ one.label }}</span>
            <span class="line"
              ><i class="bar" :style="{left: one.left + '%', width: one.right - one.left + '%'}"></i
              ><i class="value" :style="{left: 100 * found.value + '%'}"></i
              ><i
                v-for="(end, n) in one.ends"
                :key="n"
                class="end"
                :class="n ? 'high' : 'low'"
                :style="{left: 100 * end.share + '%'}"
              ></i
            ></span>
            <span class="numbers"
              ><template v-for="(end, n) in one.ends"
                ><span v-if="n" :key="'to ' + n"> → </span
                ><button
                  :key="n"
                  type="button"
                  class="link"
                  :data-end="n ? 'high' : 'low'"
                  :aria-label="one.label + ': set to ' + short(end.value) + ', ' + percent(end.share) + '% of worlds'"
                  :title="'Set to ' + short(end.value) + ': ' + percent(end.share) + '% of worlds'"
                  @click="$emit('set', {[one.path]: end.value})"
                >
                  {{ percent(end.share) }}%
                </button></template
              ></span
            >
          </li>
        </ol>
        <p class="below">
          <span class="muted"
            >○ low end, ● high end; the line is the share with no number moved.
            <span data-worlds>{{ worlds }}</span></span
          >
          <button v-if="!all && found.bars.length > bars.length" type="button" class="link" @click="all = true">
            Show all {{ found.bars.length }}
          </button>
          <rp-downloads what="what matters most" :kinds="['csv']" @save="save"></rp-downloads>
        </p>
      </template>
    </section>`,
  });

  Vue.component("rp-goal", {
    props: { found: Object, rows: Object, levers: Array, options: Array, outcome: String, by: String },
    data() {
      return { chosen: this.outcome };
    },
    watch: {
      outcome(value) {
        this.chosen = value;
      },
    },
    computed: {
      mine() {
        return this.found && this.found.outcome === this.chosen ? this.found : null;
      },
      lead() {
        if (!this.ways.length)
          return "No single change does: no lever over its whole length, and no number within its plausible range.";
        return this.mine.rising
          ? "The smallest change that makes it one half:"
          : "The smallest change that brings it down to one half:";
      },
      ways() {
        return ["lever", "number"].flatMap((kind) => {
          const way = this.mine && this.mine[kind];
          if (!way) return [];
          return [{ ...way, kind, text: kind === "lever" ? this.leverText(way) : this.numberText(way) }];
        });
      },
    },
    template: /* HTML */ `<section class="goal" aria-label="Make it happen" data-goal>
      <rp-choice
        label="Make it happen:"
        name="goal"
        :value="chosen"
        :options="options"
        @input="chosen = $event"
      ></rp-choice>
      <button type="button" data-seek @click="$emit('seek', chosen)">What would it take?</button>
      <div role="status">
        <p v-if="mine && mine.waiting" class="muted">Looking for the smallest change …</p>
        <p v-else-if="mine && mine.why">{{ mine.why }}</p>
        <template v-else-if="mine">
          <p>
            By {{ inWords(mine.by) }} it happens in {{ percent(mine.value) }}% of {{ mine.worlds }} worlds with the
            numbers as given. {{ lead }}
          </p>
          <ul v-if="ways.length">
            <li v-for="one in ways" :key="one.kind" :data-way="one.kind">
              {{ one.text }}: then in {{ percent(one.share) }}% of worlds.
              <button type="button" class="link" @click="$emit('set', one.numbers)">Apply</button>
            </li>
            <li v-if="!mine.lever">No single lever does.</li>
            <li v-if="!mine.number">No single number within its plausible range does.</li>
          </ul>
        </template>
      </div>
    </section>`,
    methods: {
      percent: house.percent,
      inWords: house.inWords,
      leverText(way) {
        const lever = this.levers.find((one) => one.name === way.name);
        return `${lever ? lever.label : way.name} ${way.words}`;
      },
      numberText(way) {
        const [[path, value]] = Object.entries(way.numbers);
        const known = this.rows[path];
        return known
          ? `${known.words} ${house.short(value)}, is ${house.short(known.value)}`
          : `${path} ${house.short(value)}`;
      },
    },
  });
})();
