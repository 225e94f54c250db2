package b24sql

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/b24go/b24"
)

const (
	maxKey   = 200
	maxValue = 64 << 10
	// forGood is how many microseconds a value is kept for good, 146,000 years. Sums with it fit.
	forGood = 1 << 62
	// sweepEvery is how many updates come before one that also removes expired rows, on average.
	sweepEvery = 256
	perTrip    = 500 // keys listed by one statement
)

// Store keeps values in a table. It implements [b24.Store] and [b24.StoreLister], and is safe for
// concurrent use. Closing the database is up to you.
type Store struct {
	db       *sql.DB
	dialect  Dialect
	table    string
	volatile bool
	sql      statements
}

// New returns a Store in the table that [Migrate] created. It returns an error if the table is not
// there, or if the database may lose what it confirmed: it names the setting to change. New looks
// at one connection: open all of them with the same settings, and do not relax them afterwards. See
// [WithVolatile] for a database that may lose updates.
func New(ctx context.Context, db *sql.DB, dialect Dialect, opts ...Option) (*Store, error) {
	c, err := newConfig(opts)
	if err := errors.Join(checkDB(db), dialect.check(), err); err != nil {
		return nil, fmt.Errorf("b24sql: %w", err)
	}
	s := &Store{db: db, dialect: dialect, table: c.table, volatile: c.volatile, sql: dialect.statements(c.table)}
	if !c.volatile {
		if err := persist(ctx, func() error { return s.checkDurable(ctx) }); err != nil {
			return nil, fmt.Errorf("b24sql: %w", err)
		}
	}
	return s, nil
}

// Get implements [b24.Store]. The clock is the database's, and never earlier than the Update that
// stored the value.
func (s *Store) Get(ctx context.Context, key string) (value []byte, now time.Time, err error) {
	r, err := s.get(ctx, key)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("b24sql: get: %w", err)
	}
	return r.value, time.UnixMicro(r.now), nil
}

// Update implements [b24.Store]. The clock is the database's, and never earlier than the Update that
// stored the old value. If others update the key at the same time, change runs again until it comes
// first, or ctx ends.
func (s *Store) Update(ctx context.Context, key string, change func(now time.Time, old []byte) (value []byte, keep time.Duration, err error)) error {
	for tries := 1; ; tries++ {
		begun := time.Now()
		r, err := s.get(ctx, key)
		if err != nil {
			return fmt.Errorf("b24sql: update: %w", err)
		}
		value, keep, err := change(time.UnixMicro(r.now), r.value)
		if err != nil {
			return err
		}
		if err := s.checkValue(value, keep); err != nil {
			return err
		}
		done, err := s.write(ctx, key, r, value, keep)
		if err != nil {
			return fmt.Errorf("b24sql: update: write: %w", ended(ctx, err))
		}
		if done {
			return nil
		}
		if err := pause(ctx, tries, time.Since(begun)); err != nil {
			return fmt.Errorf("b24sql: update: others came first %d times: %w", tries, err)
		}
	}
}

// row is what is stored under a key.
type row struct {
	now     int64 // microseconds since 1970
	there   bool  // there is a row, though it may have expired
	version int64
	value   []byte
}

// get reads a row. On SQLite a writer may keep readers out for a while.
func (s *Store) get(ctx context.Context, key string) (r row, err error) {
	if err := errors.Join(ctx.Err(), checkKey(key)); err != nil {
		return row{}, err
	}
	err = persist(ctx, func() (err error) {
		r, err = s.read(ctx, key)
		return err
	})
	if err != nil {
		return row{}, fmt.Errorf("read: %w", err)
	}
	return r, nil
}

func (s *Store) read(ctx context.Context, key string) (row, error) {
	var (
		r                         row
		version, written, expires sql.NullInt64
	)
	if err := s.db.QueryRowContext(ctx, s.sql.read, []byte(key)).Scan(&r.now, &r.value, &version, &written, &expires); err != nil {
		return row{}, err
	}
	r.there, r.version = version.Valid, version.Int64
	r.now = max(r.now, written.Int64) // the clock may have jumped back
	if r.now >= expires.Int64 {
		r.value = nil
	}
	return r, nil
}

// write stores a value by one statement. It reports false if somebody else came first.
func (s *Store) write(ctx context.Context, key string, r row, value []byte, keep time.Duration) (bool, error) {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails
	version := int64(binary.NativeEndian.Uint64(random[:]) >> 1)
	query, args := s.sql.update, []any{value, version, s.micros(keep), []byte(key), r.version}
	switch {
	case len(value) == 0 && !r.there:
		return true, nil
	case len(value) == 0:
		query, args = s.sql.remove, []any{[]byte(key), r.version}
	case !r.there:
		query, args = s.sql.insert, args[:4]
	}
	result, err := s.db.ExecContext(ctx, query, args...)
	if collided(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	if err != nil || rows == 0 {
		return false, err
	}
	if version%sweepEvery == 0 {
		s.sweep(ctx)
	}
	return true, nil
}

// micros returns how many microseconds of the database's clock a value is kept.
func (s *Store) micros(keep time.Duration) int64 {
	if keep == 0 {
		return forGood
	}
	micros := keep.Microseconds()
	if keep%time.Microsecond > 0 {
		micros++ // it is not forgotten earlier
	}
	if s.dialect == SQLite {
		micros += time.Millisecond.Microseconds() // what its clock may lag
	}
	return micros
}

// sweep removes some expired rows. What fails is left to a later update: this one is stored.
func (s *Store) sweep(ctx context.Context) {
	const most = 100
	names, err := s.names(ctx, s.sql.expired, most)
	if err != nil || len(names) == 0 {
		return
	}
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = []byte(name)
	}
	// By name, so that no other row is locked on the way.
	query := s.dialect.numbered(s.sql.discard + "(?" + strings.Repeat(", ?", len(list)-1) + ")")
	_, _ = s.db.ExecContext(ctx, query, list...)
}

// Keys implements [b24.StoreLister]. The body of the loop may use the database: no connection is
// held meanwhile.
func (s *Store) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		const behind = "\x7f" // comes after every character of a key
		for from := prefix; ; {
			names, err := s.names(ctx, s.sql.list, []byte(from), []byte(prefix+behind), perTrip)
			if err != nil {
				yield("", fmt.Errorf("b24sql: keys: %w", ended(ctx, err)))
				return
			}
			for _, name := range names {
				if !yield(name, nil) {
					return
				}
			}
			if len(names) < perTrip {
				return
			}
			from = names[len(names)-1] + "\x00"
		}
	}
}

// names returns the names that a statement finds.
func (s *Store) names(ctx context.Context, query string, args ...any) (names []string, err error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name []byte
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, string(bytes.Clone(name)))
	}
	return names, rows.Err()
}

func checkKey(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("a key has 1 to %d characters, this one has %d", maxKey, len(key))
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return fmt.Errorf("character %d of a key is not printable ASCII", i)
		}
	}
	return nil
}

// checkValue checks what a change returned.
func (s *Store) checkValue(value []byte, keep time.Duration) error {
	switch {
	case len(value) > maxValue:
		return fmt.Errorf("b24sql: update: a value has up to %d bytes, this one has %d", maxValue, len(value))
	case len(value) == 0:
		return nil // it is removed
	case keep < 0:
		return fmt.Errorf("b24sql: update: a value is to be kept for %v", keep)
	case keep == 0 && s.volatile:
		return fmt.Errorf("%w: leave out b24sql.WithVolatile, or use another store", b24.ErrVolatile)
	default:
		return nil
	}
}
