package b24redis_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24redis"
)

const running = "127.0.0.1:6379" // a server that the tests share with others

// missing skips a test, or fails it if the environment variable B24_ENGINES is "required".
func missing(tb testing.TB, err error) {
	tb.Helper()
	if os.Getenv("B24_ENGINES") == "required" {
		tb.Fatal("no Redis: ", err)
	}
	tb.Skip("no Redis: ", err)
}

// client returns a client of a server.
func client(tb testing.TB, addr string) *redis.Client {
	tb.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	tb.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// shared returns a client of the server that runs anyway.
func shared(tb testing.TB) *redis.Client {
	tb.Helper()
	rdb := client(tb, running)
	if err := rdb.Ping(tb.Context()).Err(); err != nil {
		missing(tb, err)
	}
	return rdb
}

// open returns a store.
func open(tb testing.TB, rdb redis.UniversalClient, opts ...b24redis.Option) *b24redis.Store {
	tb.Helper()
	s, err := b24redis.New(tb.Context(), rdb, opts...)
	require.NoError(tb, err)
	return s
}

// prefix returns a prefix that no other test has. What is stored under it is removed at the end.
func prefix(tb testing.TB, rdb *redis.Client) b24redis.Option {
	tb.Helper()
	text := "b24test:" + tb.Name() + ":" + strconv.FormatInt(time.Now().UnixNano(), 36) + ":"
	tb.Cleanup(func() {
		ctx := context.Background() //nolint:usetesting // that of the test has ended
		own := client(tb, rdb.Options().Addr)
		names, err := own.Keys(ctx, text+"*").Result()
		if err == nil && len(names) > 0 {
			own.Del(ctx, names...)
		}
	})
	return b24redis.WithPrefix(text)
}

// server is a Redis server of a test's own, which it may kill.
type server struct {
	testing.TB

	addr string
	args []string
	cmd  *exec.Cmd
}

// start starts a server on a free port. It ends with the test.
func start(tb testing.TB, args ...string) *server {
	tb.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(tb, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	addr := listener.Addr().String()
	require.NoError(tb, listener.Close())
	_, port, err := net.SplitHostPort(addr)
	require.NoError(tb, err)
	s := &server{TB: tb, addr: addr, args: append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", tb.TempDir(), "--save", ""}, args...)}
	s.run()
	tb.Cleanup(s.kill)
	return s
}

// durable are the settings of a server that forgets nothing.
func durable() []string {
	return []string{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"}
}

// run starts the server, once more after it was killed.
func (s *server) run() {
	s.Helper()
	s.cmd = exec.Command("redis-server", s.args...)
	require.NoError(s, s.cmd.Start())
	rdb := redis.NewClient(&redis.Options{Addr: s.addr})
	defer func() { _ = rdb.Close() }()
	require.Eventually(s, func() bool { return rdb.Ping(s.Context()).Err() == nil }, 20*time.Second, 5*time.Millisecond)
}

// kill ends the server as a crash does.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
