package foreign

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"gatehouse/directory/ldif"
	"gatehouse/directory/schema"
)

// Outcome says what became of a setting of slapd.
type Outcome string

// The outcomes.
const (
	Taken    Outcome = "taken"
	BuiltIn  Outcome = "built in" // nothing has to be set: the server does so by itself
	NotTaken Outcome = "not taken"
)

// SlapdItem is one setting of slapd with what became of it.
type SlapdItem struct {
	Outcome Outcome `json:"outcome"`
	Where   string  `json:"where"` // FILE:LINE of the entry
	Entry   string  `json:"entry"`
	What    string  `json:"what"`
	Why     string  `json:"why"` // and what to do
}

// SlapdLimit is a search limit for those whom one of the names covers. Zero is unlimited, nil not said.
type SlapdLimit struct {
	DN          string `json:"dn,omitempty"`
	Group       string `json:"group,omitempty"`
	Subtree     string `json:"subtree,omitempty"`
	Size        *int   `json:"size,omitempty"`
	Seconds     *int   `json:"seconds,omitempty"`
	LookThrough *int   `json:"lookThrough,omitempty"`
}

// Slapd is what the configuration of a slapd says, as far as it is taken over, and every setting that is looked at.
type Slapd struct {
	Suffixes      []string     `json:"suffixes"`
	DefaultPolicy string       `json:"defaultPolicy,omitempty"` // DN of the pwdPolicy entry for everybody
	Limits        []SlapdLimit `json:"limits,omitempty"`
	Indexes       []SlapdIndex `json:"indexes,omitempty"` // what a new store lacks
	Types         int          `json:"attributeTypes"`    // definitions in Schema
	Classes       int          `json:"objectClasses"`
	Items         []SlapdItem  `json:"items"`
	Schema        string       `json:"-"` // in OpenLDAP's .schema form; what the server's schema lacks
}

// SlapdOptions says what a configuration is held against.
type SlapdOptions struct {
	Schema  *schema.Schema
	Build   func(extra string) (*schema.Schema, error) // the schema with definitions behind it
	Indexed func(attr string) SlapdIndex               // the index of an attribute in every store
}

// slapdItemsMax bounds the settings that are listed.
const slapdItemsMax = 20_000

// slapdReader is a configuration at work.
type slapdReader struct {
	o       SlapdOptions
	out     *Slapd
	schema  slapdSchema
	general []SlapdLimit // for everybody below a suffix; they come last, since the first limit that applies decides
	global  []SlapdLimit // of cn=config, without a name
	suffix  []string     // of the database that is read
	indexes []slapdIndexText
}

// ReadSlapd reads the output of 'slapcat -n 0'.
func ReadSlapd(in Input, o SlapdOptions) (*Slapd, error) {
	s := &slapdReader{o: o, out: &Slapd{Suffixes: []string{}, Items: []SlapdItem{}}}
	r := ldif.NewReader(io.LimitReader(in.Data, textBytesMax), ldif.Options{})
	any := false
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if e, ok := errors.AsType[*ldif.Error](err); ok {
			return nil, place{in.Name, e.Line}.errorf("%s", e.Reason)
		}
		if err != nil {
			return nil, err
		}
		at := place{in.Name, rec.Line}
		if low := strings.ToLower(rec.DN); low != "cn=config" && !strings.HasSuffix(low, ",cn=config") {
			return nil, at.errorf("%s is no entry of cn=config; --slapd-config takes the output of 'slapcat -n 0'", clip(rec.DN))
		}
		any = true
		s.entry(draft{rec.Clone()}, at)
	}
	if !any {
		return nil, &Error{File: in.Name, Reason: "no entries; --slapd-config takes the output of 'slapcat -n 0'"}
	}
	s.finishLimits()
	s.finishSchema()
	s.finishIndexes()
	return s.out, nil
}

func (s *slapdReader) item(outcome Outcome, d draft, at place, what, why string) {
	if len(s.out.Items) < slapdItemsMax {
		s.out.Items = append(s.out.Items, SlapdItem{outcome, at.String(), d.rec.DN, what, why})
	}
}

// entry reads one entry of cn=config.
func (s *slapdReader) entry(d draft, at place) {
	switch {
	case d.get("olcOverlay") != nil:
		s.overlay(d, at)
	case d.get("olcDatabase") != nil:
		s.database(d, at)
	case d.has("objectClass", "olcSchemaConfig"):
		s.schema.read(d, at)
	case strings.EqualFold(d.rec.DN, "cn=config"):
		s.schema.read(d, at) // definitions of slapd.conf itself
		s.settings(d, at, globalSettings)
	}
}

// database reads the settings of a database.
func (s *slapdReader) database(d draft, at place) {
	name := withoutOrder(d.first("olcDatabase"))
	if name == "config" || name == "monitor" {
		for _, v := range d.values("olcAccess") {
			s.item(NotTaken, d, at, "olcAccess: "+clip(oneLine(withoutOrder(string(v)))), "it is about slapd's own "+name+" database, which has no counterpart")
		}
		return
	}
	s.suffix = nil
	for _, v := range d.values("olcSuffix") {
		s.suffix = append(s.suffix, string(v))
		s.out.Suffixes = append(s.out.Suffixes, string(v))
		s.item(Taken, d, at, "olcSuffix: "+clip(string(v)), "it becomes a naming context when its data is imported ('slapcat -b "+clip(string(v))+"')")
	}
	if name != "frontend" && name != "mdb" && name != "hdb" && name != "bdb" && name != "ldif" && name != "null" {
		s.item(NotTaken, d, at, "olcDatabase: "+clip(name), "data that another server or program answers for is not served; import it, or refer to it")
	}
	s.settings(d, at, databaseSettings)
}

// finding is what is known of a setting by its name.
type finding struct {
	outcome Outcome
	why     string
	secret  bool // the value is not shown
	read    func(s *slapdReader, d draft, at place, value string)
}

// settings goes through the attributes of an entry.
func (s *slapdReader) settings(d draft, at place, known map[string]finding) {
	for _, a := range d.rec.Attributes {
		low := strings.ToLower(a.Attr)
		f, found := known[low]
		if !found {
			if !strings.HasPrefix(low, "olc") || unsaid[low] {
				continue
			}
			f = finding{outcome: NotTaken, why: "the server has no such setting"}
		}
		for _, v := range a.Values {
			value := withoutOrder(string(v))
			if value == "FALSE" || value == slapdDefaults[low] {
				continue
			}
			if f.read != nil {
				f.read(s, d, at, value)
				continue
			}
			what := a.Attr + ": " + clip(oneLine(value))
			if f.secret {
				what = a.Attr
			}
			s.item(f.outcome, d, at, what, f.why)
		}
	}
}

// unsaid are attributes that say how slapd itself is built and run.
var unsaid = map[string]bool{
	"olcdatabase": true, "olcoverlay": true, "olcsuffix": true, "olcconfigfile": true, "olcconfigdir": true, "olcargsfile": true,
	"olcpidfile": true, "olcdbdirectory": true, "olcmodulepath": true, "olcmoduleload": true, "olcbackend": true,
	"olcthreads": true, "olctoolthreads": true, "olclistenerthreads": true, "olcindexsubstrifmaxlen": true, "olcindexsubstrifminlen": true,
	"olcindexsubstranylen": true, "olcindexsubstranystep": true, "olcindexhash64": true, "olcindexintlen": true, "olcdbmode": true,
	"olcdbmaxreaders": true, "olcdbmaxsize": true, "olcdbnosync": true, "olcdbcheckpoint": true, "olcdbsearchstack": true,
	"olcdbmaxentrysize": true, "olcdbrtxnsize": true, "olcdbenvflags": true, "olcdbcachesize": true, "olcdbidlcachesize": true,
	"olcdbconfig": true, "olcgentlehup": true, "olcreverselookup": true, "olcconcurrency": true, "olcsockbufmaxincoming": true,
	"olcsockbufmaxincomingauth": true, "olcconnmaxpending": true, "olcconnmaxpendingauth": true, "olclocalssf": true, "olclogfile": true,
	"olclastmod": true, "olclastbindprecision": true, "olcmonitoring": true, "olcmaxderefdepth": true, "olcaddcontentacl": true, "olcattributeoptions": true,
	"olcplugin": true, "olchidden": true, "olcdblinearindex": true, "olcdbdirtyread": true, "olcschemadn": true, "olctlscrlcheck": true,
	"olctlsdhparamfile": true, "olctlsecname": true, "olcsortvals": true, "olcdbmultival": true, "olcsyncusesubentry": true,
	"olctcpbuffer": true, "olcthreadqueues": true, "olcsaslauxprops": true, "olcsaslauxpropsdontusecopy": true, "olcsaslauxpropsdontusecopyignore": true,
	"olcwritetimeout": true, "olcmaxfilterdepth": true,
	// Of the schema, which is read by itself.
	"olcattributetypes": true, "olcobjectclasses": true, "olcobjectidentifier": true, "olcldapsyntaxes": true,
}

// slapdDefaults are values that 'slapcat' prints though nobody has set them.
var slapdDefaults = map[string]string{
	"olcauthzpolicy": "none", "olctlsverifyclient": "never", "olctlsprotocolmin": "0.0", "olcloglevel": "0",
	"olcsaslsecprops": "noplain,noanonymous", "olctimelimit": "3600", "olcmaxderefdepth": "15",
}

// withoutOrder takes the "{0}" of an ordered value away.
func withoutOrder(value string) string {
	if rest, ok := strings.CutPrefix(value, "{"); ok {
		if n, after, ok := strings.Cut(rest, "}"); ok && n != "" && strings.Trim(n, "-0123456789") == "" {
			return strings.TrimSpace(after)
		}
	}
	return value
}

// numberOf reads a limit: a number, or a word for none.
func numberOf(value string) (n int, ok bool) {
	switch strings.ToLower(value) {
	case "unlimited", "none", "-1":
		return 0, true
	}
	n, err := strconv.Atoi(value)
	return n, err == nil && n > 0
}
