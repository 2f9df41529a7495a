// Package clientconfig makes the configuration of programs that look people up and check passwords in the directory. A client is one
// row of [Clients] and one template of the same name: text that holds one file or several, each below a line that says where it goes.
package clientconfig

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

//go:embed templates/*.tmpl
var templates embed.FS

// parsed returns the templates, which may use parts of each other.
var parsed = sync.OnceValues(func() (*template.Template, error) {
	return template.New("").Funcs(quoting).Option("missingkey=error").ParseFS(templates, "templates/*.tmpl")
})

// Params is what the files of a client are made from.
type Params struct {
	Client   Client
	Servers  []Server // the first is the one that clients with a single address use; at least one
	Base     string   // DN
	BindDN   string   // of the service account
	Password string   // of the service account
	CA       []byte   // PEM; none if the server's certificate is signed by a CA that machines know
	Group    string   // DN of the group whose members are let in; everybody without
	Schema   string   // [RFC2307] or [RFC2307bis]
	Mode     string   // one of the modes of the client; the first without

	Enumerate bool // the host lists all users and groups
}

// NeedsAccount reports whether the client looks anything up before somebody logs in.
func (p *Params) NeedsAccount() bool {
	return p.Client.Role != "" && p.Mode != ModeSimple && p.Mode != ModeFastbind
}

// The two ways in which groups name their members. A server shows both from the same groups.
const (
	RFC2307    = "rfc2307"    // memberUid: names of users
	RFC2307bis = "rfc2307bis" // member: DNs, and groups in groups
)

// File is one file of a client's configuration.
type File struct {
	Path    string // absolute, on the client
	Mode    fs.FileMode
	Owner   string // user:group
	Content []byte

	NoNewline bool // the content does not end in a line break
}

// CAPath is where clients have the certificate of the private CA, and systemCAPath where Debian has those that every machine knows.
const (
	CAPath       = "/etc/gatehouse/ca.pem"
	systemCAPath = "/etc/ssl/certs/ca-certificates.crt"
)

// Render makes the files of a client, the CA's certificate last.
func Render(p *Params) ([]File, error) {
	if p.Mode == "" && len(p.Client.Modes) > 0 {
		p.Mode = p.Client.Modes[0]
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	v, err := newView(p)
	if err != nil {
		return nil, err
	}
	t, err := parsed()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.ExecuteTemplate(&text, p.Client.Name+".tmpl", v); err != nil {
		if refused, ok := errors.AsType[*QuoteError](err); ok {
			return nil, refused
		}
		return nil, err
	}
	files, err := Split(text.Bytes())
	if err != nil {
		return nil, fmt.Errorf("template of %s: %w", p.Client.Name, err)
	}
	if len(p.CA) > 0 {
		files = append(files, File{Path: CAPath, Mode: 0o644, Owner: "root:root", Content: p.CA})
	}
	return files, nil
}

// separator begins the line above a file: "# file: PATH MODE OWNER", and noNewline may stand at its end.
const (
	separator = "# file: "
	noNewline = "no-newline"
)

// Split takes a text apart into its files.
func Split(text []byte) ([]File, error) {
	var files []File
	for line := range bytes.Lines(text) {
		head, is := strings.CutPrefix(string(line), separator)
		switch {
		case is:
			f, err := parseHead(head)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		case len(files) > 0:
			f := &files[len(files)-1]
			f.Content = append(f.Content, line...)
		case len(bytes.TrimSpace(line)) > 0:
			return nil, fmt.Errorf("text before the first line %q", separator)
		}
	}
	for i := range files {
		f := &files[i]
		if f.Content = bytes.Trim(f.Content, "\n"); !f.NoNewline {
			f.Content = append(f.Content, '\n')
		}
	}
	return files, nil
}

func parseHead(head string) (File, error) {
	var f File
	words := strings.Fields(head)
	if f.NoNewline = len(words) == 4 && words[3] == noNewline; len(words) != 3 && !f.NoNewline {
		return f, fmt.Errorf("%q is not PATH MODE OWNER", head)
	}
	mode, err := strconv.ParseUint(words[1], 8, 12)
	if err != nil {
		return f, fmt.Errorf("%q: mode: %w", head, err)
	}
	if !strings.HasPrefix(words[0], "/") || !strings.Contains(words[2], ":") {
		return f, fmt.Errorf("%q: the path is absolute, the owner USER:GROUP", head)
	}
	f.Path, f.Mode, f.Owner = words[0], fs.FileMode(mode), words[2]
	return f, nil
}

// Join is the text of files, which Split takes apart again.
func Join(files []File) []byte {
	var b bytes.Buffer
	for i, f := range files {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s%s %04o %s", separator, f.Path, f.Mode, f.Owner)
		if f.NoNewline {
			fmt.Fprintf(&b, " %s\n%s\n", noNewline, f.Content)
		} else {
			fmt.Fprintf(&b, "\n%s", f.Content)
		}
	}
	return b.Bytes()
}
