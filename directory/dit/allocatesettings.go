package dit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Bounds of what is given out.
const (
	numberLeast = 1000          // smaller numbers are the system's on every host
	numberMost  = 4_294_967_293 // of 32 bits without those that mean nobody
	// allocationsMax bounds the entries with settings above an entry.
	allocationsMax = 1000
	// rangesMax bounds the ranges of one of them.
	rangesMax = 16
)

// numberRange is a range of numbers with both its ends.
type numberRange struct{ first, last uint64 }

// String prints the range as it is written in an entry.
func (r numberRange) String() string { return fmt.Sprintf("%d-%d", r.first, r.last) }

// allocation says what an account or a group gets that is made without numbers. The defaults stand above what distributions give out
// on their hosts, and below what systemd takes for itself (60,001 and up).
type allocation struct {
	uidNumbers, gidNumbers []numberRange
	primary                string // gidNumber of accounts; empty: the number of the account
	home                   string // pattern
	shell                  string
}

func defaultAllocation() allocation {
	return allocation{
		uidNumbers: []numberRange{{10_000, 59_999}}, gidNumbers: []numberRange{{10_000, 59_999}}, home: "/home/%u", shell: "/bin/bash",
	}
}

// allocationAttributes are the types of gatehouseAllocation, which every schema of ours has.
var allocationAttributes = []string{
	"gatehouseUidNumberRange", "gatehouseGidNumberRange", "gatehousePrimaryGidNumber", "gatehouseHomePattern", "gatehouseLoginShell",
}

// allocationClass is the class of the settings.
const allocationClass = "gatehouseAllocation"

// CheckAllocation returns what is wrong with the settings for allocation in a draft, nil if there are none.
func CheckAllocation(s *schema.Schema, draft *directory.Draft) error {
	_, err := readAllocation(s, draft.Get)
	return err
}

// readAllocation reads settings; what they leave out has its default.
func readAllocation(s *schema.Schema, get func(*directory.AttributeDescription) [][]byte) (allocation, error) {
	a := defaultAllocation()
	for _, name := range allocationAttributes {
		t := s.TypeByName(name)
		if t == nil {
			continue
		}
		values := get(t.Description())
		if len(values) == 0 {
			continue
		}
		var err error
		switch text := string(values[0]); name {
		case "gatehouseUidNumberRange":
			a.uidNumbers, err = readRanges(values)
		case "gatehouseGidNumberRange":
			a.gidNumbers, err = readRanges(values)
		case "gatehousePrimaryGidNumber":
			if n, parsed := strconv.ParseUint(text, 10, 32); parsed != nil || n == 0 || n > numberMost {
				err = fmt.Errorf("%q is no number of a group that accounts may have", text)
			}
			a.primary = text
		case "gatehouseHomePattern":
			_, err = homeOf(text, "a")
			a.home = text
		default:
			if !strings.HasPrefix(text, "/") {
				err = fmt.Errorf("%q is no absolute path", text)
			}
			a.shell = text
		}
		if err != nil {
			return a, directory.Errorf(directory.ConstraintViolation, "%s: %v", name, err)
		}
	}
	return a, nil
}

func readRanges(values [][]byte) ([]numberRange, error) {
	if len(values) > rangesMax {
		return nil, fmt.Errorf("more than %d ranges", rangesMax)
	}
	var list []numberRange
	for _, v := range values {
		first, last, two := strings.Cut(string(v), "-")
		from, err := strconv.ParseUint(first, 10, 32)
		to, err2 := strconv.ParseUint(last, 10, 32)
		if !two || err != nil || err2 != nil || from > to || from < numberLeast || to > numberMost {
			return nil, fmt.Errorf("%q is no range first-last from %d to %d", v, numberLeast, uint64(numberMost))
		}
		list = append(list, numberRange{from, to})
	}
	slices.SortFunc(list, func(a, b numberRange) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	return list, nil
}

// homeOf makes a home directory of a pattern and a uid. The uid becomes part of a path that root makes on hosts.
func homeOf(pattern, uid string) (string, error) {
	if uid == "" || strings.Trim(uid, nameCharacters) != "" || uid[0] == '.' || uid[0] == '-' {
		return "", fmt.Errorf("no home directory can be made of the uid; give one")
	}
	var b strings.Builder
	for rest := pattern; rest != ""; {
		before, after, found := strings.Cut(rest, "%")
		b.WriteString(before)
		if !found {
			break
		}
		switch {
		case strings.HasPrefix(after, "u"):
			b.WriteString(uid)
		case strings.HasPrefix(after, "i"):
			b.WriteString(uid[:1])
		case strings.HasPrefix(after, "%"):
			b.WriteByte('%')
		default:
			return "", fmt.Errorf("after %% stands u, i or %%")
		}
		rest = after[1:]
	}
	if home := b.String(); strings.HasPrefix(home, "/") && !strings.Contains(home+"/", "/../") {
		return home, nil
	}
	return "", fmt.Errorf("%q is no absolute path", pattern)
}

// nameCharacters are those that a uid may have to become part of a path.
const nameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+$"

// allocation finds the settings for the entry that is written: those whose parent is the nearest above it.
func (w *Write) allocation() (allocation, error) {
	nearest, depth := directory.EntryID(0), -1
	m := membership{d: w.d, sn: w.Snapshot}
	seen := 0
	err := m.each(&directory.EqualityMatch{Attr: w.d.attr.objectClass.Name, Value: []byte(allocationClass)}, 0,
		func(id directory.EntryID, _ *directory.Entry) error {
			parent, err := w.Snapshot.Parent(id)
			if err != nil || parent == 0 {
				return err
			}
			above, err := w.Snapshot.NDN(parent)
			if err != nil || !w.NDN.IsUnder(above) {
				return err // whoever fills another branch with settings hinders nobody here
			}
			if seen++; seen > allocationsMax {
				return directory.Errorf(directory.AdminLimitExceeded, "there are more than %d entries of %s", allocationsMax, allocationClass)
			}
			if len(above) > depth {
				nearest, depth = id, len(above)
			}
			return nil
		})
	if err != nil || nearest == 0 {
		return defaultAllocation(), err
	}
	entry, err := w.Snapshot.Entry(nearest)
	if err != nil {
		return allocation{}, err
	}
	return readAllocation(w.Schema, func(desc *directory.AttributeDescription) [][]byte { return valuesOf(entry.Get(desc)) })
}

func hasClass(values [][]byte, name string) bool {
	return slices.ContainsFunc(values, func(v []byte) bool { return strings.EqualFold(string(v), name) })
}
