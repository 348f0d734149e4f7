/* A world as a narrative: its main events, and its other branch after a fork on the same time axis. */
(function () {
  "use strict";
  const house = window.house;

  Vue.component("rp-events", {
    props: { events: Array, actors: Object, months: Array, at: Number, chosen: Number },
    template: /* HTML */ `<ol ref="list" class="events" tabindex="0" aria-label="Main events">
      <li
        v-for="(one, n) in events"
        :key="n"
        :class="{future: months.indexOf(one.month) > at, chosen: n === chosen}"
        :style="{'--of': (actors[one.actor] || {}).colour || 'var(--text)'}"
      >
        <button
          type="button"
          :data-event="n"
          :data-decision="one.actor ? one.actor + '@' + one.month : null"
          :aria-current="n === chosen ? 'true' : null"
          @click="$emit('open', n)"
        >
          <span class="date">{{ inWords(one.month) }}</span> <b>{{ one.outcomes[0] || one.text }}</b>
          <span v-for="more in one.outcomes.slice(1)" :key="more" class="more">⇒ {{ more }}</span>
          <span v-if="one.outcomes.length" class="by">{{ one.text }}</span>
        </button>
        <p>{{ one.why }}</p>
      </li>
    </ol>`,
    watch: {
      at() {
        this.follow();
      },
      chosen() {
        this.follow();
      },
    },
    mounted() {
      this.$nextTick(this.follow);
    },
    methods: {
      inWords: house.inWords,
      /* Keep the chosen event, or else the last one up to the month, in the visible part of the list. */
      follow() {
        const passed = this.events.filter((one) => this.months.indexOf(one.month) <= this.at).length - 1;
        const list = this.$refs.list,
          row = list.children[this.chosen >= 0 ? this.chosen : passed];
        /* The list begins with a whole event: the one before this, if both fit. */
        const before = row && row.previousElementSibling;
        const first = before && before.offsetHeight + row.offsetHeight < 0.7 * list.clientHeight ? before : row;
        if (row) list.scrollTop = first.offsetTop - list.offsetTop;
      },
    },
  });

  Vue.component("rp-branch", {
    props: { branch: Object, tale: Object, issue: String, at: Number },
    computed: {
      axis() {
        const rows = this.branch.axis.map((row) => ({ ...row, kind: "outcomes" })),
          parting = this.branch.parting;
        if (parting) rows.push({ ...parting, kind: "parting" });
        return rows.sort((a, b) =>
          a.month === b.month ? (a.kind === "parting" ? -1 : 1) : a.month < b.month ? -1 : 1,
        );
      },
      /* The month in which each outcome happens, in either branch. */
      dates() {
        const found = { here: {}, there: {} };
        for (const row of this.branch.axis)
          for (const side of ["here", "there"])
            for (const one of [...row.both, ...row[side]]) found[side][one] = row.month;
        return found;
      },
      shown() {
        const both = Object.keys(this.tale.issues).filter((name) => name in this.branch.issues);
        return [this.issue, this.tale.issue, ...both].find((name) => both.includes(name));
      },
      options() {
        return Object.keys(this.tale.issues)
          .filter((name) => name in this.branch.issues)
          .map((value) => ({ value, text: this.tale.labels[value].label }));
      },
      title() {
        return `${this.tale.labels[this.shown].label} in both branches of world ${this.tale.world}`;
      },
      chart() {
        const { tale, branch, shown, title, at } = this;
        const parting = branch.parting && tale.months.indexOf(branch.parting.month);
        const [here, there] = [tale.issues[shown], branch.issues[shown]];
        const series = (name, path, colour, dashed) => ({ name, fan: [path, path, path], colour, dashed });
        return () => {
          const option = house.fans({
            months: tale.months,
            at,
            title,
            most: 1,
            series: [
              series("This world", here, house.colour("accent"), false),
              series("Other branch", there, house.colour("text"), true),
            ],
          });
          const marked = option.series[option.series.length - 1].markLine;
          const apart = { label: { show: false }, lineStyle: { color: house.colour("bad"), type: "dashed" } };
          if (parting) marked.data.push({ xAxis: parting, ...apart });
          option.tooltip.formatter = (points) => {
            const box = document.createElement("div"),
              n = points[0].dataIndex;
            const both = `${here[n].toFixed(2)} in this world, ${there[n].toFixed(2)} in the other branch`;
            box.textContent = `${house.inWords(tale.months[n])}: ${both}`;
            return box;
          };
          return option;
        };
      },
    },
    template: /* HTML */ `<section class="panel branch" aria-label="The other branch" aria-live="polite">
      <h3>The other branch of this world</h3>
      <p data-branch-title>{{ branch.title }}</p>
      <p class="muted">
        With {{ branch.changes.join("; ") }}<template v-if="branch.fork"> from {{ inWords(branch.fork) }} on</template>.
        Chance is the same in both, so that they differ by the change alone.
      </p>
      <p v-if="branch.parting" data-parting>
        <b>They part in {{ inWords(branch.parting.month) }}:</b> {{ label(branch.parting.actor) }}, “{{
        branch.parting.first }}” becomes “{{ branch.parting.other }}”.
      </p>
      <p v-else data-parting><b>They do not part:</b> every decision is the same in both.</p>
      <div class="wide-table" tabindex="0" role="region" aria-label="Outcomes of both branches by month">
        <table class="axis">
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col">This world</th>
              <th scope="col">Other branch</th>
            </tr>
          </thead>
          <tbody>
            <tr v-for="row in axis" :key="row.kind + row.month" :class="row.kind">
              <th scope="row">{{ inWords(row.month) }}</th>
              <td v-if="row.kind === 'parting'" colspan="2">
                They part here: {{ label(row.actor) }} decides otherwise.
              </td>
              <template v-else-if="row.both.length && !row.here.length && !row.there.length">
                <td colspan="2" class="both" data-both>
                  <span v-for="one in row.both" :key="one">{{ one }}, in both</span>
                </td>
              </template>
              <template v-else>
                <td v-for="side in ['here', 'there']" :key="side">
                  <span v-for="one in [...row.both, ...row[side]]" :key="one">{{ one }}</span>
                  <span v-for="one in lacking(row, side)" :key="'not ' + one.text" class="muted" data-lacking
                    >{{ one.text }}</span
                  >
                </td>
              </template>
            </tr>
          </tbody>
        </table>
      </div>
      <div class="top">
        <rp-choice
          label="Issue in both branches"
          name="branchissue"
          :value="shown"
          :options="options"
          @input="$emit('issue', $event)"
        ></rp-choice>
      </div>
      <rp-chart :option="chart" :title="title" :name="'branches-' + shown" :rows="rows"
        >Solid: this world. Dashed: the other branch; the dashed upright line marks where they part. 0: {{
        tale.labels[shown].low }}. 1: {{ tale.labels[shown].high }}.</rp-chart
      >
      <div class="chips">
        <button type="button" data-compare @click="$emit('compare')">Compare in all worlds</button>
        <button type="button" data-unfork @click="$emit('remove')">Remove the branch</button>
      </div>
    </section>`,
    methods: {
      inWords: house.inWords,
      label(name) {
        return (this.tale.actors[name] || { label: name }).label;
      },
      /* What the other branch has in a month and this one has not: when it happens here, or that it never does. */
      lacking(row, side) {
        const other = side === "here" ? "there" : "here";
        const months = side === "here" ? this.tale.months : this.branch.months;
        const end = house.inWords(months[months.length - 1]);
        return row[other].map((one) => {
          const date = this.dates[side][one];
          if (!months.includes(row.month)) return { text: `Not played: it ends in ${end}` };
          return { text: date ? `“${one}”: in ${house.inWords(date)}` : `“${one}”: never, until ${end}` };
        });
      },
      rows() {
        const [here, there] = [this.tale.issues[this.shown], this.branch.issues[this.shown]];
        return [["month", "this world", "other branch"], ...this.tale.months.map((m, t) => [m, here[t], there[t]])];
      },
    },
  });
})();
