package b24sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver mysql
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver sqlite

	"github.com/b24go/b24/b24sql"
)

// engine is a database with a table of a test's own.
type engine struct {
	driver, dsn string
	dialect     b24sql.Dialect
	table       b24sql.Option
	name        string // of the table
}

// tables makes the names of tables differ within a process.
var tables atomic.Int64 //nolint:gochecknoglobals // tests run side by side

// missing skips a test, or fails it if the environment variable B24_ENGINES is "required".
func missing(tb testing.TB, what string, err error) {
	tb.Helper()
	if os.Getenv("B24_ENGINES") == "required" {
		tb.Fatalf("no %s: %v", what, err)
	}
	tb.Skipf("no %s: %v", what, err)
}

// connect returns a pool, closed with the test.
func connect(tb testing.TB, driver, dsn string) *sql.DB {
	tb.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func (e engine) connect(tb testing.TB) *sql.DB {
	tb.Helper()
	return connect(tb, e.driver, e.dsn)
}

// store opens the store as another process would.
func (e engine) store(tb testing.TB) *b24sql.Store {
	tb.Helper()
	s, err := b24sql.New(tb.Context(), e.connect(tb), e.dialect, e.table)
	require.NoError(tb, err)
	return s
}

// migrated creates the table.
func (e engine) migrated(tb testing.TB) engine {
	tb.Helper()
	require.NoError(tb, b24sql.Migrate(tb.Context(), e.connect(tb), e.dialect, e.table))
	return e
}

func newEngine(driver, dsn string, dialect b24sql.Dialect) engine {
	name := fmt.Sprintf("b24_test_%d_%d", os.Getpid(), tables.Add(1))
	return engine{driver, dsn, dialect, b24sql.WithTable(name), name}
}

// sqlite returns a database in a file; pragmas come after ?.
func sqlite(tb testing.TB, pragmas string) engine {
	tb.Helper()
	return newEngine("sqlite", "file:"+filepath.ToSlash(filepath.Join(tb.TempDir(), "b24.db"))+"?"+pragmas, b24sql.SQLite)
}

const wal = "_pragma=journal_mode(wal)&_pragma=synchronous(full)"

// postgres returns the server that runs anyway.
func postgres(tb testing.TB) engine {
	tb.Helper()
	return onServer(tb, newEngine("pgx", "postgres://postgres@127.0.0.1:5432/postgres?connect_timeout=2", b24sql.PostgreSQL))
}

// mysql returns the server that runs anyway; options come after ?.
func mysql(tb testing.TB, options string) engine {
	tb.Helper()
	const dsn = "root@tcp(127.0.0.1:3306)/%s?timeout=2s&%s"
	e := newEngine("mysql", fmt.Sprintf(dsn, "", options), b24sql.MySQL)
	e = onServer(tb, e)
	schema(tb, e, e.name)
	e.dsn = fmt.Sprintf(dsn, e.name, options)
	return e
}

// schema creates a database of MySQL, removed with the test.
func schema(tb testing.TB, e engine, name string) {
	tb.Helper()
	db := e.connect(tb)
	_, err := db.ExecContext(tb.Context(), "create database "+name)
	require.NoError(tb, err)
	clean(tb, e, "drop database "+name)
}

// onServer skips a test without the server, and removes the table with the test.
func onServer(tb testing.TB, e engine) engine {
	tb.Helper()
	if err := e.connect(tb).PingContext(tb.Context()); err != nil {
		missing(tb, e.dialect.String(), err)
	}
	if e.dialect == b24sql.PostgreSQL {
		clean(tb, e, "drop table if exists "+e.name)
	}
	return e
}

// clean runs a statement at the end of a test.
func clean(tb testing.TB, e engine, statement string) {
	tb.Helper()
	tb.Cleanup(func() {
		_, err := e.connect(tb).ExecContext(context.Background(), statement) //nolint:usetesting // that of the test has ended
		require.NoError(tb, err)
	})
}

// engines are all databases.
func engines() map[string]func(tb testing.TB) engine {
	return map[string]func(tb testing.TB) engine{
		"sqlite":   func(tb testing.TB) engine { tb.Helper(); return sqlite(tb, wal) },
		"postgres": postgres,
		"mysql":    func(tb testing.TB) engine { tb.Helper(); return mysql(tb, "") },
	}
}
