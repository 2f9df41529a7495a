package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"

	"gatehouse/directory/dit"
	"gatehouse/directory/ldif"
)

// conflicts are the words of --on-conflict.
var conflicts = map[string]dit.Conflict{"fail": dit.ConflictFail, "skip": dit.ConflictSkip, "replace": dit.ConflictReplace}

// batchImport sends an LDIF in pieces to a store that takes the records one after the other.
type batchImport struct {
	operations *operations
	conflict   string
	refusals   *refusals
	report     importReport
}

// batchAnswer says what became of one piece.
type batchAnswer struct {
	importReport
	Made     []string  `json:"made,omitempty"` // names of entries that init made and that the file may still replace
	Refusals []refusal `json:"refusals,omitempty"`
}

func (i *batchImport) run(ctx context.Context, src io.Reader) error {
	flags := url.Values{"conflict": {i.conflict}, "first": {"yes"}}
	if i.refusals.file != nil {
		flags.Set("go-on", "yes")
	}
	split := ldif.NewSplitter(src, importChunkBytes, ldif.Options{})
	for {
		chunk, err := split.Next(nil)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", i.refusals.source, err)
		}
		flags.Set("line", strconv.Itoa(chunk.Line))
		answer, err := i.send(ctx, flags, chunk)
		if err != nil {
			return i.sofar(err)
		}
		flags.Del("first")
		flags["made"] = answer.Made
		i.report.add(&answer.importReport)
		for _, r := range answer.Refusals {
			if err := i.refusals.add(r, recordAt(chunk, r.Line)); err != nil {
				return err
			}
		}
		if len(answer.Refusals) > 0 && i.refusals.file == nil {
			return i.sofar(errRecordRefused)
		}
	}
}

// scaffold adds the entries that others are to stand below, where there are none.
func (i *batchImport) scaffold(ctx context.Context, records []*ldif.Record) error {
	if len(records) == 0 {
		return nil
	}
	text, err := recordsText(records)
	if err != nil {
		return err
	}
	flags := url.Values{"conflict": {"skip"}, "first": {"yes"}, "line": {"1"}}
	answer, err := i.send(ctx, flags, ldif.Chunk{Data: text, Line: 1})
	if err != nil {
		return err
	}
	if len(answer.Refusals) > 0 {
		return fmt.Errorf("%s: %s", answer.Refusals[0].DN, answer.Refusals[0].Text)
	}
	i.report.Entries += answer.Entries
	return nil
}

func (i *batchImport) send(ctx context.Context, flags url.Values, chunk ldif.Chunk) (*batchAnswer, error) {
	out, err := i.operations.call(ctx, "import", flags, bytes.NewReader(chunk.Data))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	var answer batchAnswer
	return &answer, decodeAll(out, &answer)
}

// errRecordRefused ends an import at a record that cannot be taken.
var errRecordRefused = errors.New("a record was refused")

// sofar says what to do after an import that stopped half-way.
func (i *batchImport) sofar(err error) error {
	r := &i.report
	next := "Repeat with --on-conflict skip to go on from there"
	if errors.Is(err, errRecordRefused) {
		next = "Mend the record and repeat with --on-conflict skip, or give --rejects FILE to go on with the others"
	}
	return fmt.Errorf("%w; by then %d entries were added, %d replaced and %d changes made, some behind it. %s", err, r.Entries, r.Replaced, r.Changes, next)
}

func (r *importReport) add(o *importReport) {
	r.Entries += o.Entries
	r.Replaced += o.Replaced
	r.Skipped += o.Skipped
	r.Changes += o.Changes
	r.Refused += o.Refused
	r.Hashed += o.Hashed
	if o.Kept != "" {
		r.Kept = o.Kept
	}
}

// importBytesMax bounds one piece of an import: a single record may be as large as a reader takes.
const importBytesMax = 257 << 20

func importVerb(ctx context.Context, n *node, flags url.Values, in io.Reader, out io.Writer) error {
	line, err := strconv.Atoi(flags.Get("line"))
	if err != nil {
		return fmt.Errorf("line: %w", err)
	}
	conflict, ok := conflicts[flags.Get("conflict")]
	if !ok {
		return fmt.Errorf("conflict %q is not known", flags.Get("conflict"))
	}
	text, err := io.ReadAll(io.LimitReader(in, importBytesMax+1))
	if err != nil {
		return err
	}
	if len(text) > importBytesMax {
		return errors.New("the piece is too large")
	}
	w := newImportWorkers(n, conflict, flags.Get("go-on") == "yes")
	if flags.Get("first") == "yes" {
		err = w.findInit()
	} else {
		err = w.takeInit(flags["made"])
	}
	if err != nil {
		return err
	}
	if err := w.run(ctx, ldif.Chunk{Data: text, Line: line}); err != nil {
		return err
	}
	for ndn := range w.made {
		w.answer.Made = append(w.answer.Made, string(ndn))
	}
	return writeJSON(out, w.answer)
}

// openFileURL opens the file of a ":<" value: file:///PATH.
func openFileURL(text string) (io.ReadCloser, error) {
	path, ok := strings.CutPrefix(text, "file://")
	if !ok || !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%q is not a URL such as file:///PATH", text)
	}
	path, err := url.PathUnescape(path)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}
