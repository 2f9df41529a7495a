package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gatehouse/config"
	"gatehouse/directory/foreign"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// slapdImport is what an import takes of the configuration of a slapd: files in the data directory, which the server reads by
// itself.
type slapdImport struct {
	read    *foreign.Slapd
	name    string
	restart bool        // a server is running that does not know of it
	before  []savedFile // as the files were
	made    []string    // names of the files written
	tmp     string      // of a dry run
	kept    bool        // the files stay whatever comes
}

// savedFile is a file that an import writes, as it was before.
type savedFile struct {
	name string
	text []byte
	had  bool
}

// The files in a data directory that hold settings.
const (
	dataSettings    = "gatehouse.yaml"
	dataSchema      = "schema"
	slapdSchemaFile = "slapd.schema"
)

// slapdMark begins a file of settings that an import made, and may make again.
const slapdMark = "# Made by 'gatehouse import --slapd-config'."

// schemaFiles returns the schema files of a data directory, in the order of their names.
func (d dataDir) schemaFiles() []string {
	var files []string
	for _, pattern := range []string{"*.schema", "*.ldif"} {
		found, err := filepath.Glob(filepath.Join(string(d), dataSchema, pattern))
		if err == nil { // the pattern is right
			files = append(files, found...)
		}
	}
	slices.Sort(files)
	return files
}

// takeSlapd reads --slapd-config and puts in place what is taken of it.
func (j *importJob) takeSlapd() error {
	name := j.flags.slapdConfig
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	files := slices.DeleteFunc(schemaFilesOf(j.cfg), func(f string) bool { return filepath.Base(f) == slapdSchemaFile })
	s, err := schemaWith(files)
	if err != nil {
		return err
	}
	build := func(extra string) (*schema.Schema, error) { return tryBuild(files, extra) }
	read, err := foreign.ReadSlapd(foreign.Input{Name: name, Data: file}, foreign.SlapdOptions{Schema: s, Build: build, Indexed: indexOf})
	if err != nil {
		return err
	}
	j.slapd = &slapdImport{read: read, name: name}
	if j.flags.dryRun {
		return j.slapd.pretend(j.cfg)
	}
	return j.slapd.write(j.dir)
}

// tryBuild returns the schema with definitions behind schema files.
func tryBuild(files []string, extra string) (*schema.Schema, error) {
	b := schema.NewBuilder()
	for _, name := range files {
		if err := addSchemaFile(b, name); err != nil {
			return nil, err
		}
	}
	if err := b.AddFile(slapdSchemaFile, strings.NewReader(extra)); err != nil {
		return nil, err
	}
	return b.Build()
}

// indexOf returns how every store indexes an attribute.
func indexOf(attr string) foreign.SlapdIndex {
	x := foreign.SlapdIndex{Attr: attr}
	for _, def := range storage.DefaultIndexes() {
		if strings.EqualFold(def.Attribute, attr) {
			x.Equality = def.Kinds&storage.IndexEquality != 0
			x.Substring = def.Kinds&storage.IndexSubstring != 0
		}
	}
	return x
}

// indexes returns the indexes of a new store: the usual ones, and what slapd had beside them. Nil stands for the usual ones.
func (x *slapdImport) indexes() []storage.IndexDefinition {
	if x == nil || len(x.read.Indexes) == 0 {
		return nil
	}
	defs := storage.DefaultIndexes()
	for _, more := range x.read.Indexes {
		var kinds storage.IndexKinds
		if more.Equality {
			kinds |= storage.IndexEquality
		}
		if more.Substring {
			kinds |= storage.IndexSubstring
		}
		i := slices.IndexFunc(defs, func(d storage.IndexDefinition) bool { return strings.EqualFold(d.Attribute, more.Attr) })
		if i < 0 {
			defs = append(defs, storage.IndexDefinition{Attribute: more.Attr})
			i = len(defs) - 1
		}
		defs[i].Kinds |= kinds
	}
	return defs
}

// pretend makes the schema known to this process alone.
func (x *slapdImport) pretend(cfg *config.Config) (err error) {
	if x.read.Schema == "" {
		return nil
	}
	if x.tmp, err = os.MkdirTemp("", "gatehouse-dry-run-*"); err != nil {
		return err
	}
	file := filepath.Join(x.tmp, slapdSchemaFile)
	cfg.Schema.Files = append(slices.Clone(cfg.Schema.Files), file)
	return os.WriteFile(file, []byte(x.read.Schema), 0o600)
}

// write puts schema and settings into the data directory.
func (x *slapdImport) write(dir dataDir) error {
	running := false
	if nc, err := dialControl(context.Background(), dir); err == nil {
		running = true
		_ = nc.Close()
	}
	if running && x.read.Schema != "" {
		return errors.New("a server is running on " + string(dir) + ", and takes no new schema while it runs; stop it, import, and start it again")
	}
	x.restart = running
	settings := x.settings()
	texts := []struct{ name, text string }{
		{filepath.Join(string(dir), dataSchema, slapdSchemaFile), x.read.Schema},
		{filepath.Join(string(dir), dataSettings), settings},
	}
	old, err := os.ReadFile(texts[1].name)
	if err == nil && settings != "" && !strings.HasPrefix(string(old), slapdMark) {
		return fmt.Errorf("%s is there already and comes from elsewhere; give it as --config FILE under another name, and remove it here", texts[1].name)
	}
	for _, f := range texts {
		if f.text == "" {
			continue
		}
		if err := x.put(f.name, f.text); err != nil {
			return errors.Join(err, x.undo())
		}
	}
	return nil
}

// put writes a file and remembers what it was.
func (x *slapdImport) put(name, text string) error {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	x.before = append(x.before, savedFile{name, old, err == nil})
	x.made = append(x.made, name)
	return writeFile(name, []byte(text), 0o600)
}

// undo gives the files back as they were.
func (x *slapdImport) undo() error {
	var errs []error
	for _, f := range slices.Backward(x.before) {
		if f.had {
			errs = append(errs, writeFile(f.name, f.text, 0o600))
			continue
		}
		errs = append(errs, os.Remove(f.name))
		if dir := filepath.Dir(f.name); filepath.Base(dir) == dataSchema {
			_ = os.Remove(dir) // unless something else is in it
		}
	}
	x.before = nil
	return errors.Join(errs...)
}

// keep makes the files stay, because entries that need them may be stored from now on.
func (x *slapdImport) keep() {
	x.kept = x.kept || len(x.before) > 0
	x.before = nil
}

// done takes away what was made for this process alone.
func (x *slapdImport) done() error {
	if x.tmp == "" {
		return nil
	}
	return os.RemoveAll(x.tmp)
}

// settings returns the text of the file of settings, "" if there are none.
func (x *slapdImport) settings() string {
	var b strings.Builder
	if x.read.DefaultPolicy != "" {
		fmt.Fprintf(&b, "password:\n  policy: %s\n", quoted(x.read.DefaultPolicy))
	}
	for i, l := range x.read.Limits {
		if i == 0 {
			b.WriteString("limits:\n")
		}
		fmt.Fprintf(&b, "  - name: slapd-%d\n", i+1)
		for _, n := range []struct{ key, name string }{{"dn", l.DN}, {"group", l.Group}, {"subtree", l.Subtree}} {
			if n.name != "" {
				fmt.Fprintf(&b, "    %s: %s\n", n.key, quoted(n.name))
			}
		}
		if l.Size != nil {
			fmt.Fprintf(&b, "    size: %d\n", *l.Size)
		}
		if l.Seconds != nil {
			fmt.Fprintf(&b, "    time: %ds\n", *l.Seconds)
		}
		if l.LookThrough != nil {
			fmt.Fprintf(&b, "    look-through: %d\n", *l.LookThrough)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return slapdMark + " It is read before the file of --config, which wins.\n" + b.String()
}

// quoted writes a text as YAML, of which JSON is a part.
func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""` // a string always has a form
	}
	return string(text)
}

// print says what became of the configuration.
func (x *slapdImport) print(w io.Writer) {
	r := x.read
	count := map[foreign.Outcome]int{}
	for _, item := range r.Items {
		count[item.Outcome]++
	}
	fmt.Fprintf(w, "%s: %d settings taken, %d built in, %d not taken\n", x.name, count[foreign.Taken], count[foreign.BuiltIn], count[foreign.NotTaken])
	for _, name := range x.made {
		fmt.Fprintf(w, "  written to %s\n", name)
	}
	if x.restart {
		fmt.Fprintln(w, "  restart the server, or send it SIGHUP, for the new settings")
	}
	for _, k := range []struct {
		outcome foreign.Outcome
		title   string
	}{{foreign.NotTaken, "Not taken:"}, {foreign.Taken, "Taken:"}, {foreign.BuiltIn, "Built in:"}} {
		if count[k.outcome] == 0 {
			continue
		}
		fmt.Fprintln(w, k.title)
		for _, item := range r.Items {
			if item.Outcome == k.outcome {
				where := ""
				if item.Where != "" {
					where = printable(" (" + item.Where + ", " + item.Entry + ")")
				}
				fmt.Fprintf(w, "  %s: %s%s\n", printable(item.What), item.Why, where)
			}
		}
	}
}

// settingsAlone ends an import of settings without data.
func (j *importJob) settingsAlone() error {
	j.slapd.read.DropIndexes()
	_, err := loadSchema(j.cfg)
	return err
}
