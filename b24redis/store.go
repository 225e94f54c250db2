package b24redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/b24go/b24"
)

const (
	maxKey   = 200
	maxValue = 64 << 10
)

// Store keeps values in Redis. It implements [b24.Store] and [b24.StoreLister], and is safe for
// concurrent use. Closing the client is up to you.
type Store struct {
	rdb        redis.UniversalClient
	prefix     string
	tokens     bool
	read, swap script
}

// New returns a Store in the server, or the Cluster, of rdb: a [redis.Client] (also one of
// [redis.NewFailoverClient]) or a [redis.ClusterClient], with ContextTimeoutEnabled in its options.
// Without that go-redis ignores the deadlines of contexts, and a server that hangs would hold up
// every call for longer than the library allows.
//
// New sends nothing, except with [WithTokens].
func New(ctx context.Context, rdb redis.UniversalClient, opts ...Option) (*Store, error) {
	c, err := newConfig(opts)
	if err := errors.Join(checkClient(rdb), err); err != nil {
		return nil, fmt.Errorf("b24redis: %w", err)
	}
	s := &Store{rdb: rdb, prefix: c.prefix, tokens: c.tokens, read: newScript(readText, false), swap: newScript(swapText, true)}
	if c.tokens {
		if err := s.checkTokens(ctx); err != nil {
			return nil, fmt.Errorf("b24redis: WithTokens: %w", err)
		}
	}
	return s, nil
}

// Get implements [b24.Store]. The clock is the server's.
func (s *Store) Get(ctx context.Context, key string) (value []byte, now time.Time, err error) {
	h, err := s.get(ctx, key)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("b24redis: get: %w", err)
	}
	return h.value, h.now, nil
}

func (s *Store) get(ctx context.Context, key string) (held, error) {
	if err := errors.Join(ctx.Err(), checkKey(key)); err != nil {
		return held{}, err
	}
	answer, err := s.run(ctx, s.read, key)
	if err != nil {
		return held{}, fmt.Errorf("read: %w", err)
	}
	return parseHeld(answer)
}

// Update implements [b24.Store]. The clock is the server's. If others update the key at the same
// time, change runs again until it comes first, or ctx ends.
func (s *Store) Update(ctx context.Context, key string, change func(now time.Time, old []byte) (value []byte, keep time.Duration, err error)) error {
	h, err := s.get(ctx, key)
	if err != nil {
		return fmt.Errorf("b24redis: update: %w", err)
	}
	for tries := 1; ; tries++ {
		value, keep, err := change(h.now, h.value)
		if err != nil {
			return err
		}
		if err := s.checkValue(value, keep); err != nil {
			return err
		}
		if h.version == "" && len(value) == 0 {
			return nil // there is nothing to remove
		}
		done, next, err := s.write(ctx, key, h.version, value, keep)
		if err == nil && !done {
			h, err = next, pause(ctx, tries)
		}
		if err != nil {
			return fmt.Errorf("b24redis: update: write: %w", err)
		}
		if done {
			return nil
		}
	}
}

// write stores a value, unless the version is another; it then returns what is stored.
func (s *Store) write(ctx context.Context, key, version string, value []byte, keep time.Duration) (done bool, next held, err error) {
	millis := keep.Milliseconds()
	if keep%time.Millisecond > 0 {
		millis++ // it is not forgotten earlier
	}
	answer, err := s.run(ctx, s.swap, key, version, rand.Text(), millis, value)
	if err != nil || len(answer) == 0 {
		return err == nil, held{}, err
	}
	next, err = parseHeld(answer)
	return false, next, err
}

// Keys implements [b24.StoreLister].
func (s *Store) Keys(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := s.scan(ctx, prefix, func(key string) bool { return yield(key, nil) }); err != nil {
			yield("", fmt.Errorf("b24redis: keys: %w", ended(ctx, err)))
		}
	}
}

// scan calls f with each key once, until it returns false.
func (s *Store) scan(ctx context.Context, prefix string, f func(key string) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	nodes, err := s.nodes(ctx)
	if err != nil {
		return err
	}
	const perTrip = 1000
	pattern := escape(s.prefix+prefix) + "*"
	seen := map[string]bool{} // Redis may yield a key twice
	for _, node := range nodes {
		for cursor, first := uint64(0), true; first || cursor != 0; first = false {
			var names []string
			if names, cursor, err = node.Scan(ctx, cursor, pattern, perTrip).Result(); err != nil {
				return err
			}
			for _, name := range names {
				if seen[name] {
					continue
				}
				seen[name] = true
				if !f(strings.TrimPrefix(name, s.prefix)) {
					return nil
				}
			}
		}
	}
	return nil
}

// escape makes a pattern of Redis that matches text.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`).Replace(text)
}

// pause waits before another try: not after the first, then a random time of up to 1, 2, ... 64 ms,
// so that many processes do not get into each other's way for ever.
func pause(ctx context.Context, tries int) error {
	if tries == 1 {
		return ctx.Err()
	}
	const doublings = 6
	longest := time.Millisecond << min(tries-2, doublings)
	n, err := rand.Int(rand.Reader, big.NewInt(int64(longest)))
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

func checkKey(key string) error { return checkText("a key", key, maxKey) }

// checkText checks a key or a prefix.
func checkText(what, text string, longest int) error {
	if text == "" || len(text) > longest {
		return fmt.Errorf("%s has 1 to %d characters, this one has %d", what, longest, len(text))
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return fmt.Errorf("character %d of %s is not printable ASCII", i, what)
		}
	}
	return nil
}

// checkValue checks what a change returned.
func (s *Store) checkValue(value []byte, keep time.Duration) error {
	switch {
	case len(value) > maxValue:
		return fmt.Errorf("b24redis: update: a value has up to %d bytes, this one has %d", maxValue, len(value))
	case len(value) == 0:
		return nil // it is removed
	case keep < 0:
		return fmt.Errorf("b24redis: update: a value is to be kept for %v", keep)
	case keep == 0 && !s.tokens:
		return fmt.Errorf("%w: use b24redis.WithTokens, or another store", b24.ErrVolatile)
	default:
		return nil
	}
}
