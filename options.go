package b24

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// config is the combined options of a client.
type config struct {
	httpClient *http.Client // nil: the library's own
	logger     *slog.Logger
	userAgent  string
	timeout    time.Duration
	maxBytes   int64
	insecure   bool
	retry      RetryPolicy
	trace      Trace
	rate       requestRate
	limiter    Limiter // nil: shared with the other clients of the portal
	store      Store   // nil: the budget is of this process alone
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

// newConfig applies opts to the defaults and reports all bad options at once.
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
	if c.store != nil && c.limiter != nil {
		errs = append(errs, errors.New("b24: option: store: WithLimiter takes the place of the budget in the store; pass only one of them"))
	}
	return c, errors.Join(errs...)
}

// Option configures a client. [NewHook] and [FromWebhookURL] report all bad options at once.
type Option func(*config) error

// WithHTTPClient sets the HTTP client, which is copied. Its Transport, Jar and Timeout are used;
// its CheckRedirect is ignored, because the library decides about redirects. The default has its
// own Transport with HTTP/2 and enough idle connections for a busy service. In a program built for
// a browser (GOOS=js), also under Node.js, the default uses the Fetch API. Your own RoundTripper
// that uses fetch must not follow redirects. nil is an error.
func WithHTTPClient(c *http.Client) Option {
	return func(cfg *config) error {
		if c == nil {
			return errors.New("HTTP client: it is nil")
		}
		cfg.httpClient = c
		return nil
	}
}

// WithLogger sets the logger. The default is nil, which logs nothing. See [Hook.SetLogger].
func WithLogger(l *slog.Logger) Option {
	return func(cfg *config) error {
		cfg.logger = orSilent(l)
		return nil
	}
}

// WithUserAgent puts ua before the library's name in the User-Agent header: "acme-sync/2.1
// b24-go/0.1.0". A line break or a webhook's secret in it is an error. A program built for a
// browser does not send the header, because portals do not allow it there.
func WithUserAgent(ua string) Option {
	return func(cfg *config) error {
		if !printable(ua) {
			return errors.New("user agent: it contains characters that are not allowed in an HTTP header")
		}
		cfg.userAgent = strings.TrimSpace(ua)
		return nil
	}
}

// WithTimeout limits the time of one attempt; the context of a call limits all its attempts and
// waits. The default is 75 s, because a portal may work for 60 s. 0 means that only the context
// sets a limit; a negative duration is an error.
func WithTimeout(perAttempt time.Duration) Option {
	return func(cfg *config) error {
		if perAttempt < 0 {
			return fmt.Errorf("timeout: %v is negative", perAttempt)
		}
		cfg.timeout = perAttempt
		return nil
	}
}

// WithMaxResponseBytes limits the size of an answer, in bytes after decompression. The default is
// 256 MiB; n must be positive. See [ErrResponseTooLarge].
func WithMaxResponseBytes(n int64) Option {
	return func(cfg *config) error {
		if n <= 0 {
			return fmt.Errorf("max response bytes: %d is not positive", n)
		}
		cfg.maxBytes = n
		return nil
	}
}

// WithInsecureHTTP allows plain http to hosts other than loopback. It exposes the webhook's secret
// to the network: use it only for a test portal in a trusted network.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecure = true
		return nil
	}
}

// WithRetry sets how often, and after which waits, a call is repeated. Fields that are zero or
// negative mean their defaults.
func WithRetry(p RetryPolicy) Option {
	return func(cfg *config) error {
		cfg.retry = p
		return nil
	}
}

// WithPlan sets how many requests the portal accepts, by its plan: [PlanStandard], [PlanEnterprise]
// or [PlanUnlimited]. The default is [PlanStandard] ([PlanUnlimited] on loopback), or the plan that
// another client of the same portal in this process set. If clients differ, the lowest plan
// applies. The client adapts: too low a plan costs speed; too high a plan costs a few refusals,
// which it waits out. The last of WithPlan, [WithRateLimit] and [WithLimiter] counts.
func WithPlan(p Plan) Option {
	return func(cfg *config) error {
		rate, ok := p.rate()
		if !ok {
			return errors.New("plan: it is not PlanStandard, PlanEnterprise or PlanUnlimited")
		}
		cfg.rate, cfg.limiter = rate, nil
		return nil
	}
}

// WithRateLimit sets how many requests the portal accepts: perSecond in the long run, burst at
// once. It is [WithPlan] with your own numbers. Both must be positive; math.Inf(1) means no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return fmt.Errorf("rate limit: %v requests per second, %d at once: both must be positive", perSecond, burst)
		}
		cfg.rate, cfg.limiter = requestRate{perSecond, burst}, nil
		return nil
	}
}

// WithLimiter sets your own request budget instead of the one that the clients of a portal share in
// this process. Sharing it between clients is then up to you. nil is an error.
func WithLimiter(l Limiter) Option {
	return func(cfg *config) error {
		if l == nil {
			return errors.New("limiter: it is nil")
		}
		cfg.limiter = l
		return nil
	}
}

// WithOperatingLimit sets the operating time that the portal allows a method in 10 minutes. A
// method that comes near the limit is slowed down, and one that the portal blocks waits for the
// reset. Other methods continue. The default is 480 s; 0 switches the guard off; a negative limit
// is an error. Clients in one process that act under the same webhook with the same limit share
// what they have learned from the answers; with [WithStore], processes share what they know of
// methods near the limit.
func WithOperatingLimit(limit time.Duration) Option {
	return func(cfg *config) error {
		if limit < 0 {
			return fmt.Errorf("operating limit: %v is negative", limit)
		}
		cfg.operating = limit
		return nil
	}
}

// WithTrace sets functions that are called for each call, attempt and wait. nil is an error.
func WithTrace(t *Trace) Option {
	return func(cfg *config) error {
		if t == nil {
			return errors.New("trace: it is nil")
		}
		cfg.trace = *t
		return nil
	}
}

// callOptions is the combined options of a call.
type callOptions struct {
	requestID    string
	hasRequestID bool
	priority     uint8 // 0: not set; otherwise the Priority and 1, or badPriority
	resultKey    []string

	key    string
	hasKey bool

	idempotent, once bool

	masks *masks // collects the secrets of the clients; nil: not needed

	goOn        bool // batches: continue after a failure
	lenient     bool // batches: a command that cannot be sent fails, the others continue
	part        int  // number of the batch in a stream, from 1; 0: not in a stream
	singly      bool // batches: each command as a separate call
	concurrency int
	progress    func(Progress)
}

// workers returns how many requests may be in flight at once. It is bounded because each costs
// memory, and no portal accepts that many.
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
		return callOptions{} // avoids the allocation below
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

// WithRequestID sets the id of the request, in the query and, except in programs built for a
// browser, in the X-Request-ID header. The default is a new UUID of version 7. The id has 1 to 128
// printable ASCII characters without spaces; anything else is an error that matches
// [ErrInvalidParams]. So is an id that holds a webhook's secret, because errors and log records
// repeat it. Requests of [AjaxResult.FetchNext], chunks, streams and lists get ids derived from it.
func WithRequestID(id string) CallOption {
	return callOption(func(o *callOptions) { o.requestID, o.hasRequestID = id, true })
}

// WithIdempotent declares the call safe to repeat, so it is retried after a lost answer. Without
// it, only methods known to read and calls with an Idempotency-Key are.
func WithIdempotent() CallOption {
	return callOption(func(o *callOptions) { o.idempotent = true })
}

// WithoutRetry sends one request, whatever its outcome. It does not follow a renamed portal either.
func WithoutRetry() CallOption {
	return callOption(func(o *callOptions) { o.once = true })
}

// WithResultKey names the member of the result that [Call] decodes: WithResultKey("item"), or
// WithResultKey("result", "items") for a nested one. For a list it names the member with the rows;
// more than one name is an error that matches [ErrInvalidParams]. Batches ignore it.
func WithResultKey(path ...string) CallOption {
	return callOption(func(o *callOptions) { o.resultKey = path })
}

// WithHaltOnError sets whether a batch stops at its first failure. The default is true. What ran
// before is not undone. With false, every command runs except those that refer to a failed one. If
// commands refer to each other, each failure costs one more request, because the portal stops
// there.
func WithHaltOnError(halt bool) CallOption {
	return callOption(func(o *callOptions) { o.goOn = !halt })
}

// WithConcurrency sets how many batches, or id ranges of a list, are in flight at once, within the
// portal's limits. n is clamped to 1–1,000; the default is 1. Lists then come unordered, so it is
// ignored together with [WithLimit], [WithDescending] or an order, and for a list by given ids.
func WithConcurrency(n int) CallOption {
	return callOption(func(o *callOptions) { o.concurrency = n })
}

// WithSingleCalls makes [Hook.CallBatchByChunk] and [StreamBatch] send each command as a separate
// call, in order. This is slower, but exact in REST 3.0, where the answer to a batch is not.
func WithSingleCalls() CallOption {
	return callOption(func(o *callOptions) { o.singly = true })
}

// WithIdempotencyKey sets the Idempotency-Key of a call of REST 3.0, in place of a random one: 1 to
// 255 printable ASCII characters, without blanks at the ends and without a webhook's secret. For 24
// hours, a call of the same method with the same key and the same parameters is not executed again
// but answered as before ([AjaxResult.Replayed]). With other parameters, the error matches
// [ErrIdempotencyKeyReused]. If you store the key with the record that the call is for, a write
// runs exactly once, also across restarts. On batches, lists and the classic API it is an error
// that matches [ErrInvalidParams].
//
// The header is written in lower case, so that net/http does not repeat the request by itself: an
// http.RoundTripper finds it as r.Header["idempotency-key"].
func WithIdempotencyKey(key string) CallOption {
	return callOption(func(o *callOptions) { o.key, o.hasKey = key, true })
}

// WithProgress calls f after each batch or page, in the caller's goroutine. For a list it makes the
// portal count the rows once, which costs portal time.
func WithProgress(f func(Progress)) CallOption {
	return callOption(func(o *callOptions) { o.progress = f })
}

// Progress describes how far a call with many parts has come.
type Progress struct {
	// Done is the number of finished commands of a batch, or pages of a list. Total is the number
	// of all of them, or -1 if unknown.
	Done, Total int
	// Rows is the number of rows of a list so far.
	Rows int
}

// Percent returns how much is done, from 0 to 100, or 0 if the total is unknown.
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

// partOf sets the number of a batch in its stream, counted from 1.
func partOf(n int) CallOption {
	return callOption(func(o *callOptions) { o.part = n })
}

// lenient lets the other commands of a batch continue if one cannot be sent.
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
