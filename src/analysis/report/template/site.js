"use strict";
// Searches and sorts the table of states; without it the table is there, in order of names.
const table = document.getElementById("states");
const body = table.tBodies[0];
const rows = [...body.rows];
const find = document.getElementById("find");
const text = document.getElementById("text");
const notebook = document.getElementById("notebook");
const count = document.getElementById("count");

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const haystack = new Map(rows.map((row) => [row, plain(row.textContent)]));

function filter() {
  const words = plain(text.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const reports = row.dataset.reports.split(" ");
    const fits = !notebook.value || reports.includes(notebook.value);
    row.hidden = !(fits && words.every((word) => haystack.get(row).includes(word)));
    shown += !row.hidden;
  }
  count.textContent = `${shown} of ${rows.length}`;
}

function value(row, column) {
  const cell = row.cells[column];
  return column === 0 ? cell.textContent : cell.dataset.value;
}

// A state without a value comes last, whichever way the others are sorted.
function sort(column, heading) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  const numeric = rows.every((row) => value(row, column) === "" || !isNaN(value(row, column)));
  const compare = (one, other) => (numeric ? one - other : one.localeCompare(other, "en"));
  const sorted = [...rows].sort((first, second) => {
    const [one, other] = [value(first, column), value(second, column)];
    if (one === "" || other === "") return (one === "") - (other === "");
    return down ? compare(other, one) : compare(one, other);
  });
  body.append(...sorted);
}

[...table.tHead.rows[0].cells].forEach((heading, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => sort(column, heading));
});
find.addEventListener("submit", (event) => event.preventDefault());
find.addEventListener("input", filter);
find.hidden = false;
filter();
