package dit

import (
	"fmt"
	"strconv"

	"gatehouse/directory"
	"gatehouse/storage"
)

const (
	// allocateNumber and allocateText are the values that ask for one of the server's choice.
	allocateNumber, allocateText = "-1", "auto"
	// allocateTriesMax bounds the numbers in use that are passed over for one that is free.
	allocateTriesMax = 1 << 16
	// allocationKey is what the metadata begins with that says which number of a range is next.
	allocationKey = "allocation/"
)

// unixAttributes are the attributes that are given out; nil where the schema lacks RFC 2307.
type unixAttributes struct {
	uidNumber, gidNumber, homeDirectory, loginShell *directory.AttributeDescription
}

func findUnixAttributes(optional func(string) *directory.AttributeDescription) *unixAttributes {
	u := &unixAttributes{optional("uidNumber"), optional("gidNumber"), optional("homeDirectory"), optional("loginShell")}
	if u.uidNumber == nil || u.gidNumber == nil || u.homeDirectory == nil || u.loginShell == nil {
		return nil
	}
	return u
}

// allocate gives an entry that becomes a Unix account or group what it lacks of uidNumber, gidNumber, homeDirectory and loginShell, and
// every entry what it asks for by -1 or "auto". What an entry brings stays. Nothing is given to what an import brings.
//
// A number is given once: the next one of a range is metadata, which a write relies on and moves, so that of two writes at once one is
// planned again; and it relies on nobody having the number, however it came to be in use. Whoever may make the entry needs no right
// to write what it is given, since nothing of it is their choice.
func (w *Write) allocate() error {
	unix := w.d.attr.unix
	if w.Import || unix == nil || w.Snapshot == nil {
		return nil
	}
	classes := w.Draft.Get(w.d.attr.objectClass)
	account := hasClass(classes, "posixAccount")
	if !account && !hasClass(classes, "posixGroup") {
		return nil
	}
	becomes := w.becomes(classes)
	lacks := func(desc *directory.AttributeDescription, request string) bool {
		values := w.Draft.Get(desc)
		if len(values) == 0 {
			return becomes && desc != unix.loginShell && (account || desc == unix.gidNumber)
		}
		return len(values) == 1 && string(values[0]) == request
	}
	uid, gid := lacks(unix.uidNumber, allocateNumber), lacks(unix.gidNumber, allocateNumber)
	home, shell := lacks(unix.homeDirectory, allocateText), lacks(unix.loginShell, allocateText)
	if !uid && !gid && !home && !shell {
		return nil
	}
	settings, err := w.allocation()
	if err != nil {
		return err
	}
	a := allocating{Write: w, unix: unix, allocation: settings, account: account}
	if uid {
		if err := a.uidNumber(gid); err != nil {
			return err
		}
	}
	if gid {
		if err := a.gidNumber(); err != nil {
			return err
		}
	}
	if home {
		if err := a.homeDirectory(); err != nil {
			return err
		}
	}
	if shell || becomes && account && !w.Draft.Has(unix.loginShell) {
		w.Draft.Set(unix.loginShell, []byte(a.shell))
	}
	return nil
}

// becomes reports whether the write makes the entry an account or a group, which it was not before.
func (w *Write) becomes(classes [][]byte) bool {
	if w.Before == nil {
		return true
	}
	before := valuesOf(w.Before.Get(w.d.attr.objectClass))
	for _, class := range []string{"posixAccount", "posixGroup"} {
		if hasClass(classes, class) && !hasClass(before, class) {
			return true
		}
	}
	return false
}

// allocating is what one entry is given.
type allocating struct {
	*Write
	allocation
	unix    *unixAttributes
	account bool
}

// uidNumber gives a number that no account has. If it is to be the account's gidNumber too, no group has it either.
func (a *allocating) uidNumber(gid bool) error {
	own := gid && a.primary == ""
	n, err := a.next(a.unix.uidNumber, a.uidNumbers, func(number []byte) (bool, error) {
		taken, err := a.Reads.HasValue(a.unix.uidNumber, number)
		if err != nil || taken || !own {
			return taken, err
		}
		return a.Reads.HasValue(a.unix.gidNumber, number)
	})
	if err == nil {
		a.Draft.Set(a.unix.uidNumber, n)
	}
	return err
}

// gidNumber gives an account its primary group, and a group a number that nothing has.
func (a *allocating) gidNumber() error {
	if a.account {
		if a.primary != "" {
			a.Draft.Set(a.unix.gidNumber, []byte(a.primary))
		} else if own := a.Draft.Get(a.unix.uidNumber); len(own) == 1 { // otherwise the schema refuses
			a.Draft.Set(a.unix.gidNumber, own[0])
		}
		return nil
	}
	n, err := a.next(a.unix.gidNumber, a.gidNumbers, func(number []byte) (bool, error) {
		return a.Reads.HasValue(a.unix.gidNumber, number)
	})
	if err == nil {
		a.Draft.Set(a.unix.gidNumber, n)
	}
	return err
}

func (a *allocating) homeDirectory() error {
	uid := ""
	if values := a.Draft.Get(a.d.attr.uid); len(values) > 0 {
		uid = string(values[0])
	}
	for _, part := range a.Draft.DN.RDNs()[0] {
		if t := a.Schema.TypeByName(part.Type); t != nil && t.Description() == a.d.attr.uid {
			uid = string(part.Value)
		}
	}
	home, err := homeOf(a.home, uid)
	if err != nil {
		return directory.Errorf(directory.ConstraintViolation, "homeDirectory: %v", err)
	}
	a.Draft.Set(a.unix.homeDirectory, []byte(home))
	return nil
}

// next takes the next free number of the ranges. Numbers are not given out again: whoever had one may have left files behind.
func (a *allocating) next(desc *directory.AttributeDescription, ranges []numberRange, isTaken func([]byte) (bool, error)) ([]byte, error) {
	tries := 0
	for _, r := range ranges {
		key := allocationKey + desc.Name + "/" + r.String()
		first, err := a.startOf(key, desc, r)
		if err != nil {
			return nil, err
		}
		for n := first; n <= r.last; n++ {
			if n == 65534 || n == 65535 { // nobody, and what is no number in 16 bits
				continue
			}
			number := strconv.AppendUint(nil, n, 10)
			taken, err := isTaken(number)
			if err != nil {
				return nil, err
			}
			if !taken {
				a.effects = append(a.effects, storage.PutMeta{Key: key, Value: strconv.AppendUint(nil, n+1, 10)})
				return number, nil
			}
			if tries++; tries == allocateTriesMax {
				return nil, directory.Errorf(directory.UnwillingToPerform, "%s: too many numbers of %s are in use; give another range", desc, r)
			}
		}
	}
	return nil, directory.Errorf(directory.UnwillingToPerform, "%s: no number of %s is left; give another range", desc, fmt.Sprint(ranges))
}

// startOf returns the number of a range that is next: behind the last one that was given out, or, of a range that is new, behind the
// greatest in use; if that is its end, from its beginning.
func (a *allocating) startOf(key string, desc *directory.AttributeDescription, r numberRange) (uint64, error) {
	value, err := a.Reads.Meta(key)
	if err == nil {
		return strconv.ParseUint(string(value), 10, 64)
	}
	if !isNotFound(err) {
		return 0, err
	}
	id, err := a.Snapshot.Greatest(desc, strconv.AppendUint(nil, r.first, 10), strconv.AppendUint(nil, r.last, 10))
	if err != nil || id == 0 {
		return r.first, err
	}
	entry, err := a.Snapshot.Entry(id)
	if err != nil {
		return 0, err
	}
	greatest, err := strconv.ParseUint(string(entry.Get(desc).First()), 10, 64)
	if err != nil || greatest < r.first || greatest >= r.last {
		return r.first, nil
	}
	return greatest + 1, nil
}
