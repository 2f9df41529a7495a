package schema

import "gatehouse/directory"

// Subschema returns the attributes of the subschema subentry (RFC 4512 section 4.2) that publish the schema in full:
// objectClasses, attributeTypes, ldapSyntaxes, matchingRules and matchingRuleUse. They are made once.
func (s *Schema) Subschema() []directory.Attribute { return s.subschema() }

func (s *Schema) makeSubschema() []directory.Attribute {
	var classes, types, syntaxes, rules, uses [][]byte
	for _, c := range s.classes {
		classes = append(classes, []byte(c.def.String()))
	}
	for _, t := range s.types {
		types = append(types, []byte(t.def.String()))
	}
	for _, x := range s.syntaxes {
		syntaxes = append(syntaxes, []byte(x.definition().String()))
	}
	for _, r := range s.rules {
		rules = append(rules, []byte(r.definition().String()))
		if use := s.ruleUse(r); len(use.Applies) > 0 {
			uses = append(uses, []byte(use.String()))
		}
	}
	published := []struct {
		name   string
		values [][]byte
	}{
		{"objectClasses", classes}, {"attributeTypes", types}, {"ldapSyntaxes", syntaxes}, {"matchingRules", rules},
		{"matchingRuleUse", uses},
	}
	var attrs []directory.Attribute
	for _, p := range published {
		attrs = append(attrs, directory.NewAttribute(s.TypeByName(p.name).desc, p.values...))
	}
	return attrs
}

// ruleUse lists the types that a rule applies to.
func (s *Schema) ruleUse(r *MatchingRule) *MatchingRuleUseDefinition {
	use := &MatchingRuleUseDefinition{OID: r.OID, Names: r.Names}
	for _, t := range s.types {
		if r.AppliesTo(t) {
			use.Applies = append(use.Applies, t.Name())
		}
	}
	return use
}
