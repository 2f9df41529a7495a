// Package shipped holds the policies that come with the server, as text. They are written with ${suffix} alone, and are part of
// every active bundle unless a document of the same name replaces them.
package shipped

import (
	"embed"
	"io/fs"

	"gatehouse/acl/bundle"
)

//go:embed *.yaml
var files embed.FS

// fixtureName is the file that is the fixture of the inline tests, and no policy.
const fixtureName = "fixture.yaml"

// folder stands before the names of the files, so that no file of an administrator is taken for one of them.
const folder = "shipped/"

// Sources returns the shipped policies, one file each, called shipped/NAME.yaml after the document in it.
func Sources() []bundle.Source {
	var list []bundle.Source
	for _, name := range names() {
		if name != fixtureName {
			list = append(list, source(name))
		}
	}
	return list
}

// Fixture returns the small directory on which the inline tests of the shipped policies run.
func Fixture() bundle.Source { return source(fixtureName) }

func names() []string {
	list, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err) // a constant pattern
	}
	return list
}

func source(name string) bundle.Source {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded
	}
	return bundle.Source{Name: folder + name, Text: text}
}
