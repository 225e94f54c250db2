package b24redis_test

import (
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
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("B24_ENGINES") == "required" {
		t.Fatal("no Redis: ", err)
	}
	t.Skip("no Redis: ", err)
}

// client returns a client of a server.
func client(t testing.TB, addr string) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// shared returns a client of the server that runs anyway.
func shared(t testing.TB) *redis.Client {
	t.Helper()
	rdb := client(t, running)
	if err := rdb.Ping(t.Context()).Err(); err != nil {
		missing(t, err)
	}
	return rdb
}

// open returns a store.
func open(t testing.TB, rdb redis.UniversalClient, opts ...b24redis.Option) *b24redis.Store {
	t.Helper()
	s, err := b24redis.New(t.Context(), rdb, opts...)
	require.NoError(t, err)
	return s
}

// prefix returns a prefix that no other test has. What is stored under it is removed at the end.
func prefix(t testing.TB, rdb *redis.Client) b24redis.Option {
	t.Helper()
	text := "b24test:" + t.Name() + ":" + strconv.FormatInt(time.Now().UnixNano(), 36) + ":"
	t.Cleanup(func() {
		names, err := rdb.Keys(t.Context(), text+"*").Result() //nolint:usetesting // it has ended
		if err == nil && len(names) > 0 {
			rdb.Del(t.Context(), names...) //nolint:usetesting // it has ended
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
func start(t testing.TB, args ...string) *server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		missing(t, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := listener.Addr().String()
	require.NoError(t, listener.Close())
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	s := &server{TB: t, addr: addr, args: append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", ""}, args...)}
	s.run()
	t.Cleanup(s.kill)
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
