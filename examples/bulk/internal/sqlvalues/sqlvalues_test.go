package sqlvalues_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver sqlite

	"github.com/b24go/b24"
)

// engines returns a connection for each database: SQLite always, PostgreSQL if one answers, or if
// the environment variable B24_ENGINES is "required".
func engines(t *testing.T) map[string]*sql.DB {
	t.Helper()
	lite, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "values.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lite.Close()) })
	all := map[string]*sql.DB{"sqlite": lite}
	server, err := sql.Open("pgx", "postgres://postgres@127.0.0.1:5432/postgres?connect_timeout=2")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	if err := server.PingContext(t.Context()); err != nil {
		require.NotEqual(t, "required", os.Getenv("B24_ENGINES"), "no PostgreSQL: %v", err)
		t.Logf("without PostgreSQL: %v", err)
		return all
	}
	all["postgres"] = server
	return all
}

// column is a type of the library in a column.
type column struct {
	name     string
	postgres string
	values   []any
	back     func() any // a pointer to the type
	null     bool       // the first value is NULL in the database
}

func columns() []column {
	at := time.Date(2030, time.January, 31, 9, 30, 0, 0, time.UTC)
	return []column{
		{"id", "text", []any{b24.ID(""), b24.ID("0"), b24.ID("12"), b24.ID("CO_1")}, func() any { return new(b24.ID) }, true},
		{"number", "bigint", []any{b24.Int(0), b24.Int(-7)}, func() any { return new(b24.Int) }, false},
		{"float", "double precision", []any{b24.Float(0), b24.Float(0.25)}, func() any { return new(b24.Float) }, false},
		{"bool", "boolean", []any{b24.Bool(false), b24.Bool(true)}, func() any { return new(b24.Bool) }, false},
		{"money", "text", []any{b24.Money{}, b24.Money{Amount: "0"}, b24.Money{Amount: "300.10", Currency: "EUR"}}, func() any { return new(b24.Money) }, true},
		{"date", "date", []any{b24.Date{}, b24.DateOf(at)}, func() any { return new(b24.Date) }, true},
		{"moment", "timestamptz", []any{b24.DateTime{}, b24.DateTimeOf(at)}, func() any { return new(b24.DateTime) }, true},
		{"kind", "bigint", []any{b24.EntityTypeID(0), b24.EntityDeal}, func() any { return new(b24.EntityTypeID) }, false},
		{"null number", "bigint", []any{b24.Null[b24.Int]{}, b24.NullOf(b24.Int(0))}, func() any { return new(b24.Null[b24.Int]) }, true},
		{"null bool", "boolean", []any{b24.Null[b24.Bool]{}, b24.NullOf(b24.Bool(false))}, func() any { return new(b24.Null[b24.Bool]) }, true},
		{"null text", "text", []any{b24.Null[string]{}, b24.NullOf(""), b24.NullOf("x")}, func() any { return new(b24.Null[string]) }, true},
		{"null date", "date", []any{b24.Null[b24.Date]{}, b24.NullOf(b24.DateOf(at))}, func() any { return new(b24.Null[b24.Date]) }, true},
		{"null moment", "timestamptz", []any{b24.Null[b24.DateTime]{}, b24.NullOf(b24.DateTimeOf(at))}, func() any { return new(b24.Null[b24.DateTime]) }, true},
	}
}

func TestValuesComeBack(t *testing.T) {
	t.Parallel()
	for engine, db := range engines(t) {
		for i, c := range columns() {
			stored(t, engine, db, c, fmt.Sprintf("b24_values_%d_%d", os.Getpid(), i))
		}
	}
}

// stored writes the values of a column and reads them.
func stored(t *testing.T, engine string, db *sql.DB, c column, table string) {
	t.Helper()
	typ := "" // SQLite keeps the type of each value
	if engine == "postgres" || c.postgres == "timestamptz" || c.postgres == "boolean" {
		typ = c.postgres
	}
	if engine == "sqlite" && typ == "timestamptz" {
		typ = "timestamp"
	}
	_, err := db.ExecContext(t.Context(), "create table "+table+" (n integer, v "+typ+")")
	require.NoError(t, err, c.name)
	defer func() {
		_, err := db.ExecContext(t.Context(), "drop table "+table)
		require.NoError(t, err)
	}()
	for n, value := range c.values {
		_, err := db.ExecContext(t.Context(), "insert into "+table+" values ($1, $2)", n, value)
		require.NoError(t, err, "%s %v", c.name, value)

		var isNull bool
		back := c.back()
		require.NoError(t, db.QueryRowContext(t.Context(), "select v is null, v from "+table+" where n = $1", n).Scan(&isNull, back), "%s %v", c.name, value)

		assert.Equal(t, c.null && n == 0, isNull, "%s %v", c.name, value)
		assert.Equal(t, said(t, value), said(t, back), c.name)
	}
}

// said returns a value as JSON, in which equal moments of different zones are made equal.
func said(t *testing.T, v any) string {
	t.Helper()
	switch d := v.(type) {
	case b24.DateTime:
		return d.UTC().Format(time.RFC3339)
	case *b24.DateTime:
		return d.UTC().Format(time.RFC3339)
	case b24.Null[b24.DateTime]:
		return fmt.Sprint(d.Valid, d.V.UTC().Format(time.RFC3339))
	case *b24.Null[b24.DateTime]:
		return fmt.Sprint(d.Valid, d.V.UTC().Format(time.RFC3339))
	default:
		return fmt.Sprintf("%v", deref(v))
	}
}

// deref returns what a pointer points to.
func deref(v any) any {
	switch p := v.(type) {
	case *b24.ID:
		return *p
	case *b24.Int:
		return *p
	case *b24.Float:
		return *p
	case *b24.Bool:
		return *p
	case *b24.Money:
		return *p
	case *b24.Date:
		return *p
	case *b24.EntityTypeID:
		return *p
	case *b24.Null[b24.Int]:
		return *p
	case *b24.Null[b24.Bool]:
		return *p
	case *b24.Null[string]:
		return *p
	case *b24.Null[b24.Date]:
		return *p
	default:
		return v
	}
}

// NULL where only a number is expected is an error that says what to scan into.
func TestNullIntoANumber(t *testing.T) {
	t.Parallel()
	for engine, db := range engines(t) {
		var n b24.Int
		err := db.QueryRowContext(t.Context(), "select null").Scan(&n)
		require.ErrorContains(t, err, "Null[Int]", engine)
		var f b24.Float
		require.ErrorContains(t, db.QueryRowContext(t.Context(), "select null").Scan(&f), "Null[Float]", engine)
		var b b24.Bool
		require.ErrorContains(t, db.QueryRowContext(t.Context(), "select null").Scan(&b), "Null[Bool]", engine)
	}
}
