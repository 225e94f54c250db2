package b24redis_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24redis"
	"github.com/b24go/b24/b24test"
)

// put stores a value for some time.
func put(tb testing.TB, store b24.Store, key, value string, keep time.Duration) error {
	tb.Helper()
	return store.Update(tb.Context(), key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte(value), keep, nil })
}

// value returns what is stored under a key.
func value(tb testing.TB, store b24.Store, key string) string {
	tb.Helper()
	v, _, err := store.Get(tb.Context(), key)
	require.NoError(tb, err)
	return string(v)
}

// add adds 1 to a number that is kept for good, or for an hour.
func add(ctx context.Context, store b24.Store, key string, keep time.Duration, tries *atomic.Int64) error {
	return store.Update(ctx, key, func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		tries.Add(1)
		n, _ := strconv.ParseInt(string(old), 10, 64) // 0 at first
		return strconv.AppendInt(nil, n+1, 10), keep, nil
	})
}

// keysOf returns the keys of a store.
func keysOf(tb testing.TB, store b24.StoreLister, prefix string) (keys []string) {
	tb.Helper()
	for key, err := range store.Keys(tb.Context(), prefix) {
		require.NoError(tb, err)
		keys = append(keys, key)
	}
	return keys
}

func TestStore(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	own := prefix(t, rdb)
	b24test.CheckStore(t, func() b24.Store { return open(t, client(t, running), own) })
}

func TestStoreWithTokens(t *testing.T) {
	t.Parallel()
	s := start(t, durable()...)
	b24test.CheckStore(t, func() b24.Store { return open(t, client(t, s.addr), b24redis.WithTokens()) })
	store := open(t, client(t, s.addr), b24redis.WithTokens())
	require.NoError(t, put(t, store, "k", "an hour", time.Hour))
	require.NoError(t, put(t, store, "k", "for good", 0))
	left, err := client(t, s.addr).PTTL(t.Context(), "b24:k").Result()
	require.NoError(t, err)
	assert.Equal(t, time.Duration(-1), left, "a value for good has no end")
}

func TestManyWriters(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	own := prefix(t, rdb)
	const writers, turns = 16, 50
	var (
		group sync.WaitGroup
		tries atomic.Int64
	)
	begun := time.Now()
	for range writers {
		store := open(t, client(t, running), own)
		group.Go(func() {
			for range turns {
				assert.NoError(t, add(t.Context(), store, "n", time.Hour, &tries))
			}
		})
	}
	group.Wait()
	assert.Equal(t, strconv.Itoa(writers*turns), value(t, open(t, rdb, own), "n"))
	t.Logf("%d updates of one key by %d clients: %d tries, %v", writers*turns, writers, tries.Load(), time.Since(begun))
}

// TestRemovedMeanwhile checks that a value that was removed and stored again is not taken for the
// old one.
func TestRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	store := open(t, rdb, prefix(t, rdb))
	require.NoError(t, put(t, store, "k", "first", time.Hour))
	var seen []string
	err := store.Update(t.Context(), "k", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		if seen = append(seen, string(old)); len(seen) == 1 {
			assert.NoError(t, put(t, store, "k", "", 0))
			assert.NoError(t, put(t, store, "k", "second", time.Hour))
		}
		return append(old, '+'), time.Hour, nil
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"first", "second"}, seen)
	assert.Equal(t, "second+", value(t, store, "k"))
}

func TestClockIsTheServers(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	store := open(t, client(t, mini.Addr()))
	for _, at := range []time.Time{
		time.Date(2031, time.May, 1, 12, 0, 0, 123456000, time.UTC),
		time.Date(2031, time.May, 1, 11, 0, 0, 0, time.UTC), // it jumped back
		time.Date(1999, time.December, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		mini.SetTime(at)
		_, now, err := store.Get(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, at, now.UTC())
		err = store.Update(t.Context(), "k", func(now time.Time, _ []byte) ([]byte, time.Duration, error) {
			assert.Equal(t, at, now.UTC())
			return []byte("v"), time.Hour, nil
		})
		require.NoError(t, err)
	}
}

// TestClockOfTheNextTry checks that a change that runs again is told a later time.
func TestClockOfTheNextTry(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	store := open(t, client(t, mini.Addr()))
	first := time.Date(2031, time.May, 1, 12, 0, 0, 0, time.UTC)
	mini.SetTime(first)
	var seen []time.Time
	err := store.Update(t.Context(), "k", func(now time.Time, _ []byte) ([]byte, time.Duration, error) {
		if seen = append(seen, now.UTC()); len(seen) == 1 {
			mini.SetTime(first.Add(time.Hour))
			assert.NoError(t, put(t, store, "k", "other", time.Hour))
		}
		return []byte("v"), time.Hour, nil
	})
	require.NoError(t, err)
	assert.Equal(t, []time.Time{first, first.Add(time.Hour)}, seen)
}

func TestForgets(t *testing.T) {
	t.Parallel()
	mini := miniredis.RunT(t)
	store := open(t, client(t, mini.Addr()))
	require.NoError(t, put(t, store, "minute", "v", time.Minute))
	require.NoError(t, put(t, store, "hour", "v", time.Minute))
	require.NoError(t, put(t, store, "hour", "v", time.Hour)) // the last update counts
	mini.FastForward(time.Minute - time.Millisecond)
	assert.ElementsMatch(t, []string{"minute", "hour"}, keysOf(t, store, ""))
	mini.FastForward(time.Millisecond)
	assert.Equal(t, []string{"hour"}, keysOf(t, store, ""))
	assert.Empty(t, value(t, store, "minute"))
	for keep, want := range map[time.Duration]time.Duration{
		1: time.Millisecond, time.Millisecond: time.Millisecond, time.Millisecond + 1: 2 * time.Millisecond, 1500 * time.Millisecond: 1500 * time.Millisecond,
	} {
		require.NoError(t, put(t, store, "k", "v", keep))
		assert.Equal(t, want, mini.TTL("b24:k"), "%v", keep)
	}
}

// TestLongestKeep checks that the server accepts the largest duration.
func TestLongestKeep(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	store := open(t, rdb, prefix(t, rdb))
	require.NoError(t, put(t, store, "k", "v", 1<<63-1))
	assert.Equal(t, "v", value(t, store, "k"))
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	store := open(t, rdb, prefix(t, rdb))
	for _, key := range []string{"", "with blank", "täst", "line\n", strings.Repeat("k", 201)} {
		require.ErrorContains(t, put(t, store, key, "v", time.Hour), "key", key)
		_, _, err := store.Get(t.Context(), key)
		require.ErrorContains(t, err, "key", key)
	}
	require.ErrorContains(t, put(t, store, "k", strings.Repeat("v", 64<<10+1), time.Hour), "up to 65536 bytes")
	require.ErrorContains(t, put(t, store, "k", "v", -time.Second), "kept for -1s")
	err := put(t, store, "k", "v", 0)
	require.ErrorIs(t, err, b24.ErrVolatile)
	require.ErrorContains(t, err, "WithTokens")
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	assert.Empty(t, keysOf(t, store, ""))
}

func TestKeys(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	store := open(t, rdb, prefix(t, rdb))
	const many = 2500 // more than a trip yields
	pipe := map[string]bool{}
	for i := range many {
		key := "n:" + strconv.Itoa(i)
		require.NoError(t, put(t, store, key, "v", time.Hour))
		pipe[key] = true
	}
	for _, key := range []string{`a*b`, `a\b`, `a[b]`, `a?b`, `axb`, `a^b`, `a-b`} {
		require.NoError(t, put(t, store, key, "v", time.Hour))
	}
	for _, key := range keysOf(t, store, "n:") {
		assert.True(t, pipe[key], "%s was not stored, or came twice", key)
		delete(pipe, key)
	}
	assert.Empty(t, pipe)
	for _, prefix := range []string{`a*`, `a\`, `a[`, `a[b]`, `a?`, `a^`} {
		assert.Len(t, keysOf(t, store, prefix), 1, prefix)
	}
	for range store.Keys(t.Context(), "") { // the caller may stop
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	errs := 0
	for key, err := range store.Keys(ctx, "") {
		assert.Empty(t, key)
		require.ErrorIs(t, err, context.Canceled)
		errs++
	}
	assert.Equal(t, 1, errs)
}

func TestNew(t *testing.T) {
	t.Parallel()
	heeds := redis.NewClient(&redis.Options{Addr: running, ContextTimeoutEnabled: true})
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{running}})
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": running}, ContextTimeoutEnabled: true})
	for _, c := range []interface{ Close() error }{heeds, cluster, ring} {
		t.Cleanup(func() { assert.NoError(t, c.Close()) })
	}
	var none *redis.Client
	deaf := redis.NewClient(&redis.Options{Addr: running})
	t.Cleanup(func() { assert.NoError(t, deaf.Close()) })
	for name, row := range map[string]struct {
		rdb  redis.UniversalClient
		opts []b24redis.Option
		want []string
	}{
		"ignores deadlines":        {deaf, nil, []string{"ContextTimeoutEnabled"}},
		"cluster ignores them":     {cluster, nil, []string{"ContextTimeoutEnabled"}},
		"ring":                     {ring, nil, []string{"*redis.Ring"}},
		"nil":                      {nil, nil, []string{"<nil>"}},
		"nil client":               {none, nil, []string{"nil"}},
		"everything at once":       {deaf, []b24redis.Option{b24redis.WithPrefix(""), nil}, []string{"ContextTimeoutEnabled", "a prefix has 1 to 100", "option is nil"}},
		"prefix with a blank":      {heeds, []b24redis.Option{b24redis.WithPrefix("a b")}, []string{"character 1 of a prefix"}},
		"prefix that is too long":  {heeds, []b24redis.Option{b24redis.WithPrefix(strings.Repeat("p", 101))}, []string{"has 101"}},
		"prefix that is not ASCII": {heeds, []b24redis.Option{b24redis.WithPrefix("ä")}, []string{"printable ASCII"}},
	} {
		_, err := b24redis.New(t.Context(), row.rdb, row.opts...)
		for _, want := range row.want {
			require.ErrorContains(t, err, want, name)
		}
	}
}

func TestWithTokensAsks(t *testing.T) {
	t.Parallel()
	s := start(t, durable()...)
	rdb := client(t, s.addr)
	open(t, rdb, b24redis.WithTokens())
	for _, row := range [][3]string{
		{"appendfsync", "everysec", "always"},
		{"appendonly", "no", "yes"},
		{"maxmemory-policy", "allkeys-lru", "noeviction"},
		{"maxmemory-policy", "volatile-ttl", "noeviction"},
	} {
		require.NoError(t, rdb.ConfigSet(t.Context(), row[0], row[1]).Err())
		_, err := b24redis.New(t.Context(), rdb, b24redis.WithTokens())
		require.ErrorContains(t, err, "set "+row[0]+" to "+row[2])
		open(t, rdb) // budgets may be forgotten
		require.NoError(t, rdb.ConfigSet(t.Context(), row[0], row[2]).Err())
	}
	open(t, rdb, b24redis.WithTokens())
	s.kill()
	ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
	defer cancel()
	_, err := b24redis.New(ctx, rdb, b24redis.WithTokens())
	require.ErrorContains(t, err, "WithTokens: "+s.addr)
}

// TestErrorOfChange checks that the error of a change comes as it is.
func TestErrorOfChange(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	refused := errors.New("refused")
	err := open(t, rdb, prefix(t, rdb)).Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) { return nil, 0, refused })
	assert.Same(t, refused, err)
}
