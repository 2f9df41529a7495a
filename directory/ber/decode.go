package ber

import "fmt"

// Decoder walks through BER elements without copying. The first error sticks: from then on there are no more elements,
// every method returns a zero value, and [Decoder.Err] tells. So a caller reads a whole structure and asks once.
// The zero Decoder has no elements. It is not safe for concurrent use.
type Decoder struct {
	buf []byte
	pos int
	end int
	err *SyntaxError
}

// NewDecoder returns a decoder of the elements in b.
func NewDecoder(b []byte) Decoder { return Decoder{buf: b, end: len(b)} }

// Err returns the first error, a [*SyntaxError], or nil.
func (d *Decoder) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Offset returns the position of the next element in the input.
func (d *Decoder) Offset() int { return d.pos }

// More reports whether the current constructed element has further elements.
func (d *Decoder) More() bool { return d.pos < d.end }

// Peek returns the tag of the next element, 0 if there is none.
func (d *Decoder) Peek() byte {
	if d.pos < d.end {
		return d.buf[d.pos]
	}
	return 0
}

// Fail records an error at the next element, for callers that find a value to be out of its range.
func (d *Decoder) Fail(reason string) {
	if d.err == nil {
		d.err = &SyntaxError{d.pos, reason}
	}
	d.pos, d.end = 0, 0
}

// next reads the head of the next element and returns the range of its contents; it does not move.
func (d *Decoder) next() (tag byte, start, end int) {
	b := d.buf[d.pos:d.end]
	if len(b) >= 2 && b[1] < 0x80 && b[0]&number != number {
		if start, end = d.pos+2, d.pos+2+int(b[1]); end <= d.end {
			return b[0], start, end
		}
		d.Fail(reasonShort)
		return 0, 0, 0
	}
	tag, head, n, err := Header(b)
	if err != nil {
		if s, ok := err.(*SyntaxError); ok {
			d.Fail(s.Reason)
		} else {
			d.Fail(reasonShort)
		}
		return 0, 0, 0
	}
	if n > len(b)-head {
		d.Fail(reasonShort)
		return 0, 0, 0
	}
	return tag, d.pos + head, d.pos + head + n
}

// expect is next for a known tag.
func (d *Decoder) expect(want byte) (start, end int, ok bool) {
	if d.err != nil {
		return 0, 0, false
	}
	tag, start, end := d.next()
	if d.err == nil && tag != want {
		d.Fail(fmt.Sprintf("tag 0x%02x where 0x%02x was expected", tag, want))
	}
	return start, end, d.err == nil
}

// Enter goes into the next element, which must be a constructed one with this tag. outer is for [Decoder.Leave].
func (d *Decoder) Enter(tag byte) (outer int) {
	outer = d.end
	if start, end, ok := d.expect(tag); ok {
		d.pos, d.end = start, end
	}
	return outer
}

// Leave goes to the element after the one entered. Elements of it that were not read are skipped unread: later versions of
// a structure may have them (RFC 4511 section 4).
func (d *Decoder) Leave(outer int) {
	if d.err == nil {
		d.pos, d.end = d.end, outer
	}
}

// Octets returns the contents of the next element, which must have this tag. They alias the input and are not nil unless
// there was an error.
func (d *Decoder) Octets(tag byte) []byte {
	start, end, ok := d.expect(tag)
	if !ok {
		return nil
	}
	d.pos = end
	return d.buf[start:end:end]
}

// Any returns the tag and the contents of the next element, whatever it is.
func (d *Decoder) Any() (tag byte, contents []byte) {
	if d.err != nil {
		return 0, nil
	}
	tag, start, end := d.next()
	if d.err != nil {
		return 0, nil
	}
	d.pos = end
	return tag, d.buf[start:end:end]
}

// Integer returns the value of the next element, an INTEGER or ENUMERATED of at most 64 bits.
func (d *Decoder) Integer(tag byte) int64 {
	start, end, ok := d.expect(tag)
	if !ok {
		return 0
	}
	if n := end - start; n == 0 || n > 8 {
		d.Fail("integer of no octets or of more than 64 bits")
		return 0
	}
	v := int64(int8(d.buf[start]))
	for _, b := range d.buf[start+1 : end] {
		v = v<<8 | int64(b)
	}
	d.pos = end
	return v
}

// Boolean returns the value of the next element, a BOOLEAN. RFC 4511 section 5.1 wants 0xff for true; BER and some
// clients know any octet but 0.
func (d *Decoder) Boolean(tag byte) bool {
	start, end, ok := d.expect(tag)
	if !ok {
		return false
	}
	if end-start != 1 {
		d.Fail("boolean that is not one octet")
		return false
	}
	d.pos = end
	return d.buf[start] != 0
}

// Count returns the number of elements from the next one to the end of the current constructed element and does not move.
// It stops at max+1, so that a caller with a bound does not pay for more.
func (d *Decoder) Count(max int) int {
	at, n := d.pos, 0
	for d.pos < d.end && n <= max {
		_, _, end := d.next()
		if d.err != nil {
			return 0
		}
		d.pos = end
		n++
	}
	if d.err == nil {
		d.pos = at
	}
	return n
}
