/* Months and numbers in words. */
(function () {
  "use strict";
  const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const inWords = (month) => (month ? `${NAMES[+month.slice(5, 7) - 1]} ${month.slice(0, 4)}` : "");
  const percent = (share) => {
    const whole = Math.round(share * 100);
    if (share > 0 && whole === 0) return "<1";
    if (share < 1 && whole === 100) return ">99";
    return String(whole);
  };
  const signed = (value, digits = 0) => {
    const text = Math.abs(value).toFixed(digits);
    if (Number(text) === 0) return "±0";
    return (value > 0 ? "+" : "−") + text;
  };
  /* Numbers as texts with a true minus sign, not for fields, addresses and files: with so many decimals, with three
     at most, and with all digits of a label of an axis. */
  const minus = (text) => text.replaceAll("-", "−");
  const fixed = (value, digits) => minus(value.toFixed(digits).replace(/^-(?=[0.]+$)/, ""));
  const short = (value) => minus(String(Math.round(value * 1000) / 1000));
  const figure = (value) => minus(String(Number(value.toPrecision(12))));
  const parsed = (text, otherwise) => (text ? JSON.parse(text) : otherwise);
  /* A lever and where it stands, as `answered` of naming.py. */
  const answered = (label, words) => (label.endsWith("?") ? `${label.slice(0, -1)}: ${words}` : `${label} ${words}`);
  const pathOf = (setting) => setting.slice(0, setting.indexOf("="));
  Object.assign(window.house, { inWords, percent, signed, fixed, short, figure, parsed, answered, pathOf });

  /* What a page asked for last: views that come until that one does are of earlier requests, and move nothing. */
  const PATIENCE = 3000; // milliseconds
  window.house.asking = () => {
    let month = "",
      until = 0;
    return {
      ask(wanted) {
        month = wanted;
        until = performance.now() + PATIENCE;
      },
      isEarlier(shown) {
        const earlier = month !== "" && shown !== month && performance.now() < until;
        if (!earlier) month = "";
        return earlier;
      },
    };
  };
})();
