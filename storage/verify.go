package storage

import (
	"fmt"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// verifyLog walks the log from the floor of the side file to its end and compares it with the state and with the mark. A gap,
// a record that contradicts its digest or its predecessor, and an end before the mark are a [*LogError]. It returns the
// window of the last changes.
func verifyLog(r kv.Reader, st *state, end directory.CSN, mark sideMark, s describer) (*window, error) {
	v := logVerifier{next: 1, mark: mark, window: newWindow(), schema: s}
	from := csnOf(mark.floor)
	if end > windowChanges {
		from = min(from, end-windowChanges)
	} else {
		from = 0
	}
	if err := v.startAt(r, from); err != nil {
		return nil, err
	}
	err := scanLog(r, v.next, func(rec *logRecord) bool {
		v.err = v.record(rec)
		return v.err == nil
	})
	switch last := v.next - 1; {
	case v.err != nil:
		return nil, v.err
	case err != nil:
		return nil, err
	case mark.csn > last:
		return nil, &LogError{From: last + 1, To: mark.csn, Reason: "changes that were answered are missing at the end"}
	case end > last:
		return nil, &LogError{From: last + 1, To: end, Reason: "changes are missing at the end"}
	case st.csn != last || st.hash != v.hash:
		return nil, &LogError{From: last, To: st.csn, Reason: "the state does not belong to the end of the log"}
	}
	return v.window, nil
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
