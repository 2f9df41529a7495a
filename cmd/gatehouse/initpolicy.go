package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"gatehouse/config"
	"gatehouse/directory/dit"
)

// applyAdministrator makes the administrator of a new store, if it is another than the shipped policies name, the administrator by a
// policy of its own. The data directory must not be locked. On error the store is gone again.
func applyAdministrator(ctx context.Context, cfg *config.Config, dir dataDir, admin string) (err error) {
	n, err := openNode(dir, cfg, quiet())
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, n.close()); err != nil {
			err = errors.Join(fmt.Errorf("the policy of the administrator: %w", err), os.RemoveAll(dir.store()))
		}
	}()
	o, err := n.policySettings()
	if err != nil {
		return err
	}
	packed, policy, err := newAdministratorPolicy(admin, o)
	if err != nil {
		return err
	}
	_, err = n.directory.PutPolicy(ctx, n.operator(), packed, policy, dit.PutPolicyOptions{})
	return err
}

// isShippedAdministrator reports whether the shipped policies name the administrator of the plan.
func (p *initPlan) isShippedAdministrator() (bool, error) {
	_, admin, err := p.schema.ParseName(p.admin)
	if err != nil {
		return false, err
	}
	_, shipped, err := p.schema.ParseName("cn=admin," + p.base)
	return admin == shipped, err
}
