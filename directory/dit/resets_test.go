package dit

import (
	"testing"

	"gatehouse/directory"
)

// TestResets: what is noted later takes nothing back, every note moves the mark, and too many end all older sessions.
func TestResets(t *testing.T) {
	t.Parallel()
	var r resets
	r.note(1, 10)
	r.note(1, 0)
	r.note(1, 7)
	if !r.since(1, 9) || r.since(1, 10) || r.since(2, 1) {
		t.Error("an earlier or empty note takes a reset back, or reaches another entry")
	}
	if before := r.mark.Load(); before == 0 {
		t.Error("the mark did not move")
	} else if r.note(2, 11); r.mark.Load() == before {
		t.Error("the mark did not move again")
	}
	for id := range resetsMax {
		r.note(directory.EntryID(101+id), 20)
	}
	if !r.since(5, 10) {
		t.Error("with too many resets a session from before them goes on")
	}
}
