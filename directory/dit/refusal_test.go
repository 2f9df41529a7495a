package dit_test

import (
	"errors"
	"regexp"

	"gatehouse/directory"
)

// diagnostic returns the diagnostic message. Of a reference only the shape counts: each is another one.
func diagnostic(err error) string {
	e, ok := errors.AsType[*directory.Error](err)
	if !ok {
		return ""
	}
	if aReference.MatchString(e.Diagnostic) {
		return "reference"
	}
	return e.Diagnostic
}

var aReference = regexp.MustCompile(`^reference [0-9a-f]{16}$`)

// alike reports whether a client cannot tell two answers from each other.
func alike(a, b error) bool {
	return directory.CodeOf(a) == directory.CodeOf(b) && matched(a) == matched(b) && diagnostic(a) == diagnostic(b)
}

func matched(err error) string {
	if e, ok := errors.AsType[*directory.Error](err); ok {
		return e.MatchedDN
	}
	return ""
}
