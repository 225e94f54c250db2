package b24sql_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"time"

	_ "modernc.org/sqlite" // the driver sqlite

	"github.com/b24go/b24/b24sql"
)

func Example() {
	dir, err := os.MkdirTemp("", "b24sql")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()

	// Settings that keep what was confirmed: New refuses others.
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(dir, "b24.db"))+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := b24sql.Migrate(ctx, db, b24sql.SQLite); err != nil {
		log.Fatal(err)
	}
	store, err := b24sql.New(ctx, db, b24sql.SQLite)
	if err != nil {
		log.Fatal(err)
	}

	// The library does this with budgets and tokens. Here it counts runs.
	for range 3 {
		err := store.Update(ctx, "runs", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
			n, _ := strconv.Atoi(string(old)) // 0 at first
			return strconv.AppendInt(nil, int64(n)+1, 10), time.Hour, nil
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	value, _, err := store.Get(ctx, "runs")
	fmt.Println(string(value), err)
	// Output: 3 <nil>
}

func ExampleWithVolatile() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1) // each connection has a database of its own
	if err := b24sql.Migrate(ctx, db, b24sql.SQLite); err != nil {
		log.Fatal(err)
	}
	store, err := b24sql.New(ctx, db, b24sql.SQLite, b24sql.WithVolatile())
	if err != nil {
		log.Fatal(err)
	}

	err = store.Update(ctx, "token", func(time.Time, []byte) ([]byte, time.Duration, error) {
		return []byte("to be kept for good"), 0, nil
	})
	fmt.Println(err)
	// Output: b24: the store may forget values: this one must be kept: leave out b24sql.WithVolatile, or use another store
}

func ExampleStore_Keys() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if err := b24sql.Migrate(ctx, db, b24sql.SQLite, b24sql.WithTable("shared")); err != nil {
		log.Fatal(err)
	}
	store, err := b24sql.New(ctx, db, b24sql.SQLite, b24sql.WithTable("shared"), b24sql.WithVolatile())
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range []string{"token:2", "token:1", "budget:example.com"} {
		err := store.Update(ctx, key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte("v"), time.Hour, nil })
		if err != nil {
			log.Fatal(err)
		}
	}
	for key, err := range store.Keys(ctx, "token:") {
		fmt.Println(key, err)
	}
	// Output:
	// token:1 <nil>
	// token:2 <nil>
}
