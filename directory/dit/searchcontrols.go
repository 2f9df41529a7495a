package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// searchControls is what the controls of one search ask for. The zero value is a search without any.
type searchControls struct {
	asked   bool  // something is answered in controls
	refused error // what the search ends with
	page    *paging
	sort    *sorting
	values  *filter.Values // RFC 3876
	deref   []dereference
	answer  acl.SearchControls
}

// planOptions says what is known of the search from its page.
func (x *Search) planOptions() (o storage.PlanOptions) {
	if p := x.controls.page; p != nil {
		o.LargeScope = p.at.large
		if x.controls.sort == nil { // whose pages look at everything
			o.Page = p.size
		}
	}
	return o
}

// prepareControls reads the controls of the request. Nothing of it is kept.
func (x *Search) prepareControls(req *directory.SearchRequest) error {
	asked, c := req.Controls, &x.controls
	c.asked = asked.Page != nil || asked.Sort != nil || asked.Deref != nil
	if asked.Page != nil {
		if err := x.preparePage(req, asked.Page); err != nil {
			return err
		}
	}
	if asked.Sort != nil {
		if x.prepareSort(asked); c.sort.err != nil && asked.SortCritical {
			c.refused = errCannotSort
		}
	}
	if asked.ValuesReturn != nil && !req.TypesOnly {
		c.values = filter.CompileValues(x.d.schema, asked.ValuesReturn)
	}
	if asked.Deref != nil {
		return x.prepareDeref(asked)
	}
	return nil
}
