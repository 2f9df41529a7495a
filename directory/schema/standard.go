package schema

import (
	"embed"
	"errors"
	"path"
)

// The standard schema, one file per source. The form is OpenLDAP's; every definition says in X-ORIGIN where it comes from.
//
//go:embed standard/*.schema
var standardFiles embed.FS

func (b *Builder) addStandard() error {
	entries, err := standardFiles.ReadDir("standard")
	if err != nil {
		return err
	}
	var problems []error
	for _, e := range entries {
		f, err := standardFiles.Open(path.Join("standard", e.Name()))
		if err != nil {
			return err
		}
		problems = append(problems, b.AddFile(e.Name(), f), f.Close())
	}
	return errors.Join(problems...)
}
