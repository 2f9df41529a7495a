// Package filter reads, prints, compiles and evaluates search filters.
//
// [Parse] and [Append] are the string form (RFC 4515). [Compile] turns a filter into a tree of [Node] for one schema and
// one requester; the planner of a store reads that tree, and [Compiled.Match] evaluates it on an entry in the
// three-valued logic of RFC 4511 section 4.5.1.7.
package filter
