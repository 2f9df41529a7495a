package main

import (
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
	total foreign.Report
}

func newSurvey(s *schema.Schema, at func(line int) (string, int)) *survey {
	return &survey{schema: s, at: at}
}

// surveyed is the part of one goroutine.
type surveyed struct {
	survey *survey
	foreign.Report
}

func (s *survey) begin() *surveyed { return &surveyed{survey: s} }

// end adds what was counted to the survey.
func (p *surveyed) end() {
	p.survey.mu.Lock()
	defer p.survey.mu.Unlock()
	p.survey.total.Merge(&p.Report)
}

// into adds what was counted to a report.
func (s *survey) into(r *foreign.Report) {
	r.Merge(&s.total)
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
