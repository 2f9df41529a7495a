package wire

import (
	"fmt"

	"gatehouse/directory"
)

// Error says why bytes are no acceptable request, and what the server has to do about it. It never holds a value
// that the client sent.
//
//   - Fatal: RFC 4511 section 4.1.1 wants a notice of disconnection with Code and the end of the session, because what follows
//     in the stream cannot be trusted.
//   - otherwise, ResponseTag not 0: the request was understood well enough to be answered with Code, and the session goes on. A
//     refused bind still ends the authentication that was there (RFC 4511 section 4.2.1).
//   - otherwise the request has no answer and is dropped.
type Error struct {
	Code        directory.ResultCode
	Diagnostic  string
	ID          directory.MessageID // 0 if it could not be read
	ResponseTag byte                // see [ResponseTag]; 0 if there is no answer
	Fatal       bool
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("message %d: %s: %s", e.ID, e.Code, e.Diagnostic)
}

// Result returns the error as an answer.
func (e *Error) Result() directory.Result {
	return directory.Result{Code: e.Code, DiagnosticMessage: e.Diagnostic}
}

// The errors of [Frame]; both are fatal.
var (
	ErrNotLDAP = &Error{Code: directory.ProtocolError, Fatal: true,
		Diagnostic: "this is not an LDAP message; is the client using TLS on a port that speaks plain LDAP?"}
	ErrTooLarge = &Error{Code: directory.ProtocolError, Fatal: true,
		Diagnostic: "the message is larger than this connection may send"}
)
