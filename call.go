package b24

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/params"
	"github.com/b24go/b24/internal/redact"
	"github.com/b24go/b24/internal/reqid"
	"github.com/b24go/b24/internal/transport"
)

// Version is the version of this library, as sent in the User-Agent header.
const Version = "0.1.0"

// client makes the calls to one portal. Everything a call needs is here, once for every API
// version.
type client struct {
	http       *http.Client
	sender     *transport.Sender
	ownsHTTP   bool
	target     atomic.Pointer[target]
	renew      renewer // nil: the credentials cannot be renewed
	fixed      headers
	retry      RetryPolicy
	trace      tracer
	limits     limits
	secrets    *redact.Secrets
	ids        reqid.Source
	log        logger
	slow       sync.Map // methods already logged as sent one by one
	stats      counter
	clientSide clientSide
	closed     atomic.Bool
	done       <-chan struct{} // closed by close, which ends every wait
	end        context.CancelFunc
	atEnd      func(f func()) (stop func() bool) // runs f at close
}

// newClient returns a client for the portal at a target. credential identifies the account that the
// calls are made under.
//
//nolint:contextcheck,nolintlint // a client outlives the call that creates it; nolintlint does not see that the directive is used
func newClient(at *target, credential string, cfg config, secrets *redact.Secrets) *client {
	life, end := context.WithCancel(context.Background())
	c := &client{
		ownsHTTP: cfg.httpClient == nil,
		fixed:    newHeaders(cfg.userAgent),
		secrets:  secrets,
		retry:    cfg.retry.or(defaultRetry()),
		trace:    newTracer(cfg.trace),
		done:     life.Done(),
		end:      end,
		atEnd:    func(f func()) func() bool { return context.AfterFunc(life, f) },
	}
	c.http = newHTTPClient(cfg)
	c.sender = transport.NewSender(c.http, cfg.timeout, cfg.maxBytes)
	c.target.Store(at)
	c.limits.start(at.host(), credential, cfg)
	c.log.set(cfg.logger)
	return c
}

// headers are the header values that every request has in common.
type headers struct{ userAgent, json []string }

func newHeaders(userAgent string) headers {
	return headers{
		userAgent: []string{strings.TrimSpace(userAgent + " b24-go/" + Version + " (" + runtime.Version() + ")")},
		json:      []string{"application/json"},
	}
}

func newHTTPClient(cfg config) *http.Client {
	var own http.Client
	if cfg.httpClient != nil {
		own = *cfg.httpClient
	} else {
		own.Transport = transport.Default()
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// query is one call in progress: checked and encoded once, sent as often as needed.
type query struct {
	method    string
	body      []byte
	requestID string
	key       string // Idempotency-Key; empty: none
	name      string // of a batch's command; empty: none
	callerID  string
	page      int32 // pages read before this one
	expected  int32 // approximate size of the answer in bytes; 0: unknown

	dialect    dialect
	repeatable bool  // a repeat is harmless: the method reads, or the caller declared it
	once       bool  // the caller wants no repeat
	hides      bool  // an error does not show what ran before it
	replayed   bool  // the portal repeated an answer
	maybe      bool  // an attempt may have been executed
	background bool  // it leaves some of the budget to others
	commands   uint8 // of a batch

	jobs []*job   // commands of a batch of the classic API
	keys []string // methods whose operating time counts; see operating
	one  [1]string
	tries

	answer answer // the outcome
}

// operating returns the methods whose operating time the request may use: one, or all methods of a
// batch.
func (q *query) operating() []string {
	if q.keys == nil {
		q.one[0] = q.dialect.budget(q.method)
		q.keys = q.one[:]
	}
	return q.keys
}

// call runs the steps of one call in order.
func (c *client) call(ctx context.Context, d dialect, method string, v any, opts []CallOption) (*AjaxResult, error) {
	if c.closed.Load() {
		return nil, c.closedError(method)
	}
	q, err := c.prepare(d, method, v, newCallOptions(opts))
	if err != nil {
		return nil, err
	}
	return result(c.do(ctx, q))
}

// do sends a prepared call and counts it.
func (c *client) do(ctx context.Context, q *query) (*answer, error) {
	if c.closed.Load() {
		return nil, c.closedError(q.method)
	}
	c.clientSide.warn(ctx, &c.log)
	if err := transport.Over(ctx); err != nil {
		return nil, c.lost(q, &transport.Error{NotSent: true, Err: err})
	}
	c.logParams(ctx, q)
	ctx = c.trace.callStart(ctx, c.traced(q))
	started := time.Now()
	r, err := c.attempts(ctx, q)
	c.stats.count(q, err, time.Since(started))
	c.traceDone(ctx, q, r, err)
	return r, err
}

// attempts sends q until there is an answer or a reason to stop.
func (c *client) attempts(ctx context.Context, q *query) (*answer, error) {
	var last error
	for {
		if err := c.admit(ctx, q); err != nil {
			return nil, c.stopped(q, last, err)
		}
		r, err := c.attempt(ctx, q)
		if err == nil {
			return r, nil
		}
		if last = err; c.follow(ctx, q, err) || c.renewed(ctx, q, err) {
			continue
		}
		wait, again := q.next(c.retry, err)
		if !again || over(ctx, err) {
			return nil, q.final(err)
		}
		if reason := c.pause(ctx, q, c.limits.beside(wait, err), err); reason != nil {
			return nil, c.stopped(q, err, reason)
		}
	}
}

// stopped returns the error of a call that is not sent again. last is the failure of its last
// attempt, if there was one.
func (c *client) stopped(q *query, last, reason error) error {
	switch {
	case last != nil:
		return &stoppedError{last: q.final(last), reason: c.secrets.Error(reason)}
	case errors.Is(reason, ErrClosed):
		return c.closedError(q.method)
	default:
		return c.lost(q, &transport.Error{Step: "wait", NotSent: true, Err: reason})
	}
}

// over reports whether err already says that ctx ended.
func over(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// attempt sends the request once and interprets its answer.
func (c *client) attempt(ctx context.Context, q *query) (*answer, error) {
	q.attempts++
	settled := false
	defer func() {
		if !settled { // the caller's code panicked, and may recover
			c.limits.guard.Done(q.operating()...)
		}
	}()
	ctx = c.trace.attemptStart(ctx, c.traced(q))
	q.began = time.Now()
	r, err := c.exchange(ctx, q)
	settled = true
	c.settle(ctx, q, r, err)
	c.settleAt(ctx, q, err)
	c.logAnswer(ctx, q, r, err, time.Since(q.began))
	c.traceAttempt(ctx, q, r, err)
	return r, err
}

// exchange sends the request and parses its answer.
func (c *client) exchange(ctx context.Context, q *query) (*answer, error) {
	answer, err := c.sender.Send(ctx, transport.Request{URL: c.url(q), Header: c.header(q), Body: q.body, Expected: int(q.expected)})
	if c.closed.Load() {
		// The Transport keeps the connection of a call that was in flight at Close.
		c.closeIdle()
	}
	if err != nil {
		te, ok := errors.AsType[*transport.Error](err)
		if !ok {
			te = &transport.Error{Step: "send", Err: err}
		}
		return nil, c.lost(q, te)
	}
	return c.classify(q, answer)
}

// prepare checks and encodes the caller's input.
func (c *client) prepare(d dialect, method string, v any, o callOptions) (*query, error) {
	if err := c.checkMethod(method); err != nil {
		return nil, err
	}
	if err := cmp.Or(c.checkRequestID(method, &o), c.checkPriority(method, &o)); err != nil {
		return nil, err
	}
	q := &query{
		dialect: d, method: method, requestID: o.requestID, callerID: o.requestID,
		repeatable: o.idempotent || d.reads(method), once: o.once, background: o.background(),
	}
	if o.requestID == "" {
		q.requestID = c.ids.Next()
	}
	if err := c.identify(q, &o); err != nil {
		return nil, err
	}
	body, err := d.encode(method, v)
	if err != nil {
		return nil, c.badParams(method, err)
	}
	if hasRef(body) {
		return nil, strayRef(method)
	}
	if err := c.unheeded(d, method, body); err != nil {
		return nil, err
	}
	q.body = body
	return q, nil
}

// unheeded refuses list conditions that the portal would silently ignore: it would answer with rows
// that were not asked for.
func (c *client) unheeded(d dialect, method string, body []byte) error {
	if problem := d.unheeded(method, body); problem != nil {
		return c.paramsError(method, problem.Param, problem.Text, nil)
	}
	return nil
}

func strayRef(method string) error {
	return &ParamsError{Method: method, Problem: "a reference is valid only in the batch that it was created for"}
}

func badRequestID(method string) error {
	return &ParamsError{Method: method, Param: "request id", Problem: "it must be 1 to 128 printable ASCII characters without spaces"}
}

// hasFormat finds the suffixes that select the format of the portal's answer (docs/protocol.md
// 1.1): an answer in another format than JSON could not be read, although the call ran.
func hasFormat(method string) bool {
	method = strings.ToLower(method)
	return strings.HasSuffix(method, ".json") || strings.HasSuffix(method, ".xml")
}

func badMethod(method string) error {
	if method == "" {
		return &ParamsError{Param: "method", Problem: "it is empty"}
	}
	if hasFormat(method) {
		return &ParamsError{Param: "method", Problem: "leave the format out of the method's name; the answer is always JSON"}
	}
	return &ParamsError{Param: "method", Problem: "a method's name has letters, digits, dots and underscores only, like crm.deal.list"}
}

func (c *client) badParams(method string, err error) error {
	var pe *params.Error
	if !errors.As(err, &pe) {
		pe = &params.Error{Problem: err.Error()}
	}
	return c.paramsError(method, pe.Path, pe.Problem, pe.Err)
}

// closedError returns the error of a closed client. The name of the method was not checked yet, so
// it is masked.
func (c *client) closedError(method string) error {
	return &methodError{method: c.secrets.Text(method), err: ErrClosed}
}

// url returns the address of q. Positional methods take every query parameter for an argument, so
// theirs has none (docs/protocol.md 2.3).
func (c *client) url(q *query) string {
	at := c.at(q)
	before, behind := at.base()
	if params.Positional(q.method) {
		return before + q.dialect.path() + behind + q.method + at.end()
	}
	return before + q.dialect.path() + behind + q.method + at.end() + "?bx24_request_id=" + url.QueryEscape(q.requestID) + "&bx24_sdk_ver=" + Version + "&bx24_sdk_type=b24-go"
}

// header returns the headers of docs/protocol.md 1.4.
func (c *client) header(q *query) http.Header {
	h := http.Header{
		"Content-Type": c.fixed.json,
		"Accept":       c.fixed.json,
		"User-Agent":   c.fixed.userAgent,
		"X-Request-Id": {q.requestID},
	}
	if bearer := c.at(q).bearer; bearer != nil {
		h["Authorization"] = []string{bearer()}
	}
	if inBrowser {
		h = allowedHere(h)
	}
	if q.key != "" {
		// The key is deliberately not canonical: net/http repeats a request with the canonical one
		// by itself, and the client would not learn of a lost answer.
		h["idempotency-key"] = []string{q.key} //nolint:canonicalheader // see above
	}
	return h
}

// next prepares the call of the page after q.
func (c *client) next(q *query, start int) (*query, error) {
	body, err := params.SetStart(q.body, start)
	if err != nil {
		return nil, c.badParams(q.method, err)
	}
	following := &query{
		dialect: q.dialect, method: q.method, body: body, page: q.page + 1, callerID: q.callerID,
		repeatable: q.repeatable, once: q.once, background: q.background,
	}
	following.requestID = c.derivedID(following)
	return following, nil
}

func (c *client) close() {
	if c.closed.Swap(true) {
		return
	}
	c.end()
	c.limits.release()
	c.closeIdle()
}

func (c *client) closeIdle() {
	if c.ownsHTTP {
		c.http.CloseIdleConnections()
	}
}

// classify interprets an answer (docs/protocol.md 3 and 9.2). The key `error` decides, then the
// status, then the rest.
func (c *client) classify(q *query, a transport.Answer) (*answer, error) {
	if a.Hidden || a.Status >= http.StatusMultipleChoices && a.Status < http.StatusBadRequest {
		return nil, c.redirected(q, a)
	}
	parse := envelope.Parse
	if q.jobs != nil {
		parse = envelope.ParseBatch
	}
	env, err := parse(a.Body)
	switch {
	case err != nil:
		return nil, c.unreadable(q, a, err)
	case env.Failure != nil:
		err := c.failure(q, a, env.Failure)
		if e, ok := errors.AsType[*Error](err); ok && env.Result != nil {
			e.maybe = true // it has a result as well
		}
		return nil, err
	case a.Status < http.StatusOK || a.Status >= http.StatusMultipleChoices:
		return nil, c.unreadable(q, a, errors.New("the status is an error, but the body contains none"))
	case env.Result == nil && !env.Document:
		return nil, c.unreadable(q, a, errors.New("neither result nor error"))
	default: // whatever the content type: the call was executed
		q.replayed = replayed(a.Header)
		return q.answered(answer{client: c, env: env, body: a.Body, status: a.Status}), nil
	}
}

const clientSideWarning = "b24: this program runs in a browser and holds a webhook's secret, which every visitor can read; call the portal from a server"

// inBrowser reports whether the program may run in a browser.
const inBrowser = runtime.GOOS == "js"

// allowedHere removes the headers that a portal does not accept from a page of another origin,
// because the browser would not send the request at all (docs/protocol.md 1.4). The query contains
// the id as well.
func allowedHere(h http.Header) http.Header {
	delete(h, "X-Request-Id")
	delete(h, "User-Agent")
	return h
}

// clientSide warns once if the program is built for a browser.
type clientSide struct{ done atomic.Bool }

func (s *clientSide) off() { s.done.Store(true) }

func (s *clientSide) warn(ctx context.Context, l *logger) {
	if !inBrowser || s.done.Swap(true) {
		return
	}
	if l.enabled(ctx, slog.LevelWarn) {
		l.log(ctx, slog.LevelWarn, clientSideWarning)
		return
	}
	// This must be seen even without a logger. A browser shows it in its console.
	_, _ = fmt.Fprintln(os.Stderr, clientSideWarning)
}
