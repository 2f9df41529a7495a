package foreign

import (
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// SlapdIndex says how an attribute is indexed.
type SlapdIndex struct {
	Attr      string `json:"attribute"`
	Equality  bool   `json:"equality"`
	Substring bool   `json:"substring"`
}

// slapdIndexText is olcDbIndex of one attribute.
type slapdIndexText struct {
	at          place
	entry       draft
	attr, kinds string
}

func (x *slapdIndexText) what() string {
	return clip(strings.TrimSpace("olcDbIndex: " + x.attr + " " + x.kinds))
}

// slapdIndexesMax bounds the indexes that are added to a store; each costs a write for each value.
const slapdIndexesMax = 64

// takeIndex takes olcDbIndex apart: attributes, separated by commas, and kinds.
func takeIndex(s *slapdReader, d draft, at place, value string) {
	names, kinds, _ := strings.Cut(oneLine(value), " ")
	for name := range strings.SplitSeq(names, ",") {
		if name != "" && len(s.indexes) < slapdItemsMax {
			s.indexes = append(s.indexes, slapdIndexText{at, d, name, kinds})
		}
	}
}

// finishIndexes finds what the indexes of every store lack.
func (s *slapdReader) finishIndexes() {
	for i := range s.indexes {
		x := &s.indexes[i]
		wanted, why := s.wanted(x)
		have := s.o.Indexed(wanted.Attr)
		lacks := wanted.Equality && !have.Equality || wanted.Substring && !have.Substring
		at := slices.IndexFunc(s.out.Indexes, func(y SlapdIndex) bool { return strings.EqualFold(y.Attr, wanted.Attr) })
		switch {
		case why != "":
			s.item(NotTaken, x.entry, x.at, x.what(), why)
		case !lacks:
			s.item(BuiltIn, x.entry, x.at, x.what(), "every store has this index")
		case at >= 0:
			s.out.Indexes[at].Equality = s.out.Indexes[at].Equality || wanted.Equality
			s.out.Indexes[at].Substring = s.out.Indexes[at].Substring || wanted.Substring
		case len(s.out.Indexes) >= slapdIndexesMax:
			s.item(NotTaken, x.entry, x.at, x.what(), "too many indexes")
		default:
			s.out.Indexes = append(s.out.Indexes, wanted)
			s.item(Taken, x.entry, x.at, x.what(), whyIndex)
		}
	}
}

const whyIndex = "the new store has this index"

// wanted returns the index that a text asks for, or why there cannot be one.
func (s *slapdReader) wanted(x *slapdIndexText) (w SlapdIndex, why string) {
	t := s.o.Schema.TypeByName(x.attr)
	if t == nil {
		return w, "the schema has no such attribute"
	}
	w.Attr = t.Name()
	kinds := strings.FieldsFunc(strings.ToLower(x.kinds), func(r rune) bool { return r == ',' || r == ' ' })
	if len(kinds) == 0 {
		kinds = []string{"eq"}
	}
	approx := false
	for _, kind := range kinds {
		switch {
		case kind == "eq" || kind == "pres":
			w.Equality = true
		case strings.HasPrefix(kind, "sub"):
			w.Substring = true
		case kind == "approx":
			approx = true
		}
	}
	flags := t.Description()
	switch {
	case flags.Is(directory.FlagReference) || flags.Is(directory.FlagComputed) || t.Usage != schema.UserApplications && !s.o.Indexed(w.Attr).Equality:
		return SlapdIndex{Attr: w.Attr}, "" // found by other means
	case w.Equality && t.Equality == nil:
		return w, "the attribute has no equality rule"
	case w.Substring && t.Substr == nil:
		return w, "the attribute has no substrings rule"
	case approx && !w.Equality && !w.Substring:
		return w, "approximate matching is equality here; there is no index for it alone"
	}
	return w, ""
}

// DropIndexes says of the indexes that they are not taken, since there is no new store.
func (x *Slapd) DropIndexes() {
	x.Indexes = nil
	for i := range x.Items {
		if x.Items[i].Why == whyIndex {
			x.Items[i].Outcome = NotTaken
			x.Items[i].Why = "the indexes of a store are made with it; export, and import into a new data directory with --slapd-config to have it"
		}
	}
}
