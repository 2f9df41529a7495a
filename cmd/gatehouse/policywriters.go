package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/acl/bundle"
	"gatehouse/acl/enact"
)

// firstAdministrator is the name of the document by which init makes another administrator than the shipped policies name, and of its file.
const (
	firstAdministrator     = "first-administrator"
	firstAdministratorFile = firstAdministrator + ".yaml"
)

// warnOfWriters tells what is no lock-out yet, since the operator is left or an administrator, but may be meant as little: that nobody
// else may write the policy any more, or that the operator, who applies policies, may not.
func (n *node) warnOfWriters(st *policyState, next *enact.Loaded, strict bool, a *appliedPolicy) error {
	was, operatorWas, err := n.directory.PolicyWriters(st.Policy)
	if err != nil {
		return err
	}
	is, operatorIs, err := n.directory.PolicyWriters(next.Policy)
	if err != nil || len(is) == 0 && !operatorIs {
		return err // a lock-out is refused
	}
	var list []policyProblem
	if len(was) > 0 && len(is) == 0 {
		text := fmt.Sprintf("nobody but the operator would have policy.write; now there is %s", strings.Join(was, "; "))
		if has(st.Bundle, firstAdministrator) && !has(next.Bundle, firstAdministrator) {
			text += fmt.Sprintf(". The document %s is not in this bundle: 'gatehouse policy show %s' prints it", firstAdministrator, firstAdministrator)
		}
		list = append(list, policyProblem{Rule: "V6", Message: text})
	}
	if operatorWas && !operatorIs {
		list = append(list, policyProblem{Rule: "V6", Message: "the operator would not have policy.write, so that no policy can be applied any more; " + wayBack})
	}
	if strict && len(list) > 0 {
		a.Problems = append(a.Problems, list...)
		return errors.New(list[0].Message)
	}
	a.Warnings = append(a.Warnings, list...)
	return nil
}

// wayBack says what works whatever the policy in force says.
const wayBack = "the way back is 'gatehouse policy rollback' or 'gatehouse recover --policy'"

func has(b *bundle.Bundle, policy string) bool {
	return slices.ContainsFunc(b.Documents, func(d *bundle.Document) bool { return d.Kind == bundle.Policy && d.Name == policy })
}

// administratorSources returns the policy that makes those administrators of the store whom the shipped policies do not name. Nothing if
// there are none.
func (n *node) administratorSources() ([]bundle.Source, error) {
	o, err := n.policySettings()
	if err != nil {
		return nil, err
	}
	admins, err := administrators(n.schema, n.store)
	if err != nil {
		return nil, err
	}
	sn := n.store.Snapshot()
	defer sn.Close()
	var others []string
	for _, admin := range admins {
		if strings.HasPrefix(string(admin), "cn=admin,") && slices.Contains(o.Contexts, admin.Parent()) {
			continue
		}
		name := string(admin)
		switch id, err := sn.Lookup(admin); {
		case isNotFound(err):
		case err != nil:
			return nil, err
		default:
			if name, err = sn.DN(id); err != nil {
				return nil, err
			}
		}
		others = append(others, name)
	}
	if len(others) == 0 {
		return nil, nil
	}
	return administratorPolicy(others), nil
}

// administratorPolicy gives the role of the administrator to entries of these names.
func administratorPolicy(dns []string) []bundle.Source {
	quoted := make([]string, len(dns))
	for i, dn := range dns {
		quoted[i] = fmt.Sprintf("%q", dn)
	}
	to := quoted[0]
	if len(quoted) > 1 {
		to = "[" + strings.Join(quoted, ", ") + "]"
	}
	text := fmt.Sprintf(`policy: %s
description: Whom 'gatehouse init' made the administrator.
assignments:
  - id: %s
    role: administrator
    to: {dn: %s}
`, firstAdministrator, firstAdministrator, to)
	return []bundle.Source{{Name: firstAdministratorFile, Text: []byte(text)}}
}
