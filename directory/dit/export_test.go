package dit

// PlanOf tells tests whether an index limits what a search looks at, and how many candidates it has looked at.
func PlanOf(x *Search) (indexed bool, candidates int) { return x.plan.Indexed(), x.plan.LookedAt() }

// SyncsForTest counts the persistent searches and what their clients have.
func SyncsForTest(d *Directory) (searches int, entries int64) {
	d.syncs.mu.Lock()
	defer d.syncs.mu.Unlock()
	return len(d.syncs.all), d.syncs.entries.Load()
}
