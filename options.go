package b24

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// config is what the options of a client add up to.
type config struct {
	httpClient *http.Client // nil: our own
	logger     *slog.Logger
	userAgent  string
	timeout    time.Duration
	maxBytes   int64
	insecure   bool
	retry      RetryPolicy
	trace      Trace
	rate       requestRate
	limiter    Limiter // nil: shared with the other clients of the portal
	operating  time.Duration
}

func defaults() config {
	return config{
		logger:    slog.New(slog.DiscardHandler),
		timeout:   75 * time.Second,
		maxBytes:  256 << 20,
		operating: 480 * time.Second,
	}
}

// newConfig applies opts to the defaults and reports all bad ones at once.
func newConfig(opts []Option) (config, error) {
	c := defaults()
	var errs []error
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(&c); err != nil {
			errs = append(errs, fmt.Errorf("b24: option: %w", err))
		}
	}
	return c, errors.Join(errs...)
}

// Option sets up a client. The constructor reports all bad options at once.
type Option func(*config) error

// WithHTTPClient sets the HTTP client. It is copied: its Transport, Jar and
// Timeout are used, its CheckRedirect is not, for a redirect must never carry
// the call on by itself. The default has a Transport of its own with HTTP/2 and
// as many idle connections as a busy service needs; in a program built for a browser
// (GOOS=js), under Node.js as well, it goes through the Fetch API. A RoundTripper of the
// caller's that uses fetch in another way than net/http must not follow a redirect.
// nil is an error.
func WithHTTPClient(c *http.Client) Option {
	return func(cfg *config) error {
		if c == nil {
			return errors.New("HTTP client: it is nil")
		}
		cfg.httpClient = c
		return nil
	}
}

// WithLogger sets the logger; nil is the default, silence. See Hook.SetLogger.
func WithLogger(l *slog.Logger) Option {
	return func(cfg *config) error {
		cfg.logger = orSilent(l)
		return nil
	}
}

// WithUserAgent puts ua before the SDK's own identity in the header
// User-Agent: "acme-sync/2.1 b24-go/0.1.0". Line ends in it are an error, and
// so is a webhook's secret. A program built
// for a browser sends no such header, for a portal allows it to none.
func WithUserAgent(ua string) Option {
	return func(cfg *config) error {
		if !printable(ua) {
			return errors.New("user agent: it has characters no HTTP header can carry")
		}
		cfg.userAgent = strings.TrimSpace(ua)
		return nil
	}
}

// WithTimeout bounds one attempt; the context of a call bounds all its attempts
// and waits. The default is 75 s, for a portal may work for 60 (protocol.md
// 7.2); 0 means no bound but the context; a negative duration is an error.
func WithTimeout(perAttempt time.Duration) Option {
	return func(cfg *config) error {
		if perAttempt < 0 {
			return fmt.Errorf("timeout: %v is negative", perAttempt)
		}
		cfg.timeout = perAttempt
		return nil
	}
}

// WithMaxResponseBytes bounds the size of an answer, in bytes after
// decompression. The default is 256 MiB; n must be positive.
func WithMaxResponseBytes(n int64) Option {
	return func(cfg *config) error {
		if n <= 0 {
			return fmt.Errorf("max response bytes: %d is not positive", n)
		}
		cfg.maxBytes = n
		return nil
	}
}

// WithInsecureHTTP allows plain http to hosts beyond loopback. It shows the
// webhook's secret to the network: for a test portal on a trusted one only.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecure = true
		return nil
	}
}

// WithRetry sets how often and after which waits a call is repeated. Fields that
// are zero or negative mean their defaults.
func WithRetry(p RetryPolicy) Option {
	return func(cfg *config) error {
		cfg.retry = p
		return nil
	}
}

// WithPlan sets how many requests the portal takes, by its plan: PlanStandard,
// PlanEnterprise or PlanUnlimited. The default is PlanStandard, on loopback
// PlanUnlimited, or what another client of the same portal in this process asked
// for; where clients differ, the lowest counts. A client learns what the portal
// takes of it: a plan too low costs speed, one too high a few refusals, which are
// waited out. The last of WithPlan, WithRateLimit and WithLimiter counts.
func WithPlan(p Plan) Option {
	return func(cfg *config) error {
		rate, ok := p.rate()
		if !ok {
			return errors.New("plan: it is none of PlanStandard, PlanEnterprise and PlanUnlimited")
		}
		cfg.rate, cfg.limiter = rate, nil
		return nil
	}
}

// WithRateLimit sets how many requests the portal takes: perSecond in the long
// run, burst at once. It is WithPlan with own numbers: both must be positive;
// math.Inf(1) means no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return fmt.Errorf("rate limit: %v requests per second, %d at once: both must be positive", perSecond, burst)
		}
		cfg.rate, cfg.limiter = requestRate{perSecond, burst}, nil
		return nil
	}
}

// WithLimiter sets a request budget of the caller's in place of the one that the
// clients of a portal share in this process. Whether it is shared is the caller's
// business then. nil is an error.
func WithLimiter(l Limiter) Option {
	return func(cfg *config) error {
		if l == nil {
			return errors.New("limiter: it is nil")
		}
		cfg.limiter = l
		return nil
	}
}

// WithOperatingLimit sets how much operating time the portal gives a method in
// 10 minutes (protocol.md 7.3). A method that comes near is slowed down, one that
// the portal blocks waits for the reset; others go on. The default is 480 s, 0
// switches it off, a negative limit is an error.
func WithOperatingLimit(limit time.Duration) Option {
	return func(cfg *config) error {
		if limit < 0 {
			return fmt.Errorf("operating limit: %v is negative", limit)
		}
		cfg.operating = limit
		return nil
	}
}

// WithTrace sets functions that are told of each call. nil is an error.
func WithTrace(t *Trace) Option {
	return func(cfg *config) error {
		if t == nil {
			return errors.New("trace: it is nil")
		}
		cfg.trace = *t
		return nil
	}
}

// callOptions is what the options of a call add up to.
type callOptions struct {
	requestID    string
	hasRequestID bool
	resultKey    []string

	key    string
	hasKey bool

	idempotent, once bool

	masks *masks // who wants to know the secrets; nil: nobody

	goOn        bool // batches: after a failure
	lenient     bool // batches: a command that cannot be sent has failed, the others go on
	part        int  // which batch of a stream it is, from 1; 0: of none
	singly      bool // batches: each command as a call of its own
	concurrency int
	progress    func(Progress)
}

// workers returns how many requests may be under way at once: each costs memory, and no
// portal takes that many.
func (o *callOptions) workers() int {
	const most = 1000
	return min(max(1, o.concurrency), most)
}

func (o *callOptions) report(p Progress) {
	if o.progress != nil {
		o.progress(p)
	}
}

func newCallOptions(opts []CallOption) callOptions {
	if len(opts) == 0 {
		return callOptions{} // without the allocation below
	}
	var o callOptions
	for _, opt := range opts {
		if opt != nil {
			opt.applyCall(&o)
		}
	}
	return o
}

// CallOption changes one call, a batch, or the reading of a list.
type CallOption interface {
	ListOption
	applyCall(o *callOptions)
}

type callOption func(*callOptions)

func (f callOption) applyCall(o *callOptions) { f(o) }
func (f callOption) applyList(o *listOptions) { f(&o.call) }

// WithRequestID sets the id the call travels under, in the query and, but for programs
// built for a browser, in the header X-Request-ID; the default is a fresh UUID of version
// 7. It is 1 to 128 printable ASCII characters without spaces; anything else is an error that
// matches ErrInvalidParams, and so is an id that holds a webhook's secret, because errors and
// log records repeat it. Pages that FetchNext reads, and the requests of batches by
// chunk, streams and lists, get ids derived from it.
func WithRequestID(id string) CallOption {
	return callOption(func(o *callOptions) { o.requestID, o.hasRequestID = id, true })
}

// WithIdempotent vouches that repeating this call is harmless, so that it is
// repeated where its answer was lost. Without it only methods known to read are,
// and calls with an Idempotency-Key.
func WithIdempotent() CallOption {
	return callOption(func(o *callOptions) { o.idempotent = true })
}

// WithoutRetry sends one request, whatever comes of it; a renamed portal is not
// followed either.
func WithoutRetry() CallOption {
	return callOption(func(o *callOptions) { o.once = true })
}

// WithResultKey leads to the member of the result that [Call] decodes: WithResultKey("item"), or
// WithResultKey("result", "items") where it stands deeper. For a list it is the one name of the member with
// the rows; more than one is an error that matches [ErrInvalidParams]. Batches ignore it.
func WithResultKey(path ...string) CallOption {
	return callOption(func(o *callOptions) { o.resultKey = path })
}

// WithHaltOnError says whether a batch stops at its first failure: true, the
// default, stops; what ran before is not undone (protocol.md 4.5). With false all
// commands are sent but those that refer to one that failed; where some refer to
// others, that takes a further request for each failure, for the portal itself has to
// stop there.
func WithHaltOnError(halt bool) CallOption {
	return callOption(func(o *callOptions) { o.goOn = !halt })
}

// WithConcurrency lets CallBatchByChunk and StreamBatch have up to n batches under
// way at once, and lists read n ranges of ids, within the portal's limits; less
// than 1 means 1, the default, more than 1,000 means 1,000. The rows of a list then
// come unordered: with WithLimit, WithDescending or an order among the parameters it
// has no effect, nor on a list by given ids.
func WithConcurrency(n int) CallOption {
	return callOption(func(o *callOptions) { o.concurrency = n })
}

// WithSingleCalls lets CallBatchByChunk and StreamBatch send each command as a call
// of its own, in its order: slower, and exact where the answer to a batch is not,
// in REST 3.0.
func WithSingleCalls() CallOption {
	return callOption(func(o *callOptions) { o.singly = true })
}

// WithIdempotencyKey sets the Idempotency-Key of a call of REST 3.0, in place of a
// random one: 1 to 255 printable ASCII characters, without blanks at the ends and without a
// webhook's secret. For 24 hours a call of the same method with the same key and the same parameters is not executed again but
// answered as before (AjaxResult.Replayed), with other parameters it is an error
// that matches ErrIdempotencyKeyReused (protocol.md 9.8). So a key that is stored
// beside the order it belongs to makes a write exactly once, over restarts too. On
// batches, lists and the classic API it is an error that matches ErrInvalidParams.
//
// The header is written in lower case, so that net/http does not repeat the request
// by itself: an http.RoundTripper finds it as r.Header["idempotency-key"].
func WithIdempotencyKey(key string) CallOption {
	return callOption(func(o *callOptions) { o.key, o.hasKey = key, true })
}

// WithProgress has f told how far CallBatchByChunk, StreamBatch and lists are,
// after each batch or page and in the goroutine of the caller. It has a list's rows
// counted with the first page, which costs the portal time.
func WithProgress(f func(Progress)) CallOption {
	return callOption(func(o *callOptions) { o.progress = f })
}

// Progress is how far a call with many parts is.
type Progress struct {
	// Done is the number of commands of a batch, or pages of a list, so far; Total
	// that of all, -1 where it is unknown.
	Done, Total int
	// Rows is the number of rows so far, of a list.
	Rows int
}

// Percent returns how much is done, 0 to 100; 0 where the total is unknown.
func (p Progress) Percent() float64 {
	switch {
	case p.Total < 0:
		return 0
	case p.Total == 0 || p.Done >= p.Total:
		return 100 //nolint:mnd // percent
	default:
		return 100 * float64(p.Done) / float64(p.Total) //nolint:mnd // percent
	}
}

// partOf says which batch of a stream it is, counted from 1.
func partOf(n int) CallOption {
	return callOption(func(o *callOptions) { o.part = n })
}

// lenient lets the other commands of a batch go on where one cannot be sent.
func lenient() CallOption {
	return callOption(func(o *callOptions) { o.lenient = true })
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func validRequestID(id string) bool {
	const longest = 128
	return id != "" && len(id) <= longest && printable(id) && !strings.Contains(id, " ")
}
