package main

import (
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"
)

// An edit is a flag that gives an attribute its value.
type edit struct{ flag, attr, usage string }

// edits are the flags of one command that give attributes values, and the general ones for all others.
type edits struct {
	table  []edit
	given  map[string]*[]string
	set    []string
	add    []string
	delete []string
}

// register adds the flags; those for single values of an attribute only where an entry is changed.
func (x *edits) register(cmd *cobra.Command, table []edit, changes bool) {
	x.table, x.given = table, map[string]*[]string{}
	for _, e := range table {
		x.given[e.flag] = cmd.Flags().StringArray(e.flag, nil, e.usage)
	}
	cmd.Flags().StringArrayVar(&x.set, "set", nil, "ATTRIBUTE=VALUE: another attribute (may be repeated)")
	if changes {
		cmd.Flags().StringArrayVar(&x.add, "add", nil, "ATTRIBUTE=VALUE: one more value (may be repeated)")
		cmd.Flags().StringArrayVar(&x.delete, "delete", nil, "ATTRIBUTE or ATTRIBUTE=VALUE: take it, or one value, away (may be repeated)")
	}
}

// values returns the attributes that were given, in the order of the table and then of --set. A flag with an empty value stands for no
// values.
func (x *edits) values(cmd *cobra.Command) ([]ldap.PartialAttribute, error) {
	var list []ldap.PartialAttribute
	for _, e := range x.table {
		if cmd.Flags().Changed(e.flag) {
			vals := slices.DeleteFunc(slices.Clone(*x.given[e.flag]), func(v string) bool { return v == "" })
			list = append(list, ldap.PartialAttribute{Type: e.attr, Vals: vals})
		}
	}
	for _, text := range x.set {
		attr, value, ok := strings.Cut(text, "=")
		if !ok || attr == "" {
			return nil, usagef("--set %q: ATTRIBUTE=VALUE is needed", text)
		}
		if isPassword(attr) {
			return nil, errPasswordArgument
		}
		list = appendValue(list, attr, value)
	}
	return list, nil
}

// errPasswordArgument refuses a password that everybody on the machine could read.
var errPasswordArgument = usagef("a password is no argument, which everybody on the machine can read and the shell remembers; " +
	"'passwd' and 'add' take it from --new-password-file, ask for it with --ask, or make one")

// isPassword reports whether an attribute holds a password.
func isPassword(attr string) bool {
	name, _, _ := strings.Cut(attr, ";")
	return strings.EqualFold(name, "userPassword") || name == "2.5.4.35"
}

// appendValue adds a value to a list of attributes.
func appendValue(list []ldap.PartialAttribute, attr, value string) []ldap.PartialAttribute {
	i := slices.IndexFunc(list, func(p ldap.PartialAttribute) bool { return strings.EqualFold(p.Type, attr) })
	if i < 0 {
		list = append(list, ldap.PartialAttribute{Type: attr})
		i = len(list) - 1
	}
	if value != "" {
		list[i].Vals = append(list[i].Vals, value)
	}
	return list
}

// modify puts the changes that were given into a request.
func (x *edits) modify(cmd *cobra.Command, m *ldap.ModifyRequest) error {
	values, err := x.values(cmd)
	if err != nil {
		return err
	}
	for _, p := range values {
		m.Replace(p.Type, p.Vals)
	}
	for _, text := range x.add {
		attr, value, ok := strings.Cut(text, "=")
		if !ok || attr == "" || value == "" {
			return usagef("--add %q: ATTRIBUTE=VALUE is needed", text)
		}
		if isPassword(attr) {
			return errPasswordArgument
		}
		m.Add(attr, []string{value})
	}
	for _, text := range x.delete {
		attr, value, one := strings.Cut(text, "=")
		switch {
		case attr == "":
			return usagef("--delete %q: ATTRIBUTE or ATTRIBUTE=VALUE is needed", text)
		case one && isPassword(attr):
			return errPasswordArgument
		case one:
			m.Delete(attr, []string{value})
		default:
			m.Delete(attr, nil)
		}
	}
	return nil
}

// hasClass reports whether an entry has an object class.
func hasClass(e *ldap.Entry, class string) bool {
	return slices.ContainsFunc(e.GetEqualFoldAttributeValues("objectClass"), func(v string) bool { return strings.EqualFold(v, class) })
}

// addition collects the attributes of a new entry.
type addition struct {
	dn         string
	attributes []ldap.PartialAttribute
}

func (a *addition) put(attr string, values ...string) {
	for _, v := range values {
		a.attributes = appendValue(a.attributes, attr, v)
	}
}

// takeOver takes the attributes of --set and its like, in place of what there is.
func (a *addition) takeOver(given []ldap.PartialAttribute) {
	for _, p := range given {
		isClass := strings.EqualFold(p.Type, "objectClass")
		i := slices.IndexFunc(a.attributes, func(q ldap.PartialAttribute) bool { return strings.EqualFold(p.Type, q.Type) })
		switch {
		case i < 0:
			a.attributes = append(a.attributes, p)
		case isClass: // one more class, not instead of those that make it what it is
			a.attributes[i].Vals = append(a.attributes[i].Vals, p.Vals...)
		default:
			a.attributes[i].Vals = p.Vals
		}
	}
}

func (a *addition) request() *ldap.AddRequest {
	req := ldap.NewAddRequest(a.dn, nil)
	for _, p := range a.attributes {
		if len(p.Vals) > 0 {
			req.Attribute(p.Type, p.Vals)
		}
	}
	return req
}
