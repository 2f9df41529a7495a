package dit

import "gatehouse/acl"

// decide asks the policy what the session may do with the entry. On the state of an earlier page it may do what it may in the newest
// state, too: what was hidden meanwhile is not shown any more, and what is shown by now is not shown as it was when it was hidden.
func (c *candidate) decide(p *acl.Policy) acl.Rights {
	r := p.Decide(c.s, c)
	if c.now == nil || !r.Discover() {
		return r
	}
	n := candidate{d: c.d, s: c.s, sn: c.now, id: c.id}
	if err := n.load(); isNotFound(err) {
		return acl.Rights{}
	}
	now := p.Decide(c.s, &n)
	if n.err != nil {
		c.err = n.err
		return acl.Rights{}
	}
	return r.Within(now)
}
