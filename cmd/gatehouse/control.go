package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"gatehouse/acl"
	"gatehouse/ldapserver"
)

// controlServer offers the work of the commands over a local socket. One request is one command: its flags are the query, its
// input and output the bodies. What became of it stands in the trailers, since it shows only when the output is complete.
type controlServer struct {
	node    *node
	log     *slog.Logger
	http    *http.Server
	ldap    *pipeListener  // where connections go that ask to speak LDAP
	running sync.WaitGroup // commands; net/http does not wait for what it has cut off
}

// The trailers of an answer.
const (
	trailerDone  = "Gatehouse-Done"  // "yes" when the command did its work
	trailerError = "Gatehouse-Error" // why it did not, quoted
)

// verb is the work of one command. Its output is streamed.
type verb func(ctx context.Context, n *node, flags url.Values, in io.Reader, out io.Writer) error

// verbs lists what the socket offers.
var verbs = map[string]verb{
	"export":  exportVerb,
	"check":   checkVerb,
	"backup":  backupVerb,
	"import":  importVerb,
	"recover": recoverVerb,

	"addresses": addressesVerb,

	"import.check":    importCheckVerb,
	"import.contexts": importContextsVerb,

	"recover.policy": recoverPolicyVerb,

	"policy.apply":    policyApplyVerb,
	"policy.rollback": policyRollbackVerb,
	"policy.history":  policyHistoryVerb,
	"policy.show":     policyShowVerb,
	"policy.text":     policyTextVerb,
	"policy.explain":  policyExplainVerb,
}

// listenControl opens the control socket of a data directory, for the server's own user.
func listenControl(dir dataDir) (net.Listener, error) {
	path, release, err := socketPath(dir.control())
	if err != nil {
		return nil, err
	}
	defer release()
	l, err := ldapserver.ListenUnix("the control socket", path, 0o600)
	if err != nil {
		return nil, err
	}
	if ul, ok := l.Listener.(*net.UnixListener); ok {
		ul.SetUnlinkOnClose(false) // the path may be a short name of it
	}
	return l.Listener, nil
}

// socketPathMax is the longest path of a socket that Linux takes, without the closing NUL.
const socketPathMax = 107

// socketPath returns a path of the socket that is short enough; release it after use.
func socketPath(path string) (short string, release func(), err error) {
	if len(path) <= socketPathMax {
		return path, func() {}, nil
	}
	parent, name := dirAndBase(path)
	folder, err := os.Open(parent)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { _ = folder.Close() }, nil
}

// newControlServer returns the server of a control socket. Its connections must come from [controlListener] or a pipe.
func newControlServer(n *node, log *slog.Logger) *controlServer {
	c := &controlServer{node: n, log: log, ldap: newPipeListener()}
	c.http = &http.Server{
		Handler:           http.HandlerFunc(c.serve),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnContext: func(ctx context.Context, nc net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, peerOf(nc))
		},
	}
	return c
}

// peerKey is the key of the peer's uid in the context of a request.
type peerKey struct{}

func (c *controlServer) serve(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path[min(1, len(r.URL.Path)):]
	if name == ldapVerb && r.Header.Get("Upgrade") == ldapVerb {
		c.upgrade(w, r)
		return
	}
	do := verbs[name]
	if r.Method != http.MethodPost || do == nil {
		http.Error(w, "no such command", http.StatusNotFound)
		return
	}
	c.running.Add(1)
	defer c.running.Done()
	uid, _ := r.Context().Value(peerKey{}).(int)
	log := c.log.With("command", name, "uid", uid)
	log.Info("control: a command came through the control socket")
	w.Header().Set("Trailer", trailerDone+", "+trailerError)
	w.Header().Set("Content-Type", "application/octet-stream")
	err := do(r.Context(), c.node, r.URL.Query(), r.Body, w)
	if err == nil {
		w.Header().Set(trailerDone, "yes")
		return
	}
	log.Warn("control: the command did not succeed", "error", err)
	w.Header().Set(trailerError, strconv.QuoteToASCII(err.Error()))
}

// shutdown lets running commands finish until ctx ends, then cancels them. When it returns none runs.
func (c *controlServer) shutdown(ctx context.Context) {
	if err := c.http.Shutdown(ctx); err != nil {
		_ = c.http.Close()
	}
	c.running.Wait()
}

// operator is the identity of what commands do.
func (n *node) operator() *acl.Session {
	return acl.Operator(acl.Transport{Listener: "control", LocalSocket: true}, time.Now())
}

// controlListener lets root and the server's own user in, nobody else, whatever the modes of files say.
type controlListener struct {
	net.Listener
	log *slog.Logger
}

// Accept implements [net.Listener].
func (l controlListener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid := peerOf(nc)
		if uid == 0 || uid == os.Getuid() {
			return nc, nil
		}
		l.log.Warn("control: a user who may not use the control socket was turned away", "uid", uid)
		_ = nc.Close()
	}
}

// peerOf returns the uid at the other end of a connection: our own in a pipe, -1 if nobody knows.
func peerOf(nc net.Conn) int {
	unixConn, ok := nc.(*net.UnixConn)
	if !ok {
		return os.Getuid()
	}
	uid, err := peerUID(unixConn)
	if err != nil {
		return -1
	}
	return uid
}

// writeJSON writes one line of JSON and sends it at once.
func writeJSON(w io.Writer, v any) error {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return err
	}
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	return nil
}

// readError returns what the trailers of an answer say.
func readError(trailer http.Header) error {
	if text := trailer.Get(trailerError); text != "" {
		plain, err := strconv.Unquote(text)
		if err != nil {
			plain = text
		}
		return errors.New(plain)
	}
	if trailer.Get(trailerDone) != "yes" {
		return errServerEnded
	}
	return nil
}
