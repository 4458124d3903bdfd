// Words in every chart's own toolbar instead of a camera: a print size, PNG, SVG and
// HTML. All export the chart in print: white ground, larger type, title and source
// inside. And "Copy link" of the first line.
//
// Plotly's button does the work: while it reads the chart, the chart shows it a
// printed copy of its data and layout. Nothing on the screen changes.

// `window.reconColours`, the light colour of each dark one, is set before this.
;(() => {
  // Width and height in pixels, and how much larger than on the screen type is: on a
  // page 700 pixels are the width of the text, on a slide 1280 its whole width, and
  // type is 10 to 13 points. Then the characters of a line of title and of note.
  const SIZES = {
    "half page": { width: 700, height: 480, type: 1.3, title: 52, note: 112 },
    "full page": { width: 700, height: 900, type: 1.3, title: 52, note: 112 },
    slide: { width: 1280, height: 720, type: 1.6, title: 76, note: 170 },
  }
  const CHOSEN = "recon-print-size"
  const EDGE_PX = 10
  const DATE_TICKS = 6
  const COPIED_MS = 2500
  const FOCUS_MS = 300
  const GRID_TRIES = 60
  const TABLE_HEAD_PX = 36
  const TABLE_BOX_PX = 28
  // Written so because Streamlit drops a script that has a tag in it.
  const LINE_BREAK = "\u003cbr>"
  const SMALL = "\u003cspan style='font-size:15px;font-weight:400;color:#6B7280'>"
  const END = "\u003c/span>"

  // The visitor is known again after a reload: that is what keeps a note.
  if (!/(^|; )recon_visitor=/.test(document.cookie)) {
    const word = encodeURIComponent(window.reconVisitor ?? "")
    document.cookie = `recon_visitor=${word}; path=/; max-age=31536000; SameSite=Lax`
  }

  if (window.reconToolbar) return
  let isDue = false
  window.reconToolbar = new MutationObserver(() => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      document.querySelectorAll(".js-plotly-plot").forEach(equip)
      tellMenu()
    })
  })
  window.reconToolbar.observe(document.body, { childList: true, subtree: true })
  document.querySelectorAll(".js-plotly-plot").forEach(equip)

  // Tables are drawn on a canvas by a formatter that knows no minus but the hyphen,
  // and signs a zero. What is copied from a table keeps what a spreadsheet reads.
  const write = CanvasRenderingContext2D.prototype.fillText
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    return write.call(this, signed(text), ...place)
  }

  function signed(text) {
    if (typeof text !== "string") return text
    return text.replace(/^[+-](?=[0.]+$)/, "").replace(/^-(?=[\d.,]+$)/, "\u2212")
  }

  // A control that is changed by hand writes itself into the address, which Streamlit
  // takes for the same entry of the history: Back would leave the page. Here it is an
  // entry of its own, and Back undoes the change. What Streamlit itself mends in an
  // address it gives as a path.
  const replaceEntry = history.replaceState
  history.replaceState = function (state, title, url) {
    const isByHand = String(url ?? "").startsWith(`${location.origin}/`)
    const isNew = isByHand && url !== location.href
    return (isNew ? history.pushState : replaceEntry).call(history, state, title, url)
  }

  document.body.prepend(skipLink())
  document.addEventListener("click", copyLink)
  document.addEventListener("click", chooseRow)
  document.addEventListener("keydown", applyDate, true)
  document.addEventListener("click", takeAway, true)

  // The first thing that Tab reaches: past the menu and the filters to the first table.
  function skipLink() {
    const link = document.createElement("a")
    link.className = "recon-skip"
    link.href = "#"
    link.textContent = "Skip to the table"
    link.addEventListener("click", (event) => {
      event.preventDefault()
      const table = document.querySelector("[data-testid='stDataFrame']")
      table?.scrollIntoView({ block: "center" })
      focusGrid(table, GRID_TRIES)
    })
    return link
  }

  // A table is drawn once it is in sight, which takes a moment.
  function focusGrid(table, tries) {
    const grid = table?.querySelector("[data-testid='data-grid-canvas']")
    if (grid) grid.focus()
    else if (table && tries) setTimeout(() => focusGrid(table, tries - 1), FOCUS_MS)
    else document.querySelector("[data-testid='stMain']")?.focus()
  }

  // The menu is told as links in a group: its list has headings between its items,
  // which a list may not have.
  function tellMenu() {
    for (const menu of document.querySelectorAll("[data-testid='stSidebarNavItems']")) {
      menu.setAttribute("role", "group")
      for (const item of menu.querySelectorAll("li")) item.setAttribute("role", "none")
    }
  }

  // A table that opens what is chosen is chosen from by a click anywhere in a row, not
  // on its box alone: the grid is told of a click on the box.
  function chooseRow(event) {
    const table = event.target.closest?.("[class*='-opens'] [data-testid='stDataFrame']")
    if (!table || !event.isTrusted) return
    const { left, top } = table.getBoundingClientRect()
    const isHead = event.clientY - top < TABLE_HEAD_PX
    if (isHead || event.clientX - left < TABLE_BOX_PX) return
    const at = { clientX: left + TABLE_BOX_PX / 2, clientY: event.clientY }
    const told = { bubbles: true, cancelable: true, button: 0, buttons: 1, ...at }
    for (const type of ["move", "down", "up"]) {
      const pointer = { ...told, pointerType: "mouse", isPrimary: true }
      event.target.dispatchEvent(new PointerEvent(`pointer${type}`, pointer))
      event.target.dispatchEvent(new MouseEvent(`mouse${type}`, told))
    }
    event.target.dispatchEvent(new MouseEvent("click", told))
  }

  // A typed day is taken over when the field and its calendar are left, so Enter does
  // what a click beside them does, and comes back.
  function applyDate(event) {
    const part = event.target
    if (event.key !== "Enter" || part.getAttribute?.("role") !== "spinbutton") return
    if (!part.closest("[data-testid='stDateInput']")) return
    part.blur()
    for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) {
      const Kind = type.startsWith("pointer") ? PointerEvent : MouseEvent
      document.body.dispatchEvent(new Kind(type, { bubbles: true, button: 0 }))
    }
    setTimeout(() => part.isConnected && part.focus(), FOCUS_MS)
  }

  function equip(chart) {
    const frame = chart.closest("[data-testid='stFullScreenFrame']")
    const isFull = frame !== null && getComputedStyle(frame).position === "fixed"
    chart.classList.toggle("is-full", isFull)
    chart.dataset.title = chart.layout?.meta?.title ?? ""
    const camera = chart.querySelector(".modebar-btn[data-title^='Download plot']")
    if (!camera) return
    let format = "png"
    const words = {
      SVG: "Download this chart as an SVG drawing",
      HTML: "Download this chart with its numbers as an HTML page",
    }
    const buttons = Object.entries(words).map(([word, title]) => {
      const button = camera.cloneNode(true)
      name(button, word, title)
      button.addEventListener("click", () => {
        format = word.toLowerCase()
        camera.click()
        format = "png"
      })
      return button
    })
    name(camera, "PNG", "Download this chart as a PNG picture")
    camera.addEventListener("click", () => present(chart, format), true)
    camera.before(sizes())
    camera.after(...buttons)
  }

  function name(button, word, title) {
    button.textContent = word
    button.dataset.title = title
    button.dataset.format = word
    button.setAttribute("aria-label", title)
  }

  // The print size is one choice for all charts, and is remembered.
  function sizes() {
    const select = document.createElement("select")
    select.className = "recon-size"
    select.title = "Print size of the picture"
    select.setAttribute("aria-label", "Print size of the picture")
    for (const size of Object.keys(SIZES)) select.add(new Option(size))
    select.value = chosenSize()
    select.addEventListener("change", () => {
      localStorage.setItem(CHOSEN, select.value)
      for (const each of document.querySelectorAll(".recon-size")) {
        each.value = select.value
      }
    })
    return select
  }

  function chosenSize() {
    const size = localStorage.getItem(CHOSEN)
    return size in SIZES ? size : "half page"
  }

  // The page's address with its day, which is not in it where it is the newest.
  function link(day) {
    const url = new URL(window.location.href)
    const base = document.querySelector(".recon-copy-link")?.dataset.base
    if (base) url.href = base + url.pathname + url.search
    url.hash = ""
    url.searchParams.set("as_of", day)
    url.searchParams.set("v", "1")
    return url.href
  }

  async function copyLink(event) {
    const button = event.target.closest?.(".recon-copy-link")
    if (!button) return
    const address = link(button.dataset.asOf)
    button.dataset.link = address
    const isCopied = await copied(address)
    const local = isLocal(new URL(address).hostname) ? ", opens on this machine only" : ""
    button.textContent = isCopied ? `Link copied${local}` : "Copy it from the address bar"
    setTimeout(() => (button.textContent = "Copy link"), COPIED_MS)
  }

  function isLocal(host) {
    return /^(localhost|127\..*|\[::1\]|0\.0\.0\.0)$/.test(host)
  }

  // A page that is not served from this machine or by https may not write to the
  // clipboard itself: then a selected field is copied.
  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      const field = document.createElement("textarea")
      field.value = text
      document.body.append(field)
      field.select()
      const isCopied = document.execCommand("copy")
      field.remove()
      return isCopied
    }
  }

  let webPage = null // the chart whose next drawing becomes a web page

  function present(chart, format) {
    const shown = { data: chart.data, layout: chart.layout }
    const size = SIZES[chosenSize()]
    const layout = printed(chart, size)
    Object.assign(chart, { data: inPrint(chart.data, size), layout })
    webPage = format === "html" ? shown : null
    chart._context.toImageButtonOptions = {
      ...chart._context.toImageButtonOptions,
      format: format === "png" ? "png" : "svg",
      width: size.width,
      height: layout.height,
      scale: format === "png" ? 2 : 1,
    }
    setTimeout(() => Object.assign(chart, shown), 0)
  }

  // Plotly hands a drawing out by clicking a link; a web page is wrapped round it.
  function takeAway(event) {
    const anchor = event.target
    const isDrawing = anchor.tagName === "A" && /\.svg$/.test(anchor.download ?? "")
    if (!isDrawing || !webPage) return
    const { data, layout } = webPage
    webPage = null
    event.preventDefault()
    event.stopImmediatePropagation()
    const title = anchor.download.replace(/\.svg$/, ".html")
    fetch(anchor.href)
      .then((answer) => answer.text())
      .then((drawing) => save(asPage(drawing, data, layout), title))
  }

  function save(text, title) {
    const anchor = document.createElement("a")
    anchor.href = URL.createObjectURL(new Blob([text], { type: "text/html" }))
    anchor.download = title
    anchor.click()
    setTimeout(() => URL.revokeObjectURL(anchor.href), COPIED_MS)
  }

  // Everything that is text goes in as text: a name with markup in it stays a name.
  function asPage(drawing, data, layout) {
    const page = document.implementation.createHTMLDocument(layout.meta?.title ?? "")
    const style = page.createElement("style")
    style.textContent =
      "body{font:15px system-ui,sans-serif;margin:2rem;color:#16202C}" +
      "svg{max-width:100%;height:auto}td,th{padding:.1rem .8rem;text-align:right}" +
      "summary{cursor:pointer}"
    page.head.append(page.createElement("meta"), style)
    page.head.firstChild.setAttribute("charset", "utf-8")
    const figure = page.createElement("figure")
    const svg = new DOMParser().parseFromString(drawing, "image/svg+xml")
    svg.documentElement.setAttribute("role", "img")
    svg.documentElement.setAttribute("aria-label", layout.meta?.alt ?? "")
    figure.append(page.importNode(svg.documentElement, true))
    page.body.append(figure, numbers(page, data))
    return "\u003c!doctype html>" + page.documentElement.outerHTML
  }

  function numbers(page, data) {
    const details = page.createElement("details")
    details.append(page.createElement("summary"))
    details.firstChild.textContent = "Numbers of the chart"
    for (const trace of data) {
      const table = page.createElement("table")
      table.createCaption().textContent = trace.name ?? ""
      const [x, y] = [values(trace.x), values(trace.y)]
      for (let at = 0; at < Math.max(x.length, y.length); at++) {
        const row = table.insertRow()
        row.insertCell().textContent = x[at] ?? ""
        row.insertCell().textContent = y[at] ?? ""
      }
      details.append(table)
    }
    return details
  }

  function values(list) {
    return Array.from(list?._inputArray ?? list ?? []).map((value) =>
      typeof value === "string" ? value.replace(/T00:00:00.*$/, "") : value,
    )
  }

  function printed(chart, size) {
    const shown = chart.layout
    const left = chart._fullLayout._size.l
    const layout = inPrint(shown, size)
    const margin = { t: 60, b: 34, l: 8, r: 8, ...layout.margin }
    margin.t += shown.meta?.title_px ?? 0
    for (const side of Object.keys(margin)) margin[side] *= size.type
    const { title = "", subtitle = "", source = "" } = shown.meta ?? {}
    const { versions, as_of: day } = shown.meta ?? {}
    const lines = wrap(title, size.title)
    const below = wrap(subtitle, size.title * 1.5)
    const note = wrap(source, size.note)
    if (day) note.push(...wrap(versions, size.note))
    const address = day && link(day)
    if (day && !isLocal(new URL(address).hostname)) note.push(...pieces(address, size.note))
    margin.t += 22 * (lines.length - 1) + 16 * (below.length - 1)
    const words = {
      text: note.map(escaped).join(LINE_BREAK),
      x: 0,
      xref: "paper",
      xanchor: "left",
      y: 0,
      yref: "paper",
      yanchor: "top",
      xshift: EDGE_PX - left * size.type,
      yshift: -margin.b - 4,
      align: "left",
      showarrow: false,
      font: { size: 11, color: "#6B7280" },
    }
    margin.b += 10 + 15 * note.length
    margin.t += 4
    // Larger labels want fewer of them, or they turn and run into the source note.
    const isDates = chart._fullLayout.xaxis?.type === "date"
    const level = isDates ? { tickangle: 0, nticks: DATE_TICKS } : {}
    return {
      ...layout,
      xaxis: { ...layout.xaxis, ...level },
      margin,
      title: {
        ...layout.title,
        pad: { t: 30, l: EDGE_PX },
        text: [...lines, SMALL + below.join(LINE_BREAK) + END].join(LINE_BREAK),
      },
      annotations: [...(layout.annotations ?? []), words],
      width: size.width,
      height: Math.max(size.height, (shown.height ?? 0) + (shown.meta?.title_px ?? 0)),
    }
  }

  function escaped(text) {
    return text.replace(/&/g, "&amp;").replace(/\u003c/g, "&lt;")
  }

  // A link has no spaces to break it at.
  function pieces(text, width) {
    const found = []
    for (let at = 0; at < text.length; at += width) found.push(text.slice(at, at + width))
    return found
  }

  function wrap(text, width) {
    const lines = [""]
    for (const word of text.split(" ")) {
      const last = lines.at(-1)
      if (last && last.length + word.length >= width) lines.push(word)
      else lines[lines.length - 1] = last ? `${last} ${word}` : word
    }
    return lines
  }

  function inPrint(value, size, key = "") {
    if (typeof value === "string") return window.reconColours[value] ?? value
    if (Array.isArray(value)) {
      const isNumbers = typeof value[0] === "number"
      return isNumbers ? value : value.map((each) => inPrint(each, size))
    }
    if (value === null || typeof value !== "object") return value
    if (ArrayBuffer.isView(value) || value instanceof Date) return value
    const copy = {}
    for (const [name, each] of Object.entries(value)) copy[name] = inPrint(each, size, name)
    if (/font$/i.test(key) && copy.size) copy.size *= size.type
    if (copy.entrywidth) copy.entrywidth *= size.type
    return copy
  }
})()
