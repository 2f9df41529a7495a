package dit_test

import (
	"context"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
)

// writes is a directory for tests that look at the result of a write alone.
type writes struct{ *dit.Directory }

func (d writes) Add(ctx context.Context, s *acl.Session, req *directory.AddRequest) error {
	_, err := d.Directory.Add(ctx, s, req)
	return err
}

func (d writes) Modify(ctx context.Context, s *acl.Session, req *directory.ModifyRequest) error {
	_, err := d.Directory.Modify(ctx, s, req)
	return err
}

func (d writes) Delete(ctx context.Context, s *acl.Session, req *directory.DeleteRequest) error {
	_, err := d.Directory.Delete(ctx, s, req)
	return err
}

func (d writes) ModifyDN(ctx context.Context, s *acl.Session, req *directory.ModifyDNRequest) error {
	_, err := d.Directory.ModifyDN(ctx, s, req)
	return err
}
