package b24redis

import (
	"errors"
)

// maxPrefix keeps the names of keys in Redis readable.
const maxPrefix = 100

// Option configures a [Store].
type Option func(*config) error

// config is what options set.
type config struct {
	prefix string
	tokens bool
}

// WithPrefix sets what the names of all keys in Redis begin with; the default is "b24:". Stores
// with the same prefix on the same server share their values. Hosts that reach the portal from
// another address have a request limit of their own, and so need another prefix.
//
// A prefix is 1 to 100 printable ASCII characters without blanks.
func WithPrefix(prefix string) Option {
	return func(c *config) error {
		c.prefix = prefix
		return checkText("a prefix", prefix, maxPrefix)
	}
}

// WithTokens lets the store keep values for good, such as tokens. [New] then asks the server (each
// master of a Cluster) and returns an error if it may forget: without appendonly, with an
// appendfsync other than always, or with a maxmemory-policy other than noeviction. The server must
// answer INFO and CONFIG GET.
//
// New asks once: do not relax these settings while the program runs. A failover to a replica may
// lose the last writes, because Redis answers before its replicas have them.
func WithTokens() Option {
	return func(c *config) error {
		c.tokens = true
		return nil
	}
}

// newConfig applies options to the defaults.
func newConfig(opts []Option) (config, error) {
	c := config{prefix: "b24:"}
	var all []error
	for _, opt := range opts {
		if opt == nil {
			all = append(all, errors.New("an option is nil"))
			continue
		}
		all = append(all, opt(&c))
	}
	return c, errors.Join(all...)
}
