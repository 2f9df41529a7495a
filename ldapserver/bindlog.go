package ldapserver

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
)

// bindLog writes binds that did not succeed to the log. Anybody can cause them, so that it is a bucket: bindLogBurst lines, and
// one more each bindLogInterval. What finds it empty is counted.
type bindLog struct {
	log *slog.Logger

	mu      sync.Mutex
	lines   int       // that may be written
	since   time.Time // when the last of them came in
	omitted int       // binds without a line since the last line
}

func newBindLog(log *slog.Logger, now time.Time) *bindLog {
	return &bindLog{log: log, lines: bindLogBurst, since: now}
}

// refused logs a bind. The name is what the client sent; it is not known to exist, and credentials are never looked at.
func (l *bindLog) refused(now time.Time, t *acl.Transport, req *directory.BindRequest, err error) {
	r := directory.ResultOf(err)
	if r.Code == directory.SASLBindInProgress {
		return
	}
	omitted, ok := l.take(now, true)
	if !ok {
		return
	}
	args := []any{"listener", t.Listener, "peer", peerOf(t), "dn", excerpt(req.Name), "code", int(r.Code), "result", r.Code.String()}
	if req.Mechanism != "" {
		args = append(args, "mechanism", excerpt(req.Mechanism))
	}
	if why := directory.PasswordStateOf(err).Reason; why != "" {
		args = append(args, "reason", why)
	}
	if omitted > 0 {
		args = append(args, "omitted", omitted)
	}
	l.log.Info("bind refused", args...)
}

// tell logs what was omitted, when a line for it has come in.
func (l *bindLog) tell(now time.Time) {
	if omitted, ok := l.take(now, false); ok {
		l.log.Info("binds refused that have no line", "omitted", omitted)
	}
}

// take uses up a line, for a bind or else for what was omitted, and returns how many binds were omitted before it.
func (l *bindLog) take(now time.Time, bind bool) (omitted int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := int(now.Sub(l.since) / bindLogInterval); n > 0 {
		l.lines = min(l.lines+n, bindLogBurst)
		l.since = l.since.Add(time.Duration(n) * bindLogInterval)
	}
	switch {
	case !bind && l.omitted == 0:
		return 0, false
	case l.lines == 0:
		if bind {
			l.omitted++
		}
		return 0, false
	}
	l.lines--
	omitted, l.omitted = l.omitted, 0
	return omitted, true
}

func peerOf(t *acl.Transport) string {
	if t.LocalSocket {
		return "local socket"
	}
	return t.Peer.String()
}

// excerpt is what the log shows of text that a stranger sent. The log's handler quotes it.
func excerpt(s string) string {
	if len(s) > bindLogNameBytes {
		s = s[:bindLogNameBytes] + "..."
	}
	return strings.Clone(strings.ToValidUTF8(s, "\uFFFD"))
}
