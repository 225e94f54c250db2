package b24sql

import (
	"errors"
	"fmt"
	"regexp"
)

// Option configures a [Store].
type Option func(*config) error

// config is what options set.
type config struct {
	table    string
	volatile bool
}

// WithTable sets the name of the table; the default is b24_store. It is a plain name, or two with a
// point between: letters, digits and underscores, without quotes. Stores with the same table share
// their values. Hosts that reach the portal from another address have a request limit of their own,
// and so need another table.
func WithTable(name string) Option {
	return func(c *config) error {
		c.table = name
		if len(name) > maxTable || !regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$`).MatchString(name) {
			return fmt.Errorf("table %.100q: a name has letters, digits and underscores, up to %d", name, maxTable)
		}
		return nil
	}
}

// maxTable is what PostgreSQL allows for a name.
const maxTable = 63

// WithVolatile is for a database that may lose what it confirmed, for example a cache in memory.
// [New] then does not ask it, and the store returns [b24.ErrVolatile] for a value to be kept for
// good: it serves request budgets, but no tokens.
func WithVolatile() Option {
	return func(c *config) error {
		c.volatile = true
		return nil
	}
}

// newConfig applies options to the defaults.
func newConfig(opts []Option) (config, error) {
	c := config{table: "b24_store"}
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
