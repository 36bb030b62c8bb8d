// Uploads by tus. A v2 component lives in the portal's page itself, so the queue hangs on `window`: it goes on while the
// person walks to other pages, and a later mount of the same purpose draws it again.
const queues = (window.__aimassUploads ??= new Map())
window.__aimassLeave ??= addEventListener("beforeunload", (event) => {
  for (const queue of queues.values()) if (queue.items.some(isBusy)) { event.preventDefault(); return }
}) ?? true

window.__aimassOnline ??= addEventListener("online", () => queues.forEach((queue) => queue.back?.())) ?? true

const AT_ONCE = 2
const SPEED_WINDOW_MS = 8000
const GIVE_UP = { 401: "signed_out", 403: "signed_out", 413: "too_large", 507: "full" }

function isBusy(item) { return item.state === "waiting" || item.state === "running" || item.state === "stopped" }

let loading
function library(url) {
  if (window.tus) return Promise.resolve(window.tus)
  return (loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = url
    script.onload = () => (window.tus ? resolve(window.tus) : reject(new Error("no tus")))
    script.onerror = () => { loading = undefined; reject(new Error("not loaded")) }
    document.head.append(script)
  }))
}

export default function ({ data, parentElement, setTriggerValue }) {
  const words = data.words
  const name = `${data.owner}|${data.purpose}`
  if (!queues.has(name)) queues.set(name, { items: [], active: 0, chosen: 0 })
  const queue = queues.get(name)
  const root = parentElement.querySelector(".up")
  const find = (selector) => root.querySelector(selector)
  const drop = find(".drop"), files = find(".files"), pick = find(".pick")

  find(".title").textContent = words.drop
  find(".hint").textContent = words.hint
  pick.textContent = words.choose
  files.accept = data.accept
  root.classList.toggle("compact", Boolean(data.compact))
  pick.onclick = () => files.click()
  files.onchange = () => { add([...files.files]); files.value = "" }
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over") }
  drop.ondragleave = () => drop.classList.remove("over")
  drop.ondrop = (event) => { event.preventDefault(); drop.classList.remove("over"); add(plainFiles(event.dataTransfer)) }

  queue.draw = draw
  queue.back = () => queue.items.filter((item) => item.lost).forEach(again)
  // Never told while mounting: Streamlit would drop it. What arrived while nobody looked is told a moment later.
  queue.tell = () => {
    const news = queue.items.filter((item) => item.state === "done")
    if (!news.length) return
    const files = news.map((item) => ({ id: item.id, name: item.file.name }))
    setTriggerValue("done", { files, alone: queue.chosen === 1 })
    queue.items = queue.items.filter((item) => item.state !== "done")
    draw()
  }
  setTimeout(() => queue.tell?.(), 1200)
  draw()

  function add(chosen) {
    if (!queue.items.some(isBusy)) queue.chosen = 0
    for (const file of chosen) {
      const twin = queue.items.find((i) => isBusy(i) && i.file.name === file.name && i.file.size === file.size)
      if (twin) continue
      queue.items.push({ file, sent: 0, state: "waiting", marks: [] })
      queue.chosen += 1
    }
    next()
  }

  function next() {
    for (const item of queue.items) {
      if (queue.active >= AT_ONCE) break
      if (item.state === "waiting") begin(item)
    }
    queue.draw?.()
  }

  async function begin(item) {
    item.state = "running"
    queue.active += 1
    let tus
    try { tus = await library(data.library) } catch { return fail(item, words.library) }
    const file = item.file
    item.upload = new tus.Upload(file, {
      endpoint: data.endpoint,
      chunkSize: data.chunk,
      retryDelays: [0, 1000, 2000, 4000, 8000, 15000, 30000, 30000, 60000, 60000, 60000],
      metadata: { filename: file.name, filetype: file.type || "", purpose: data.purpose },
      removeFingerprintOnSuccess: true,
      // The stock fingerprint knows neither person nor purpose: files of the same name would go on with each other.
      fingerprint: async () => ["aimass", data.owner, data.purpose, file.name, file.size, file.lastModified].join("|"),
      onProgress: (sent) => { item.state = "running"; mark(item, sent); later() },
      onShouldRetry: (error) => {
        const status = statusOf(error)
        const again = status === 0 || status >= 500 && status !== 507 || status === 409 || status === 423 || status === 429
        if (again) { item.state = "stopped"; item.marks = []; later() }
        return again
      },
      onError: (error) => {
        const status = statusOf(error)
        item.lost = status === 0
        const said = GIVE_UP[status] === "signed_out" ? "" : saidBy(error)
        fail(item, item.lost ? words.unreachable : said || words[GIVE_UP[status] ?? "refused"])
      },
      onSuccess: () => {
        item.state = "done"; item.sent = file.size; item.id = item.upload.url.split("/").pop()
        leave()
      },
    })
    try {
      const before = await item.upload.findPreviousUploads()
      if (before.length) item.upload.resumeFromPreviousUpload(before[0])
    } catch { /* a browser without storage starts from the beginning */ }
    item.upload.start()
  }

  function fail(item, why) { item.state = "failed"; item.why = why; leave() }
  function leave() { queue.active -= 1; next(); queue.tell?.() }
  function later() { queue.frame ??= requestAnimationFrame(() => { queue.frame = undefined; queue.draw?.() }) }

  function draw() {
    pick.classList.toggle("first", !queue.items.length)
    find(".list").replaceChildren(...queue.items.map(line))
    const going = new Set(queue.items.map((item) => item.file.name))
    find(".resume").replaceChildren(...data.unfinished.filter(([file]) => !going.has(file)).map(([file, there, all]) => {
      const li = document.createElement("li")
      li.textContent = fill(words.resume, { name: file, share: `${Math.floor((100 * there) / (all || 1))} %` })
      return li
    }))
  }

  function line(item) {
    const li = document.createElement("li"), percent = item.file.size ? Math.floor((100 * item.sent) / item.file.size) : 100
    li.className = item.state
    const bar = make("div", "bar"), fillBar = document.createElement("i")
    fillBar.style.width = `${percent}%`
    bar.append(fillBar)
    bar.setAttribute("role", "progressbar")
    bar.setAttribute("aria-label", item.file.name)
    bar.setAttribute("aria-valuenow", String(percent))
    const act = make("button", "act", item.state === "failed" ? words.retry : "×")
    act.type = "button"
    if (item.state !== "failed") act.setAttribute("aria-label", fill(words.remove, { name: item.file.name }))
    act.onclick = () => (item.state === "failed" ? again(item) : remove(item))
    li.append(make("span", "name", item.file.name), make("span", "what", say(item, percent)), act, bar)
    return li
  }

  function again(item) { item.state = "waiting"; item.lost = false; item.marks = []; next() }
  function remove(item) {
    const running = item.state === "running" || item.state === "stopped"
    item.upload?.abort(true).catch(() => {})
    queue.items = queue.items.filter((other) => other !== item)
    if (running) queue.active -= 1
    next()
  }

  function say(item, percent) {
    if (item.state === "waiting") return words.waiting
    if (item.state === "done") return words.done
    if (item.state === "stopped") return words.stopped
    if (item.state === "failed") return fill(words.failed, { why: item.why })
    const parts = [`${percent} %`, `${size(item.sent)} / ${size(item.file.size)}`]
    const rate = speed(item)
    if (rate > 0) parts.push(fill(words.speed, { size: size(rate) }), fill(words.left, { time: span((item.file.size - item.sent) / rate) }))
    return parts.join(" · ")
  }

  return () => { queue.draw = queue.tell = undefined } // unmounted: it goes on, nobody draws it
}

function statusOf(error) { return error.originalResponse ? error.originalResponse.getStatus() : 0 }

// What the server itself says of a refusal, in the reader's language: it knows more than the status.
function saidBy(error) {
  try {
    const said = JSON.parse(error.originalResponse.getBody())
    return [said.error, said.remedy].filter((part) => typeof part === "string" && part).join(" ")
  } catch { return "" }
}

function mark(item, sent) {
  const now = performance.now()
  item.sent = sent
  item.marks.push([now, sent])
  while (item.marks.length > 2 && now - item.marks[0][0] > SPEED_WINDOW_MS) item.marks.shift()
}

function speed(item) {
  if (item.marks.length < 2) return 0
  const [t0, s0] = item.marks[0], [t1, s1] = item.marks.at(-1)
  return t1 - t0 < 500 ? 0 : (1000 * (s1 - s0)) / (t1 - t0)
}

function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"]
  let value = bytes, unit = 0
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit += 1 }
  return `${unit && value < 99.5 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`
}

function span(seconds) {
  const whole = Math.max(1, Math.round(seconds)), minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60)
  const two = (n) => String(n).padStart(2, "0")
  return hours ? `${hours}:${two(minutes % 60)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

function fill(template, values) { return template.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all) }

function make(tag, className, text = "") {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}

// Folders are left out: a dataset is one file.
function plainFiles(transfer) {
  const folders = new Set([...transfer.items].flatMap((item) => {
    const entry = item.webkitGetAsEntry?.()
    return entry?.isDirectory ? [entry.name] : []
  }))
  return [...transfer.files].filter((file) => !folders.has(file.name))
}
