package storage

// windowChanges is how many of the last changes are known by their IDs, so that proposing one again does nothing.
const windowChanges = 4096

// A window knows the results of the last changes. The log holds the same, and fills the window at open. The sequencer
// owns it.
type window struct {
	results map[[16]byte]Result
	ring    [][16]byte
	next    int
}

func newWindow() *window {
	return &window{results: make(map[[16]byte]Result, windowChanges)}
}

func (w *window) add(id [16]byte, r Result) {
	if len(w.ring) < windowChanges {
		w.ring = append(w.ring, id)
	} else {
		delete(w.results, w.ring[w.next])
		w.ring[w.next] = id
		w.next = (w.next + 1) % windowChanges
	}
	w.results[id] = r
}

// forget takes back a change that did not become durable.
func (w *window) forget(id [16]byte) { delete(w.results, id) }
