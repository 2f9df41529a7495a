package enact_test

import (
	"testing"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory/schema"
)

// TestPowerIsOne: the loader, which asks for a reason where power is broad, and the evaluator, which guards whoever has it, mean the
// same statements. A condition on values takes nothing from an action on the entry as a whole, even if no loader lets the two stand
// together.
func TestPowerIsOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		statement string
		more      bundle.ActionSet
		want      bool
	}{
		{`actions: [write.add], attributes: [member], values: {self: true}`, 0, false},
		{`actions: [write.add], attributes: [member], values: {self: true}`, bundle.Actions(bundle.ActionAddEntry), true},
		{`actions: [write.add], attributes: [member], values: {self: true}`, bundle.Actions(bundle.ActionDiscover), false},
		{`actions: [read], attributes: ["*"], values: {self: true}`, 0, false},
		{`actions: [write.add], attributes: [member], values: {pattern: "x*"}`, 0, true},
		{`actions: [read], attributes: ["*"]`, 0, true},
	} {
		text := "policy: p\nstatements:\n  - {id: s, effect: allow, subject: {group: \"cn=g,${suffix}\"}, target: {base: \"${suffix}\"}, " + tt.statement + "}\n"
		b, err := bundle.Load([]bundle.Source{{Name: "p.yaml", Text: []byte(text)}}, bundle.Options{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		for g := range b.Grants() {
			g.Statement.Actions |= tt.more
			if got := g.IsPower(noon); got != tt.want {
				t.Errorf("%s, %s: loader: %v", tt.statement, tt.more, got)
			}
		}
		p := enact.Program(b, schema.Standard(), contexts, noon)
		if got := p.Statements[0].IsPower(noon); got != tt.want {
			t.Errorf("%s, %s: evaluator: %v", tt.statement, tt.more, got)
		}
	}
}
