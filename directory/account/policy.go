package account

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Policy is what one policy entry says. The zero Policy asks for nothing: no password expires, nobody is locked out.
type Policy struct {
	Name string // the DN of its entry, for the log

	MinAge        time.Duration // before which the password may not be changed again
	MaxAge        time.Duration // after which it expires; 0 never
	ExpireWarning time.Duration // before its expiry from when on users are warned
	GraceLogins   int           // binds with an expired password
	GraceExpiry   time.Duration // after the expiry for which they are possible; 0 always
	MaxIdle       time.Duration // after the last successful bind from when on the account is locked; 0 never

	CheckQuality int // 0: not, 1: as far as possible, 2: what cannot be checked is refused
	MinLength    int // characters
	MaxLength    int // characters; 0 any
	MinScore     int // of package quality, 0 to 4
	InHistory    int // former passwords that may not be used again

	NoUserChange bool // users may not change their own password
	SafeModify   bool // they need the old one for it
	MustChange   bool // they have to, after it was set by somebody else

	Lockout         bool
	MaxFailure      int           // wrong passwords until the account is locked; 0 any
	LockoutDuration time.Duration // 0: until somebody unlocks it
	FailureInterval time.Duration // after which a failure is forgotten; 0: at the next success
	MaxRecorded     int           // failures that are kept; 0 takes MaxFailure, 5 at least
	MinDelay        time.Duration // for which no password is tried after one failure; doubles with each further one
	MaxDelay        time.Duration // at most; 0 takes delayMax

	LastSuccessEvery time.Duration // how often the time of a successful bind is written; 0 never
}

// Bounds on what a policy may ask for, so that no policy can make the server work without end.
const (
	// HistoryMax bounds InHistory: each former password costs a hash when a new one is set.
	HistoryMax = 24
	// failuresMax bounds the failures that are kept of one account.
	failuresMax = 100
	// delayMax is the longest delay after a failure.
	delayMax = 24 * time.Hour
	// lastSuccessEvery is how often the last success is written unless the policy says otherwise.
	lastSuccessEvery = 15 * time.Minute
	// secondsMax bounds every duration: 100 years.
	secondsMax = 100 * 365 * 24 * 3600
)

// The attributes of a policy entry that no draft has.
const (
	MinScoreAttribute    = "gatehousePwdMinScore"
	LastSuccessAttribute = "gatehousePwdLastSuccessInterval"
)

// ParsePolicy reads the attributes of a policy entry. first returns the first value of an attribute, "" where there is none. What
// is no number counts as missing: the schema lets no such value in. A number that is too great counts as the greatest.
func ParsePolicy(name string, first func(attribute string) string) *Policy {
	number := func(attribute string, most int) int {
		n, err := strconv.Atoi(first(attribute)) // the greatest int if it is greater
		if err != nil && !errors.Is(err, strconv.ErrRange) || n < 0 {
			return 0
		}
		return min(n, most)
	}
	seconds := func(attribute string) time.Duration {
		return time.Duration(number(attribute, secondsMax)) * time.Second
	}
	is := func(attribute string) bool { return strings.EqualFold(first(attribute), "TRUE") }
	p := &Policy{
		Name:   name,
		MinAge: seconds("pwdMinAge"), MaxAge: seconds("pwdMaxAge"), ExpireWarning: seconds("pwdExpireWarning"),
		GraceLogins: number("pwdGraceAuthNLimit", failuresMax), GraceExpiry: seconds("pwdGraceExpiry"), MaxIdle: seconds("pwdMaxIdle"),
		CheckQuality: number("pwdCheckQuality", 2), MinLength: number("pwdMinLength", 1024), MaxLength: number("pwdMaxLength", 1024),
		MinScore: number(MinScoreAttribute, 4), InHistory: number("pwdInHistory", HistoryMax),
		NoUserChange: first("pwdAllowUserChange") != "" && !is("pwdAllowUserChange"),
		SafeModify:   is("pwdSafeModify"), MustChange: is("pwdMustChange"),
		Lockout: is("pwdLockout"), MaxFailure: number("pwdMaxFailure", failuresMax), LockoutDuration: seconds("pwdLockoutDuration"),
		FailureInterval: seconds("pwdFailureCountInterval"), MaxRecorded: number("pwdMaxRecordedFailure", failuresMax),
		MinDelay: seconds("pwdMinDelay"), MaxDelay: seconds("pwdMaxDelay"),
		LastSuccessEvery: lastSuccessEvery,
	}
	if first(LastSuccessAttribute) != "" {
		p.LastSuccessEvery = seconds(LastSuccessAttribute)
	}
	if p.MaxIdle > 0 && (p.LastSuccessEvery == 0 || p.LastSuccessEvery > p.MaxIdle/4) {
		p.LastSuccessEvery = min(lastSuccessEvery, p.MaxIdle/4) // idleness is measured by it
	}
	return p
}

// Counts reports whether wrong passwords are counted.
func (p *Policy) Counts() bool {
	return p.Lockout && p.MaxFailure > 0 || p.MinDelay > 0 || p.MaxRecorded > 0
}

// recorded is how many failures are kept.
func (p *Policy) recorded() int {
	n := p.MaxRecorded
	if n == 0 {
		n = 5
	}
	if p.Lockout {
		n = max(n, p.MaxFailure)
	}
	return n
}

// delay is for how long no password is tried after the n-th failure.
func (p *Policy) delay(n int) time.Duration {
	most := p.MaxDelay
	if most == 0 {
		most = delayMax
	}
	d := p.MinDelay
	for range n - 1 {
		if d >= most {
			break
		}
		d *= 2
	}
	return min(d, max(most, p.MinDelay))
}
