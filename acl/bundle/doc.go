// Package bundle is the language of access control: it reads policy files, checks them and returns what they say as typed data
// in which every name is resolved. What the data means for a request is for the evaluator to say.
//
// [Load] takes files in YAML or JSON and returns a [Bundle], or every mistake with its file, line and column. It is strict: what
// it does not know it refuses. [Bundle.Version] is the SHA-256 of [Bundle.Canonical], in which file names, the order of anything
// and comments have no part. [Bundle.Grants] is every statement as it takes effect, with roles expanded for each assignment and
// elevation. [Format] is the one layout, [JSONSchema] the form for editors, [LoadFixture] the small directory of inline tests.
//
// One table, the grammar in grammar.go, drives the check of form, the canonical form and the layout; a test holds it against
// schema.json. YAML's own traps (anchors, tags, merge keys, words that are true to one reader and text to another) are refused
// in scalar.go and check.go before anything else looks.
//
// # Choices
//
// Where the specification of access control leaves something open, this package takes what gives less:
//
//   - Sets of a definitions document are shared by all documents; those of a policy are its own, and go before shared ones of
//     the same name. So a shipped policy means the same whatever is defined beside it. A definitions document may hold
//     statements, too; they take effect like those of a policy.
//   - Statements, boundaries, assignments and elevations share one space of ids; a test's given statements must not reuse one.
//   - The degree of enforcement is the highest of the element, its document, and for a role those of what gives it.
//   - A statement of a role, or one that a test gives, allows if it names no effect. Statements of roles have no subject.
//   - A list inside one key is of alternatives: of names, groups, roles, attributes of a relation. Keys beside each other all
//     hold, in values as well.
//   - base "" is the root DSE and needs scope: base. Everything is "${suffix}", so that nobody opens the directory by leaving
//     out a word.
//   - A placeholder ends a name. ${scope} has a meaning in statements of roles alone.
//   - @class covers no confidential attribute, as * and + do not. A write on an attribute that has a confidential subtype counts
//     as a write on a confidential one (V3).
//   - V1 holds for permits of boundaries, too. V2 accepts every list that has "*" in it.
//   - A power statement for anonymous needs broad, as one for anyone does. Relative terms (named-in, same, ...) beside anyone,
//     authenticated or subtree do not make it narrow. For a role, broad stands in its statement and the subject is that of the
//     assignment or elevation.
//   - secret.read names confidential attributes, directly or through a set; a statement with the wildcards, or in a role, is
//     refused.
//   - No filter, and no named-in, group-in or same, may use a confidential attribute: the answer would depend on a secret.
//   - control and extop stand in a statement without actions on attributes, since their attributes are OIDs; "*" is all OIDs.
//   - A network has its length, and no bits behind it. Hours do not end where they begin. Durations are at least one unit.
//   - Tests ask for attributes by name. The entry of a test need not be one that could be stored.
package bundle
