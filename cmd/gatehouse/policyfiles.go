package main

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/config"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// policyFlags are the flags of commands that read policy files, with or without a data directory.
type policyFlags struct {
	dataFlags
	schemas []string
	bases   []string
}

func (f *policyFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.data, "data", "", "data directory to take naming contexts and policies from; a server may be running on it")
	f.registerConfig(cmd)
	cmd.Flags().StringArrayVar(&f.schemas, "schema", nil, "schema file with attributes and object classes of the policies, besides those of the configuration (may be repeated)")
	cmd.Flags().StringArrayVar(&f.bases, "base", nil, "naming context: what ${suffix} stands for (may be repeated)")
}

// settings turns the flags into what a bundle is loaded with. Contexts are those of --base, else those of --data, else none.
func (f *policyFlags) settings(ctx context.Context) (enact.Settings, error) {
	o := enact.Settings{Now: time.Now()}
	var err error
	if o.Schema, err = f.loadSchema(); err != nil {
		return o, err
	}
	bases := f.bases
	if len(bases) == 0 && f.data != "" {
		p, err := f.stored(ctx, shippedAlone)
		if err != nil {
			return o, err
		}
		bases = p.Contexts
	}
	for _, base := range bases {
		_, ndn, err := o.Schema.ParseName(base)
		if err != nil {
			return o, usagef("--base %q is not a DN: %v", base, err)
		}
		o.Contexts = append(o.Contexts, ndn)
	}
	return o, nil
}

// exampleContext is the naming context of files that are read without a server.
const exampleContext directory.NDN = "dc=example,dc=com"

// loadSchema reads the schema files of the configuration, if one was named, and of the flags.
func (f *policyFlags) loadSchema() (*schema.Schema, error) {
	files := f.schemas
	if f.data != "" || config.FileFrom(f.config) != "" {
		cfg, err := f.dataFlags.settings()
		if err != nil {
			return nil, err
		}
		files = append(cfg.Schema.Files[:len(cfg.Schema.Files):len(cfg.Schema.Files)], files...)
	}
	return schemaWith(files)
}

// stored asks the data directory for a policy that it keeps.
func (f *policyFlags) stored(ctx context.Context, version string) (*storedPolicy, error) {
	var p storedPolicy
	err := callPolicy(ctx, &f.dataFlags, "policy.text", url.Values{"version": {version}}, nil, &p)
	return &p, err
}

// policyFiles is a bundle as it was read.
type policyFiles struct {
	sources []bundle.Source
	fixture bundle.Source // of the tests; without a name if there is none
}

// readPolicyFiles reads a bundle and the fixture of its tests: the file given, else fixture.yaml beside the bundle, else none.
func readPolicyFiles(path, fixture string) (p policyFiles, err error) {
	if p.sources, err = bundle.ReadSources(path); err != nil {
		return p, err
	}
	if fixture == "" {
		dir := path
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			dir = filepath.Dir(path)
		}
		beside := filepath.Join(dir, bundle.FixtureFile)
		if _, err := os.Stat(beside); errors.Is(err, fs.ErrNotExist) {
			return p, nil
		}
		fixture = beside
	}
	p.fixture.Name = fixture
	p.fixture.Text, err = os.ReadFile(fixture)
	return p, err
}

// splitFixture takes the fixture of the tests out of what is kept with a policy.
func splitFixture(kept []bundle.Source) (p policyFiles) {
	for _, s := range kept {
		if s.Name == bundle.FixtureFile {
			p.fixture = s
		} else {
			p.sources = append(p.sources, s)
		}
	}
	return p
}

// kept returns what is kept with a policy: the files without their directory, which is nobody's business, and the fixture.
func (p policyFiles) kept() []bundle.Source {
	list := make([]bundle.Source, 0, len(p.sources)+1)
	for _, s := range p.sources {
		list = append(list, bundle.Source{Name: filepath.Base(s.Name), Text: s.Text})
	}
	if p.fixture.Name != "" {
		list = append(list, bundle.Source{Name: bundle.FixtureFile, Text: p.fixture.Text})
	}
	return list
}

// pack returns what is stored of a policy. A fixture that is too large to be stored with it is left out.
func (p policyFiles) pack() ([]byte, error) {
	packed, err := bundle.Pack(p.kept())
	if errors.Is(err, bundle.ErrTooLarge) && p.fixture.Name != "" {
		p.fixture = bundle.Source{}
		return p.pack()
	}
	return packed, err
}

// oneBundle asks for the bundle of a command.
var oneBundle = oneArgument("the directory or file of a bundle")
