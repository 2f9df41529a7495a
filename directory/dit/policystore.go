package dit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/storage"
)

// The policies that were applied are versioned metadata: metaPolicies lists them as JSON, newest first, and metaPolicyText with a
// version is the packed text of it, once however often it was applied. So they are in the change log, in backups and in replicas.
const (
	metaPolicies   = "policies"
	metaPolicyText = "policy/"
)

// PoliciesKept is how many revisions are kept; older ones go.
const PoliciesKept = 32

// Bounds of what is kept of the policies.
const (
	policyTextBytesMax    = 448 << 10 // of one packed policy: what one value of metadata takes
	policyVersionBytesMax = 128       // a digest in hexadecimal and some room
	policyAuthorBytesMax  = 1024      // of a name in the list; longer ones are cut
)

// PolicyRevision is one time that a policy was applied.
type PolicyRevision struct {
	Version string        `json:"version"`
	CSN     directory.CSN `json:"csn,omitempty"` // the change that applied it; what it wrote cannot say it, the revision of the list does
	Time    time.Time     `json:"time"`
	Author  string        `json:"author,omitempty"` // DN
	// Recovery says that an older policy, or the shipped ones, were brought back.
	Recovery bool `json:"recovery,omitempty"`
}

// PutPolicyOptions says how a policy is applied.
type PutPolicyOptions struct {
	// Recovery is for who holds the machine: policy.write is not asked for.
	Recovery bool
	// Base is the CSN of the revision that the policy was compared with, zero if there was none. If another is in force by now,
	// the error is [storage.ErrGuard].
	Base directory.CSN
}

// ErrLockOut is the refusal of a policy that would leave nobody who may write the policy.
var ErrLockOut = errors.New("nobody who exists and can bind now would have policy.write under this policy, nor would the operator")

var errPolicyBase = errors.New("dit: another policy has been applied meanwhile")

// StoredPolicy returns the newest policy that was applied, packed as it was given, [storage.ErrNotFound] if there is none.
func (d *Directory) StoredPolicy() (packed []byte, rev PolicyRevision, err error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	list, err := policyHistory(sn)
	if err != nil {
		return nil, PolicyRevision{}, err
	}
	if len(list) == 0 {
		return nil, PolicyRevision{}, storage.ErrNotFound
	}
	packed, err = policyText(sn, list[0].Version)
	return packed, list[0], err
}

// PolicyHistory returns the revisions that are kept, newest first. A version that was applied again is in it again.
func (d *Directory) PolicyHistory() ([]PolicyRevision, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	return policyHistory(sn)
}

// PolicyText returns the packed policy with a version of the history, [storage.ErrNotFound] if it is not kept.
func (d *Directory) PolicyText(version string) ([]byte, error) {
	sn := d.store.Snapshot()
	defer sn.Close()
	return policyText(sn, version)
}

func policyHistory(sn *storage.Snapshot) ([]PolicyRevision, error) {
	text, csn, err := sn.Meta(metaPolicies)
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []PolicyRevision
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("the list of policies: %w", err)
	}
	if len(list) > 0 {
		list[0].CSN = csn
	}
	return list, nil
}

func policyText(sn *storage.Snapshot, version string) ([]byte, error) {
	if version == "" || len(version) > policyVersionBytesMax {
		return nil, storage.ErrNotFound
	}
	text, _, err := sn.Meta(metaPolicyText + version)
	return text, err
}

// PutPolicy makes a policy the one in force, now and after every start: packed is its text, p what it says. It needs policy.write on
// [acl.ServerNDN] under the policy in force, unless it is a recovery, and refuses with [ErrLockOut] what would leave nobody who may
// write the policy again. When it returns, the policy is durable and decides.
func (d *Directory) PutPolicy(ctx context.Context, s *acl.Session, packed []byte, p *acl.Policy, o PutPolicyOptions) (PolicyRevision, error) {
	version := p.Version()
	switch {
	case version == "" || len(version) > policyVersionBytesMax:
		return PolicyRevision{}, errors.New("dit: the policy has no version")
	case len(packed) == 0:
		return PolicyRevision{}, errors.New("dit: the policy has no text")
	case len(packed) > policyTextBytesMax:
		return PolicyRevision{}, fmt.Errorf("the policy is too large to be kept: %d bytes packed, of at most %d", len(packed), policyTextBytesMax)
	}
	// One at a time, so that of two that are applied, the later one decides afterwards.
	d.applying.Lock()
	defer d.applying.Unlock()
	op := &policyPut{packed: packed, policy: p, o: o}
	result, err := d.write(ctx, s, op)
	switch {
	case errors.Is(err, errPolicyBase):
		return PolicyRevision{}, fmt.Errorf("another policy has been applied meanwhile: %w", storage.ErrGuard)
	case err != nil:
		return PolicyRevision{}, err
	}
	d.SetPolicy(p)
	op.rev.CSN = result.CSN
	return op.rev, nil
}

type policyPut struct {
	packed []byte
	policy *acl.Policy
	o      PutPolicyOptions
	rev    PolicyRevision
}

// isCheap: looking for who may write the policy is no work for the sequencer.
func (op *policyPut) isCheap() bool { return false }

func (op *policyPut) plan(w *Write) error {
	w.Kind, w.NDN, w.on = KindModify, acl.ServerNDN, acl.ServerNDN
	if !op.o.Recovery && !w.d.mayServer(w.policy, w.Session, w.Snapshot, acl.ActionPolicyWrite) {
		return w.denied(acl.ActionPolicyWrite, nil, nil)
	}
	if _, err := w.Reads.Meta(metaPolicies); err != nil && !isNotFound(err) {
		return err
	}
	old, err := policyHistory(w.Snapshot)
	if err != nil {
		return err
	}
	base := directory.CSN(0)
	if len(old) > 0 {
		base = old[0].CSN
	}
	if base != op.o.Base {
		return errPolicyBase
	}
	writers, operator, err := w.d.policyWriters(op.policy, w.Snapshot)
	if err != nil {
		return err
	}
	if len(writers) == 0 && !operator {
		return ErrLockOut
	}
	return op.effects(w, old)
}

// effects adds the new revision to the list, and forgets what falls off it.
func (op *policyPut) effects(w *Write, old []PolicyRevision) error {
	author := w.Author()
	if len(author) > policyAuthorBytesMax {
		author = strings.ToValidUTF8(author[:policyAuthorBytesMax], "")
	}
	op.rev = PolicyRevision{Version: op.policy.Version(), Time: w.Now.UTC(), Author: author, Recovery: op.o.Recovery}
	list := append([]PolicyRevision{op.rev}, old...)
	kept := list[:min(len(list), PoliciesKept)]
	has := func(version string) bool {
		for i := range kept {
			if kept[i].Version == version {
				return true
			}
		}
		return false
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	w.effects = append(w.effects, storage.PutMeta{Key: metaPolicies, Value: text})
	switch have, err := policyText(w.Snapshot, op.rev.Version); {
	case err != nil && !isNotFound(err):
		return err
	case err != nil || string(have) != string(op.packed):
		w.effects = append(w.effects, storage.PutMeta{Key: metaPolicyText + op.rev.Version, Value: op.packed})
	}
	for _, gone := range list[len(kept):] {
		if !has(gone.Version) {
			w.effects = append(w.effects, storage.PutMeta{Key: metaPolicyText + gone.Version})
		}
	}
	return nil
}
