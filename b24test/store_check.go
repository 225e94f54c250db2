package b24test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/b24go/b24"
)

const (
	storeKeep    = time.Hour // longer than a check takes
	storeWorkers = 8
	storeTurns   = 50 // updates of each worker
)

// CheckStore checks that a store does what is written at [b24.Store]: that no update is lost, that
// errors and panics of a change leave the value, that keys and values of every kind come back as
// they were stored, and that contexts end calls. What it stores is removed at the end, unless a
// check fails.
//
// open opens the same store each time, as another process would. A run takes under a second plus
// some 500 updates of one value.
func CheckStore(tb testing.TB, open func() b24.Store) {
	tb.Helper()
	prefix := "check:" + rand.Text() + ":"
	for _, check := range []func(storeCheck){
		storeCheck.missing, storeCheck.replaces, storeCheck.removes, storeCheck.copies, storeCheck.failedChange, storeCheck.panickedChange,
		storeCheck.keys, storeCheck.values, storeCheck.durable, storeCheck.clock, storeCheck.contexts, storeCheck.counts, storeCheck.lists,
	} {
		check(storeCheck{tb, open(), open(), prefix + rand.Text()[:8]})
	}
}

// storeCheck checks a store that two processes opened.
type storeCheck struct {
	testing.TB

	a, b b24.Store
	key  string
}

// get returns the value under a key as the second process sees it.
func (c storeCheck) get(key string) string {
	c.Helper()
	value, _, err := c.b.Get(c.Context(), key)
	if err != nil {
		c.Errorf("Get of %q: %v", key, err)
	}
	return string(value)
}

// set stores a value under a key as the first process.
func (c storeCheck) set(key, value string) {
	c.Helper()
	err := c.a.Update(c.Context(), key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte(value), storeKeep, nil })
	if err != nil {
		c.Errorf("Update of %q: %v", key, err)
	}
}

func (c storeCheck) want(key, want, when string) {
	c.Helper()
	if got := c.get(key); got != want {
		c.Errorf("%s, the value is %.80q, want %.80q", when, got, want)
	}
}

// old updates the key and returns what the change was given.
func (c storeCheck) old() []byte {
	c.Helper()
	var seen []byte
	err := c.b.Update(c.Context(), c.key, func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		seen = bytes.Clone(old)
		return old, storeKeep, nil
	})
	if err != nil {
		c.Errorf("Update: %v", err)
	}
	return seen
}

func (c storeCheck) missing() {
	c.Helper()
	if value, _, err := c.a.Get(c.Context(), c.key); value != nil || err != nil {
		c.Errorf("Get of a key that was never stored returned %q, %v, want nil", value, err)
	}
	if old := c.old(); old != nil {
		c.Errorf("the change of a key that was never stored was given %q, want nil", old)
	}
}

func (c storeCheck) replaces() {
	c.Helper()
	c.set(c.key, "first")
	c.want(c.key, "first", "after it was stored")
	if old := c.old(); string(old) != "first" {
		c.Errorf("a change was given %q, want what is stored", old)
	}
	c.set(c.key, "second")
	c.want(c.key, "second", "after it was replaced")
	c.set(c.key, "")
}

func (c storeCheck) removes() {
	c.Helper()
	c.set(c.key, "")
	c.set(c.key, "value")
	c.set(c.key, "")
	if value, _, err := c.b.Get(c.Context(), c.key); value != nil || err != nil {
		c.Errorf("Get of a removed value returned %q, %v, want nil", value, err)
	}
	if old := c.old(); old != nil {
		c.Errorf("the change of a removed value was given %q, want nil", old)
	}
}

// copies checks that a store keeps no slice of a caller, and hands out none of its own.
func (c storeCheck) copies() {
	c.Helper()
	value := []byte("value")
	err := c.a.Update(c.Context(), c.key, func(time.Time, []byte) ([]byte, time.Duration, error) { return value, storeKeep, nil })
	if err != nil {
		c.Errorf("Update: %v", err)
	}
	copy(value, "VALUE")
	got, _, err := c.a.Get(c.Context(), c.key)
	if err != nil {
		c.Errorf("Get: %v", err)
	}
	copy(got, "Value")
	err = c.a.Update(c.Context(), c.key, func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
		copy(old, "xxxxx")
		return nil, 0, errors.New("no")
	})
	if err == nil {
		c.Errorf("Update returned no error of its change")
	}
	c.want(c.key, "value", "after the caller changed its own slices")
	c.set(c.key, "")
}

func (c storeCheck) failedChange() {
	c.Helper()
	c.set(c.key, "value")
	refused := errors.New("refused")
	err := c.a.Update(c.Context(), c.key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte("other"), storeKeep, refused })
	if err != refused { //nolint:errorlint // it comes as it is
		c.Errorf("Update returned %v, want the error of its change", err)
	}
	c.want(c.key, "value", "after a change failed")
	c.set(c.key, "")
}

func (c storeCheck) panickedChange() {
	c.Helper()
	c.set(c.key, "value")
	func() {
		defer func() { _ = recover() }()
		err := c.a.Update(c.Context(), c.key, func(time.Time, []byte) ([]byte, time.Duration, error) {
			panic("in a change") //nolint:forbidigo // it is what is checked
		})
		c.Errorf("a panic of a change became the error %v", err)
	}()
	c.want(c.key, "value", "after a change panicked")
	c.set(c.key, "next")
	c.want(c.key, "next", "after the update that followed a panic")
	c.set(c.key, "")
}

// keys checks keys with all characters and of all lengths: none is taken for another.
func (c storeCheck) keys() {
	c.Helper()
	var all strings.Builder
	for char := byte('!'); char <= '~'; char++ {
		all.WriteByte(char)
	}
	const longest = 200
	keys := []string{
		c.key + all.String(), c.key + "a", c.key + "A", c.key + "a*", c.key + "a%", c.key + "a_",
		c.key + strings.Repeat("k", longest-len(c.key)), c.key + strings.Repeat("k", longest-1-len(c.key)) + "K",
	}
	for i, key := range keys {
		c.set(key, strconv.Itoa(i))
	}
	for i, key := range keys {
		c.want(key, strconv.Itoa(i), fmt.Sprintf("under key %q", key))
		c.set(key, "")
	}
}

// values checks the bytes of a value: it is no text, and may be 64 KiB.
func (c storeCheck) values() {
	c.Helper()
	const largest = 64 << 10
	every := make([]byte, largest)
	for i := range every {
		every[i] = byte(i)
	}
	for _, value := range []string{"\x00", " ", "\n", "0", "null", "\xff\xfe", "'\"\\", string(every)} {
		c.set(c.key, value)
		c.want(c.key, value, "after it was stored")
		if old := c.old(); string(old) != value {
			c.Errorf("a change was given %.80q, want %.80q", old, value)
		}
	}
	c.set(c.key, "")
}

// durable checks a value to be kept for good: the store keeps it, or says that it cannot.
func (c storeCheck) durable() {
	c.Helper()
	c.set(c.key, "value")
	err := c.a.Update(c.Context(), c.key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte("for good"), 0, nil })
	switch {
	case err == nil:
		c.want(c.key, "for good", "after it was stored for good")
	case errors.Is(err, b24.ErrVolatile):
		c.want(c.key, "value", "after ErrVolatile")
	default:
		c.Errorf("Update with keep 0 returned %v, want nil or ErrVolatile", err)
	}
	c.set(c.key, "")
}

// clock checks that all processes are told the time of one clock.
func (c storeCheck) clock() {
	c.Helper()
	const apart = time.Minute
	_, first, err := c.a.Get(c.Context(), c.key)
	if err != nil || first.IsZero() {
		c.Errorf("Get returned the time %v, %v", first, err)
	}
	err = c.b.Update(c.Context(), c.key, func(now time.Time, _ []byte) ([]byte, time.Duration, error) {
		if d := now.Sub(first); d < -apart || d > apart {
			c.Errorf("the clock of Update is %v ahead of that of Get", d)
		}
		return nil, storeKeep, nil
	})
	if err != nil {
		c.Errorf("Update: %v", err)
	}
}

// contexts checks that no call outlives its context.
func (c storeCheck) contexts() {
	c.Helper()
	c.set(c.key, "value")
	cancelled, cancel := context.WithCancel(c.Context())
	cancel()
	late, done := context.WithDeadline(c.Context(), time.Now().Add(-time.Second))
	defer done()
	for _, end := range []struct {
		ctx  context.Context //nolint:containedctx // a row of a table
		want error
	}{{cancelled, context.Canceled}, {late, context.DeadlineExceeded}} {
		if _, _, err := c.a.Get(end.ctx, c.key); !errors.Is(err, end.want) {
			c.Errorf("Get returned %v, want %v", err, end.want)
		}
		err := c.a.Update(end.ctx, c.key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte("other"), storeKeep, nil })
		if !errors.Is(err, end.want) {
			c.Errorf("Update returned %v, want %v", err, end.want)
		}
	}
	c.set(c.key, "")
}

// counts checks that no update is lost among those of several processes.
func (c storeCheck) counts() {
	c.Helper()
	var group sync.WaitGroup
	for i := range storeWorkers {
		group.Go(func() {
			store := c.a
			if i%2 == 1 {
				store = c.b
			}
			for range storeTurns {
				err := store.Update(c.Context(), c.key, func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
					runtime.Gosched()                 // lets others come between, if the store does
					n, _ := strconv.Atoi(string(old)) // 0 at first
					return strconv.AppendInt(nil, int64(n)+1, 10), storeKeep, nil
				})
				if err != nil {
					c.Errorf("Update beside others: %v", err)
					return
				}
			}
		})
	}
	group.Wait()
	c.want(c.key, strconv.Itoa(storeWorkers*storeTurns), fmt.Sprintf("after %d workers added 1 %d times", storeWorkers, storeTurns))
	c.set(c.key, "")
}

// lists checks the keys of a store that lists them.
func (c storeCheck) lists() {
	c.Helper()
	lister, ok := c.b.(b24.StoreLister)
	if !ok {
		return
	}
	want := map[string]bool{c.key + ":a": true, c.key + ":b%": true}
	for key := range want {
		c.set(key, "value")
	}
	c.set(c.key+"_a", "value")
	for key, err := range lister.Keys(c.Context(), c.key+":") {
		if err != nil || !want[key] {
			c.Errorf("Keys of prefix %q yielded %q, %v", c.key+":", key, err)
		}
		delete(want, key)
	}
	for key := range want {
		c.Errorf("Keys did not yield %q", key)
	}
	for _, key := range []string{c.key + ":a", c.key + ":b%", c.key + "_a"} {
		c.set(key, "")
	}
}
