package bundle

// The bounds of a bundle. A bundle comes from an administrator, and from the change log of another node: what is beyond
// them is a mistake, and is refused before it costs anything.
const (
	fileBytesMax      = 4 << 20  // one file; a thousand statements have some 300 KB
	bundleBytesMax    = 16 << 20 // all files
	filesMax          = 1_000
	documentsMax      = 2_000
	statementsMax     = 10_000 // statements, boundaries, assignments and elevations; the tables are made for some thousands
	nestingMax        = 40     // levels of lists and maps; the language itself needs nine, any and exclude add the rest
	expansionDepthMax = 32     // levels of subjects or targets when every $set is expanded
	expansionMax      = 2_000  // terms of one subject, target or list when every $set is expanded
	problemsMax       = 200    // that are reported; a bundle in another language would fill the screen
	fixtureEntriesMax = 10_000
)
