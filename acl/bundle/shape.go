package bundle

import "regexp"

// shape is the form of one node: the grammar of the language as data. The check of form, the canonical form, the layout and
// the test against the published JSON Schema all read it.
type shape struct {
	what string // for messages: "a statement"
	kind shapeKind

	words   []string       // the only texts
	pattern *regexp.Regexp // that a text must match
	hint    string         // how such a text looks, for messages

	min, max int // of a whole number; of the length of a list or text (0: any)

	item *shape // of a list and of a map
	keys *shape // of a map; nil: any text

	fields []field // of an object, in the order of the layout
	needs  []string
	not    map[string]string // keys that would be expected and are refused, with the reason
	word   *shape            // an object that may be given by one word instead

	unordered bool // the order of the list has no meaning, nor have repetitions
	unique    bool // repetitions are refused
	byID      bool // objects of the list are sorted by their id in the canonical form
	block     bool // is never laid out on one line
}

type shapeKind uint8

const (
	kindText shapeKind = iota
	kindInt
	kindBool
	kindTrue
	kindList
	kindTexts // a text or a list of texts
	kindMap   // by names
	kindObject
)

// field is one key of an object.
type field struct {
	key   string
	value *shape
}

func (s *shape) field(key string) *shape {
	for _, f := range s.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

var (
	anyText   = &shape{what: "text", kind: kindText}
	anyInt    = &shape{what: "a whole number", kind: kindInt, max: 1 << 30}
	onlyTrue  = &shape{what: "true", kind: kindTrue}
	trueFalse = &shape{what: "true or false", kind: kindBool}
	someText  = &shape{what: "text", kind: kindText, min: 1}
	anyTexts  = &shape{what: "text, or a list of texts", kind: kindTexts, item: anyText, min: 1, unordered: true}

	shapeName = &shape{what: "a name", kind: kindText, pattern: regexp.MustCompile(`^[a-z][a-z0-9-]*$`),
		hint: "lower-case letters, digits and dashes, beginning with a letter"}
	shapeID = &shape{what: "an id", kind: kindText, pattern: regexp.MustCompile(`^[a-z][a-z0-9.-]*$`),
		hint: "lower-case letters, digits, dots and dashes, beginning with a letter"}
	shapeDuration = &shape{what: "a duration", kind: kindText, pattern: regexp.MustCompile(`^[0-9]+[smhd]$`),
		hint: "a whole number with s, m, h or d, such as 12h"}
	shapeReference = &shape{what: "a $name", kind: kindText, pattern: regexp.MustCompile(`^\$[a-z][a-z0-9-]*$`),
		hint: "a dollar sign and the name of a set, such as $people"}
	shapeDateTime = &shape{what: "a date and time", kind: kindText,
		pattern: regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$`), hint: `such as "2027-03-01T00:00:00Z", in quotes`}
	shapeDate = &shape{what: "a date", kind: kindText, pattern: regexp.MustCompile(`^\d{4}-\d\d-\d\d$`),
		hint: `such as "2027-03-01", in quotes`}

	shapeEnforce  = &shape{what: "a degree of enforcement", kind: kindText, words: enforceNames}
	shapeEffect   = &shape{what: "an effect", kind: kindText, words: []string{"allow", "deny"}}
	shapeAction   = &shape{what: "an action", kind: kindText, words: actionNames[1:]}
	shapeActions  = &shape{what: "a list of actions", kind: kindList, item: shapeAction, min: 1, unordered: true, unique: true}
	shapeWord     = &shape{what: "an attribute", kind: kindText, pattern: attributePattern, hint: `a name, "@class", "*", "+", "%confidential", $set or an OID`}
	shapeWords    = &shape{what: "a list of attributes", kind: kindList, item: shapeWord, min: 1, unordered: true}
	shapeNetworks = &shape{what: "a list of networks", kind: kindList, item: anyText, unordered: true}
	shapeMethods  = &shape{what: "a method, or a list of methods", kind: kindTexts, min: 1, unordered: true,
		item: &shape{what: "a method", kind: kindText, words: methodNames}}
)

var attributePattern = regexp.MustCompile(`^(\*|\+|%confidential|\$[a-z][a-z0-9-]*|@[A-Za-z][A-Za-z0-9-]*|[A-Za-z][A-Za-z0-9;-]*|[0-9]+(\.[0-9]+)+)$`)

// listOf is a list whose order and repetitions mean something.
func listOf(what string, item *shape) *shape { return &shape{what: what, kind: kindList, item: item} }

// elements is a list of things with an id, each laid out as a block.
func elements(what string, item *shape) *shape {
	return &shape{what: what, kind: kindList, item: item, unordered: true, byID: true, block: true}
}

// named is a map from names to things.
func named(what string, item *shape) *shape {
	return &shape{what: what, kind: kindMap, keys: shapeName, item: item, block: true}
}
