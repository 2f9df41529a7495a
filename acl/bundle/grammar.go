package bundle

import (
	"regexp"
	"slices"
)

// The objects of the language. The keys stand in the order in which they are laid out.
var (
	shapeDocument = &shape{what: "a policy document", kind: kindObject, block: true, fields: []field{
		{"definitions", shapeName}, {"policy", shapeName}, {"description", anyText}, {"owner", anyText}, {"enforce", shapeEnforce},
		{"attributes", named("sets of attributes", shapeWords)},
		{"subjects", named("named subjects", shapeSubject)},
		{"targets", named("named targets", shapeTarget)},
		{"networks", named("named networks", shapeNetworks)},
		{"statements", elements("a list of statements", shapeStatement)},
		{"boundaries", elements("a list of boundaries", shapeBoundary)},
		{"roles", named("roles", shapeRole)},
		{"assignments", elements("a list of assignments", shapeAssignment)},
		{"elevations", elements("a list of elevations", shapeElevation)},
		{"tests", &shape{what: "a list of tests", kind: kindList, item: shapeTest, unordered: true, block: true}},
	}}

	statementFields = []field{
		{"id", shapeID}, {"effect", shapeEffect}, {"subject", shapeSubject}, {"target", shapeTarget},
		{"actions", shapeActions}, {"attributes", shapeWords}, {"values", shapeValues}, {"when", shapeWhen},
		{"enforce", shapeEnforce}, {"expires", shapeDate}, {"broad", someText}, {"reason", anyText},
	}
	shapeStatement = &shape{what: "a statement", kind: kindObject, block: true, fields: statementFields,
		needs: []string{"id", "effect", "subject", "target", "actions"}}
	shapeRoleStatement = &shape{what: "a statement of a role", kind: kindObject, block: true, fields: withoutSubject(statementFields),
		needs: []string{"id", "target", "actions"}, not: map[string]string{"subject": "the assignment or elevation says who has the role"}}
	shapeGiven = &shape{what: "a statement", kind: kindObject, fields: statementFields,
		needs: []string{"id", "subject", "target", "actions"}}

	shapeValues = &shape{what: "a restriction of values", kind: kindObject, min: 1, fields: []field{
		{"self", onlyTrue}, {"any-of", &shape{what: "a list of values", kind: kindList, item: anyText, unordered: true}},
		{"under", anyTexts}, {"pattern", someText},
	}}

	shapeBoundary = &shape{what: "a boundary", kind: kindObject, block: true, needs: []string{"id", "subject", "permit"}, fields: []field{
		{"id", shapeID}, {"description", anyText}, {"subject", shapeSubject},
		{"permit", &shape{what: "a list of permits", kind: kindList, item: shapePermit, min: 1, unordered: true, block: true}},
	}}
	shapePermit = &shape{what: "a permit", kind: kindObject, needs: []string{"target", "actions"}, fields: []field{
		{"target", shapeTarget}, {"actions", shapeActions}, {"attributes", shapeWords}, {"when", shapeWhen},
	}}

	shapeRole = &shape{what: "a role", kind: kindObject, block: true, needs: []string{"statements"}, fields: []field{
		{"description", anyText}, {"statements", elements("a list of statements", shapeRoleStatement)},
	}}
	shapeAssignment = &shape{what: "an assignment", kind: kindObject, block: true, needs: []string{"id", "role", "to"}, fields: []field{
		{"id", shapeID}, {"role", anyText}, {"to", shapeSubject}, {"scope", anyText}, {"when", shapeWhen},
	}}
	shapeElevation = &shape{what: "an elevation", kind: kindObject, block: true, needs: []string{"id", "role", "eligible", "max-duration"},
		fields: []field{
			{"id", shapeID}, {"role", anyText}, {"eligible", shapeSubject}, {"when", shapeWhen}, {"approvers", shapeSubject},
			{"approvals", anyInt}, {"max-duration", shapeDuration}, {"require-reason", trueFalse},
			{"alert", &shape{what: "an alert", kind: kindText, words: alertNames}},
		}}

	shapeTest = &shape{what: "a test", kind: kindObject, needs: []string{"name", "as", "do", "entry", "expect"}, fields: []field{
		{"name", anyText}, {"given", elements("a list of statements", shapeGiven)}, {"as", anyText}, {"via", shapeVia},
		{"do", shapeAction}, {"entry", anyText}, {"attributes", shapeWords}, {"value", anyText}, {"expect", shapeEffect}, {"by", anyText},
	}}
	shapeVia = &shape{what: "a session", kind: kindObject, fields: []field{
		{"ip", anyText}, {"tls", anyInt}, {"level", &shape{what: "a whole number", kind: kindInt, max: 3}},
		{"auth-method", &shape{what: "a method", kind: kindText, words: methodNames}}, {"at", shapeDateTime},
		{"elevated", &shape{what: "a list of elevations", kind: kindList, item: anyText, unordered: true}},
	}}

	shapeWhen = &shape{what: "a condition", kind: kindObject, min: 1, fields: []field{
		{"network", anyTexts}, {"not-network", anyTexts}, {"tls", shapeTLS}, {"auth-method", shapeMethods},
		{"auth-level", &shape{what: "a whole number", kind: kindInt, max: 3}}, {"auth-max-age", shapeDuration}, {"listener", anyTexts},
		{"controls", anyTexts}, {"time", shapeTime},
	}}
	shapeTLS = &shape{what: "a condition on TLS", kind: kindObject, word: &shape{what: "a condition on TLS", kind: kindText, words: tlsNames},
		fields: []field{{"min-bits", &shape{what: "a whole number", kind: kindInt, min: 1, max: 1 << 16}}}, needs: []string{"min-bits"}}
	shapeTime = &shape{what: "a condition on time", kind: kindObject, min: 1, fields: []field{
		{"not-before", shapeDateTime}, {"not-after", shapeDateTime}, {"within", shapeWindow}, {"outside", shapeWindow},
	}}
	shapeWindow = &shape{what: "a window of time", kind: kindObject, needs: []string{"zone"}, fields: []field{
		{"days", &shape{what: "a list of days", kind: kindList, min: 1, unordered: true, item: &shape{what: "a day", kind: kindText, words: dayNames}}},
		{"hours", &shape{what: "hours", kind: kindText, pattern: regexp.MustCompile(`^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$`),
			hint: `such as "07:00-19:00", in quotes`}},
		{"zone", someText},
	}}
)

func withoutSubject(fields []field) []field {
	return slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return f.key == "subject" })
}

// dayNames are the days by [time.Weekday].
var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Subjects and targets hold themselves, which a composite literal cannot say.
var (
	shapeSubject = &shape{what: "a subject", kind: kindObject, min: 1, word: shapeReference}
	shapeTarget  = &shape{what: "a target", kind: kindObject, word: shapeReference, needs: []string{"base"}}
)

// closeGrammar ties the two knots and returns the whole grammar.
func closeGrammar() *shape {
	shapeSubject.fields = []field{
		{"anyone", onlyTrue}, {"anonymous", onlyTrue}, {"authenticated", onlyTrue}, {"dn", anyTexts}, {"subtree", anyTexts},
		{"group", anyTexts}, {"role", anyTexts}, {"filter", anyText}, {"self", onlyTrue}, {"ancestor", onlyTrue},
		{"named-in", anyTexts}, {"group-in", anyTexts}, {"same", anyTexts},
		{"any", &shape{what: "a list of subjects", kind: kindList, item: shapeSubject, min: 1, unordered: true}},
		{"unless", shapeSubject},
	}
	shapeTarget.fields = []field{
		{"base", anyText}, {"scope", &shape{what: "a scope", kind: kindText, words: scopeNames}},
		{"filter", &shape{what: "a filter", kind: kindText, pattern: regexp.MustCompile(`^\(`), hint: "a filter in parentheses"}},
		{"exclude", &shape{what: "a list of targets", kind: kindList, item: shapeTarget, unordered: true}},
		{"protected", include}, {"privileged", include},
	}
	return shapeDocument
}

// grammar is the shape of a document.
var grammar = closeGrammar()

var (
	include = &shape{what: "include", kind: kindText, words: []string{"include"}}
	// scopeNames are the scopes by [directory.Scope].
	scopeNames = []string{"base", "one", "subtree", "children"}
)

// shapeFixture is the form of a fixture: not part of a bundle, but read in the same way.
var (
	shapeFixture      = listOf("a list of entries", shapeFixtureEntry)
	shapeFixtureEntry = &shape{what: "an entry", kind: kindMap, item: &shape{what: "a value, or a list of values", kind: kindTexts, item: anyText}}
)
