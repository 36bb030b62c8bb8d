// A page of ours that led here has asked already: send the form at once. From anywhere else a person presses the button.
(() => {
  try {
    const from = document.referrer && new URL(document.referrer);
    if (from && from.origin === location.origin && from.pathname !== "/logout") {
      document.getElementById("sign-out").requestSubmit();
    }
  } catch {
    // No usable referrer: the button is there.
  }
})();
