package ldif

import (
	"cmp"
	"fmt"
	"io"
)

// Options says what a [Reader] takes. The zero Options has the limits named at the fields and refuses ":<" values.
type Options struct {
	// Open returns the contents of the URL of a ":<" value. Whoever sets it decides which files an LDIF may read. Nil refuses
	// all: an LDIF from elsewhere must not read the files of this machine.
	Open func(url string) (io.ReadCloser, error)

	RecordBytesMax int // of one record as written, and of the ":<" values in it: 256 MiB, a group of some million members
	LineBytesMax   int // of one line after unfolding: 32 MiB, a large photograph in base64
	ValuesMax      int // values and changes of one record: 8 million
	AttributesMax  int // different attributes of one record: 4,096; looked up one by one
}

// controlsMax bounds the control lines of one record; no client sends more than a handful.
const controlsMax = 64

func (o Options) withDefaults() Options {
	o.RecordBytesMax = cmp.Or(o.RecordBytesMax, 256<<20)
	o.LineBytesMax = cmp.Or(o.LineBytesMax, 32<<20)
	o.ValuesMax = cmp.Or(o.ValuesMax, 8<<20)
	o.AttributesMax = cmp.Or(o.AttributesMax, 4096)
	return o
}

// Error says what is wrong in an input and where. It holds names of attributes, never a value.
type Error struct {
	Line   int // from 1
	Reason string
	Cause  error // of a ":<" value that cannot be read
}

// Error implements error.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("line %d: %s: %v", e.Line, e.Reason, e.Cause)
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }
