package wire

import (
	"math"

	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// DecodeCancel reads the value of a Cancel request (RFC 3909 section 2.1): the message ID of the operation to be cancelled.
func DecodeCancel(value []byte, hasValue bool) (directory.MessageID, error) {
	if !hasValue {
		return 0, directory.Errorf(directory.ProtocolError, "Cancel takes the message ID of an operation")
	}
	d := ber.NewDecoder(value)
	outer := d.Enter(ber.Sequence)
	id := d.Integer(ber.Integer)
	more := d.More()
	if d.Leave(outer); more || d.More() {
		d.Fail("more than a message ID")
	}
	if d.Err() == nil && (id < 0 || id > math.MaxInt32) {
		d.Fail("message ID out of its range")
	}
	if err := d.Err(); err != nil {
		return 0, directory.Errorf(directory.ProtocolError, "value of the Cancel request: %v", err)
	}
	return directory.MessageID(id), nil
}
