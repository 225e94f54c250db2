package b24redis

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// checkClient is an error if a client cannot serve a store.
func checkClient(rdb redis.UniversalClient) error {
	var heeds bool
	switch c := rdb.(type) {
	case *redis.Client:
		if c == nil {
			return errors.New("the client is nil")
		}
		heeds = c.Options().ContextTimeoutEnabled
	case *redis.ClusterClient:
		if c == nil {
			return errors.New("the client is nil")
		}
		heeds = c.Options().ContextTimeoutEnabled
	default: // a Ring moves keys to another server when one is down, and each has a clock of its own
		return fmt.Errorf("the client is a %T: use a *redis.Client or a *redis.ClusterClient", rdb)
	}
	if !heeds {
		return errors.New("the client ignores the deadlines of contexts: set ContextTimeoutEnabled in its options")
	}
	return nil
}

// nodes returns a client for each server that has keys of its own.
func (s *Store) nodes(ctx context.Context) ([]*redis.Client, error) {
	cluster, ok := s.rdb.(*redis.ClusterClient)
	if !ok {
		return []*redis.Client{s.rdb.(*redis.Client)}, nil //nolint:errcheck // New checked it
	}
	var (
		mu    sync.Mutex
		nodes []*redis.Client
	)
	err := cluster.ForEachMaster(ctx, func(_ context.Context, node *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		nodes = append(nodes, node)
		return nil
	})
	return nodes, err
}

// checkTokens is an error if a server may forget a value after it said that the value is stored.
func (s *Store) checkTokens(ctx context.Context) error {
	nodes, err := s.nodes(ctx)
	if err != nil {
		return ended(ctx, err)
	}
	for _, node := range nodes {
		if err := checkDurable(ctx, node); err != nil {
			return fmt.Errorf("%s: %w", node.Options().Addr, ended(ctx, err))
		}
	}
	return nil
}

// checkDurable checks one server.
func checkDurable(ctx context.Context, node *redis.Client) error {
	info, err := node.Info(ctx).Result()
	if err != nil {
		return fmt.Errorf("INFO: %w", err)
	}
	fsync, err := node.ConfigGet(ctx, "appendfsync").Result()
	if err != nil {
		return fmt.Errorf("CONFIG GET appendfsync: %w", err)
	}
	told := map[string]string{}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		told[name] = value
	}
	return errors.Join(
		checkSetting("appendonly", told["aof_enabled"], "1", "yes"),
		checkSetting("appendfsync", fsync["appendfsync"], "always", "always"),
		checkSetting("maxmemory-policy", told["maxmemory_policy"], "noeviction", "noeviction"),
	)
}

// checkSetting is an error if the server says something else than it must.
func checkSetting(name, got, want, set string) error {
	if got == want {
		return nil
	}
	return fmt.Errorf("the server may forget a token (it says %q of %s): set %s to %s, or keep tokens in another store", got, name, name, set)
}

// once is a command that the client does not send again after a lost answer: it may have been
// executed, and would then be taken for somebody else's.
type once struct{ *redis.Cmd }

// NoRetry implements [redis.Cmder].
func (once) NoRetry() bool { return true }

// ended makes an error match that of ctx if ctx ended: go-redis reports a deadline as a timeout of
// the connection.
func ended(ctx context.Context, err error) error {
	cause := ctx.Err()
	deadline, ok := ctx.Deadline()
	if cause == nil && ok && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(deadline) {
		cause = context.DeadlineExceeded // its timer is about to fire
	}
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (%v)", cause, err) //nolint:errorlint // the cause is what callers match
}
