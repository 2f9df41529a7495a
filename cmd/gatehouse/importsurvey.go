package main

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"gatehouse/directory"
	"gatehouse/directory/foreign"
	"gatehouse/directory/ldif"
	"gatehouse/directory/password"
	"gatehouse/directory/schema"
)

// survey counts what becomes of the records of an import: classes, and what is left out or changed on the way into the store.
type survey struct {
	schema    *schema.Schema
	at        func(line int) (string, int)
	passwords bool // look at these alone: a large LDIF is in a hurry

	mu    sync.Mutex
	parts []*surveyed
}

func newSurvey(s *schema.Schema, at func(line int) (string, int)) *survey {
	return &survey{schema: s, at: at}
}

// surveyed is a part of the input, which one goroutine looks at.
type surveyed struct {
	survey *survey
	line   int // of its first record
	foreign.Report
}

// begin returns the part that begins at a line.
func (s *survey) begin(line int) *surveyed {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &surveyed{survey: s, line: line}
	s.parts = append(s.parts, p)
	return p
}

// into adds what was counted to a report, in the order of the input, so that its examples are the first ones. All parts must be done.
func (s *survey) into(r *foreign.Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.parts, func(a, b *surveyed) int { return cmp.Compare(a.line, b.line) })
	for _, p := range s.parts {
		r.Merge(&p.Report)
	}
}

// record looks at one record of content.
func (p *surveyed) record(rec *ldif.Record) {
	file, line := p.survey.at(rec.Line)
	if p.survey.passwords {
		for _, a := range rec.Attributes {
			if strings.EqualFold(a.Attr, "userPassword") {
				p.passwords(a.Values, file, line)
			}
		}
		return
	}
	p.Count(rec)
	for _, a := range rec.Attributes {
		desc, err := p.survey.schema.Description(a.Attr)
		if err != nil {
			continue // the record is refused
		}
		switch {
		case foreign.IsStamp(desc):
		case desc.Is(directory.FlagComputed):
			p.Note(foreign.LeftOut, "attribute "+strings.Clone(a.Attr), "the server computes it", file, line)
		case p.survey.schema.Type(desc).Usage == schema.DSAOperation:
			p.Note(foreign.LeftOut, "attribute "+strings.Clone(a.Attr), "it belongs to the other server alone", file, line)
		case strings.EqualFold(desc.Name, "userPassword"):
			p.passwords(a.Values, file, line)
		}
	}
}

// passwords says which passwords nobody can log in with.
func (p *surveyed) passwords(values [][]byte, file string, line int) {
	for _, v := range values {
		if _, clear := password.Clear(v); clear {
			continue // counted where they are hashed
		}
		name, known := password.Scheme(v)
		switch err := password.CheckStored(v); {
		case !known:
			p.Note(foreign.ToDo, "passwords with the scheme {"+name+"}", "the scheme is not verified here; set a new password", file, line)
		case err != nil:
			p.Note(foreign.ToDo, "passwords with the scheme {"+name+"} in a form that is not verified", err.Error(), file, line)
		}
	}
}
