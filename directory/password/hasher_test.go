package password

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestAcquireRefusesAtOnceWhenTheQueueIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := quick(Argon2id)
		o.Workers, o.QueueLen = 2, 3
		h := newHasher(t, o)
		first, _ := h.Acquire(t.Context())
		second, _ := h.Acquire(t.Context())

		order := make(chan int, o.QueueLen)
		for i := range o.QueueLen {
			go func() {
				s, err := h.Acquire(t.Context())
				if err != nil {
					t.Errorf("waiter %d: %v", i, err)
				}
				order <- i
				s.Release()
			}()
			synctest.Wait()
		}
		if st := h.Stats(); st.Running != 2 || st.Waiting != 3 {
			t.Errorf("Stats = %+v, want 2 running, 3 waiting", st)
		}
		if _, err := h.Acquire(t.Context()); !errors.Is(err, ErrBusy) {
			t.Errorf("Acquire with a full queue = %v, want ErrBusy", err)
		}
		first.Release()
		synctest.Wait()
		for want := range o.QueueLen {
			if got := <-order; got != want {
				t.Errorf("waiter %d was served in place %d", got, want)
			}
		}
		second.Release()
		if st := h.Stats(); st.Running != 0 || st.Waiting != 0 || st.Refused != 1 {
			t.Errorf("Stats = %+v, want nothing running or waiting and 1 refused", st)
		}
	})
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := quick(Argon2id)
		o.Workers, o.QueueLen = 1, 1
		h := newHasher(t, o)
		held, _ := h.Acquire(t.Context())
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error)
		go func() {
			_, err := h.Acquire(ctx)
			result <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Errorf("Acquire = %v, want context.Canceled", err)
		}
		held.Release()
		if s, err := h.Acquire(t.Context()); err != nil {
			t.Errorf("Acquire after a waiter gave up = %v", err)
		} else {
			s.Release()
		}
	})
}

func TestReleaseTwiceFreesOneWorker(t *testing.T) {
	t.Parallel()
	o := quick(Argon2id)
	o.Workers = 1
	h := newHasher(t, o)
	old, _ := h.Acquire(t.Context())
	old.Release()
	old.Release()
	current := acquire(t, h)
	old.Release() // must not give away the worker of current
	if st := h.Stats(); st.Running != 1 {
		t.Errorf("%d running, want 1", st.Running)
	}
	if v := current.Verify(values("secret"), []byte("secret")); !v.OK {
		t.Errorf("Verify = %+v", v)
	}
	Slot{}.Release()
}

func TestUseOfASlotThatIsNotHeldPanics(t *testing.T) {
	t.Parallel()
	h := newHasher(t, quick(Argon2id))
	released, _ := h.Acquire(t.Context())
	released.Release()
	for name, s := range map[string]Slot{"zero": {}, "released": released} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			s.Verify(nil, []byte("secret"))
		}()
	}
}

// TestAHashOfMuchMemoryWaitsForTheOther holds the place of the one large hash and sees that a second does not begin.
func TestAHashOfMuchMemoryWaitsForTheOther(t *testing.T) {
	t.Parallel()
	const large = "{ARGON2}$argon2id$v=19$m=24576,t=1,p=1" + someArgon2 // 24 MiB, more than a worker is accounted
	synctest.Test(t, func(t *testing.T) {
		h := newHasher(t, quick(Argon2id))
		h.large <- struct{}{}
		done := make(chan Verdict, 1)
		go func() {
			s, _ := h.Acquire(t.Context())
			defer s.Release()
			done <- s.Verify(values(large), []byte("wrong"))
		}()
		synctest.Wait()
		if st := h.Stats(); st.Hashes != 0 || st.Running != 1 {
			t.Errorf("Stats = %+v, want the hash to wait", st)
		}
		small := acquire(t, h)
		if v := small.Verify(values("secret"), []byte("secret")); !v.OK {
			t.Errorf("Verify of another value meanwhile = %+v, want OK", v)
		}
		<-h.large
		if v := <-done; v.OK || v.Unusable != 0 {
			t.Errorf("Verify = %+v, want a failure of a usable value", v)
		}
		if len(h.large) != 0 {
			t.Error("the place of the large hash was not given back")
		}
	})
}

func TestMemoryBoundsWorkersAndValues(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	tests := []struct {
		name                   string
		memoryKiB              uint32
		workers, memory        int64
		wantWorkers, wantLarge int64
	}{
		{"default", 0, 4, 0, 4, 256 * mib},
		{"plenty", 0, 4, 4096 * mib, 4, 256 * mib},
		{"little", 0, 4, 100 * mib, 2, 50 * mib},
		{"least", 0, 4, 40 * mib, 1, 20 * mib},
		{"one worker takes what is left", 0, 1, 100 * mib, 1, 80 * mib},
		{"large hashes", 128 << 10, 4, 1024 * mib, 4, 256 * mib},
		{"large hashes, default", 256 << 10, 2, 0, 2, 256 * mib},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHasher(t, Options{Workers: int(tt.workers), MemoryBytes: tt.memory, Argon2: Argon2{MemoryKiB: tt.memoryKiB}})
			got := h.Options()
			if int64(got.Workers) != tt.wantWorkers || int64(cap(h.free)) != tt.wantWorkers || h.largeBytes != tt.wantLarge {
				t.Errorf("%d workers, %d MiB for a large hash; want %d, %d", got.Workers, h.largeBytes/mib, tt.wantWorkers, tt.wantLarge/mib)
			}
			if sum := int64(got.Workers)*got.slotBytes() + h.largeBytes; sum > got.MemoryBytes {
				t.Errorf("hashes may take %d MiB of %d", sum/mib, got.MemoryBytes/mib)
			}
		})
	}
}

func TestAValueAboveTheMemoryOfTheServerIsUnusable(t *testing.T) {
	t.Parallel()
	o := quick(Argon2id)
	o.MemoryBytes = 2 * slotBytes
	const stored = "{ARGON2}$argon2id$v=19$m=24576,t=1,p=1" + someArgon2
	if v := acquire(t, newHasher(t, o)).Verify(values(stored), []byte("wrong")); v.Unusable != 1 {
		t.Errorf("Verify = %+v, want 1 unusable", v)
	}
}
