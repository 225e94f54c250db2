package b24

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/b24go/b24/internal/door"
	"github.com/b24go/b24/internal/redact"
	"github.com/b24go/b24/internal/transport"
)

// transfers is the door of a client to package file.
type transfers struct {
	c       hidden
	dialect dialect
}

// Begin implements door.Transfers. The pseudo-methods that the portal has for files, "download" and
// "upload", stand for the transfers in errors, traces and counts.
func (t *transfers) Begin(ctx context.Context, name string) (context.Context, door.Transfer) {
	c := t.c()
	q := &query{dialect: t.dialect, method: name, requestID: c.ids.Next(), repeatable: name == "download"}
	known := &masks{}
	known.learn(c.secrets)
	ctx = c.trace.callStart(ctx, c.traced(q))
	return ctx, &transfer{c: t.c, q: q, masks: known, began: time.Now()}
}

// transfer is one upload or download in progress. It counts towards the request rate, once for each
// request, and waits for no operating time: the portal measures none (rest.php,
// processTokenCheckCall).
type transfer struct {
	c     hidden
	q     *query
	masks *masks // the client's secrets and those of the links
	began time.Time
	ended bool
}

// End implements door.Transfer.
func (t *transfer) End(ctx context.Context, err error) {
	if t.ended {
		return
	}
	t.ended = true
	c := t.c()
	c.stats.count(t.q, err, time.Since(t.began))
	c.traceDone(ctx, t.q, nil, err)
}

// Advanced implements door.Transfer.
func (t *transfer) Advanced() { t.q.lost, t.q.refusals = 0, 0 }

// Again implements door.Transfer.
func (t *transfer) Again(ctx context.Context, err error) error {
	c := t.c()
	wait, again := t.q.next(c.retry, err)
	if !again || over(ctx, err) {
		return t.q.final(err)
	}
	if reason := c.pause(ctx, t.q, wait, err); reason != nil {
		return c.stopped(t.q, err, reason)
	}
	return nil
}

// Fail implements door.Transfer.
func (t *transfer) Fail(f door.Failure) error {
	e := t.failed(f.Step, f.Err)
	if f.Final {
		e.known = OutcomeRefused
	}
	return e
}

// failed returns the error of a request that failed at a step.
func (t *transfer) failed(step string, err error) *TransportError {
	return &TransportError{
		Method: t.q.method, RequestID: t.q.requestID, Attempts: t.q.attempts, step: step,
		Err: t.masks.error(err), reads: t.q.repeatable,
	}
}

// refused returns the error of an address that is not asked for.
func (t *transfer) refused(problem door.Problem) error {
	return &methodError{method: t.q.method, err: detailed(ErrFileURL, ": "+string(problem))}
}

// ready reports why nothing can be sent.
func (t *transfer) ready(ctx context.Context) error {
	c := t.c()
	if c.closed.Load() {
		return c.closedError(t.q.method)
	}
	c.clientSide.warn(ctx, &c.log)
	if err := transport.Over(ctx); err != nil {
		e := t.failed("wait", err)
		e.known = OutcomeNotSent
		return e
	}
	return nil
}

// admit waits for the request rate of the portal, if a request goes there.
func (t *transfer) admit(ctx context.Context, to door.Link) error {
	c := t.c()
	if !to.Own {
		return nil
	}
	if err := c.admitRequest(ctx, t.q); err != nil {
		return c.stopped(t.q, nil, err)
	}
	return nil
}

// site returns where the portal is.
func (c *client) site() door.Site {
	at := c.target.Load()
	before, _ := at.base()
	root, err := url.Parse(before) // its error is not shown
	if err != nil {
		return door.Site{Origin: at.origin, Root: "/rest/"}
	}
	return door.Site{Origin: at.origin, Root: root.Path}
}

// attempt runs one request. ask returns the answer's status.
func (t *transfer) attempt(ctx context.Context, ask func(ctx context.Context) (status int, err error)) error {
	c, q := t.c(), t.q
	q.attempts++
	ctx = c.trace.attemptStart(ctx, c.traced(q))
	q.began = time.Now()
	status, err := ask(ctx)
	if c.closed.Load() {
		c.closeIdle()
	}
	r := &answer{client: c, query: q, status: status}
	if err != nil {
		r = nil
	}
	t.settle(ctx, err)
	c.logAnswer(ctx, q, r, err, time.Since(q.began))
	c.traceAttempt(ctx, q, r, err)
	return err
}

// settle reports the end of a request to the request rate.
func (t *transfer) settle(ctx context.Context, err error) {
	c := t.c()
	e, ok := errors.AsType[*Error](err)
	switch {
	case err == nil, ok && e.Code.known().limit != rateLimit:
		c.limits.accepted()
	case ok:
		c.refused(ctx, e.retryAfter)
	}
}

// learn has a link masked in all that follows.
func (t *transfer) learn(l door.Link) { t.masks.learn(redact.New(l.Secrets()...)) }

// Get implements door.Transfer.
func (t *transfer) Get(ctx context.Context, g door.Get) (*door.Stream, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	link, problem := t.c().site().Resolve(g.Link, g.Hosts)
	if problem != door.Fine {
		return nil, t.refused(problem)
	}
	t.learn(link)
	if err := t.admit(ctx, link); err != nil {
		return nil, err
	}
	ctx, watch := door.NewWatch(ctx, g.Stall)
	var stream *door.Stream
	err := t.attempt(ctx, func(ctx context.Context) (int, error) {
		resp, err := t.walk(ctx, watch, link, g) //nolint:bodyclose // the stream has it
		if err != nil {
			return 0, err
		}
		stream, err = t.file(ctx, watch, resp, g)
		return resp.StatusCode, err
	})
	if err != nil {
		watch.End()
		return nil, err
	}
	return stream, nil
}

// Post implements door.Transfer.
func (t *transfer) Post(ctx context.Context, p door.Post) ([]byte, error) {
	if err := t.ready(ctx); err != nil {
		return nil, err
	}
	link, problem := t.c().site().Upload(p.Link, p.Hosts)
	if problem != door.Fine {
		return nil, t.refused(problem)
	}
	t.learn(link)
	if err := t.admit(ctx, link); err != nil {
		return nil, err
	}
	ctx, watch := door.NewWatch(ctx, p.Stall)
	defer watch.End()
	var result []byte
	err := t.attempt(ctx, func(ctx context.Context) (int, error) {
		resp, err := t.send(ctx, watch, link, p)
		if err != nil {
			return 0, err
		}
		defer resp.Body.Close() //nolint:errcheck // the answer was read or abandoned
		result, err = t.answered(ctx, watch, resp)
		return resp.StatusCode, err
	})
	return result, err
}

// send sends a file. An error says whether the portal can have got all of it.
func (t *transfer) send(ctx context.Context, watch *door.Watch, link door.Link, p door.Post) (*http.Response, error) {
	body := newOutgoing(p, watch)
	defer body.leave(ctx)
	var way road
	req, err := http.NewRequestWithContext(way.trace(ctx), http.MethodPost, link.URL.String(), body)
	if err != nil {
		e := t.failed("send", err)
		e.known = OutcomeNotSent
		return nil, e
	}
	req.ContentLength = p.Size
	req.Header = t.header(hop{link, true})
	req.Header.Set("Content-Type", p.ContentType)
	req.Header.Set("Accept", "application/json")
	watch.Begin()
	resp, err := t.c().roundTrip(req, link, &way)
	watch.Rest()
	if err == nil {
		return resp, nil
	}
	if way.refused.Load() {
		return nil, t.refused(door.ProblemAddress)
	}
	if own := body.failure(); own != nil {
		e := t.failed("read the file to upload", own)
		e.known = OutcomeRefused
		return nil, e
	}
	e := t.failed("send", ended(ctx, err))
	switch {
	case way.unused() && body.untouched():
		e.step, e.known = "connect", OutcomeNotSent
	case !body.complete():
		e.known = OutcomeRefused // the portal runs nothing before it has the whole body
	}
	return nil, e
}

// answered interprets the answer to an upload, as that of any call.
func (t *transfer) answered(ctx context.Context, watch *door.Watch, resp *http.Response) ([]byte, error) {
	watch.Begin()
	body, err := readUpTo(resp.Body, maxUploadAnswer)
	watch.Rest()
	if err != nil {
		e := t.failed("read", ended(ctx, err))
		e.Status, e.ContentType, e.began = resp.StatusCode, t.masks.text(resp.Header.Get("Content-Type")), success(resp.StatusCode)
		return nil, e
	}
	r, err := t.c().classify(t.q, transport.Answer{
		Status: resp.StatusCode, Header: resp.Header, Location: resp.Header.Get("Location"), Body: body,
		Hidden: inBrowser && resp.StatusCode == 0,
	})
	if err != nil {
		return nil, t.mask(err)
	}
	return r.env.Result, nil
}

// maxUploadAnswer is how large the answer to an upload may be: it describes one file.
const maxUploadAnswer = 16 << 20

// readUpTo reads a body of a limited size.
func readUpTo(r io.Reader, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(b)) > most {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrResponseTooLarge, most)
	}
	return b, err
}

// mask masks the links in the error of an answer. The client's own secrets are masked already.
func (t *transfer) mask(err error) error {
	switch e := err.(type) { //nolint:errorlint // classify returns them as they are
	case *Error:
		e.Code, e.Description, e.Argument = Code(t.masks.text(string(e.Code))), t.masks.text(e.Description), t.masks.text(e.Argument)
		for i, row := range e.Validation {
			e.Validation[i] = FieldError{Field: t.masks.text(row.Field), Message: t.masks.text(row.Message)}
		}
	case *TransportError:
		e.Snippet, e.ContentType, e.Err = t.masks.text(e.Snippet), t.masks.text(e.ContentType), t.masks.error(e.Err)
		e.reads = t.q.repeatable
	}
	return err
}

// header returns the headers of a request for a file (docs/protocol.md 1.4). Where a redirect leads
// learns neither the key nor where it comes from.
func (t *transfer) header(to hop) http.Header {
	c := t.c()
	h := http.Header{
		"User-Agent":      c.fixed.userAgent,
		"Accept":          {"*/*"},
		"Accept-Language": {"en-US,en;q=0.9"},
		"Accept-Encoding": {"identity"},
	}
	at := c.target.Load()
	if to.first && to.link.Own {
		h["Referer"] = []string{at.origin + "/"}
	}
	if to.first && to.link.Own && to.link.Key && at.bearer != nil {
		h["Authorization"] = []string{at.bearer()}
	}
	if inBrowser {
		h.Del("User-Agent")
		h.Del("Referer")
		h.Del("Accept-Encoding")
	}
	return h
}
