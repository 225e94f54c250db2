package b24test

import (
	"bytes"
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/b24go/b24"
)

// Store is a [b24.Store] in memory whose faults a test controls: it fails, freezes, forgets, loses
// answers, has a wrong clock. Several clients with one Store are like several processes with one
// server. It keeps values for good if it is told to, and works in a testing/synctest bubble. It is
// safe for concurrent use and implements [b24.StoreLister].
type Store struct {
	mu      sync.Mutex
	values  map[string]storedValue
	version int
	skew    time.Duration
	fails   error
	loses   error
	frozen  chan struct{} // closed when it ends; nil: not frozen
	updates int

	meddle   func(key string)
	meddling bool // meddle runs
}

type storedValue struct {
	value   []byte
	version int
	until   time.Time // zero: for good; in the time of package time, whatever the store's clock says
}

var _ interface {
	b24.Store
	b24.StoreLister
} = (*Store)(nil)

// NewStore returns an empty store without faults.
func NewStore() *Store { return &Store{values: map[string]storedValue{}} }

// Fail makes every further call return err and do nothing. nil ends that.
func (s *Store) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

// LoseAnswers makes every further Update do its work and return err, as if its answer was lost. nil
// ends that.
func (s *Store) LoseAnswers(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loses = err
}

// Freeze makes every further call wait until its context ends, or until thaw is called.
func (s *Store) Freeze() (thaw func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen == nil {
		s.frozen = make(chan struct{})
	}
	frozen := s.frozen
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.frozen == frozen {
			close(frozen)
			s.frozen = nil
		}
	}
}

// Skew sets how far the store's clock is ahead of the real one; a negative d is behind. It jumps
// from one call to the next, and does not change when values expire.
func (s *Store) Skew(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = d
}

// Forget removes values, all if no key is given, as a server does that lost its memory.
func (s *Store) Forget(keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(keys) == 0 {
		clear(s.values)
	}
	for _, key := range keys {
		delete(s.values, key)
	}
}

// OnUpdate makes every Update call f after its change ran and before the value is stored. If f
// updates the same key, the change runs again, as when another process was faster. f may call the
// store; its own updates do not call f. nil ends that.
func (s *Store) OnUpdate(f func(key string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meddle = f
}

// Values returns what is stored, by key. The values are copies.
func (s *Store) Values() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	all := make(map[string][]byte, len(s.values))
	for key, v := range s.values {
		all[key] = bytes.Clone(v.value)
	}
	return all
}

// Updates returns how many calls of Update stored or removed a value.
func (s *Store) Updates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.updates
}

// Get implements [b24.Store].
func (s *Store) Get(ctx context.Context, key string) ([]byte, time.Time, error) {
	if err := s.enter(ctx); err != nil {
		return nil, time.Time{}, err
	}
	v, now := s.look(key)
	return v.value, now, nil
}

// Update implements [b24.Store].
func (s *Store) Update(ctx context.Context, key string, change func(time.Time, []byte) ([]byte, time.Duration, error)) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		old, now := s.look(key)
		value, keep, err := change(now, old.value)
		if err != nil {
			return err
		}
		if first {
			s.meddles(key)
		}
		if done, err := s.swap(key, old.version, value, keep); done {
			return err
		}
	}
}

// Keys implements [b24.StoreLister].
func (s *Store) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := s.enter(ctx); err != nil {
			yield("", err)
			return
		}
		for _, key := range slices.Sorted(maps.Keys(s.Values())) {
			if strings.HasPrefix(key, prefix) && !yield(key, nil) {
				return
			}
		}
	}
}

// enter is the beginning of every call: it fails or freezes as the test wants.
func (s *Store) enter(ctx context.Context) error {
	for {
		s.mu.Lock()
		frozen, fails := s.frozen, s.fails
		s.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case frozen == nil:
			return fails
		}
		select {
		case <-frozen:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// look returns a copy of what is stored under key, and the store's clock.
func (s *Store) look(key string) (storedValue, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	v := s.values[key]
	v.value = bytes.Clone(v.value)
	return v, time.Now().Add(s.skew)
}

// swap stores a value, unless another one was stored meanwhile.
func (s *Store) swap(key string, version int, value []byte, keep time.Duration) (done bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	if s.values[key].version != version {
		return false, nil
	}
	s.updates++
	s.version++
	v := storedValue{value: bytes.Clone(value), version: s.version}
	if keep > 0 {
		v.until = time.Now().Add(keep)
	}
	s.values[key] = v
	if len(value) == 0 {
		delete(s.values, key)
	}
	return true, s.loses
}

// expire forgets what may be forgotten. The caller holds the lock.
func (s *Store) expire() {
	now := time.Now()
	maps.DeleteFunc(s.values, func(_ string, v storedValue) bool { return !v.until.IsZero() && !now.Before(v.until) })
}

// meddles calls the function of OnUpdate, unless it is the caller.
func (s *Store) meddles(key string) {
	s.mu.Lock()
	f := s.meddle
	if s.meddling {
		f = nil
	}
	s.meddling = f != nil || s.meddling
	s.mu.Unlock()
	if f == nil {
		return
	}
	defer func() {
		s.mu.Lock()
		s.meddling = false
		s.mu.Unlock()
	}()
	f(key)
}
