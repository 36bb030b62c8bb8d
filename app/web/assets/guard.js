// Streamlit's page stays open when its session has ended; this takes it to where it now belongs.
// 1. The server closes the socket with 4401 when a session ends or a person's role changes: load the page again.
// 2. Streamlit's own reconnecting gets 401 without a session: go to the sign-in page and come back.
(() => {
  const SESSION_ENDED = 4401;
  const signIn = () => {
    const there = encodeURIComponent(location.pathname + location.search);
    if (!location.pathname.startsWith("/login")) location.replace("/login?next=" + there);
  };
  const isStreamlits = (address) => {
    try {
      return new URL(address, location.href).pathname.includes("/_stcore/");
    } catch {
      return false;
    }
  };

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("close", (event) => {
        if (event.code === SESSION_ENDED) location.reload();
      });
    }
  };

  const fetchAsBefore = window.fetch;
  window.fetch = async (...given) => {
    const answer = await fetchAsBefore(...given);
    if (answer.status === 401 && isStreamlits(answer.url)) signIn();
    return answer;
  };

  const openAsBefore = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.addEventListener("loadend", () => {
      if (this.status === 401 && isStreamlits(address)) signIn();
    });
    return openAsBefore.call(this, method, address, ...rest);
  };
})();
