package b24

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/b24go/b24/internal/params"
	"github.com/b24go/b24/internal/scan"
)

// listSource sends the requests of one list. It is safe for concurrent use.
type listSource struct {
	c       *client
	dialect dialect
	method  string
	params  []byte
	alone   string // reason why a batch cannot carry the parameters; empty: it can
	reads   bool
	o       callOptions
	batch   string // id of the references in its chains

	mu       sync.Mutex
	requests int // number of request ids issued
	sent     int // number of calls and batches sent
	refusals int
	waited   time.Duration
	bytes    int // size of the largest page
}

var _ scan.Source = (*listSource)(nil)

// newSource creates the source of a list. A method known to change data is refused, unless it is
// also known as a list; then it is called once.
func newSource(c *client, d dialect, method string, body []byte, o callOptions) (*listSource, error) {
	writes, list := d.changes(method)
	if writes && !list {
		return nil, &ParamsError{Method: method, Problem: "it changes data, although it is named like a list: use CallMethod"}
	}
	reads := !writes || o.idempotent
	o.idempotent = reads // a list only reads
	s := &listSource{c: c, dialect: d, method: method, params: body, reads: reads, o: o, batch: rand.Text()}
	if err := s.carried(); err != nil {
		s.alone = err.Error()
	}
	return s, nil
}

// carried returns an error if a batch cannot carry the parameters of the list.
func (s *listSource) carried() error {
	if params.Positional(s.method) {
		return nil // no batch is sent
	}
	j := &job{method: s.method, params: s.params}
	if err := s.dialect.write(s.c, j, nil); err != nil {
		return err
	}
	if pe, ok := errors.AsType[*ParamsError](j.alone); ok {
		return errors.New(pe.Param + ": " + pe.Problem)
	}
	return nil
}

// Page makes one call.
func (s *listSource) Page(ctx context.Context, body []byte) (scan.Answer, error) {
	q := &query{
		dialect: s.dialect, method: s.method, body: body, requestID: s.nextID(), callerID: s.o.requestID, repeatable: s.reads, once: s.o.once, background: s.o.background(), expected: int32(min(s.expected(), math.MaxInt32)), //nolint:gosec // it is not more
	}
	r, err := s.c.do(ctx, q)
	s.count(1, int(q.refusals), q.waited)
	if err != nil {
		return scan.Answer{}, err
	}
	return s.answer(r), nil
}

func (s *listSource) answer(r *answer) scan.Answer {
	s.mu.Lock()
	s.bytes = max(s.bytes, len(r.env.Result))
	s.mu.Unlock()
	a := scan.Answer{Result: r.env.Result, Duration: r.time().Duration.V, Err: r.err}
	a.Total, a.HasTotal = r.env.Total.N, r.env.Total.OK
	a.Next, a.HasNext = r.env.Next.N, r.env.Next.OK
	return a
}

// Chain makes the calls as one batch.
func (s *listSource) Chain(ctx context.Context, calls [][]byte) ([]scan.Answer, error) {
	jobs, expected := make([]*job, len(calls)), s.expected()
	for i, body := range calls {
		refs, err := findRefs(body, s.batch)
		if err != nil {
			return nil, err
		}
		jobs[i] = &job{
			index: i, label: "c" + strconv.Itoa(i), method: s.method, params: body, refs: refs,
			bytes: expected, reads: true, proves: true, // the ids reveal a page that does not continue the previous one
		}
		if err := s.dialect.write(s.c, jobs[i], jobs[:i+1]); err != nil {
			return nil, err
		}
	}
	o := s.o
	o.requestID = ""
	if s.o.requestID != "" {
		o.requestID = s.nextID()
	}
	run := batchRun{batch: *s.c.newBatch(s.dialect, jobs, o)}
	run.run(ctx, jobs)
	s.count(int(run.requests.Load()), run.refused, run.waited)
	if run.whole != nil {
		return nil, run.whole
	}
	answers := make([]scan.Answer, len(jobs))
	for i, j := range jobs {
		answers[i] = s.answer(j.answer)
	}
	return answers, nil
}

// Ref returns a reference to a value of an earlier call of the chain.
func (s *listSource) Ref(call int, path ...any) []byte {
	text, err := json.Marshal(Ref{batch: s.batch, command: call, path: s.dialect.into(path)})
	if err != nil {
		return []byte("null") // cannot fail: the path has only names and positions
	}
	return text
}

// Shorter reports whether fewer calls may help, because the portal ends a request after 60 s
// (docs/protocol.md 7.2).
func (s *listSource) Shorter(err error) bool {
	if e, ok := errors.AsType[*Error](err); ok {
		return s.dialect.past(e) || e.Status >= http.StatusInternalServerError && e.verdict() == verdictUnknown
	}
	lost, ok := errors.AsType[*TransportError](err)
	return ok && lost.known == OutcomeUnknown
}

// nextID returns the id of the next request: a new one, or the caller's, with a number appended
// from the second request on.
func (s *listSource) nextID() string {
	if s.o.requestID == "" {
		return s.c.ids.Next()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if s.requests == 1 {
		return s.o.requestID
	}
	return s.o.requestID + "-" + strconv.Itoa(s.requests)
}

// expected estimates the size of the next page in bytes: that of the largest page so far, plus its
// envelope.
func (s *listSource) expected() int {
	const beside = 512
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes == 0 {
		return 0
	}
	return s.bytes + beside
}

func (s *listSource) count(sent, refusals int, waited time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent += sent
	s.refusals += refusals
	s.waited += waited
}
