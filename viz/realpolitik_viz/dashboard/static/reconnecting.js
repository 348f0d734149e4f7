/* After a restart of the server its page is loaded again from its URL, which holds the whole view.
   A lost connection alone is not enough: Solara reconnects by itself, and the page goes on. */
(function () {
  "use strict";
  const EVERY = 2000; // milliseconds between looks
  const PATIENCE = 5; // looks in a row without a connection before the server is asked

  /* Solara has given up: the server does not know this page any more. */
  window.solara.forceRefresh = true;

  let lost = 0;
  let connected = false;
  const answers = async () => {
    try {
      return (await fetch(window.location.pathname, { method: "HEAD", cache: "no-store" })).ok;
    } catch {
      return false;
    }
  };
  const look = async () => {
    const here = (window.solara.debug || {}).connectionStatus === "connected";
    connected = connected || here;
    lost = here || !connected ? 0 : lost + 1;
    if (lost >= PATIENCE && (await answers())) window.location.reload();
    else setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
})();
