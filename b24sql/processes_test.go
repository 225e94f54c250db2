package b24sql_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24sql"
	"github.com/b24go/b24/internal/fleettest"
)

// opened opens the store that a test of several processes named.
func opened(t *testing.T, address string) b24.Store {
	t.Helper()
	part := strings.Split(address, " ")
	var dialect b24sql.Dialect
	for _, d := range []b24sql.Dialect{b24sql.PostgreSQL, b24sql.MySQL, b24sql.SQLite} {
		if d.String() == part[1] {
			dialect = d
		}
	}
	s, err := b24sql.New(t.Context(), connect(t, part[0], part[3]), dialect, b24sql.WithTable(part[2]), b24sql.WithVolatile())
	require.NoError(t, err)
	return s
}

// address names the engine for opened.
func (e engine) address() string {
	return strings.Join([]string{e.driver, e.dialect.String(), e.name, e.dsn}, " ")
}

// TestProcesses checks that five processes share a portal while one of them stops and another one
// dies, and while PostgreSQL crashes and returns.
func TestProcesses(t *testing.T) {
	t.Parallel()
	if fleettest.Works(t, func(store string) b24.Store { return opened(t, store) }) {
		return
	}
	s := ownPostgres(t)
	s.migrated(t)
	all, up := []int{0, 1, 2, 3, 4}, func(c fleettest.Called) bool { return c.Members == 5 && !c.Degraded }
	f := fleettest.New(t, fleettest.Job{Store: s.address(), Rate: 20, Burst: 20}, 1, 8, 8, 2, 4)
	f.Until("all have joined", time.Minute, up, all...)
	f.Even("shared", f.Serves("shared", 60), all...)

	s.kill()
	f.Until("all know that it is down", 5*time.Second, func(c fleettest.Called) bool { return c.Degraded }, all...)
	n := f.Passes("PostgreSQL is down", time.Second)
	f.Even("PostgreSQL is down", n, all...)
	assert.Greater(t, n.Total, 15, "nobody stops")
	begun := time.Now()
	s.run()
	f.Until("all share again", 30*time.Second, up, all...)
	assert.LessOrEqual(t, f.Since("PostgreSQL returns", begun).Refused, 5, "no storm")
	f.Even("shared again", f.Serves("shared again", 40), all...)

	f.Until("it waits in line", 10*time.Second, func(c fleettest.Called) bool { return c.Waiting > 0 }, 2)
	f.Signal(2, syscall.SIGKILL)
	f.Even("the others use its share", f.Serves("one dead", 60), 0, 1, 3, 4)
	f.End(20 * time.Second)
	assert.Less(t, slices.Max(f.Since("all", f.Begun).Longest), 15.0)
}

// TestFleet measures five processes with a shared budget in each engine:
//
//	B24_FLEET=1 go test -run TestFleet -parallel 3 -v .
func TestFleet(t *testing.T) {
	t.Parallel()
	if fleettest.Works(t, func(store string) b24.Store { return opened(t, store) }) {
		return
	}
	fleettest.ByHand(t)
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fleettest.Measure(t, open(t).migrated(t).address())
		})
	}
}
