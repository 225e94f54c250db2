package b24redis_test

import (
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// TestProcesses checks that five processes share a portal while one of them stops and another one
// dies, and while the server forgets everything, dies and returns.
func TestProcesses(t *testing.T) {
	t.Parallel()
	if works(t, func(addr string) b24.Store { return open(t, client(t, addr)) }) {
		return
	}
	s := start(t)
	all, up := []int{0, 1, 2, 3, 4}, func(c called) bool { return c.Members == 5 && !c.Degraded }
	f := newFleet(t, job{Store: s.addr, Rate: 20, Burst: 20}, 1, 8, 8, 2, 4)
	f.until("all have joined", time.Minute, up, all...)
	f.even("shared", f.serves("shared", 80), all...)

	f.signal(1, syscall.SIGSTOP)
	n := f.passes("one stopped", 3*time.Second)
	f.full("the others use its share", n)
	assert.LessOrEqual(t, n.served[1], 1)
	f.signal(1, syscall.SIGCONT)
	f.even("it continues", f.serves("it continues", 40), all...)

	require.NoError(t, client(t, s.addr).FlushAll(t.Context()).Err())
	f.even("the server forgot", f.serves("the server forgot", 60), all...)

	s.kill()
	f.until("all know that it is down", 5*time.Second, func(c called) bool { return c.Degraded }, all...)
	n = f.passes("the server is down", 2*time.Second)
	f.even("the server is down", n, all...)
	assert.LessOrEqual(t, n.refused, 1)
	assert.Greater(t, n.total, 30, "nobody stops")
	begun := time.Now()
	s.run()
	f.until("all share again", 15*time.Second, up, all...)
	assert.LessOrEqual(t, f.since("the server returns", begun).refused, 5, "no storm")
	f.even("shared again", f.serves("shared again", 40), all...)

	f.until("it waits in line", 10*time.Second, func(c called) bool { return c.Waiting > 0 }, 2)
	f.signal(2, syscall.SIGKILL)
	f.even("the others use the share of the dead", f.serves("one dead", 60), 0, 1, 3, 4)
	n = f.since("the server was back", begun)
	assert.Less(t, asked(t, s), 3*n.total+50, "the store is asked little more than once per request")
	f.end(20 * time.Second)
	n = f.since("all", f.begun)
	assert.Less(t, slices.Max(n.longest), 15.0)
}

// TestFleet measures five processes with budgets of their own, with a shared one, and with a shared
// one while the server hangs for 12 s:
//
//	B24_FLEET=1 go test -run TestFleet -parallel 3 -v .
func TestFleet(t *testing.T) {
	t.Parallel()
	if works(t, func(addr string) b24.Store { return open(t, client(t, addr)) }) {
		return
	}
	byHand(t)
	t.Run("own budgets", func(t *testing.T) { t.Parallel(); measure(t, "") })
	t.Run("shared", func(t *testing.T) { t.Parallel(); measure(t, start(t).addr) })
	t.Run("server hangs", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		time.AfterFunc(15*time.Second, func() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) })
		time.AfterFunc(27*time.Second, func() { _ = s.cmd.Process.Signal(syscall.SIGCONT) })
		measure(t, s.addr)
	})
}

// asked returns how often scripts ran since the server started: two for each update without a
// conflict.
func asked(t *testing.T, s *server) (n int) {
	t.Helper()
	info, err := client(t, s.addr).Info(t.Context(), "commandstats").Result()
	require.NoError(t, err)
	_, rest, found := strings.Cut(info, "cmdstat_evalsha:calls=")
	require.True(t, found, info)
	text, _, _ := strings.Cut(rest, ",")
	n, err = strconv.Atoi(text)
	require.NoError(t, err)
	t.Logf("%d scripts", n)
	return n
}
