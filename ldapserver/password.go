package ldapserver

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/control"
)

// errMustChange is the answer to Who am I while the password has to be changed first; the directory answers all else.
var errMustChange = &directory.Error{
	Code: directory.InsufficientAccessRights, Diagnostic: "the password was set by somebody else: it has to be changed before anything else",
	Password: &directory.PasswordState{Err: directory.PasswordChangeAfterReset},
}

// withPassword adds what the password policy says of a refusal to the controls of an answer, if the request asks for it. Few errors
// carry anything.
func withPassword(op directory.Request, err error, controls []directory.Control) []directory.Control {
	if err == nil {
		return controls
	}
	s := directory.PasswordStateOf(err)
	if !s.Says() {
		return controls
	}
	return append(controls, control.OfPassword(controlsOf(op), op, s)...)
}

// controlsOf returns what the controls of a request ask for; nil if it has none.
func controlsOf(op directory.Request) *directory.RequestControls {
	switch op := op.(type) {
	case *directory.BindRequest:
		return op.Controls
	case *directory.SearchRequest:
		return op.Controls
	case *directory.CompareRequest:
		return op.Controls
	case *directory.AddRequest:
		return op.Controls
	case *directory.ModifyRequest:
		return op.Controls
	case *directory.DeleteRequest:
		return op.Controls
	case *directory.ModifyDNRequest:
		return op.Controls
	case *directory.ExtendedRequest:
		return op.Controls
	}
	return nil
}
