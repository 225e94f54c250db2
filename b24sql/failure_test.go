package b24sql_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24sql"
)

func TestDurability(t *testing.T) {
	t.Parallel()
	lite := func(t *testing.T, pragmas string, want ...string) {
		t.Helper()
		refused(t, sqlite(t, pragmas).migrated(t), "", want...)
	}
	lite(t, wal)
	lite(t, "_pragma=journal_mode(truncate)&_pragma=synchronous(full)")
	lite(t, "_pragma=synchronous(extra)")
	lite(t, "_pragma=synchronous(full)", "synchronous is 2, with journal_mode delete")
	lite(t, "_pragma=journal_mode(wal)&_pragma=synchronous(normal)", "synchronous is 1, with journal_mode wal")
	lite(t, "_pragma=journal_mode(wal)&_pragma=synchronous(off)", "synchronous is 0")
	lite(t, "_pragma=journal_mode(memory)&_pragma=synchronous(extra)", "journal_mode is memory: set it to wal")
	lite(t, "_pragma=journal_mode(off)&_pragma=synchronous(extra)", "journal_mode is off")
}

func TestDurabilityOfPostgreSQL(t *testing.T) {
	t.Parallel()
	e := postgres(t).migrated(t)
	refused(t, e, "&synchronous_commit=local")
	refused(t, e, "&synchronous_commit=off", "synchronous_commit is off: set it to on")
	e.exec(t, "alter table {table} set unlogged")
	refused(t, e, "", "table "+e.name+" is not logged")

	s := ownPostgres(t, "fsync=off")
	refused(t, s.migrated(t), "", "fsync is off: set it to on")
}

func TestDurabilityOfMySQL(t *testing.T) {
	t.Parallel()
	e := mysql(t, "").migrated(t)
	refused(t, e, "")
	refused(t, e, "autocommit=0", "autocommit is off: set it to 1")
	e.exec(t, "alter table {table} engine = MyISAM")
	refused(t, e, "", `the engine of table `+e.name+` is "MyISAM": alter it to InnoDB`)
	other := mysql(t, "").migrated(t) // a table in another schema than that of the connection
	e.name = other.name + "." + other.name
	e.table = b24sql.WithTable(e.name)
	refused(t, e, "")

	s := ownMySQL(t, "--innodb-flush-log-at-trx-commit=2", "--log-bin", "--sync-binlog=0")
	s.migrated(t)
	refused(t, s.engine, "", "innodb_flush_log_at_trx_commit is 2: set it to 1", "sync_binlog is 0, and log_bin is on: set sync_binlog to 1")
	s.exec(t, "set global innodb_flush_log_at_trx_commit = 3")
	s.exec(t, "set global sync_binlog = 1")
	refused(t, s.engine, "")
}

func TestKilledPostgreSQL(t *testing.T) {
	t.Parallel()
	killed(t, ownPostgres(t))
}

func TestKilledMySQL(t *testing.T) {
	t.Parallel()
	killed(t, ownMySQL(t))
}

// killed checks that no update is lost or doubled, and that no call lasts longer than its context,
// while a server is killed and started again.
func killed(t *testing.T, s *server) {
	t.Helper()
	s.migrated(t)
	const writers = 4
	var (
		group         sync.WaitGroup
		done, unknown [writers]int64
		total         atomic.Int64
		longest       atomic.Int64
		stop          atomic.Bool
	)
	for i := range writers {
		store := s.store(t)
		group.Go(func() {
			for !stop.Load() {
				took, err := within(t, func(ctx context.Context) error { return add(ctx, store, "n", 0, new(atomic.Int64)) })
				longest.Store(max(longest.Load(), int64(took)))
				switch {
				case err == nil:
					done[i]++
					total.Add(1)
				case strings.Contains(err.Error(), "update: write"):
					unknown[i]++
				default: // it was not written
				}
			}
		})
	}
	for range 2 {
		before := total.Load()
		require.Eventually(t, func() bool { return total.Load() > before+50 }, time.Minute, time.Millisecond)
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
	got, err := strconv.ParseInt(value(t, s.store(t), "n"), 10, 64)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, got, least, "updates that were confirmed are lost")
	assert.LessOrEqual(t, got, most, "updates were doubled")
	assert.Less(t, time.Duration(longest.Load()), 4*patience)
	t.Logf("%d updates confirmed, %d with an unknown outcome, %d stored, the longest took %v", least, most-least, got, time.Duration(longest.Load()))
}

// TestFrozen checks that a server that hangs holds up no call longer than its context allows.
func TestFrozen(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB, ...string) *server{"postgres": ownPostgres, "mysql": ownMySQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			store := s.engine.migrated(t).store(t)
			require.NoError(t, put(t, store, "k", "v", time.Hour))
			group := -s.command.Process.Pid // PostgreSQL has a process for each connection
			if name == "postgres" {
				children(t, s.command.Process.Pid, syscall.SIGSTOP)
			}
			require.NoError(t, syscall.Kill(group, syscall.SIGSTOP))
			for call, f := range map[string]func(ctx context.Context) error{
				"get":    func(ctx context.Context) error { _, _, err := store.Get(ctx, "k"); return err },
				"update": func(ctx context.Context) error { return add(ctx, store, "k", time.Hour, new(atomic.Int64)) },
				"keys": func(ctx context.Context) (err error) {
					for _, err = range store.Keys(ctx, "") {
					}
					return err
				},
			} {
				took, err := within(t, f)
				assert.ErrorIs(t, err, context.DeadlineExceeded, call)
				assert.Less(t, took, 2*patience, call)
			}
			require.NoError(t, syscall.Kill(group, syscall.SIGCONT))
			if name == "postgres" {
				children(t, s.command.Process.Pid, syscall.SIGCONT)
			}
			assert.Equal(t, "v", value(t, store, "k"))
		})
	}
}

// children signals the processes that a process started.
func children(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		t.Skip("no list of processes: ", err)
	}
	for child := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(child)
		require.NoError(t, err)
		_ = syscall.Kill(n, signal) // it may have ended
	}
}

// TestKilledProcess kills processes that write into a file of SQLite: this test, started again.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	if dsn := os.Getenv("B24SQL_WRITES"); dsn != "" {
		store, err := b24sql.New(t.Context(), connect(t, "sqlite", dsn), b24sql.SQLite)
		require.NoError(t, err)
		for {
			require.NoError(t, add(t.Context(), store, "n", 0, new(atomic.Int64)))
			fmt.Println("written")
		}
	}
	e := sqlite(t, wal)
	require.NoError(t, b24sql.Migrate(t.Context(), e.connect(t), b24sql.SQLite))
	confirmed, started := 0, 0
	for range 3 {
		var group sync.WaitGroup
		var lines [2]int
		for i := range lines {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledProcess$")
			cmd.Env = append(os.Environ(), "B24SQL_WRITES="+e.dsn)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			started++
			group.Go(func() {
				for scanner := bufio.NewScanner(out); scanner.Scan(); {
					if lines[i]++; lines[i] == 40+7*i {
						_ = cmd.Process.Kill()
					}
				}
				_ = cmd.Wait()
			})
		}
		group.Wait()
		confirmed += lines[0] + lines[1]
	}
	store, err := b24sql.New(t.Context(), e.connect(t), b24sql.SQLite)
	require.NoError(t, err)
	got, err := strconv.Atoi(value(t, store, "n"))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, got, confirmed, "updates that were confirmed are lost")
	assert.LessOrEqual(t, got, confirmed+started, "updates were doubled") // each may have died before it said so
}

// TestEndedWhileItWaits checks that an update that never comes first ends with its context.
func TestEndedWhileItWaits(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			store := e.store(t)
			tries := 0
			took, err := within(t, func(ctx context.Context) error {
				return store.Update(ctx, "k", func(time.Time, []byte) ([]byte, time.Duration, error) { //nolint:contextcheck // the other writer has its own
					tries++
					assert.NoError(t, put(t, store, "k", strconv.Itoa(tries), time.Hour))
					return []byte("mine"), time.Hour, nil
				})
			})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, strconv.Itoa(tries), value(t, store, "k"))
			assert.Less(t, took, 4*patience)
		})
	}
}

// TestBusy checks that a writer that keeps a file of SQLite for itself makes others wait, no longer
// than their contexts allow.
func TestBusy(t *testing.T) {
	t.Parallel()
	e := sqlite(t, wal).migrated(t)
	store := e.store(t)
	require.NoError(t, put(t, store, "k", "v", time.Hour))
	conn, err := e.connect(t).Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "begin immediate")
	require.NoError(t, err)
	took, err := within(t, func(ctx context.Context) error { return add(ctx, store, "n", time.Hour, new(atomic.Int64)) })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, took, 2*patience)
	assert.Equal(t, "v", value(t, store, "k"), "readers are not kept out")
	_, err = conn.ExecContext(t.Context(), "rollback")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, add(t.Context(), store, "n", time.Hour, new(atomic.Int64)))
	assert.Equal(t, "1", value(t, store, "n"))
}

// TestErrorsHoldNoValue checks that databases that quote what they were sent reveal no value.
func TestErrorsHoldNoValue(t *testing.T) {
	t.Parallel()
	const secret = "a-refresh-token"
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			store := e.store(t)
			require.NoError(t, put(t, store, "k", "v", time.Hour))
			err := store.Update(t.Context(), "k", func(time.Time, []byte) ([]byte, time.Duration, error) {
				e.exec(t, "drop table {table}")
				return []byte(secret), time.Hour, nil
			})
			require.ErrorContains(t, err, "b24sql: update: write: ")
			assert.NotContains(t, err.Error(), secret)
			assert.NotEqual(t, b24.OutcomeRefused, b24.OutcomeOf(err))
		})
	}
}
