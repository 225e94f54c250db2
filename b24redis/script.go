package b24redis

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// A value is a hash: v is its version, a random text, and d its bytes. A version that counted would
// begin again after a removal, and two different values would have the same.
const (
	// readText returns the server's time, the version and the value.
	readText = `
local held = redis.call('HMGET', KEYS[1], 'v', 'd')
local now = redis.call('TIME')
return {now[1], now[2], held[1], held[2]}`

	// swapText stores value ARGV[4] as version ARGV[2] for ARGV[3] milliseconds, 0 for good, if the
	// version is ARGV[1], and returns nothing; else it returns what readText does.
	swapText = `
local version = redis.call('HGET', KEYS[1], 'v')
if (version or '') ~= ARGV[1] then
	local now = redis.call('TIME')
	return {now[1], now[2], version, redis.call('HGET', KEYS[1], 'd')}
end
if ARGV[4] == '' then
	redis.call('DEL', KEYS[1])
	return {}
end
redis.call('HSET', KEYS[1], 'v', ARGV[2], 'd', ARGV[4])
if ARGV[3] == '0' then
	redis.call('PERSIST', KEYS[1])
else
	redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return {}`
)

// script is a script, and what the server calls it.
type script struct {
	text, hash string
	writes     bool
}

func newScript(text string, writes bool) script {
	return script{text, redis.NewScript(text).Hash(), writes}
}

// run runs a script for a key, by its name if the server knows it.
func (s *Store) run(ctx context.Context, sc script, key string, args ...any) ([]any, error) {
	answer, err := s.send(ctx, sc, append([]any{"evalsha", sc.hash, 1, s.prefix + key}, args...))
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		answer, err = s.send(ctx, sc, append([]any{"eval", sc.text, 1, s.prefix + key}, args...))
	}
	return answer, ended(ctx, err)
}

// send sends a command. After a lost answer the client repeats only what reads.
func (s *Store) send(ctx context.Context, sc script, args []any) ([]any, error) {
	const keyAt = 3
	cmd := redis.NewCmd(ctx, args...)
	cmd.SetFirstKeyPos(keyAt)
	var sent redis.Cmder = cmd
	if sc.writes {
		sent = once{cmd}
	}
	if err := s.rdb.Process(ctx, sent); err != nil {
		return nil, err
	}
	return cmd.Slice()
}

// held is what is stored under a key.
type held struct {
	now     time.Time
	version string // "": there is no value
	value   []byte
}

// parseHeld reads the answer of a script.
func parseHeld(answer []any) (h held, err error) {
	var texts [4]string
	if len(answer) != len(texts) {
		return h, fmt.Errorf("the server answered with %d values", len(answer))
	}
	for i, v := range answer {
		texts[i], _ = v.(string) // nil: there is no value
	}
	seconds, err := strconv.ParseInt(texts[0], 10, 64)
	micros, err2 := strconv.ParseInt(texts[1], 10, 64)
	if err := errors.Join(err, err2); err != nil {
		return h, fmt.Errorf("the server's time: %w", err)
	}
	h.now = time.Unix(seconds, micros*int64(time.Microsecond))
	if h.version = texts[2]; h.version != "" {
		h.value = []byte(texts[3])
	}
	return h, nil
}
