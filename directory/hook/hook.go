package hook

import "gatehouse/directory/dit"

// Standard returns the hooks of the server in the order in which they run.
func Standard() []dit.Hook {
	return []dit.Hook{
		NewNaming(),     // first: what breaks the entry's own name is refused before anything is made for it
		NewAllocation(), // settings by which numbers are given out can be followed
		NewStructure(),  // fixes structuralObjectClass, which the stamp and the schema rely on
		NewStamp(),      // entryUUID, creatorsName, createTimestamp: once, when the entry is made
		NewLock(),       // disables an account in every form in which one was disabled
		NewPassword(),   // last: what is hashed must be what all others agreed to
	}
}
