package foreign

import (
	"errors"
	"fmt"
	"strings"
)

// limitText is one limit taken apart.
type limitText struct {
	selector string
	limit    SlapdLimit
}

// readLimits reads a value of olcLimits: a selector, and limits behind it.
func readLimits(value string) (limitText, error) {
	var l limitText
	fields, err := quotedFields(value)
	if err != nil || len(fields) < 2 {
		return l, errors.New("it cannot be read")
	}
	l.selector = fields[0]
	if err := l.limit.name(fields[0]); err != nil {
		return l, err
	}
	return l, l.limit.set(fields[1:])
}

// quotedFields splits at spaces outside of double quotes, which it takes away.
func quotedFields(s string) (fields []string, err error) {
	var b strings.Builder
	quoted, any := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case c == '"':
			quoted, any = !quoted, true
		case c == ' ' && !quoted:
			if any || b.Len() > 0 {
				fields = append(fields, b.String())
			}
			any = false
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	if quoted {
		return nil, errors.New("a quote is not closed")
	}
	if any || b.Len() > 0 {
		fields = append(fields, b.String())
	}
	return fields, nil
}

// name reads a selector.
func (l *SlapdLimit) name(selector string) error {
	kind, name, _ := strings.Cut(selector, "=")
	kind = strings.ToLower(kind)
	switch {
	case kind == "*" || kind == "users":
		l.Subtree = "*" // of each suffix
		return nil
	case kind == "anonymous":
		return errors.New("the limits of anonymous clients are fixed: 500 entries and 10 s")
	case name == "":
		return errors.New("the selector has no name")
	case kind == "dn" || kind == "dn.exact" || kind == "dn.base" || kind == "dn.self" || kind == "dn.self.exact":
		l.DN = name
	case kind == "dn.subtree" || kind == "dn.sub" || kind == "dn.self.subtree":
		l.Subtree = name
	case kind == "dn.children" || kind == "dn.self.children":
		l.Subtree = name
	case kind == "group" || strings.HasPrefix(kind, "group/"):
		l.Group = name
	default:
		return fmt.Errorf("limits go by dn, group or subtree; name those whom %q covers so", kind)
	}
	return nil
}

// set reads limits such as size=500 or time.hard=unlimited. Of a soft and a hard one the hard one counts.
func (l *SlapdLimit) set(fields []string) error {
	var sizeHard, timeHard bool
	for _, field := range fields {
		key, value, ok := strings.Cut(field, "=")
		key = strings.ToLower(key)
		if value == "soft" && strings.HasSuffix(key, ".hard") {
			continue // the same as the soft one
		}
		n, number := numberOf(value)
		switch {
		case !ok:
			return fmt.Errorf("%q is no limit", field)
		case key == "size.pr" || key == "size.prtotal":
			continue // pages do not change how much a client may read
		case !number:
			return fmt.Errorf("%q is not a number", field)
		case key == "size.hard":
			l.Size, sizeHard = &n, true
		case key == "size" || key == "size.soft":
			if !sizeHard {
				l.Size = &n
			}
		case key == "size.unchecked":
			l.LookThrough = &n
		case key == "time.hard":
			l.Seconds, timeHard = &n, true
		case key == "time" || key == "time.soft":
			if !timeHard {
				l.Seconds = &n
			}
		default:
			return fmt.Errorf("%q is no limit that is known", field)
		}
	}
	if l.Size == nil && l.Seconds == nil && l.LookThrough == nil {
		return errors.New("it sets nothing")
	}
	return nil
}

// takeLimits takes a value of olcLimits.
func takeLimits(s *slapdReader, d draft, at place, value string) {
	what := "olcLimits: " + clip(oneLine(value))
	l, err := readLimits(value)
	if err != nil {
		s.item(NotTaken, d, at, what, err.Error()+"; see 'limits' in the configuration")
		return
	}
	if l.limit.Subtree == "*" {
		s.everybody(l.limit)
	} else {
		s.out.Limits = append(s.out.Limits, l.limit)
	}
	s.item(Taken, d, at, what, "it is one of 'limits'")
}

// everybody sets a limit for all who stand below the suffixes of the database, or of all databases.
func (s *slapdReader) everybody(l SlapdLimit) {
	if len(s.suffix) == 0 {
		s.global = append(s.global, l)
		return
	}
	for _, suffix := range s.suffix {
		l.Subtree = suffix
		s.general = append(s.general, l)
	}
}

// takeSize and takeTime take olcSizeLimit and olcTimeLimit: a number, or size.soft=N size.hard=N.
func takeSize(s *slapdReader, d draft, at place, value string) {
	takeGeneral(s, d, at, "olcSizeLimit", "size", value)
}

func takeTime(s *slapdReader, d draft, at place, value string) {
	takeGeneral(s, d, at, "olcTimeLimit", "time", value)
}

func takeGeneral(s *slapdReader, d draft, at place, attr, unit, value string) {
	fields := strings.Fields(value)
	if len(fields) == 1 && !strings.Contains(value, "=") {
		fields[0] = unit + "=" + fields[0]
	}
	var l SlapdLimit
	if err := l.set(fields); err != nil {
		s.item(NotTaken, d, at, attr+": "+clip(value), err.Error())
		return
	}
	s.everybody(l)
	if d.first("olcDatabase") != "" && len(s.suffix) == 0 {
		return // the frontend repeats what cn=config says
	}
	s.item(Taken, d, at, attr+": "+clip(oneLine(value)), "it is one of 'limits', for everybody who stands below the suffix")
}

// finishLimits puts the limits for everybody behind those for some, each suffix once.
func (s *slapdReader) finishLimits() {
	bySuffix := map[string]*SlapdLimit{}
	var order []string
	merge := func(suffix string, l SlapdLimit) {
		m := bySuffix[suffix]
		if m == nil {
			m = &SlapdLimit{Subtree: suffix}
			bySuffix[suffix] = m
			order = append(order, suffix)
		}
		if m.Size == nil {
			m.Size = l.Size
		}
		if m.Seconds == nil {
			m.Seconds = l.Seconds
		}
		if m.LookThrough == nil {
			m.LookThrough = l.LookThrough
		}
	}
	for _, l := range s.general {
		merge(l.Subtree, l)
	}
	for _, l := range s.global {
		for _, suffix := range s.out.Suffixes {
			merge(suffix, l)
		}
	}
	for _, suffix := range order {
		s.out.Limits = append(s.out.Limits, *bySuffix[suffix])
	}
}
