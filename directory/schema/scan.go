package schema

import (
	"fmt"
	"strings"
)

// DefinitionError says what is wrong in the text of a definition, and where.
type DefinitionError struct {
	Offset int // in bytes, from the start of the text
	Reason string
}

// Error implements error.
func (e *DefinitionError) Error() string {
	return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason)
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted
	tokenOpen
	tokenClose
	tokenDollar
)

type token struct {
	kind tokenKind
	text string // of a word, or of a quoted string after unescaping
	at   int
}

func (t token) String() string {
	switch t.kind {
	case tokenEnd:
		return "the end"
	case tokenQuoted:
		return "'" + t.text + "'"
	}
	return t.text
}

// scanner cuts a definition into tokens, one ahead.
type scanner struct {
	in   string
	pos  int
	next token
}

func newScanner(s string) (*scanner, error) {
	sc := &scanner{in: s}
	return sc, sc.advance()
}

func (sc *scanner) errorf(at int, format string, args ...any) error {
	return &DefinitionError{Offset: at, Reason: fmt.Sprintf(format, args...)}
}

// take returns the next token and reads the one behind it.
func (sc *scanner) take() (token, error) {
	t := sc.next
	return t, sc.advance()
}

func (sc *scanner) advance() error {
	for sc.pos < len(sc.in) && strings.IndexByte(" \t\r\n", sc.in[sc.pos]) >= 0 {
		sc.pos++
	}
	start := sc.pos
	if start == len(sc.in) {
		sc.next = token{kind: tokenEnd, at: start}
		return nil
	}
	kind := tokenWord
	switch sc.in[start] {
	case '(':
		kind = tokenOpen
	case ')':
		kind = tokenClose
	case '$':
		kind = tokenDollar
	case '\'':
		return sc.quoted()
	default:
		for sc.pos < len(sc.in) && strings.IndexByte(" \t\r\n()$'", sc.in[sc.pos]) < 0 {
			sc.pos++
		}
		sc.next = token{kind: kind, text: sc.in[start:sc.pos], at: start}
		return nil
	}
	sc.pos++
	sc.next = token{kind: kind, text: sc.in[start:sc.pos], at: start}
	return nil
}

// quoted reads a qdstring: \27 stands for a quote, \5C for a backslash. A backslash before anything else stands for
// itself, as files in use have it.
func (sc *scanner) quoted() error {
	start := sc.pos
	n := strings.IndexByte(sc.in[start+1:], '\'')
	if n < 0 {
		return sc.errorf(start, "the quoted string does not end")
	}
	text := sc.in[start+1 : start+1+n]
	if strings.IndexByte(text, '\\') >= 0 {
		text = qdUnescaper.Replace(text)
	}
	sc.pos = start + n + 2
	sc.next = token{kind: tokenQuoted, text: text, at: start}
	return nil
}

var (
	qdUnescaper = strings.NewReplacer(`\27`, `'`, `\5C`, `\`, `\5c`, `\`)
	qdEscaper   = strings.NewReplacer(`'`, `\27`, `\`, `\5C`)
)

// word takes a bare or quoted word: OIDs and names are bare in the RFC and quoted in some files.
func (sc *scanner) word(what string) (string, error) {
	t, err := sc.take()
	if err != nil {
		return "", err
	}
	if t.kind != tokenWord && t.kind != tokenQuoted || t.text == "" || strings.ContainsAny(t.text, " \t\r\n()$'") {
		return "", sc.errorf(t.at, "expected %s, found %s", what, t)
	}
	return t.text, nil
}

// words takes one word or a list in parentheses, with or without '$' between the words.
func (sc *scanner) words(what string) ([]string, error) {
	if sc.next.kind != tokenOpen {
		w, err := sc.word(what)
		return []string{w}, err
	}
	if err := sc.advance(); err != nil {
		return nil, err
	}
	var list []string
	for {
		w, err := sc.word(what)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
		if sc.next.kind == tokenDollar {
			if err := sc.advance(); err != nil {
				return nil, err
			}
			continue
		}
		if sc.next.kind == tokenClose {
			return list, sc.advance()
		}
	}
}

// strings takes one quoted string or a list of them in parentheses.
func (sc *scanner) strings() ([]string, error) {
	if sc.next.kind != tokenOpen {
		t, err := sc.take()
		if err == nil && t.kind != tokenQuoted && t.kind != tokenWord {
			err = sc.errorf(t.at, "expected a quoted string, found %s", t)
		}
		return []string{t.text}, err
	}
	if err := sc.advance(); err != nil {
		return nil, err
	}
	var list []string
	for sc.next.kind == tokenQuoted {
		list = append(list, sc.next.text)
		if err := sc.advance(); err != nil {
			return nil, err
		}
	}
	t, err := sc.take()
	if err == nil && (t.kind != tokenClose || len(list) == 0) {
		err = sc.errorf(t.at, "expected a quoted string, found %s", t)
	}
	return list, err
}
