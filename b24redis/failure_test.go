package b24redis_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24redis"
	"github.com/b24go/b24/b24test"
)

const patience = 250 * time.Millisecond // what the library allows a store

// TestFrozenServer checks that a server that hangs holds up no call longer than its context allows.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	store := open(t, client(t, s.addr))
	require.NoError(t, put(t, store, "k", "v", time.Hour))
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGSTOP))
	for range 3 {
		for name, call := range map[string]func(ctx context.Context) error{
			"get":    func(ctx context.Context) error { _, _, err := store.Get(ctx, "k"); return err },
			"update": func(ctx context.Context) error { return add(ctx, store, "k", time.Hour, new(atomic.Int64)) },
			"keys": func(ctx context.Context) (err error) {
				for _, err = range store.Keys(ctx, "") {
				}
				return err
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			begun := time.Now()
			err := call(ctx)
			assert.ErrorIs(t, err, context.DeadlineExceeded, name)
			assert.Less(t, time.Since(begun), 2*patience, name)
			cancel()
		}
	}
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGCONT))
	assert.Equal(t, "v", value(t, store, "k"))
}

// TestKilledServer checks that no update is lost or doubled, and that no durable one is, while the
// server is killed and started again.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	s := start(t, durable()...)
	const writers = 8
	var (
		group         sync.WaitGroup
		done, unknown [writers]int64
		total         atomic.Int64
		stop          atomic.Bool
	)
	for i := range writers {
		store := open(t, client(t, s.addr), b24redis.WithTokens())
		group.Go(func() {
			for !stop.Load() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				switch err := add(ctx, store, "n", 0, new(atomic.Int64)); {
				case err == nil:
					done[i]++
					total.Add(1)
				case strings.Contains(err.Error(), "update: write"):
					unknown[i]++
				default: // it was not written
				}
				cancel()
			}
		})
	}
	for range 3 {
		before := total.Load()
		require.Eventually(t, func() bool { return total.Load() > before+50 }, 30*time.Second, time.Millisecond)
		s.kill()
		s.run()
	}
	stop.Store(true)
	group.Wait()
	var least, most int64
	for i := range writers {
		least += done[i]
		most += done[i] + unknown[i]
	}
	got, err := strconv.ParseInt(value(t, open(t, client(t, s.addr)), "n"), 10, 64)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, got, least, "updates that were confirmed are lost")
	assert.LessOrEqual(t, got, most, "updates were doubled")
	t.Logf("%d updates confirmed, %d with an unknown outcome, %d stored", least, most-least, got)
}

// TestDownServer checks that a server that is down is noticed within the time of the context.
func TestDownServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	store := open(t, client(t, s.addr))
	require.NoError(t, put(t, store, "k", "v", time.Hour))
	s.kill()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	begun := time.Now()
	_, _, err := store.Get(ctx, "k")
	require.Error(t, err)
	assert.Less(t, time.Since(begun), 2*patience)
	t.Log(err)
}

// TestLostAnswer checks that an update whose answer is lost is not written twice: it fails.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := start(t)
	store := open(t, client(t, s.addr))
	require.NoError(t, add(t.Context(), store, "n", time.Hour, new(atomic.Int64)))
	rdb := client(t, cutting(t, s.addr, "other"))
	cut := open(t, rdb)
	err := cut.Update(t.Context(), "n", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		return append(old, "other"...), time.Hour, nil
	})
	require.ErrorContains(t, err, "b24redis: update: write")
	assert.Equal(t, "1other", value(t, store, "n"))
}

// cutting forwards connections to a server. It closes that of the first request which holds text
// when the answer comes.
func cutting(t *testing.T, server, text string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	cut := new(atomic.Bool)
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", server)
			if err != nil {
				_ = from.Close()
				continue
			}
			go forward(from, to, []byte(text), cut)
		}
	}()
	return listener.Addr().String()
}

// forward forwards one connection; cut is set once one was closed.
func forward(from, to net.Conn, text []byte, cut *atomic.Bool) {
	var lost atomic.Bool
	go func() {
		defer func() { _ = to.Close() }()
		buffer := make([]byte, 1<<16)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if bytes.Contains(buffer[:n], text) && cut.CompareAndSwap(false, true) {
				lost.Store(true)
			}
			_, _ = to.Write(buffer[:n])
		}
	}()
	defer func() { _ = from.Close() }()
	buffer := make([]byte, 1<<16)
	for {
		n, err := to.Read(buffer)
		if err != nil || lost.Load() {
			return
		}
		if _, err := io.Copy(from, bytes.NewReader(buffer[:n])); err != nil {
			return
		}
	}
}

// TestForgottenScripts checks that a server that was restarted is sent the scripts again.
func TestForgottenScripts(t *testing.T) {
	t.Parallel()
	s := start(t)
	rdb := client(t, s.addr)
	store := open(t, rdb)
	for range 2 {
		require.NoError(t, rdb.ScriptFlush(t.Context()).Err())
		require.NoError(t, put(t, store, "k", "v", time.Hour))
		require.NoError(t, rdb.ScriptFlush(t.Context()).Err())
		assert.Equal(t, "v", value(t, store, "k"))
	}
	require.NoError(t, rdb.FlushAll(t.Context()).Err())
	assert.Empty(t, value(t, store, "k"))
	require.NoError(t, put(t, store, "k", "v", time.Hour))
}

// TestErrorsHoldNoValue checks that a server that quotes what it was sent reveals no value.
func TestErrorsHoldNoValue(t *testing.T) {
	t.Parallel()
	const secret = "a-refresh-token"
	s := start(t, "--rename-command", "EVALSHA", "")
	err := put(t, open(t, client(t, s.addr)), "k", secret, time.Hour)
	require.ErrorContains(t, err, "unknown command")
	assert.NotContains(t, err.Error(), secret)

	s = start(t)
	rdb := client(t, s.addr)
	store := open(t, rdb)
	err = store.Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) {
		assert.NoError(t, rdb.Set(t.Context(), "b24:k", "text", 0).Err()) // another program's value
		return []byte(secret), time.Hour, nil
	})
	require.ErrorContains(t, err, "update: write: WRONGTYPE")
	assert.NotContains(t, err.Error(), secret)
}

// TestAccount checks an account that may do no more than the README says.
func TestAccount(t *testing.T) {
	t.Parallel()
	s := start(t, durable()...)
	rule := "ACL SETUSER app on >secret ~b24:* +evalsha +eval +hget +hmget +hset +del +persist +pexpire +time +scan +info +config|get"
	var args []any
	for word := range strings.FieldsSeq(rule) {
		args = append(args, word)
	}
	require.NoError(t, client(t, s.addr).Do(t.Context(), args...).Err())
	rdb := redis.NewClient(&redis.Options{Addr: s.addr, Username: "app", Password: "secret", ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = rdb.Close() })
	b24test.CheckStore(t, func() b24.Store { return open(t, rdb, b24redis.WithTokens()) })
}

// TestCluster checks a store in two servers that have half of the keys each.
func TestCluster(t *testing.T) {
	t.Parallel()
	const slots = 16384
	servers := []*server{}
	for i := range 2 {
		s := start(t, append(durable(), "--cluster-enabled", "yes")...)
		half := []any{"cluster", "addslots"}
		for slot := i * slots / 2; slot < (i+1)*slots/2; slot++ {
			half = append(half, slot)
		}
		require.NoError(t, client(t, s.addr).Do(t.Context(), half...).Err())
		servers = append(servers, s)
	}
	host, port, err := net.SplitHostPort(servers[1].addr)
	require.NoError(t, err)
	require.NoError(t, client(t, servers[0].addr).ClusterMeet(t.Context(), host, port).Err())
	for _, s := range servers {
		rdb := client(t, s.addr)
		require.Eventually(t, func() bool {
			info, err := rdb.ClusterInfo(t.Context()).Result()
			return err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_size:2")
		}, 30*time.Second, 10*time.Millisecond)
	}
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{servers[0].addr}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = rdb.Close() })
	b24test.CheckStore(t, func() b24.Store { return open(t, rdb, b24redis.WithTokens()) })

	store := open(t, rdb)
	for i := range 50 {
		require.NoError(t, put(t, store, strconv.Itoa(i), "v", time.Hour))
	}
	assert.Len(t, keysOf(t, store, ""), 50)
	for _, s := range servers {
		n, err := client(t, s.addr).DBSize(t.Context()).Result()
		require.NoError(t, err)
		assert.Positive(t, n)
	}
	require.NoError(t, client(t, servers[1].addr).ConfigSet(t.Context(), "appendfsync", "everysec").Err())
	_, err = b24redis.New(t.Context(), rdb, b24redis.WithTokens())
	require.ErrorContains(t, err, servers[1].addr+": the server may forget a token")
}

// TestEndedWhileItWaits checks that an update that never comes first ends with its context.
func TestEndedWhileItWaits(t *testing.T) {
	t.Parallel()
	rdb := shared(t)
	store := open(t, rdb, prefix(t, rdb))
	ctx, cancel := context.WithCancelCause(t.Context())
	tries := 0
	err := store.Update(ctx, "k", func(time.Time, []byte) ([]byte, time.Duration, error) {
		if tries++; tries == 5 {
			cancel(errors.New("enough"))
		} else {
			assert.NoError(t, put(t, store, "k", strconv.Itoa(tries), time.Hour))
		}
		return []byte("mine"), time.Hour, nil
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 5, tries)
	assert.Equal(t, "4", value(t, store, "k"))
}
