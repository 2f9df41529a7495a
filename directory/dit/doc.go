// Package dit is the tree at work: one file for each operation of RFC 4511, over one store, one schema and one policy.
//
// A [Directory] answers what a server's connections ask. Every operation reads one snapshot. A read streams [acl.View]s. A
// write is planned on a snapshot and becomes one [storage.Change]: guards for everything that the plan read, effects for
// everything that it changes (write.go). The plan may run again, on a newer state, so it decides nothing random: an
// operation draws its random values before, and hashes passwords between two plans.
//
// # What a client may learn
//
// An entry that the session may not discover is answered exactly like one that does not exist, by the same code
// (locate.go): noSuchObject, with the deepest ancestor that it may discover as matchedDN. Rights are looked at before the
// state of the entry: insufficientAccessRights comes before entryAlreadyExists, attributeOrValueExists and noSuchAttribute.
//
// # Choices where the RFCs leave one
//
//   - A search with the empty base and a scope other than baseObject searches all naming contexts.
//   - An add takes the values of the RDN that its attributes lack from the name.
//   - A move below itself, a rename of a suffix entry, and any write to the root DSE or cn=Subschema are unwillingToPerform.
//   - A modify that changes nothing succeeds and is not logged, so that modifyTimestamp stays.
package dit
