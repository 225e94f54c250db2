package b24sql_test

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24sql"
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

// add adds 1 to a number.
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

// exec runs a statement in which {table} is the table.
func (e engine) exec(tb testing.TB, statement string) {
	tb.Helper()
	_, err := e.connect(tb).ExecContext(tb.Context(), strings.ReplaceAll(statement, "{table}", e.name))
	require.NoError(tb, err)
}

// number returns the result of a query.
func (e engine) number(tb testing.TB, query string) (n int64) {
	tb.Helper()
	require.NoError(tb, e.connect(tb).QueryRowContext(tb.Context(), strings.ReplaceAll(query, "{table}", e.name)).Scan(&n))
	return n
}

func TestStore(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(tb testing.TB) engine{
		"sqlite, wal":                func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, wal) },
		"sqlite, wal, waits":         func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, wal+"&_pragma=busy_timeout(5000)") },
		"sqlite, journal":            func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, "_pragma=synchronous(extra)") },
		"sqlite, immediate":          func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, wal+"&_txlock=immediate") },
		"postgres":                   postgres,
		"postgres, serializable":     func(tb testing.TB) engine { tb.Helper(); return isolated(tb, "serializable") },
		"postgres, repeatable read":  func(tb testing.TB) engine { tb.Helper(); return isolated(tb, "repeatable read") },
		"postgres, simple protocol":  func(tb testing.TB) engine { tb.Helper(); return protocol(tb, "simple_protocol") },
		"postgres, no prepared ones": func(tb testing.TB) engine { tb.Helper(); return protocol(tb, "exec") },
		"mysql":                      func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "") },
		"mysql, one trip":            func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "interpolateParams=true") },
		"mysql, rows found":          func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "clientFoundRows=true") },
		"mysql, serializable":        func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "tx_isolation=%27SERIALIZABLE%27") },
		"mysql, no letter case": func(tb testing.TB) engine {
			tb.Helper()
			return mysql(tb, "collation=utf8mb4_general_ci&parseTime=true")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			b24test.CheckStore(t, func() b24.Store { return e.store(t) })
			assert.Zero(t, e.number(t, "select count(*) from {table}"))
		})
	}
}

// isolated returns PostgreSQL with another isolation of transactions.
func isolated(tb testing.TB, level string) engine {
	tb.Helper()
	e := postgres(tb)
	e.dsn += "&default_transaction_isolation=" + strings.ReplaceAll(level, " ", "%20")
	return e
}

// protocol returns PostgreSQL as it is asked through a proxy of connections.
func protocol(tb testing.TB, mode string) engine {
	tb.Helper()
	e := postgres(tb)
	e.dsn += "&default_query_exec_mode=" + mode
	return e
}

func TestManyWriters(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			const writers, turns = 16, 50
			var (
				group sync.WaitGroup
				tries atomic.Int64
			)
			begun := time.Now()
			for range writers {
				store := e.store(t)
				group.Go(func() {
					for range turns {
						assert.NoError(t, add(t.Context(), store, "n", time.Hour, &tries))
					}
				})
			}
			group.Wait()
			assert.Equal(t, strconv.Itoa(writers*turns), value(t, e.store(t), "n"))
			t.Logf("%d updates of one key by %d pools: %d tries, %v", writers*turns, writers, tries.Load(), time.Since(begun))
		})
	}
}

// TestRemovedMeanwhile checks that a value that was removed and stored again is not taken for the
// old one, and that two first updates do not overwrite each other.
func TestRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			store := e.store(t)
			var seen []string
			err := store.Update(t.Context(), "k", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
				seen = append(seen, string(old))
				switch len(seen) {
				case 1:
					assert.NoError(t, put(t, store, "k", "first", time.Hour))
				case 2:
					assert.NoError(t, put(t, store, "k", "", 0))
					assert.NoError(t, put(t, store, "k", "second", time.Hour))
				case 3:
					assert.NoError(t, put(t, store, "k", "", 0))
				}
				return append(old, '+'), time.Hour, nil
			})
			require.NoError(t, err)
			assert.Equal(t, []string{"", "first", "second", ""}, seen)
			assert.Equal(t, "+", value(t, store, "k"))

			tries := 0
			err = store.Update(t.Context(), "k", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
				if tries++; tries == 1 {
					assert.NoError(t, put(t, store, "k", "other", time.Hour))
					return nil, 0, nil // to be removed
				}
				return append(old, '+'), time.Hour, nil
			})
			require.NoError(t, err)
			assert.Equal(t, "other+", value(t, store, "k"))
		})
	}
}

// TestClock checks that the clock is the database's, and never below the time in the row.
func TestClock(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			store := e.store(t)
			require.NoError(t, put(t, store, "k", "v", time.Minute))
			before := time.Now()
			e.exec(t, "update {table} set written = written + 3600000000, expires = expires + 3600000000") // its clock was an hour ahead
			_, got, err := store.Get(t.Context(), "k")
			require.NoError(t, err)
			assert.WithinDuration(t, before.Add(time.Hour), got, 30*time.Second)
			for range 2 {
				require.NoError(t, store.Update(t.Context(), "k", func(now time.Time, old []byte) ([]byte, time.Duration, error) {
					assert.Equal(t, got, now)
					assert.Equal(t, "v", string(old))
					return old, time.Minute, nil
				}))
			}
			assert.Equal(t, got.UnixMicro(), e.number(t, "select written from {table}"))
			_, other, err := store.Get(t.Context(), "other") // another row, another time
			require.NoError(t, err)
			assert.WithinDuration(t, before, other, 30*time.Second)
		})
	}
}

// TestClockOfMySQL sets the clock of a session, and its time zone to one with summer time.
func TestClockOfMySQL(t *testing.T) {
	t.Parallel()
	for at, zone := range map[int64]string{
		1793493000: "", // 2026-11-01 00:30 UTC
		1761438600: "&time_zone=%27%2B02:00%27",
		981173106:  "&time_zone=%27-11:00%27", // 2001
	} {
		e := mysql(t, "timestamp="+strconv.FormatInt(at, 10)+".25"+zone).migrated(t)
		want := time.Unix(at, int64(250*time.Millisecond))
		store := e.store(t)
		_, now, err := store.Get(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, want, now)
		require.NoError(t, put(t, store, "k", "v", time.Minute))
		assert.Equal(t, want.UnixMicro(), e.number(t, "select written from {table}"))
		assert.Equal(t, "v", value(t, store, "k"))
		e.dsn = strings.Replace(e.dsn, strconv.FormatInt(at, 10), strconv.FormatInt(at-10, 10), 1) // it jumped back
		_, now, err = e.store(t).Get(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, want, now)
	}
}

func TestForgets(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			store := e.store(t)
			for keep, want := range map[time.Duration]int64{1: 1, time.Microsecond: 1, 1001: 2, time.Minute: 60e6, 1<<63 - 1: (1<<63-1)/1000 + 1, 0: 1 << 62} {
				if keep > 0 && e.dialect == b24sql.SQLite {
					want += 1000 // its clock has milliseconds
				}
				key := "k" + strconv.FormatInt(int64(keep), 10)
				for range 2 { // inserted, updated
					require.NoError(t, put(t, store, key, "v", keep))
				}
				assert.Equal(t, want, e.number(t, "select max(expires - written) from {table}"), "%v", keep)
				require.NoError(t, put(t, store, key, "", 0))
			}
			require.NoError(t, put(t, store, "minute", "v", time.Minute))
			require.NoError(t, put(t, store, "good", "v", 0))
			assert.Equal(t, []string{"good", "minute"}, keysOf(t, store, ""))
			e.exec(t, "update {table} set written = written - 60000000, expires = expires - 60010000") // a minute passes
			assert.Equal(t, []string{"good"}, keysOf(t, store, ""))
			assert.Empty(t, value(t, store, "minute"))
			require.NoError(t, store.Update(t.Context(), "minute", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
				assert.Nil(t, old)
				return []byte("again"), time.Minute, nil
			}))
			assert.Equal(t, "again", value(t, store, "minute"))
		})
	}
}

// TestSweep checks that expired rows are removed now and then, and no others.
func TestSweep(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			store := e.store(t)
			const expired = 120 // more than are removed at once
			for i := range expired {
				require.NoError(t, put(t, store, "old:"+strconv.Itoa(i), "v", time.Minute))
			}
			e.exec(t, "update {table} set expires = written")
			require.NoError(t, put(t, store, "good", "v", 0))
			for i := 0; i < 300 && e.number(t, "select count(*) from {table}") > 2; i++ {
				for range 100 {
					require.NoError(t, put(t, store, "minute", "v", time.Minute))
				}
			}
			assert.Equal(t, []string{"good", "minute"}, keysOf(t, store, ""))
			assert.EqualValues(t, 2, e.number(t, "select count(*) from {table}"))
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t).migrated(t)
			db := e.connect(t)
			db.SetMaxOpenConns(1) // the body of the loop needs it
			store, err := b24sql.New(t.Context(), db, e.dialect, e.table)
			require.NoError(t, err)
			const many = 1001 // more than two trips
			missing := map[string]bool{}
			for i := range many {
				key := "n:" + strconv.Itoa(i)
				require.NoError(t, put(t, store, key, "v", time.Hour))
				missing[key] = true
			}
			for key, err := range store.Keys(t.Context(), "n:") {
				require.NoError(t, err)
				assert.True(t, missing[key], "%s was not stored, or came twice", key)
				delete(missing, key)
				if len(missing)%100 == 0 {
					assert.Equal(t, "v", value(t, store, key))
				}
			}
			assert.Empty(t, missing)
			for _, key := range []string{"a", "a%", "A", "a_b", "aXb", "a~~"} {
				require.NoError(t, put(t, store, key, "v", time.Hour))
			}
			assert.Equal(t, []string{"a", "a%", "aXb", "a_b", "a~~"}, keysOf(t, store, "a"))
			assert.Equal(t, []string{"a%"}, keysOf(t, store, "a%"))
			assert.Equal(t, []string{"a~~"}, keysOf(t, store, "a~"))
			assert.Len(t, keysOf(t, store, ""), many+6)
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
		})
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	e := sqlite(t, wal).migrated(t)
	store := e.store(t)
	for _, key := range []string{"", "with blank", "täst", "line\n", strings.Repeat("k", 201)} {
		require.ErrorContains(t, put(t, store, key, "v", time.Hour), "key", key)
		_, _, err := store.Get(t.Context(), key)
		require.ErrorContains(t, err, "key", key)
	}
	require.ErrorContains(t, put(t, store, "k", strings.Repeat("v", 64<<10+1), time.Hour), "up to 65536 bytes")
	require.ErrorContains(t, put(t, store, "k", "v", -time.Second), "kept for -1s")
	assert.Empty(t, keysOf(t, store, ""))

	volatile, err := b24sql.New(t.Context(), e.connect(t), e.dialect, e.table, b24sql.WithVolatile())
	require.NoError(t, err)
	err = put(t, volatile, "k", "v", 0)
	require.ErrorIs(t, err, b24.ErrVolatile)
	require.ErrorContains(t, err, "WithVolatile")
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err))
	assert.Empty(t, value(t, store, "k"))
	b24test.CheckStore(t, func() b24.Store { return volatile })
}

// TestInMemory checks a store that one process uses, without a file.
func TestInMemory(t *testing.T) {
	t.Parallel()
	db := connect(t, "sqlite", ":memory:")
	db.SetMaxOpenConns(1) // each connection has a database of its own
	require.NoError(t, b24sql.Migrate(t.Context(), db, b24sql.SQLite))
	_, err := b24sql.New(t.Context(), db, b24sql.SQLite)
	require.ErrorContains(t, err, "the database is in memory")
	store, err := b24sql.New(t.Context(), db, b24sql.SQLite, b24sql.WithVolatile())
	require.NoError(t, err)
	b24test.CheckStore(t, func() b24.Store { return store })
}

func TestNew(t *testing.T) {
	t.Parallel()
	db := sqlite(t, wal).connect(t)
	for name, row := range map[string]struct {
		db      *sql.DB
		dialect b24sql.Dialect
		opts    []b24sql.Option
		want    []string
	}{
		"nil":                {nil, b24sql.SQLite, nil, []string{"the database is nil"}},
		"dialect":            {db, 0, nil, []string{"there is no Dialect(0)"}},
		"everything at once": {nil, 7, []b24sql.Option{nil, b24sql.WithTable("a b")}, []string{"nil", "Dialect(7)", "an option is nil", `table "a b"`}},
		"injection":          {db, b24sql.SQLite, []b24sql.Option{b24sql.WithTable("t; drop table t")}, []string{"table"}},
		"long":               {db, b24sql.SQLite, []b24sql.Option{b24sql.WithTable(strings.Repeat("t", 64))}, []string{"up to 63"}},
		"no table":           {db, b24sql.SQLite, nil, []string{"table b24_store, which Migrate creates"}},
	} {
		_, err := b24sql.New(t.Context(), row.db, row.dialect, row.opts...)
		for _, want := range row.want {
			require.ErrorContains(t, err, want, name)
		}
		if name != "no table" {
			require.Error(t, b24sql.Migrate(t.Context(), row.db, row.dialect, row.opts...), name)
		}
	}
}

// TestMigrateTogether checks that many processes may start at once.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := open(t)
			const processes = 8
			var group sync.WaitGroup
			begin := make(chan struct{})
			for range processes {
				db := e.connect(t)
				if e.dialect != b24sql.SQLite { // one that is busy may refuse a connection
					require.NoError(t, db.PingContext(t.Context()))
				}
				group.Go(func() {
					<-begin
					assert.NoError(t, b24sql.Migrate(t.Context(), db, e.dialect, e.table))
				})
			}
			close(begin)
			group.Wait()
			require.NoError(t, put(t, e.store(t), "k", "v", 0))
			require.NoError(t, b24sql.Migrate(t.Context(), e.connect(t), e.dialect, e.table)) // keeps what is there
			assert.Equal(t, "v", value(t, e.store(t), "k"))
		})
	}
}
