// Two words in every chart's own toolbar, PNG and SVG, instead of a camera. Both
// export the chart in print: white ground, larger type, title and source inside.
//
// Plotly's button does the work: while it reads the chart, the chart shows it a
// printed copy of its data and layout. Nothing on the screen changes.

// `window.reconColours`, the light colour of each dark one, is set before this.
;(() => {
  const WIDTH_PX = 700 // the width of a page's text, at which the type is 10 pt
  const TYPE_SCALE = 1.3
  const EDGE_PX = 10
  const TITLE_CHARACTERS = 52
  const NOTE_CHARACTERS = 112
  // Written so because Streamlit drops a script that has a tag in it.
  const LINE_BREAK = "\u003cbr>"
  const SMALL = "\u003cspan style='font-size:15px;font-weight:400;color:#6B7280'>"
  const END = "\u003c/span>"

  if (window.reconToolbar) return
  let isDue = false
  window.reconToolbar = new MutationObserver(() => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      document.querySelectorAll(".js-plotly-plot").forEach(equip)
    })
  })
  window.reconToolbar.observe(document.body, { childList: true, subtree: true })
  document.querySelectorAll(".js-plotly-plot").forEach(equip)

  function equip(chart) {
    const frame = chart.closest("[data-testid='stFullScreenFrame']")
    const isFull = frame !== null && getComputedStyle(frame).position === "fixed"
    chart.classList.toggle("is-full", isFull)
    const camera = chart.querySelector(".modebar-btn[data-title^='Download plot']")
    if (!camera) return
    const vector = camera.cloneNode(true)
    name(camera, "PNG", "Download this chart as a PNG picture")
    name(vector, "SVG", "Download this chart as an SVG drawing")
    let format = "png"
    camera.addEventListener("click", () => present(chart, format), true)
    vector.addEventListener("click", () => {
      format = "svg"
      camera.click()
      format = "png"
    })
    camera.after(vector)
  }

  function name(button, word, title) {
    button.textContent = word
    button.dataset.title = title
    button.dataset.format = word
    button.setAttribute("aria-label", title)
  }

  function present(chart, format) {
    const shown = { data: chart.data, layout: chart.layout }
    const layout = printed(chart.layout, chart._fullLayout._size.l)
    Object.assign(chart, { data: inPrint(chart.data), layout })
    chart._context.toImageButtonOptions = {
      ...chart._context.toImageButtonOptions,
      format,
      width: WIDTH_PX,
      height: layout.height,
      scale: format === "png" ? 3 : 1,
    }
    setTimeout(() => Object.assign(chart, shown), 0)
  }

  function printed(shown, left) {
    const layout = inPrint(shown)
    const margin = { t: 60, b: 34, l: 8, r: 8, ...layout.margin }
    for (const side of Object.keys(margin)) margin[side] *= TYPE_SCALE
    const { title = "", subtitle = "", source: words = "" } = shown.meta ?? {}
    const lines = wrap(title, TITLE_CHARACTERS)
    const below = wrap(subtitle, TITLE_CHARACTERS * 1.5)
    const note = wrap(words, NOTE_CHARACTERS)
    margin.t += 22 * (lines.length - 1) + 16 * (below.length - 1)
    const source = {
      text: note.join(LINE_BREAK),
      x: 0,
      xref: "paper",
      xanchor: "left",
      y: 0,
      yref: "paper",
      yanchor: "top",
      xshift: EDGE_PX - left * TYPE_SCALE,
      yshift: -margin.b - 4,
      align: "left",
      showarrow: false,
      font: { size: 11, color: "#6B7280" },
    }
    margin.b += 10 + 15 * note.length
    margin.t += 4
    return {
      ...layout,
      margin,
      title: {
        ...layout.title,
        pad: { t: 30, l: EDGE_PX },
        text: [...lines, SMALL + below.join(LINE_BREAK) + END].join(LINE_BREAK),
      },
      annotations: [...(layout.annotations ?? []), source],
      width: WIDTH_PX,
      height: Math.max(430, shown.height ?? 430),
    }
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

  function inPrint(value, key = "") {
    if (typeof value === "string") return window.reconColours[value] ?? value
    if (Array.isArray(value)) {
      return typeof value[0] === "number" ? value : value.map((each) => inPrint(each))
    }
    if (value === null || typeof value !== "object") return value
    if (ArrayBuffer.isView(value) || value instanceof Date) return value
    const copy = {}
    for (const [name, each] of Object.entries(value)) copy[name] = inPrint(each, name)
    if (/font$/i.test(key) && copy.size) copy.size *= TYPE_SCALE
    if (copy.entrywidth) copy.entrywidth *= TYPE_SCALE
    return copy
  }
})()
