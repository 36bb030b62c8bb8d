// A sheet of small pictures, and the fastest way to label them. What is chosen and not saved yet hangs on `window`: every
// run of the script draws this anew. Each change has a number; the server says up to which one it has them (`acked`), so
// none is lost when two are made at once, and none is counted twice.
const sheets = (window.__aimassSheets ??= new Map())
const TINY_PX = 48

export default function ({ data, parentElement, setStateValue }) {
  const words = data.words
  const root = parentElement.querySelector(".gallery")
  const find = (selector) => root.querySelector(selector)
  if (!sheets.has(data.id)) sheets.set(data.id, fresh())
  const state = sheets.get(data.id)
  if (data.acked?.nonce === state.nonce) state.sent = state.sent.filter((edit) => edit.seq > data.acked.seq)
  const all = data.groups.flatMap((group) => group.pictures)
  const byRow = new Map(all.map((picture) => [picture.row, picture]))
  for (const row of [...state.chosen]) if (!byRow.has(row)) state.chosen.delete(row)
  if (!byRow.has(state.here)) state.here = all[0]?.row
  const figures = new Map()
  // A class that is called by a digit has that key, the others the free ones from 1 on: none moves when one is added.
  const keys = new Map(data.classes.filter((name) => /^\d$/.test(name)).map((name) => [name, name]))
  for (const name of data.classes.filter((name) => !keys.has(name))) {
    const free = [..."123456789"].find((key) => !keys.has(key))
    if (free) keys.set(free, name)
  }
  const keyOf = new Map([...keys].map(([key, name]) => [name, key]))

  root.classList.toggle("editable", data.editable)
  find(".tools").hidden = !data.editable
  find(".tools").setAttribute("aria-label", words.tools)
  const hadFocus = root.contains(document.activeElement) || root.getRootNode().activeElement?.tagName === "FIGURE"
  draw()
  if (data.editable) { tools(); root.onkeydown = pressed }
  if (hadFocus && data.editable && root.getRootNode().activeElement?.tagName !== "INPUT") focus(state.here)

  function draw() {
    const held = new Map([...find(".sheets").querySelectorAll("figure")].map((one) => [one.dataset.key, one]))
    find(".sheets").replaceChildren(...data.groups.map((group) => {
      const box = make("div", "group"), sheet = make("div", data.inFives ? "sheet fives" : "sheet")
      if (group.title) { box.classList.add("boxed"); box.append(make("b", "", group.title)) }
      if (data.editable) { sheet.setAttribute("role", "listbox"); sheet.setAttribute("aria-multiselectable", "true") }
      sheet.setAttribute("aria-label", group.title || words.sheet)
      sheet.append(...group.pictures.map((picture) => tile(picture, held.get(address(picture)))))
      box.append(sheet)
      return box
    }))
  }

  function tile(picture, old) {
    const figure = old ?? empty(picture)
    figures.set(picture.row, figure)
    const { label, out } = shown(picture)
    const name = figure.querySelector(".label"), note = figure.querySelector(".note"), guess = figure.querySelector(".guess")
    name.textContent = label || words.none
    name.classList.toggle("none", !label)
    note.textContent = picture.note
    note.hidden = !picture.note || Boolean(picture.guess)
    guess.replaceChildren(...(picture.guess ? [make("span", "unseen", words.guess), `${picture.guess} · ${picture.share}`] : []))
    guess.hidden = !picture.guess
    guess.classList.toggle("differs", picture.guess !== label)
    figure.title = picture.name
    figure.classList.toggle("out", out)
    figure.classList.toggle("changed", label !== picture.was || out)
    // What is read aloud is the picture's name and all that stands below it.
    figure.querySelector("img").alt = picture.name
    figure.querySelector(".state").textContent = out ? words.out : ""
    if (!data.editable) return figure
    figure.setAttribute("role", "option")
    figure.setAttribute("aria-selected", String(state.chosen.has(picture.row)))
    figure.tabIndex = picture.row === state.here ? 0 : -1
    figure.onfocus = () => { state.here = picture.row }
    figure.onclick = (event) => choose(picture.row, event.shiftKey)
    return figure
  }

  function address(picture) { return picture.src ?? `${data.base}${picture.row}` }

  function empty(picture) {
    const figure = make("figure", ""), frame = make("div", "frame"), image = make("img", "")
    figure.dataset.key = address(picture)
    image.loading = "lazy"
    image.decoding = "async"
    image.draggable = false
    image.onload = () => image.classList.toggle("tiny", Math.max(image.naturalWidth, image.naturalHeight) <= TINY_PX)
    image.src = address(picture)
    const caption = make("figcaption", "")
    caption.append(make("span", "label"), make("span", "guess"), make("span", "note"), make("span", "state unseen"))
    frame.append(image)
    figure.append(frame, caption, make("i", "tick", "✓"))
    return figure
  }

  // What the server knows, with what it has not taken yet laid over it.
  function shown(picture) {
    let { label, out } = picture
    for (const edit of state.sent) {
      if (!edit.rows?.includes(picture.row)) continue
      if (edit.action === "label") label = edit.label
      else out = edit.action === "exclude"
    }
    return { label, out }
  }

  function tools() {
    const acts = data.classes.map((name) => {
      const button = make("button", "", "")
      if (keyOf.has(name)) button.append(make("kbd", "", keyOf.get(name)))
      if (keyOf.get(name) !== name) button.append(name)
      else { button.className = "bare"; button.setAttribute("aria-label", name) }
      return act(button, () => mark("label", name))
    })
    find(".classes").replaceChildren(...acts)
    const input = find("input")
    input.placeholder = words.other
    input.setAttribute("aria-label", words.other)
    find(".other").onsubmit = (event) => {
      event.preventDefault()
      const name = input.value.trim()
      if (!name) return
      input.value = ""
      mark("label", name)
    }
    const none = act(keyed("N", words.unlabel), () => mark("label", ""))
    const out = act(keyed("X", words.exclude), () => mark("exclude"))
    const back = act(keyed("Z", words.undo), undo)
    const every = act(keyed("A", words.all), everything)
    const yes = all.some((picture) => picture.guess) ? [act(keyed("Y", words.agree), agree)] : []
    back.disabled = !data.undoable && !state.sent.length
    find(".acts").replaceChildren(...yes, every, none, out, back)
    say()
  }

  function keyed(key, text) { const button = make("button", ""); button.append(make("kbd", "", key), text); return button }
  function act(button, does) { button.type = "button"; button.onclick = does; return button }

  function say() {
    const n = state.chosen.size
    find(".said").textContent = n ? fill(words.chosen, { n }) : words.hint
  }

  function choose(row, isRange) {
    if (isRange && state.here !== undefined) {
      const [from, to] = [at(state.here), at(row)].sort((a, b) => a - b)
      all.slice(from, to + 1).forEach((picture) => state.chosen.add(picture.row))
    } else if (!state.chosen.delete(row)) state.chosen.add(row)
    state.here = row
    refresh()
    focus(row)
  }

  function everything() {
    const isAll = state.chosen.size === all.length
    state.chosen = new Set(isAll ? [] : all.map((picture) => picture.row))
    refresh()
  }

  // Each picture gets what is suggested for it: one change for each class, and none where nothing would change.
  function agree() {
    const isOne = !state.chosen.size
    const rows = meant().filter((row) => byRow.get(row).guess)
    const wrong = rows.filter((row) => shown(byRow.get(row)).label !== byRow.get(row).guess)
    for (const label of new Set(wrong.map((row) => byRow.get(row).guess))) {
      send({ action: "label", rows: wrong.filter((row) => byRow.get(row).guess === label), label })
    }
    state.chosen.clear()
    if (isOne && rows.length) goOn(rows[0])
    refresh()
    focus(state.here)
  }

  function meant() { return state.chosen.size ? [...state.chosen] : [state.here].filter((row) => row !== undefined) }
  function goOn(row) { state.here = all[Math.min(at(row) + 1, all.length - 1)].row }

  function mark(action, label) {
    const isOne = !state.chosen.size
    const rows = meant()
    if (!rows.length) return
    if (action === "exclude" && rows.every((row) => shown(byRow.get(row)).out)) action = "include"
    state.chosen.clear()
    if (isOne) goOn(rows[0])
    send({ action, rows, label: label ?? "" })
    refresh()
    focus(state.here)
  }

  function undo() { if (data.undoable || state.sent.length) send({ action: "undo" }); refresh() }

  function send(edit) {
    state.seq += 1
    state.sent.push({ ...edit, seq: state.seq })
    setStateValue("edits", { nonce: state.nonce, list: state.sent })
  }

  function refresh() { all.forEach((picture) => tile(picture, figures.get(picture.row))); say() }
  function at(row) { return all.findIndex((picture) => picture.row === row) }
  function focus(row) { figures.get(row)?.focus({ preventScroll: false }) }

  function pressed(event) {
    const target = event.composedPath()[0]
    if (target.tagName === "INPUT") {
      event.stopPropagation() // a letter is a letter here, and none of Streamlit's keys
      if (event.key === "Escape") { target.blur(); focus(state.here) }
      return
    }
    if (event.altKey || event.metaKey || (event.ctrlKey && event.key.toLowerCase() !== "z")) return
    const does = {
      ArrowRight: () => step(1), ArrowLeft: () => step(-1), ArrowDown: () => step(wide()), ArrowUp: () => step(-wide()),
      Home: () => step(-all.length), End: () => step(all.length),
      n: () => mark("label", ""), x: () => mark("exclude"), Delete: () => mark("exclude"), z: undo,
      y: agree, a: everything, "/": () => find("input").focus(),
      Escape: () => { state.chosen.clear(); refresh() },
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    const isTile = target.tagName === "FIGURE"
    if (isTile && (event.key === " " || event.key === "Enter")) choose(state.here, event.shiftKey)
    else if (keys.has(event.key)) mark("label", keys.get(event.key))
    else if (does && (isTile || event.key !== "Enter")) does()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  function step(by) {
    const next = all[Math.max(0, Math.min(all.length - 1, at(state.here) + by))]
    if (!next) return
    state.here = next.row
    refresh()
    focus(next.row)
  }

  function wide() {
    const tops = [...figures.values()].map((figure) => figure.offsetTop)
    return Math.max(1, tops.filter((top) => top === tops[0]).length)
  }
}

function fresh() {
  const nonce = [...crypto.getRandomValues(new Uint8Array(8))].map((n) => n.toString(16).padStart(2, "0")).join("")
  return { nonce, seq: 0, sent: [], chosen: new Set(), here: undefined }
}

function fill(template, values) { return template.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all) }

function make(tag, className, text = "") {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}
