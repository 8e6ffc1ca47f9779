// All of it is optional: pages work without. It copies, focuses the search, and moves through lists by keys.
"use strict";
(function () {
  function inField(target) {
    return target.closest && target.closest("input, textarea, select, [contenteditable]");
  }
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    var text = document.getElementById(button.dataset.copy);
    if (!text || !navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(text.textContent).then(function () {
        var said = button.textContent;
        button.textContent = "Copied";
        setTimeout(function () { button.textContent = said; }, 1500);
      });
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
    var links = Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
    var at = links.indexOf(document.activeElement);
    if (event.key === "/") {
      var search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); }
    } else if (event.key === "j" && links.length) {
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === "k" && links.length) {
      links[Math.max(at - 1, 0)].focus();
    } else if (event.key === "[" || event.key === "]") {
      var way = document.querySelector(event.key === "[" ? "a[rel=prev]" : "a[rel=next]");
      if (way) way.click();
    }
  });
  // What is under way is fetched again, and put in place of what is shown, until the page says that it ended.
  function poll() {
    var live = document.querySelectorAll("[data-poll][id]");
    if (!live.length) return;
    setTimeout(function () {
      if (document.hidden) { poll(); return; }
      fetch(location.href).then(function (answer) {
        if (answer.redirected || !answer.ok) throw new Error("not this page");
        return answer.text();
      }).then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html");
        live.forEach(function (panel) {
          var now = fresh.getElementById(panel.id);
          if (now) panel.replaceWith(now); else location.reload();
        });
        poll();
      }, poll);
    }, Number(live[0].dataset.poll) * 1000);
  }
  poll();
})();
