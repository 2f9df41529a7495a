package directory

import (
	"errors"
	"fmt"
)

// ResultCode is RFC 4511 section 4.1.9 and its registered extensions.
type ResultCode int

// The result codes that the server answers with.
const (
	Success                      ResultCode = 0
	OperationsError              ResultCode = 1
	ProtocolError                ResultCode = 2
	TimeLimitExceeded            ResultCode = 3
	SizeLimitExceeded            ResultCode = 4
	CompareFalse                 ResultCode = 5
	CompareTrue                  ResultCode = 6
	AuthMethodNotSupported       ResultCode = 7
	StrongerAuthRequired         ResultCode = 8
	ReferralResult               ResultCode = 10
	AdminLimitExceeded           ResultCode = 11
	UnavailableCriticalExtension ResultCode = 12
	ConfidentialityRequired      ResultCode = 13
	SASLBindInProgress           ResultCode = 14
	NoSuchAttribute              ResultCode = 16
	UndefinedAttributeType       ResultCode = 17
	InappropriateMatching        ResultCode = 18
	ConstraintViolation          ResultCode = 19
	AttributeOrValueExists       ResultCode = 20
	InvalidAttributeSyntax       ResultCode = 21
	NoSuchObject                 ResultCode = 32
	AliasProblem                 ResultCode = 33
	InvalidDNSyntax              ResultCode = 34
	AliasDereferencingProblem    ResultCode = 36
	InappropriateAuthentication  ResultCode = 48
	InvalidCredentials           ResultCode = 49
	InsufficientAccessRights     ResultCode = 50
	Busy                         ResultCode = 51
	Unavailable                  ResultCode = 52
	UnwillingToPerform           ResultCode = 53
	LoopDetect                   ResultCode = 54
	NamingViolation              ResultCode = 64
	ObjectClassViolation         ResultCode = 65
	NotAllowedOnNonLeaf          ResultCode = 66
	NotAllowedOnRDN              ResultCode = 67
	EntryAlreadyExists           ResultCode = 68
	ObjectClassModsProhibited    ResultCode = 69
	AffectsMultipleDSAs          ResultCode = 71
	Other                        ResultCode = 80
	Canceled                     ResultCode = 118
	NoSuchOperation              ResultCode = 119
	TooLate                      ResultCode = 120
	CannotCancel                 ResultCode = 121
	AssertionFailed              ResultCode = 122
	SyncRefreshRequired          ResultCode = 4096
)

var resultNames = map[ResultCode]string{
	Success: "success", OperationsError: "operationsError", ProtocolError: "protocolError",
	TimeLimitExceeded: "timeLimitExceeded", SizeLimitExceeded: "sizeLimitExceeded", CompareFalse: "compareFalse",
	CompareTrue: "compareTrue", AuthMethodNotSupported: "authMethodNotSupported", StrongerAuthRequired: "strongerAuthRequired",
	ReferralResult: "referral", AdminLimitExceeded: "adminLimitExceeded",
	UnavailableCriticalExtension: "unavailableCriticalExtension", ConfidentialityRequired: "confidentialityRequired",
	SASLBindInProgress: "saslBindInProgress", NoSuchAttribute: "noSuchAttribute",
	UndefinedAttributeType: "undefinedAttributeType", InappropriateMatching: "inappropriateMatching",
	ConstraintViolation: "constraintViolation", AttributeOrValueExists: "attributeOrValueExists",
	InvalidAttributeSyntax: "invalidAttributeSyntax", NoSuchObject: "noSuchObject", AliasProblem: "aliasProblem",
	InvalidDNSyntax: "invalidDNSyntax", AliasDereferencingProblem: "aliasDereferencingProblem",
	InappropriateAuthentication: "inappropriateAuthentication", InvalidCredentials: "invalidCredentials",
	InsufficientAccessRights: "insufficientAccessRights", Busy: "busy", Unavailable: "unavailable",
	UnwillingToPerform: "unwillingToPerform", LoopDetect: "loopDetect", NamingViolation: "namingViolation",
	ObjectClassViolation: "objectClassViolation", NotAllowedOnNonLeaf: "notAllowedOnNonLeaf",
	NotAllowedOnRDN: "notAllowedOnRDN", EntryAlreadyExists: "entryAlreadyExists",
	ObjectClassModsProhibited: "objectClassModsProhibited", AffectsMultipleDSAs: "affectsMultipleDSAs", Other: "other",
	Canceled: "canceled", NoSuchOperation: "noSuchOperation", TooLate: "tooLate", CannotCancel: "cannotCancel",
	AssertionFailed: "assertionFailed", SyncRefreshRequired: "e-syncRefreshRequired",
}

// String returns the RFC's name of the code.
func (c ResultCode) String() string {
	if s, ok := resultNames[c]; ok {
		return s
	}
	return fmt.Sprintf("resultCode(%d)", int(c))
}

// Result is an LDAPResult (RFC 4511 section 4.1.9).
type Result struct {
	Code              ResultCode
	MatchedDN         string
	DiagnosticMessage string
	Referral          []string
}

// Error is a result that a client may see, as a Go error. Diagnostic is for people and never holds a secret; Cause is
// for the log alone. Password is what the password policy says beside it; nil if nothing.
type Error struct {
	Code       ResultCode
	MatchedDN  string
	Diagnostic string
	Cause      error
	Password   *PasswordState
}

// Errorf returns an Error with the code and a diagnostic message.
func Errorf(code ResultCode, format string, args ...any) *Error {
	return &Error{Code: code, Diagnostic: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *Error) Error() string {
	s := e.Code.String()
	if e.Diagnostic != "" {
		s += ": " + e.Diagnostic
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the result code that err stands for: success for nil, other(80) for an error that is no [Error].
func CodeOf(err error) ResultCode {
	if err == nil {
		return Success
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Other
}

// ResultOf turns err into what a client sees. An error that is no [Error] becomes other(80) with a bland text: its own
// words are for the log.
func ResultOf(err error) Result {
	if err == nil {
		return Result{}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return Result{Code: e.Code, MatchedDN: e.MatchedDN, DiagnosticMessage: e.Diagnostic}
	}
	return Result{Code: Other, DiagnosticMessage: "internal error; the server's log says more"}
}
