package bundle

import _ "embed"

//go:embed schema.json
var jsonSchema []byte

// JSONSchema returns the JSON Schema (draft 2020-12) of one document, for editors. It says what has the right form; that
// names resolve and the rules hold, Load says. It must not be changed.
func JSONSchema() []byte { return jsonSchema }
