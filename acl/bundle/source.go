package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Source is the text of one file. A name that ends in .json is read as JSON, any other as YAML.
type Source struct {
	Name string
	Text []byte
}

// FixtureFile is the name of the file that holds the directory of the tests, beside the bundle.
const FixtureFile = "fixture.yaml"

// ReadSources reads a bundle: a directory of *.yaml and *.json files, or one file. The fixture, hidden files, subdirectories and
// a JSON Schema for editors are no part of it. A directory without any policy, a *.yml file, and the fixture in place of a policy are
// errors: a rule that is left out by mistake may be a deny.
func ReadSources(path string) ([]Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	if !info.IsDir() {
		if filepath.Base(path) == FixtureFile {
			return nil, fmt.Errorf("%s: the file of this name is the directory of the tests, no policy", path)
		}
		s, err := readSource(path)
		return []Source{s}, err
	}
	files, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	var sources []Source
	var problems []error
	for _, f := range files {
		name := f.Name()
		switch ext := strings.ToLower(filepath.Ext(name)); {
		case strings.HasPrefix(name, ".") || name == FixtureFile || f.IsDir():
			continue
		case ext == ".yml":
			problems = append(problems, fmt.Errorf("%s: policy files end in .yaml; rename it or move it away", filepath.Join(path, name)))
			continue
		case ext != ".yaml" && ext != ".json":
			continue
		}
		s, err := readSource(filepath.Join(path, name))
		if err != nil {
			problems = append(problems, err)
		}
		if !isJSONSchema(s) {
			sources = append(sources, s)
		}
	}
	if len(sources) == 0 && len(problems) == 0 {
		problems = append(problems, fmt.Errorf("%s: no *.yaml or *.json file", path))
	}
	return sources, errors.Join(problems...)
}

// isJSONSchema reports whether a file is a schema, such as the one of [JSONSchema], and no policy.
func isJSONSchema(s Source) bool {
	if !isJSON(s.Name) {
		return false
	}
	var keys struct {
		Schema      string          `json:"$schema"`
		Policy      json.RawMessage `json:"policy"`
		Definitions json.RawMessage `json:"definitions"`
	}
	err := json.Unmarshal(s.Text, &keys)
	return err == nil && strings.Contains(keys.Schema, "//json-schema.org/") && keys.Policy == nil && keys.Definitions == nil
}

// readSource reads one file, up to one byte beyond the bound that [Load] reports.
func readSource(path string) (Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return Source{}, fmt.Errorf("read policy: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, fileBytesMax+1))
	if err != nil {
		return Source{}, fmt.Errorf("read policy %s: %w", path, err)
	}
	return Source{Name: path, Text: text}, nil
}
