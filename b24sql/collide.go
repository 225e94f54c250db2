package b24sql

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// collided reports whether a statement did nothing because another one was in its way: PostgreSQL
// could not serialize it, MySQL chose it to end a deadlock or a wait, SQLite was busy. Drivers have
// types of their own for that, and none of them is imported here.
func collided(err error) bool {
	if err == nil {
		return false
	}
	if coded, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		return slices.Contains([]string{"40001", "40P01", "55P03"}, coded.SQLState())
	}
	text := err.Error()
	return slices.ContainsFunc([]string{
		"Error 1213", "Error 1205", "Error 1020",
		"SQLITE_BUSY", "SQLITE_LOCKED", "database is locked", "database table is locked",
	}, func(part string) bool { return strings.Contains(text, part) })
}

// persist calls f until nothing is in its way, or ctx ends.
func persist(ctx context.Context, f func() error) error {
	for tries := 1; ; tries++ {
		begun := time.Now()
		err := ended(ctx, f())
		if !collided(err) {
			return err
		}
		if cause := pause(ctx, tries, time.Since(begun)); cause != nil {
			return fmt.Errorf("%w (%v)", cause, err) //nolint:errorlint // the cause is what callers match
		}
	}
}

// ended makes an error match that of ctx if ctx ended: not all drivers do.
func ended(ctx context.Context, err error) error {
	cause := ctx.Err()
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (%v)", cause, err) //nolint:errorlint // the cause is what callers match
}

// pause waits before another try, a random time of up to 1, 2, ... 64 times what the last one took,
// so that many processes do not get into each other's way for ever.
func pause(ctx context.Context, tries int, took time.Duration) error {
	const (
		shortest, longest = time.Millisecond, 16 * time.Millisecond
		doublings         = 6
	)
	most := min(max(took, shortest), longest) << min(tries-1, doublings)
	n, err := rand.Int(rand.Reader, big.NewInt(int64(most)))
	if err != nil {
		return err
	}
	timer := time.NewTimer(time.Duration(n.Int64()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
