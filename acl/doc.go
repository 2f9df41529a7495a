// Package acl decides what a session may do and see, and is the only maker of a [View], the one thing that a server
// may send.
//
// The call sites ask one question for each entry, [Policy.Decide], and then test bits: [Rights.Discover],
// [Rights.Read] and so on. A write asks with the entry before and after, [Policy.DecideChange]. A search asks once for each
// attribute of its filter, [Policy.Searchable]. Nothing but the tables behind these calls knows the rules.
//
// Every zero value denies: a nil or zero Policy, the zero [Rights], a session that nobody authenticated.
//
// # The built-in policy
//
// [Builtin] is a fixed set of statements, for a server without policy files:
//
//   - anyone may view the root DSE and the schema, and bind as any entry over protected transport;
//   - an entry views itself, confidential attributes excepted, and changes its own password;
//   - administrators and the operator do everything; secrets are not readable for them either;
//   - readers view every entry, writers view and write every entry, confidential attributes excepted.
package acl
