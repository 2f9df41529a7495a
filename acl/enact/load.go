package enact

import (
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/acl/shipped"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Settings says for which server a bundle is loaded.
type Settings struct {
	Schema   *schema.Schema  // nil: the standard schema
	Contexts []directory.NDN // the naming contexts: what ${suffix} stands for
	Now      time.Time
	Strict   bool // every warning is an error
}

// Loaded is a bundle that is ready to decide.
type Loaded struct {
	Bundle *bundle.Bundle
	Policy *acl.Policy
	Schema *schema.Schema // nil: the standard schema
}

// Load makes the active bundle of the shipped policies and what is given, and compiles it. The error names every problem with its
// place.
func Load(given []bundle.Source, o Settings) (*Loaded, error) {
	if o.Schema == nil {
		o.Schema = schema.Standard()
	}
	b, err := bundle.Load(given, bundle.Options{
		Schema: o.Schema, Shipped: shipped.Sources(), NamingContexts: o.Contexts, Now: o.Now, Strict: o.Strict,
	})
	if err != nil {
		return nil, err
	}
	p, err := acl.Compile(Program(b, o.Schema, o.Contexts, o.Now), o.Schema)
	if err != nil {
		return nil, err
	}
	return &Loaded{b, p, o.Schema}, nil
}
