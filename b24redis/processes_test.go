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
	"github.com/b24go/b24/internal/fleettest"
)

// TestProcesses checks that five processes share a portal while one of them stops and another one
// dies, and while the server forgets everything, dies and returns.
func TestProcesses(t *testing.T) {
	t.Parallel()
	if fleettest.Works(t, func(addr string) b24.Store { return open(t, client(t, addr)) }) {
		return
	}
	s := start(t)
	all, up := []int{0, 1, 2, 3, 4}, func(c fleettest.Called) bool { return c.Members == 5 && !c.Degraded }
	f := fleettest.New(t, fleettest.Job{Store: s.addr, Rate: 20, Burst: 20}, 1, 8, 8, 2, 4)
	f.Until("all have joined", time.Minute, up, all...)
	f.Even("shared", f.Serves("shared", 80), all...)

	f.Signal(1, syscall.SIGSTOP)
	n := f.Passes("one stopped", 3*time.Second)
	f.Full("the others use its share", n)
	assert.LessOrEqual(t, n.Served[1], 1)
	f.Signal(1, syscall.SIGCONT)
	f.Even("it continues", f.Serves("it continues", 40), all...)

	require.NoError(t, client(t, s.addr).FlushAll(t.Context()).Err())
	f.Even("the server forgot", f.Serves("the server forgot", 60), all...)

	s.kill()
	f.Until("all know that it is down", 5*time.Second, func(c fleettest.Called) bool { return c.Degraded }, all...)
	n = f.Passes("the server is down", 2*time.Second)
	f.Even("the server is down", n, all...)
	assert.LessOrEqual(t, n.Refused, 1)
	assert.Greater(t, n.Total, 30, "nobody stops")
	begun := time.Now()
	s.run()
	f.Until("all share again", 15*time.Second, up, all...)
	assert.LessOrEqual(t, f.Since("the server returns", begun).Refused, 5, "no storm")
	f.Even("shared again", f.Serves("shared again", 40), all...)

	f.Until("it waits in line", 10*time.Second, func(c fleettest.Called) bool { return c.Waiting > 0 }, 2)
	f.Signal(2, syscall.SIGKILL)
	f.Even("the others use the share of the dead", f.Serves("one dead", 60), 0, 1, 3, 4)
	n = f.Since("the server was back", begun)
	assert.Less(t, asked(t, s), 3*n.Total+50, "the store is asked little more than once per request")
	f.End(20 * time.Second)
	n = f.Since("all", f.Begun)
	assert.Less(t, slices.Max(n.Longest), 15.0)
}

// TestFleet measures five processes with budgets of their own, with a shared one, and with a shared
// one while the server hangs for 12 s:
//
//	B24_FLEET=1 go test -run TestFleet -parallel 3 -v .
func TestFleet(t *testing.T) {
	t.Parallel()
	if fleettest.Works(t, func(addr string) b24.Store { return open(t, client(t, addr)) }) {
		return
	}
	fleettest.ByHand(t)
	t.Run("own budgets", func(t *testing.T) { t.Parallel(); fleettest.Measure(t, "") })
	t.Run("shared", func(t *testing.T) { t.Parallel(); fleettest.Measure(t, start(t).addr) })
	t.Run("server hangs", func(t *testing.T) {
		t.Parallel()
		s := start(t)
		time.AfterFunc(15*time.Second, func() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) })
		time.AfterFunc(27*time.Second, func() { _ = s.cmd.Process.Signal(syscall.SIGCONT) })
		fleettest.Measure(t, s.addr)
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
