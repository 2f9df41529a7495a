package dit

import (
	"errors"
	"strings"

	"gatehouse/directory"
)

// seal is [Write.seal] with refusals that name no attribute of the entry that the client neither sent nor may read.
func (m *modifying) seal() (*directory.Entry, error) {
	entry, err := m.Write.seal()
	e, is := errors.AsType[*directory.Error](err)
	if !is || e.Diagnostic == "" {
		return entry, err
	}
	for _, a := range m.Draft.Attributes() {
		name := a.Desc.Name
		if !strings.Contains(e.Diagnostic, "'"+name+"'") && !strings.HasPrefix(e.Diagnostic, name+":") {
			continue
		}
		if !m.isSent(a.Desc) && !m.rights.Read(a.Desc) {
			return nil, directory.Errorf(e.Code, "the schema does not allow what the entry would become")
		}
	}
	return nil, err
}

// isSent reports whether the client named the attribute, or it is part of the entry's new name.
func (m *modifying) isSent(desc *directory.AttributeDescription) bool {
	if m.cred.action != 0 && desc == m.d.attr.userPassword {
		return true
	}
	for i := range m.op.changes {
		if sent, err := m.Schema.Description(m.op.changes[i].Attr); err == nil && sent.TypeNo == desc.TypeNo {
			return true
		}
	}
	if rdns := m.Draft.DN.RDNs(); len(rdns) > 0 {
		for _, part := range rdns[0] {
			if sent, err := m.Schema.Description(part.Type); err == nil && sent.TypeNo == desc.TypeNo {
				return true
			}
		}
	}
	return false
}
