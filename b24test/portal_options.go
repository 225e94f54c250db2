package b24test

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Option configures a [Portal].
type Option func(*config) error

type config struct {
	prefix    string
	userID    int64
	secret    string
	memory    bool
	wholeTime bool
	operating operating
	perSecond float64
	burst     int
	limit     time.Duration // of the operating time
	cost      CostModel
	costs     map[string]CostModel // by method in lower case
	slow      bool                 // calls take latency and their cost
	latency   time.Duration
	maxLimits map[string]int // of REST 3.0, by method in lower case

	timeLimit    time.Duration // of a batch
	batchCharged bool          // operating time is that of batch
	pageSizes    map[string]int
	errorTexts   bool // rows of result_error are plain texts
	oldUsers     bool // user.get knows no operators
	linkLife     time.Duration
	keptFile     int64 // files up to this size are held in memory
	rangeless    bool  // downloads ignore Range
}

// operating holds what the `time` of an answer reports about the operating limit.
type operating struct {
	hidden  bool
	seconds float64
	resetIn time.Duration
}

func newConfig(opts []Option) (config, error) {
	cfg := config{
		userID:    1,
		secret:    "b24testsecret0001",
		operating: operating{resetIn: 10 * time.Minute},
		costs:     map[string]CostModel{},
		timeLimit: time.Minute,
		keptFile:  usualKeptFile,
		pageSizes: map[string]int{},
	}
	var errs []error
	for _, opt := range opts {
		errs = append(errs, opt(&cfg))
	}
	return cfg, errors.Join(errs...)
}

// WithPrefix puts the portal under a path, like some self-hosted portals: "/portal" makes it answer
// at /portal/rest/. By default there is no prefix.
func WithPrefix(path string) Option {
	return func(c *config) error {
		if strings.ContainsAny(path, "?#%") {
			return fmt.Errorf("prefix: %q is not a plain path", path)
		}
		c.prefix = strings.TrimRight("/"+strings.Trim(path, "/"), "/")
		return nil
	}
}

// WithCredentials sets the user and the secret of the webhook. A client of package b24 does not
// accept a secret of fewer than 6 characters. The default is user 1 and a fixed secret.
func WithCredentials(userID int64, secret string) Option {
	return func(c *config) error {
		if userID < 1 {
			return fmt.Errorf("credentials: user %d is not positive", userID)
		}
		if secret == "" || strings.ContainsAny(secret, "/?#%") {
			return errors.New("credentials: the secret is not a path segment")
		}
		c.userID, c.secret = userID, secret
		return nil
	}
}

// WithMemory opens no socket: the portal is reachable only through [Portal.HTTPClient]. Inside a
// testing/synctest bubble this is the default.
func WithMemory() Option {
	return func(c *config) error {
		c.memory = true
		return nil
	}
}

// WithIntegerTime makes time.start and time.processing whole numbers, as newer portals do. The
// default is fractions.
func WithIntegerTime() Option {
	return func(c *config) error {
		c.wholeTime = true
		return nil
	}
}

// WithOperating sets the values that every answer reports: time.operating in seconds, and
// time.operating_reset_at as a time resetIn from now. The default is 0 seconds and 10 minutes. A
// [Result] can override it for one answer, [WithOperatingLimit] for all.
func WithOperating(seconds float64, resetIn time.Duration) Option {
	return func(c *config) error {
		if seconds < 0 {
			return fmt.Errorf("operating: %v s is negative", seconds)
		}
		c.operating = operating{seconds: seconds, resetIn: resetIn}
		return nil
	}
}

// WithoutOperating omits time.operating and time.operating_reset_at, as self-hosted portals do.
func WithoutOperating() Option {
	return func(c *config) error {
		c.operating = operating{hidden: true}
		return nil
	}
}

// WithTimeLimit ends a batch that takes longer than d. Commands that have finished by then were
// executed, the others were not, and the answer is a page with status 504. Delays, [WithLatency]
// and handlers take time. The default is 60 s, as in the cloud; 0 means no limit, and a negative d
// is an error. A single call has no limit.
func WithTimeLimit(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("time limit: %v is negative", d)
		}
		c.timeLimit = d
		return nil
	}
}

// WithBatchCharged charges the operating time of a batch's commands to the method batch instead of
// their own, as some portals do. All rows of the batch then report the same number, and the batch
// is refused when the limit is used up.
func WithBatchCharged() Option {
	return func(c *config) error {
		c.batchCharged = true
		return nil
	}
}

// WithPageSize sets the page size of the lists of seeded entities to n rows instead of 50: for the
// named methods, in any letter case, or for all methods if none is named. If a caller can choose
// the number of rows, n is the maximum. n must be positive.
func WithPageSize(n int, methods ...string) Option {
	return func(c *config) error {
		if n < 1 {
			return fmt.Errorf("page size: %d is not positive", n)
		}
		if len(methods) == 0 {
			c.pageSizes[""] = n
		}
		for _, m := range methods {
			c.pageSizes[strings.ToLower(m)] = n
		}
		return nil
	}
}

// pageSizeOf returns the page size of a method that does not have the usual one, otherwise 0.
func (c *config) pageSizeOf(method string) int {
	if n := c.pageSizes[strings.ToLower(method)]; n > 0 {
		return n
	}
	return c.pageSizes[""]
}

// WithErrorTexts makes the rows of a batch's result_error plain texts, as older portals do: the
// code, or the description if there is no code.
func WithErrorTexts() Option {
	return func(c *config) error {
		c.errorTexts = true
		return nil
	}
}

// WithOldUsers makes user.get and user.search silently ignore conditions with an operator, such as
// ">ID", so that all users match. Older portals do so, and reading by id then returns the first
// page again and again.
func WithOldUsers() Option {
	return func(c *config) error {
		c.oldUsers = true
		return nil
	}
}
