package ldaptest

import (
	"fmt"
	"strings"
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Policy is one file of a bundle, for [WithPolicy] and [Server.ApplyPolicy].
func Policy(text string) bundle.Source { return bundle.Source{Name: "test.yaml", Text: []byte(text)} }

// ApplyPolicy puts the shipped policies and these in force. On error the policy stays as it is.
func (s *Server) ApplyPolicy(sources ...bundle.Source) error {
	p, err := s.compile(sources)
	if err == nil {
		s.Directory.SetPolicy(p)
	}
	return err
}

func (s *Server) compile(sources []bundle.Source) (*acl.Policy, error) {
	now := time.Now
	if s.now != nil {
		now = s.now
	}
	loaded, err := enact.Load(sources, enact.Settings{Schema: s.schema, Contexts: []directory.NDN{Base}, Now: now()})
	if err != nil {
		return nil, err
	}
	return loaded.Policy, nil
}

// firstPolicy is the policy that a server starts with.
func (s *Server) firstPolicy(o *options) (*acl.Policy, error) {
	if o.policy != nil {
		return s.compile(o.policy)
	}
	return s.compile([]bundle.Source{Policy(ownPolicy(o.readers, o.writers))})
}

// ownPolicy gives readers and writers what they have, in the whole directory.
func ownPolicy(readers, writers []directory.NDN) string {
	var list []string
	add := func(kind string, names []directory.NDN, actions string) {
		for i, name := range names {
			list = append(list, fmt.Sprintf(`{id: %s-%d, effect: allow, subject: {dn: %q}, target: {base: "${suffix}", protected: include, privileged: include}, `+
				`actions: [%s], attributes: ["*", "+"]}`, kind, i, name, actions))
		}
	}
	add("reader", readers, "view")
	add("writer", writers, "view, add-entry, delete-entry, rename, move-out, move-in, write, password.reset")
	return "policy: ldaptest\nstatements: [" + strings.Join(list, ", ") + "]\n"
}

// loading is the policy under which the entries of a test come: the operator writes everything, secrets included.
func loading() (*acl.Policy, error) {
	everything := acl.ActionsView | acl.ActionsWrite | acl.ActionsOf(acl.ActionAddEntry, acl.ActionPasswordReset, acl.ActionManage)
	return acl.Compile(&acl.Program{Version: "loading", Statements: []acl.Statement{{
		Place: acl.Place{Name: "loading"}, Effect: acl.Allow, Subject: acl.Name{NDN: acl.OperatorDN}, Actions: everything,
		Reach:      acl.Reach{Bases: []directory.NDN{""}, Scope: directory.ScopeSub, Protected: true, Privileged: true},
		Attributes: acl.Attributes{User: true, Operational: true, Secret: true},
	}}}, nil)
}

func (s *Server) loadSchema(o *options) error {
	if o.schema == "" {
		return nil
	}
	b := schema.NewBuilder()
	err := b.AddFile("test.schema", strings.NewReader(o.schema))
	if err == nil {
		s.schema, err = b.Build()
	}
	return err
}
