package b24_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	b24test.CheckStore(t, func() b24.Store { return store })
}

// put stores a value for some time.
func put(t *testing.T, store b24.Store, key string, keep time.Duration) error {
	t.Helper()
	return store.Update(t.Context(), key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte(key), keep, nil })
}

// keysOf returns the keys of a store.
func keysOf(t *testing.T, store b24.Store, prefix string) (keys []string) {
	t.Helper()
	for key, err := range store.(b24.StoreLister).Keys(t.Context(), prefix) { //nolint:forcetypeassert // MemoryStore lists
		require.NoError(t, err)
		keys = append(keys, key)
	}
	return keys
}

func TestMemoryStoreForgets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := b24.MemoryStore()
		require.NoError(t, put(t, store, "minute", time.Minute))
		require.NoError(t, put(t, store, "hour", time.Hour))
		time.Sleep(time.Minute - time.Nanosecond)
		assert.Equal(t, []string{"hour", "minute"}, keysOf(t, store, ""))
		time.Sleep(time.Nanosecond)
		assert.Equal(t, []string{"hour"}, keysOf(t, store, ""))
		value, _, err := store.Get(t.Context(), "minute")
		require.NoError(t, err)
		assert.Nil(t, value)
		require.NoError(t, put(t, store, "minute", time.Minute)) // an expired value is no conflict
		assert.Equal(t, []string{"minute"}, keysOf(t, store, "min"))
	})
}

func TestMemoryStoreRefuses(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	for _, key := range []string{"", "with blank", "täst", "line\n", strings.Repeat("k", 201)} {
		require.ErrorContains(t, put(t, store, key, time.Hour), "key", key)
		_, _, err := store.Get(t.Context(), key)
		require.ErrorContains(t, err, "key", key)
	}
	err := store.Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) {
		return make([]byte, 64<<10+1), time.Hour, nil
	})
	require.ErrorContains(t, err, "up to 65536 bytes")
	require.ErrorContains(t, put(t, store, "k", -time.Second), "kept for -1s")
	err = put(t, store, "k", 0)
	require.ErrorIs(t, err, b24.ErrVolatile)
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	assert.Empty(t, keysOf(t, store, ""))
}

func TestMemoryStoreListEnds(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	for _, key := range []string{"a", "b", "c"} {
		require.NoError(t, put(t, store, key, time.Hour))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []string
	for key, err := range store.(b24.StoreLister).Keys(ctx, "") { //nolint:forcetypeassert // MemoryStore lists
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			break
		}
		seen = append(seen, key)
		cancel()
	}
	assert.Equal(t, []string{"a"}, seen)
}

// The change of one key may use another one, and a slow change holds nobody up.
func TestMemoryStoreHoldsNoLockInAChange(t *testing.T) {
	t.Parallel()
	store := b24.MemoryStore()
	var calls int
	err := store.Update(t.Context(), "k", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		if calls++; calls == 1 {
			require.NoError(t, put(t, store, "k", time.Hour))
			require.NoError(t, put(t, store, "other", time.Hour))
		}
		return slices.Concat(old, []byte("+")), time.Hour, nil
	})
	require.NoError(t, err)
	value, _, err := store.Get(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, "k+", string(value))
	assert.Equal(t, 2, calls)

	stop := errors.New("stop")
	require.ErrorIs(t, store.Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) { return nil, 0, stop }), stop)
}
