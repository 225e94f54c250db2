package b24

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// Store keeps a few small values that several processes share: request budgets, operating times,
// tokens. [WithStore] gives one to a client. [MemoryStore] is one for a single process.
//
// A key is 1 to 200 printable ASCII characters without blanks, and letter case matters; a value is
// 1 byte to 64 KiB. A Store is safe for concurrent use. CheckStore of package b24test checks that
// yours does what is written here. This interface never changes after its first release.
type Store interface {
	// Get returns the value under key, nil if there is none, and the store's clock. It writes
	// nothing and locks nothing.
	Get(ctx context.Context, key string) (value []byte, now time.Time, err error)
	// Update replaces the value under key by what change makes of it; no other Update of the key
	// comes between old and value. old is nil if there is none; an empty value removes it. now is
	// the store's clock, read after old; it may jump back, and the caller copes.
	//
	// change may be called several times, and the last call counts. It does no I/O and keeps no
	// slice. A panic in it leaves the value.
	//
	// The value may be forgotten keep after its last Update, not earlier. With keep 0 it is never
	// forgotten, and is durable when Update returns nil; a store that cannot promise that returns
	// [ErrVolatile]. An error of change is returned as it is, and the value stays. After any other
	// error the value is either the old or the new one, and the caller must find out.
	Update(ctx context.Context, key string, change func(now time.Time, old []byte) (value []byte, keep time.Duration, err error)) error
}

// StoreLister is implemented by a [Store] that can list its keys.
type StoreLister interface {
	// Keys yields the keys that begin with prefix, in any order. It ends after the first error. A
	// key that is added or removed meanwhile may be missing.
	Keys(ctx context.Context, prefix string) iter.Seq2[string, error]
}

// ErrVolatile is returned by Update of a [Store] that may forget values, if the value must be kept
// for good. The value is unchanged.
var ErrVolatile = newUnsent("the store may forget values: this one must be kept")

const (
	maxStoreKey   = 200
	maxStoreValue = 64 << 10
)

// MemoryStore returns a Store of this process. Nothing in it outlives the process, so Update returns
// [ErrVolatile] for a value to be kept for good. The store implements [StoreLister].
func MemoryStore() Store { return &memoryStore{values: map[string]stored{}} }

// memoryStore replaces values by compare-and-swap, so that change runs without a lock.
type memoryStore struct {
	mu     sync.Mutex
	values map[string]stored
	writes uint64
	swept  time.Time
}

// stored is a value and when it may be forgotten.
type stored struct {
	value   []byte
	version uint64 // of the write that stored it; 0: there is none
	until   time.Time
}

// Get implements [Store].
func (m *memoryStore) Get(ctx context.Context, key string) ([]byte, time.Time, error) {
	if err := errors.Join(ctx.Err(), checkStoreKey(key)); err != nil {
		return nil, time.Time{}, err
	}
	s, now := m.look(key)
	return bytes.Clone(s.value), now, nil
}

// Update implements [Store].
func (m *memoryStore) Update(ctx context.Context, key string, change func(time.Time, []byte) ([]byte, time.Duration, error)) error {
	if err := checkStoreKey(key); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		old, now := m.look(key)
		value, keep, err := change(now, bytes.Clone(old.value))
		if err == nil {
			err = checkStoreValue(value, keep)
		}
		if err != nil || m.swap(key, old.version, value, keep) {
			return err
		}
	}
}

// Keys implements [StoreLister].
func (m *memoryStore) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, key := range m.keys(prefix) {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if !yield(key, nil) {
				return
			}
		}
	}
}

func (m *memoryStore) keys(prefix string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	var keys []string
	for key, s := range m.values {
		if strings.HasPrefix(key, prefix) && now.Before(s.until) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// look returns what is stored under key; without a value if there is none or it has expired.
func (m *memoryStore) look(key string) (stored, time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, s := time.Now(), m.values[key]
	if !now.Before(s.until) {
		s.value = nil
	}
	return s, now
}

// swap stores a value unless another one was stored meanwhile.
func (m *memoryStore) swap(key string, version uint64, value []byte, keep time.Duration) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.sweep(now)
	if m.values[key].version != version {
		return false
	}
	if len(value) == 0 {
		delete(m.values, key)
		return true
	}
	m.writes++
	m.values[key] = stored{value: bytes.Clone(value), version: m.writes, until: now.Add(keep)}
	return true
}

// sweep forgets now and then what has expired, so that memory does not grow.
func (m *memoryStore) sweep(now time.Time) {
	if now.Sub(m.swept) < time.Minute {
		return
	}
	m.swept = now
	for key, s := range m.values {
		if !now.Before(s.until) {
			delete(m.values, key)
		}
	}
}

func checkStoreKey(key string) error {
	if key == "" || len(key) > maxStoreKey {
		return fmt.Errorf("b24: store: a key has 1 to %d characters, this one has %d", maxStoreKey, len(key))
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return fmt.Errorf("b24: store: character %d of a key is not printable ASCII", i)
		}
	}
	return nil
}

// checkStoreValue checks what a change returned.
func checkStoreValue(value []byte, keep time.Duration) error {
	switch {
	case len(value) > maxStoreValue:
		return fmt.Errorf("b24: store: a value has up to %d bytes, this one has %d", maxStoreValue, len(value))
	case len(value) == 0:
		return nil // it is removed
	case keep == 0:
		return ErrVolatile
	case keep < 0:
		return fmt.Errorf("b24: store: a value is to be kept for %v", keep)
	default:
		return nil
	}
}
