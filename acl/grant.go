package acl

import (
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Grants of elevations are entries of class GrantClass below GrantsNDN. GranteeAttribute names who has one.
const (
	GrantsNDN        directory.NDN = "cn=grants,cn=gatehouse"
	GrantClass       string        = "gatehouseGrant"
	GranteeAttribute string        = "gatehouseGrantee"
)

// Grant gives an elevation to one identity for a time. It counts only while that is eligible.
type Grant struct {
	Elevation string
	NotBefore time.Time
	NotAfter  time.Time // exclusive
}

// ParseGrant reads the entry of a grant. It is false for one without an elevation, or without an end that can be read: nothing is
// granted for good.
func ParseGrant(e *directory.Entry) (g Grant, ok bool) {
	for _, a := range e.Attributes() {
		value := string(a.First())
		var err error
		switch strings.ToLower(a.Desc.Key) {
		case "gatehouseelevation":
			g.Elevation = value
		case "gatehousenotbefore":
			g.NotBefore, err = schema.ParseTime(value)
		case "gatehousenotafter":
			g.NotAfter, err = schema.ParseTime(value)
		}
		if err != nil {
			return Grant{}, false
		}
	}
	return g, g.Elevation != "" && !g.NotAfter.IsZero()
}
