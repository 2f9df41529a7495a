package dit

// PlanOf tells tests whether an index limits what a search looks at, and how many candidates it has looked at.
func PlanOf(x *Search) (indexed bool, candidates int) { return x.plan.Indexed(), x.plan.LookedAt() }
