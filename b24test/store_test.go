package b24test_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestCheckStoreIsContent(t *testing.T) {
	t.Parallel()
	store := b24test.NewStore()
	b24test.CheckStore(t, func() b24.Store { return store })
	assert.Empty(t, store.Values())
}

type change = func(time.Time, []byte) ([]byte, time.Duration, error)

// broken is a store with one defect.
type broken struct {
	*b24test.Store

	get    func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error)
	update func(s *b24test.Store, ctx context.Context, key string, f change) error
}

func (b broken) Get(ctx context.Context, key string) ([]byte, time.Time, error) {
	if b.get == nil {
		return b.Store.Get(ctx, key)
	}
	return b.get(b.Store, ctx, key)
}

func (b broken) Update(ctx context.Context, key string, f change) error {
	if b.update == nil {
		return b.Store.Update(ctx, key, f)
	}
	return b.update(b.Store, ctx, key, f)
}

func TestCheckStoreFindsFaults(t *testing.T) {
	t.Parallel()
	var last sync.Map // values that a store handed out or was given
	lower := func(s *b24test.Store, ctx context.Context, key string, f change) error {
		return s.Update(ctx, strings.ToLower(key), f)
	}
	for name, defect := range map[string]broken{
		"keys in any letter case": {update: lower, get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			return s.Get(ctx, strings.ToLower(key))
		}},
		"short keys": {update: func(s *b24test.Store, ctx context.Context, key string, f change) error {
			return s.Update(ctx, key[:min(len(key), 199)], f)
		}, get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			return s.Get(ctx, key[:min(len(key), 199)])
		}},
		"values are text": {get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			v, now, err := s.Get(ctx, key)
			return []byte(strings.ToValidUTF8(string(v), "?")), now, err
		}},
		"something for nothing": {get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			v, now, err := s.Get(ctx, key)
			if v == nil {
				v = []byte{}
			}
			return v, now, err
		}},
		"no clock": {get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			v, _, err := s.Get(ctx, key)
			return v, time.Time{}, err
		}},
		"two clocks": {get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			v, now, err := s.Get(ctx, key)
			return v, now.Add(time.Hour), err
		}},
		"its own slice handed out": {get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			v, now, err := s.Get(ctx, key)
			if v == nil {
				return nil, now, err
			}
			kept, _ := last.LoadOrStore(key+string(v), v)
			return kept.([]byte), now, err
		}},
		"lost updates": {update: func(s *b24test.Store, ctx context.Context, key string, f change) error {
			old, now, err := s.Get(ctx, key)
			if err != nil {
				return err
			}
			value, keep, err := f(now, old)
			if err != nil {
				return err
			}
			return s.Update(ctx, key, func(time.Time, []byte) ([]byte, time.Duration, error) { return value, keep, nil })
		}},
		"stored although refused": {update: func(s *b24test.Store, ctx context.Context, key string, f change) error {
			var refused error
			err := s.Update(ctx, key, func(now time.Time, old []byte) ([]byte, time.Duration, error) {
				value, keep, err := f(now, old)
				refused = err
				return value, keep, nil
			})
			return errors.Join(refused, err)
		}},
		"a panic becomes an error": {update: func(s *b24test.Store, ctx context.Context, key string, f change) (err error) {
			defer func() {
				if recover() != nil {
					err = errors.New("panic")
				}
			}()
			return s.Update(ctx, key, f)
		}},
		"no end of the context": {update: func(s *b24test.Store, ctx context.Context, key string, f change) error {
			return s.Update(context.WithoutCancel(ctx), key, f)
		}},
		"another error of the context": {get: func(s *b24test.Store, ctx context.Context, key string) ([]byte, time.Time, error) {
			v, now, err := s.Get(ctx, key)
			if err != nil {
				err = errors.New("timeout")
			}
			return v, now, err
		}},
		"nothing is removed": {update: func(s *b24test.Store, ctx context.Context, key string, f change) error {
			return s.Update(ctx, key, func(now time.Time, old []byte) ([]byte, time.Duration, error) {
				value, keep, err := f(now, old)
				if len(value) == 0 {
					value = []byte("gone")
				}
				return value, keep, err
			})
		}},
		"forgets at once what is for good": {update: func(s *b24test.Store, ctx context.Context, key string, f change) error {
			return s.Update(ctx, key, func(now time.Time, old []byte) ([]byte, time.Duration, error) {
				value, keep, err := f(now, old)
				if keep == 0 {
					value = nil
				}
				return value, keep, err
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defect.Store = b24test.NewStore()
			found := findings{TB: t}
			b24test.CheckStore(&found, func() b24.Store { return defect })
			assert.Positive(t, found.n)
		})
	}
}

// set stores a value for an hour.
func set(value string) change {
	return func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte(value), time.Hour, nil }
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	store, down := b24test.NewStore(), errors.New("down")
	require.NoError(t, store.Update(t.Context(), "k", set("1")))

	store.Fail(down)
	_, _, err := store.Get(t.Context(), "k")
	require.ErrorIs(t, err, down)
	require.ErrorIs(t, store.Update(t.Context(), "k", set("2")), down)
	for _, err := range store.Keys(t.Context(), "") {
		require.ErrorIs(t, err, down)
	}
	assert.Equal(t, map[string][]byte{"k": []byte("1")}, store.Values())

	store.Fail(nil)
	store.LoseAnswers(down)
	require.ErrorIs(t, store.Update(t.Context(), "k", set("3")), down)
	assert.Equal(t, map[string][]byte{"k": []byte("3")}, store.Values())
	store.LoseAnswers(nil)

	store.Forget("other")
	assert.Len(t, store.Values(), 1)
	store.Forget()
	assert.Empty(t, store.Values())
	assert.Equal(t, 2, store.Updates())
}

func TestStoreFreezes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		thaw := store.Freeze()
		time.AfterFunc(time.Minute, thaw)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()

		_, _, err := store.Get(ctx, "k")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		require.NoError(t, store.Update(t.Context(), "k", set("1")))
		assert.Equal(t, time.Minute, time.Since(start))
		thaw() // again
	})
}

func TestStoreTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24test.NewStore()
		store.Skew(-time.Hour)
		require.NoError(t, store.Update(t.Context(), "k", func(now time.Time, _ []byte) ([]byte, time.Duration, error) {
			assert.Equal(t, -time.Hour, time.Until(now))
			return []byte("1"), time.Minute, nil
		}))
		require.NoError(t, store.Update(t.Context(), "good", func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte("1"), 0, nil }))
		time.Sleep(time.Minute - time.Nanosecond)
		assert.Len(t, store.Values(), 2)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, map[string][]byte{"good": []byte("1")}, store.Values())
	})
}

// A faster process makes the change run again.
func TestStoreOnUpdate(t *testing.T) {
	t.Parallel()
	store := b24test.NewStore()
	var meddled []string
	store.OnUpdate(func(key string) {
		meddled = append(meddled, key)
		require.NoError(t, store.Update(t.Context(), key, set("theirs")))
	})
	var seen []string
	require.NoError(t, store.Update(t.Context(), "k", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		seen = append(seen, string(old))
		return []byte("mine"), time.Hour, nil
	}))
	assert.Equal(t, []string{"", "theirs"}, seen)
	store.OnUpdate(nil)
	require.NoError(t, store.Update(t.Context(), "k", set("last")))
	assert.Equal(t, []string{"k"}, meddled)
	assert.Equal(t, map[string][]byte{"k": []byte("last")}, maps.Clone(store.Values()))
}
