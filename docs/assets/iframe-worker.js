// The search of the site where it is opened from a disk. Browsers refuse to start a worker from a file, so the search's
// script runs in a hidden frame instead and is spoken to as if it were a worker. Elsewhere this file does nothing.
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget { // the theme looks for this name to find its files
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.appendChild(frame)
      this.inside = frame.contentWindow
      this.inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      this.ready = new Promise((resolve, reject) => {
        const script = this.inside.document.createElement("script")
        script.onload = resolve
        script.onerror = reject
        script.src = url
        this.inside.document.body.appendChild(script)
      })
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })))
    }
  }
  window.Worker = window.IFrameWorker
}
