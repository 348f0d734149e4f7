/* The pages are Vue 2, compiled in the browser; scripts share one global object, `house`, and load no modules. */
import js from "@eslint/js";
import vue from "eslint-plugin-vue";
import globals from "globals";

export default [
  { ignores: ["**/assets/**"] },
  js.configs.recommended,
  ...vue.configs["flat/vue2-recommended"],
  {
    files: ["**/*.js", "**/*.vue"],
    languageOptions: { sourceType: "script", globals: { ...globals.browser, Vue: "readonly", module: "writable" } },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "max-len": ["error", { code: 120, ignoreUrls: true }],
      /* The parts of the pages: a few small components per file, registered by the names that templates use. */
      "vue/component-definition-name-casing": ["error", "kebab-case"],
      "vue/one-component-per-file": "off",
      "vue/require-default-prop": "off",
      "vue/require-prop-types": "off",
      /* A page is one file, named as in the table of pages. */
      "vue/multi-word-component-names": "off",
      /* In scripts, the template comes before the functions that it calls. */
      "vue/order-in-components": "off",
      /* Layout is prettier's. */
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
      "vue/html-indent": "off",
      "vue/html-closing-bracket-newline": "off",
      "vue/multiline-html-element-content-newline": "off",
    },
  },
];
