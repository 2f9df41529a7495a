package control

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// Entries encodes the controls of the entries of one search, one after the other, in the same memory. The zero Entries is ready.
type Entries struct{ buf []byte }

// Of encodes the controls of the entry that is being sent; they are valid until the next call. A search without controls has nil,
// and none.
func (e *Entries) Of(c *acl.SearchControls) (list []directory.Control, err error) {
	if c == nil {
		return nil, nil
	}
	if c.Deref != nil {
		answer, is, err := answerDeref(c, &e.buf)
		if err != nil {
			return nil, err
		}
		if is {
			list = append(list, answer)
		}
	}
	return list, nil
}

// Bytes is the memory that is held.
func (e *Entries) Bytes() int { return cap(e.buf) }

// OfDone encodes the controls of the SearchResultDone.
func OfDone(c *acl.SearchControls) (list []directory.Control) {
	if c == nil {
		return nil
	}
	if c.Sort != nil {
		list = append(list, answerSort(c.Sort))
	}
	if c.Page != nil {
		list = append(list, answerPage(c.Page))
	}
	return list
}
