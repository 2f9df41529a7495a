// Package acl decides what a session may do and see, and is the only maker of a [View], the one thing that a server
// may send.
//
// The call sites ask one question for each entry, [Policy.Decide], and then test bits: [Rights.Discover],
// [Rights.Read] and so on. A write asks with the entry before and after, [Policy.DecideChange]. A search asks once for each
// attribute of its filter, [Policy.Searchable]. Nothing but the tables behind these calls knows the rules.
//
// Every zero value denies: a nil or zero Policy, the zero [Rights], a session that nobody authenticated.
//
// # Policies
//
// A [Program] is a policy as resolved data; a language translates into it, [Compile] makes a [Policy] of it. Where the rules
// leave something open, these are the choices:
//
//   - an identity that is no entry of the directory (a certificate that no rule maps) is authenticated and nothing else: no name,
//     subtree, group, filter or relation matches it;
//   - not-network holds of a session without an address, network does not;
//   - a value that a condition cannot be applied to is not one that a statement allows, and is one that a statement denies;
//   - an entry has the guards of a privileged group or those of a protected principal, both only if a statement names it by dn;
//   - of a filter as a subject, the guards protect entries with a password, a key or a certificate;
//   - groups that a power statement subtracts have the guards of privileged groups: who leaves one becomes powerful;
//   - who is protected already and would be so by one more way has gained: the change needs the include, on one's own entry, too;
//   - the name that a filter of a power statement looks for in links is guarded, since who gets it gives it to those that link to it;
//   - a boundary with a base below a moved entry must permit the move there whatever the entries are like;
//   - a condition on values of the subject's own name leaves actions on the entry as a whole with their power;
//   - a memberURL that asks for what other entries decide (memberships, computed attributes, chains) is nobody's;
//   - a grant without an end is none; one counts while it is below cn=grants,cn=gatehouse and its grantee is eligible;
//   - who acts for another has password.* and mfa.* only by a statement that would match without self as well as with it;
//   - an ancestor relation is judged where the entry stands in each state of a change, other relations on the state before;
//   - a condition on time is looked at again at each whole minute;
//   - a statement that expires later than the program is compiled counts as power until the program is compiled again.
package acl
