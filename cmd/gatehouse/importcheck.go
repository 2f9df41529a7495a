package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/foreign"
	"gatehouse/directory/ldif"
	"gatehouse/storage"
)

// importCheck asks a store what would become of records, without any change.
type importCheck struct {
	operations *operations
	conflict   string
	refusals   *refusals
	found      *foreign.Report
	fill       []*ldif.Record
	report     importReport
}

// checkAnswer says what would become of the records.
type checkAnswer struct {
	importReport
	Refusals []refusal      `json:"refusals,omitempty"`
	Found    foreign.Report `json:"found"`
}

// checkedRefusalsMax bounds the refusals that are listed one by one.
const checkedRefusalsMax = 1000

func (i *importCheck) run(ctx context.Context, src io.Reader) error {
	fill, err := recordsText(i.fill)
	if err != nil {
		return err
	}
	above := bytes.Count(fill, []byte{'\n'})
	flags := url.Values{"conflict": {i.conflict}, "fill": {strconv.Itoa(above)}}
	out, err := i.operations.call(ctx, "import.check", flags, io.MultiReader(bytes.NewReader(fill), src))
	if err != nil {
		return err
	}
	defer out.Close()
	var answer checkAnswer
	if err := decodeAll(out, &answer); err != nil {
		return err
	}
	i.report = answer.importReport
	for _, r := range answer.Refusals {
		r.Line -= above
		if err := i.refusals.add(r, nil); err != nil {
			return err
		}
	}
	for _, n := range answer.Found.Notes {
		for k, line := range n.Examples {
			n.Examples[k] = i.place(line, above)
		}
	}
	i.found.Merge(&answer.Found)
	return nil
}

// place turns a line of what was sent, as the store names it, into one of the input.
func (i *importCheck) place(example string, above int) string {
	var line int
	if _, err := fmt.Sscanf(strings.TrimPrefix(example, ":"), "%d", &line); err != nil {
		return example
	}
	file, line := i.refusals.at(line - above)
	return fmt.Sprintf("%s:%d", file, line)
}

// recordsText prints records as LDIF.
func recordsText(list []*ldif.Record) ([]byte, error) {
	var text bytes.Buffer
	w := ldif.NewWriter(&text)
	for _, rec := range list {
		if err := w.Record(rec); err != nil {
			return nil, err
		}
	}
	err := w.Flush()
	return text.Bytes(), err
}

// storeCheck is the work of a check in the process of the store.
type storeCheck struct {
	node     *node
	conflict dit.Conflict
	fill     int // lines above the input, whose entries may exist
	sn       *storage.Snapshot
	sealer   *dit.Sealer
	made     map[directory.NDN]bool // by the records before
	survey   *surveyed
	answer   checkAnswer
}

func importCheckVerb(ctx context.Context, n *node, flags url.Values, in io.Reader, out io.Writer) error {
	conflict, ok := conflicts[flags.Get("conflict")]
	if !ok {
		return fmt.Errorf("conflict %q is not known", flags.Get("conflict"))
	}
	fill, err := strconv.Atoi(flags.Get("fill"))
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	sn := n.store.Snapshot()
	defer sn.Close()
	contexts, err := sn.NamingContexts()
	if err != nil {
		return err
	}
	names := []string{}
	for _, c := range contexts {
		names = append(names, c.Name)
	}
	suffixes, err := dit.NewSuffixes(n.schema, names...)
	if err != nil {
		return err
	}
	sealer, err := newSealer(n.schema, suffixes)
	if err != nil {
		return err
	}
	survey := newSurvey(n.schema, func(line int) (string, int) { return "", line })
	c := &storeCheck{node: n, conflict: conflict, fill: fill, sn: sn, sealer: sealer, made: make(map[directory.NDN]bool), survey: survey.begin(1)}
	if err := c.run(ctx, in); err != nil {
		return err
	}
	survey.into(&c.answer.Found)
	c.answer.Hashed = uint64(sealer.CheapHashes())
	return writeJSON(out, c.answer)
}

func (c *storeCheck) run(ctx context.Context, in io.Reader) error {
	r := ldif.NewReader(in, c.node.ldif)
	for last := 0; ; {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return ctx.Err()
		}
		if le, ok := errors.AsType[*ldif.Error](err); ok && le.Line != last {
			last = le.Line
			c.refuse(refusalOf(le.Line, "", err))
			continue
		}
		if err != nil {
			return err
		}
		if err := c.record(rec); err != nil {
			return err
		}
	}
}

// record says what would become of one record. A change counts as one that is made: what it would meet depends on those before.
func (c *storeCheck) record(rec *ldif.Record) error {
	if rec.Kind != ldif.Content && rec.Kind != ldif.Add {
		c.answer.Changes++
		return nil
	}
	if rec.Line > c.fill {
		c.survey.record(rec)
	}
	e, err := c.sealer.Seal(rec)
	if err != nil {
		c.refuse(refusalOf(rec.Line, strings.Clone(rec.DN), err))
		return nil
	}
	exists, err := c.exists(e.NDN)
	if err != nil {
		return err
	}
	above, err := c.exists(e.NDN.Parent())
	if err != nil {
		return err
	}
	switch {
	case exists && rec.Line <= c.fill:
	case exists && c.conflict == dit.ConflictSkip:
		c.answer.Skipped++
	case exists && c.conflict == dit.ConflictReplace:
		c.answer.Replaced++
	case exists:
		c.refuse(refusalOf(rec.Line, e.DN, directory.Errorf(directory.EntryAlreadyExists, "the entry exists; --on-conflict says what to do with it")))
	case !above:
		c.refuse(refusalOf(rec.Line, e.DN, directory.Errorf(directory.NoSuchObject, "the entry above it does not exist")))
	default:
		c.answer.Entries++
		c.made[e.NDN] = true
	}
	return nil
}

func (c *storeCheck) exists(ndn directory.NDN) (bool, error) {
	if c.made[ndn] {
		return true, nil
	}
	_, err := c.sn.Lookup(ndn)
	if isNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

func (c *storeCheck) refuse(r refusal) {
	c.answer.Refused++
	if len(c.answer.Refusals) < checkedRefusalsMax {
		c.answer.Refusals = append(c.answer.Refusals, r)
	}
}
