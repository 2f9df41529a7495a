package schema

// The definitions as written (RFC 4512 section 4.1): what they refer to is still a name or an OID. [Builder.Build] resolves
// them. The zero values of fields mean "absent".
type (
	// AttributeTypeDefinition is an AttributeTypeDescription.
	AttributeTypeDefinition struct {
		OID         string
		Names       []string
		Desc        string
		Obsolete    bool
		Sup         string
		Equality    string
		Ordering    string
		Substr      string
		Syntax      string
		SyntaxLen   int
		SingleValue bool
		Collective  bool
		NoUserMod   bool
		Usage       Usage
		Extensions  []Extension
	}

	// ObjectClassDefinition is an ObjectClassDescription.
	ObjectClassDefinition struct {
		OID        string
		Names      []string
		Desc       string
		Obsolete   bool
		Sup        []string
		Kind       Kind
		Must       []string
		May        []string
		Extensions []Extension
	}

	// MatchingRuleDefinition is a MatchingRuleDescription.
	MatchingRuleDefinition struct {
		OID        string
		Names      []string
		Desc       string
		Obsolete   bool
		Syntax     string
		Extensions []Extension
	}

	// MatchingRuleUseDefinition is a MatchingRuleUseDescription.
	MatchingRuleUseDefinition struct {
		OID        string
		Names      []string
		Desc       string
		Obsolete   bool
		Applies    []string
		Extensions []Extension
	}

	// SyntaxDefinition is a SyntaxDescription.
	SyntaxDefinition struct {
		OID        string
		Desc       string
		Extensions []Extension
	}
)

var usageNames = [...]string{"userApplications", "directoryOperation", "distributedOperation", "dSAOperation"}

// String returns the keyword of RFC 4512.
func (u Usage) String() string { return usageNames[u] }

var kindNames = [...]string{"STRUCTURAL", "ABSTRACT", "AUXILIARY"}

// String returns the keyword of RFC 4512.
func (k Kind) String() string { return kindNames[k] }
