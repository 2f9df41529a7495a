package storage

import (
	"errors"
	"fmt"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// verifyLog walks the log from the floor of the side file to its end, which is the database's, and compares it with the mark.
// A gap, a record that contradicts its digest or its predecessor, and an end before the mark are a [*LogError]. It returns
// the window of the last changes and the running hash.
func verifyLog(r kv.Reader, end directory.CSN, mark sideMark, s describer) (*window, logHash, error) {
	v := logVerifier{next: 1, mark: mark, window: newWindow(), schema: s}
	from := min(csnOf(mark.floor), end)
	from -= min(from, windowChanges)
	if err := v.startAt(r, from); err != nil {
		return nil, v.hash, err
	}
	err := scanLog(r, v.next, func(rec *logRecord) bool {
		v.err = v.record(rec)
		return v.err == nil
	})
	switch last := v.next - 1; {
	case v.err != nil:
		err = v.err
	case err != nil:
	case last < max(end, mark.csn):
		err = &LogError{From: last + 1, To: max(end, mark.csn), Reason: "changes are missing at the end"}
	}
	return v.window, v.hash, err
}

// A logVerifier follows the chain of the log.
type logVerifier struct {
	next   directory.CSN // that the next record has to begin with
	hash   logHash       // that it has to name
	mark   sideMark
	window *window
	schema describer
	err    error
}

// startAt begins behind the last batch end at or below csn, or at the beginning of what the log still holds.
func (v *logVerifier) startAt(r kv.Reader, csn directory.CSN) error {
	start, err := readLogStart(r)
	if err != nil {
		return err
	}
	v.next, v.hash = start.csn+1, start.hash
	if csn <= start.csn {
		return nil
	}
	end, err := batchEnd(r, csn)
	if err != nil || end <= start.csn {
		return nil // the walk from the beginning tells more
	}
	return scanLog(r, end, func(rec *logRecord) bool {
		v.next, v.hash = rec.last+1, rec.hash()
		return false
	})
}

func (v *logVerifier) record(rec *logRecord) error {
	switch {
	case rec.first > v.next:
		return &LogError{From: v.next, To: rec.first - 1, Reason: "changes are missing"}
	case rec.first < v.next:
		return &LogError{From: rec.first, To: rec.last, Reason: "changes come twice"}
	case rec.prev != v.hash:
		return &LogError{From: rec.first, To: rec.last, Reason: "a record does not follow from its predecessor"}
	}
	v.next, v.hash = rec.last+1, rec.hash()
	if rec.last == v.mark.csn && v.hash != v.mark.hash {
		return &LogError{From: rec.first, To: rec.last, Reason: "a record is not the one that was answered"}
	}
	changes, err := rec.changes()
	if err != nil {
		return err
	}
	for i := range changes {
		if err := v.remember(&changes[i]); err != nil {
			return err
		}
	}
	return nil
}

// remember puts a change into the window.
func (v *logVerifier) remember(c *loggedChange) error {
	change, err := decodeChange(c.encoded, v.schema)
	if errors.Is(err, ErrCorrupt) {
		return &LogError{From: c.csn, To: c.csn, Reason: "a change does not decode"}
	}
	if err != nil {
		return fmt.Errorf("change %d of the log: %w", c.csn, err)
	}
	result := Result{CSN: c.csn, Time: microTime(c.time)}
	id := c.firstID
	for _, effect := range change.Effects {
		if _, ok := effect.(CreateEntry); ok {
			result.IDs = append(result.IDs, id)
			id++
		}
	}
	v.window.add(change.ID, result)
	return nil
}
