/* The words of the model, each explained once: where a story first uses it, and on hover and focus elsewhere. */
(function () {
  "use strict";
  const house = window.house;

  /* `words` is what a text says for the term; the order is that of lists of terms. */
  const GLOSSARY = {
    world: {
      name: "World",
      words: /\b(simulated worlds?|worlds|one world)\b/i,
      text:
        "One run of the simulation, from the first month to the last. Worlds differ by chance; in 84 of 100 " +
        "worlds means in 84 of 100 such runs.",
    },
    actor: {
      name: "Actor",
      words: /\bactors?\b/i,
      text:
        "One that decides in the simulation, such as a government. Each month it makes the move that is " +
        "worth most to it, or none.",
    },
    issue: {
      name: "Issue",
      words: /\bissues?\b/i,
      text:
        "Something that actors want in different states. Each issue has one level per month between 0 and " +
        "1, and the case says what both ends mean.",
    },
    outcome: {
      name: "Outcome",
      words: /\boutcomes?\b/i,
      text:
        "Something that does or does not happen in a world, such as a force that leaves. Its share is the " +
        "part of all worlds in which it has happened by a month.",
    },
    claim: {
      name: "Claim",
      words: /\bclaims?\b/i,
      text:
        "A statement of the sources on which rows of the case are based. The page Evidence lists all " +
        "claims, and what each supports.",
    },
    leverage: {
      name: "Leverage",
      words: /\bleverage\b/i,
      text:
        "What one actor could withhold from another, and the other could not get elsewhere. The more " +
        "leverage an actor holds over another, the more its wishes count there.",
    },
    dependence: {
      name: "Dependence",
      words: /\bdependences?\b/i,
      text:
        "What one actor needs from another: how much it would lose without it, and how much of it could be " +
        "had elsewhere. Leverage is the sum of dependences.",
    },
    salience: {
      name: "Salience",
      words: /\bsalience\b/i,
      text:
        "How much an actor minds where an issue is: what it loses per unit of distance from the level that " +
        "it prefers.",
    },
    driver: {
      name: "Driver",
      words: /\bdrivers?\b/i,
      text:
        "Something from outside that no actor decides, such as a war elsewhere. It has a dated path, on " +
        "which other numbers of the case depend.",
    },
    lever: {
      name: "Lever",
      words: /\blevers?\b/i,
      text: "A slider in plain words. It moves one number of the case, or several together.",
    },
    seed: {
      name: "Seed",
      words: /\bseeds?\b/i,
      text:
        "The number from which all chance is drawn. The same seed gives the same worlds again, to the last " + "bit.",
    },
    prior: {
      name: "Prior",
      words: /\bprior\b/i,
      text:
        "Every world draws its numbers from the ranges that the case gives for them, whether they fit the " +
        "history or not.",
    },
    posterior: {
      name: "Posterior",
      words: /\bposterior\b/i,
      text: "Every world draws its numbers from those within the ranges that come near the dated history.",
    },
  };

  /* Divide a text where it uses a term for the first time: [{text, term}], the term of most pieces being "". */
  const marked = (text) => {
    const first = Object.entries(GLOSSARY)
      .map(([term, { words }]) => ({ term, found: words.exec(text) }))
      .filter(({ found }) => found)
      .map(({ term, found }) => ({ term, from: found.index, to: found.index + found[0].length }))
      .sort((a, b) => a.from - b.from);
    const pieces = [];
    let at = 0;
    for (const { term, from, to } of first) {
      if (from < at) continue;
      pieces.push({ text: text.slice(at, from), term: "" }, { text: text.slice(from, to), term });
      at = to;
    }
    return [...pieces, { text: text.slice(at), term: "" }].filter((piece) => piece.text);
  };
  house.terms = { GLOSSARY, marked };

  /* Escape hides every explanation, until the pointer or the focus is on something else. */
  const page = document.documentElement.classList;
  let under = null;
  const dismiss = ({ key }) => {
    if (key !== "Escape") return;
    under = [...document.querySelectorAll(":hover")].pop();
    page.add("dismissed");
  };
  window.addEventListener("keydown", dismiss, true);
  window.addEventListener("focusin", () => page.remove("dismissed"), true);
  /* Not mouseover, which comes also if the page moves beneath a pointer at rest. */
  window.addEventListener("pointermove", ({ target }) => target !== under && page.remove("dismissed"), true);

  /* A word with an explanation, which shows on hover, focus and touch; Escape hides it. */
  let count = 0;
  Vue.component("rp-hint", {
    props: { text: String, title: String },
    data: () => ({ id: `hint-${++count}`, open: false, shift: 0 }),
    template: /* HTML */ `<span class="hint" @mouseenter="show" @mouseleave="open = false"
      ><button
        type="button"
        :aria-describedby="id"
        @focus="show"
        @blur="open = false"
        @click="show"
        @keydown.esc="open = false"
      >
        <slot></slot></button
      ><span ref="box" :id="id" role="tooltip" :class="{open}" :style="{left: shift + 'px'}"
        ><b v-if="title">{{ title }}</b> {{ text }}</span
      ></span
    >`,
    methods: {
      /* The box stays within the page: it moves to the left as far as it would stand out on the right. */
      async show() {
        this.shift = 0;
        this.open = true;
        await this.$nextTick();
        const { left, right } = this.$refs.box.getBoundingClientRect();
        const beyond = right + 8 - document.documentElement.clientWidth;
        this.shift = -Math.max(0, Math.min(beyond, left - 8));
      },
    },
  });

  Vue.component("rp-term", {
    props: { name: String },
    computed: {
      term() {
        return GLOSSARY[this.name];
      },
    },
    template: /* HTML */ `<rp-hint class="term" :data-term="name" :title="term.name + ':'" :text="term.text"
      ><slot>{{ term.name.toLowerCase() }}</slot></rp-hint
    >`,
  });

  /* A text in which each term is marked where it is first used. */
  Vue.component("rp-text", {
    props: { text: String },
    computed: {
      pieces() {
        return marked(this.text);
      },
    },
    template: /* HTML */ `<span
      ><template v-for="(piece, n) in pieces"
        ><rp-term v-if="piece.term" :key="n" :name="piece.term">{{ piece.text }}</rp-term
        ><template v-else>{{ piece.text }}</template></template
      ></span
    >`,
  });
})();
