package b24

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/transport"
)

// callBatch implements CallBatch: all commands in one request, except those that are sent again
// after a refusal because of the portal's limits.
func (c *client) callBatch(ctx context.Context, d dialect, calls Calls, opts []CallOption) (*BatchResult, error) {
	return c.batch(d, calls, opts, func(all []*job, o callOptions) (chunk, error) {
		if len(all) > maxCommands {
			return chunk{}, ErrBatchTooLong
		}
		for _, j := range all {
			if j.alone != nil {
				return chunk{}, inCommand(j, j.alone)
			}
		}
		o.singly = false
		return c.newBatch(d, all, o).chunk(ctx, all), nil
	})
}

// callBatchByChunk implements CallBatchByChunk.
func (c *client) callBatchByChunk(ctx context.Context, d dialect, calls Calls, opts []CallOption) (*BatchResult, error) {
	r, err := c.batch(d, calls, opts, func(all []*job, o callOptions) (chunk, error) { return c.chunked(ctx, d, all, o) })
	if errors.Is(err, ErrEmptyBatch) {
		return &BatchResult{}, nil // any number of commands includes none
	}
	return r, err
}

// batch prepares the commands, runs them by send, and collects their answers.
func (c *client) batch(d dialect, calls Calls, opts []CallOption, send func([]*job, callOptions) (chunk, error)) (*BatchResult, error) {
	o := newCallOptions(opts)
	b, _ := calls.(*Batch)
	if b != nil {
		b.secrets = c.secrets
	}
	all, err := c.batchJobs(d, calls, o)
	if err != nil {
		return nil, err
	}
	if b != nil {
		b.sent = true // set before sending, because the caller's code may panic
	}
	sent, err := send(all, o)
	if err != nil {
		if b != nil {
			b.sent = false
		}
		return nil, err
	}
	result := &BatchResult{rows: make([]*AjaxResult, len(all)), names: make([]string, len(all)), chunk: sent}
	for i, j := range all {
		result.rows[i], result.names[i] = j.answer.result(), j.name
	}
	if b != nil {
		b.done = result
	}
	return result, result.Err()
}

func (c *client) batchJobs(d dialect, calls Calls, o callOptions) ([]*job, error) {
	o.masks.learn(c.secrets)
	if c.closed.Load() {
		return nil, c.closedError("batch")
	}
	switch {
	case calls == nil:
		return nil, ErrEmptyBatch
	case o.hasKey:
		return nil, &ParamsError{Method: "batch", Param: "idempotency key", Problem: "a batch cannot have one; use it on a single call"}
	}
	if err := cmp.Or(c.checkRequestID("batch", &o), c.checkPriority("batch", &o)); err != nil {
		return nil, err
	}
	list, err := calls.commands()
	if err != nil {
		return nil, err
	}
	batch := ""
	if b, ok := calls.(*Batch); ok {
		batch = b.id
	}
	return c.jobs(d, list, batch, o)
}

// batch is the jobs of one batch, across all its chunks.
type batch struct {
	c        *client
	dialect  dialect
	o        callOptions
	all      []*job        // positions of references are in it
	requests *atomic.Int64 // request ids issued by all chunks
}

// batchRun runs some jobs of a batch, in as many requests as necessary: one, unless a command must
// be sent alone or the portal's limits interrupt the batch. The life of a command:
//
//	encoded ── a command that it refers to failed, or an earlier failure stops the batch ─> not run
//	   │
//	   ├─ alone: a batch cannot carry it, or WithSingleCalls ── its own call ─> answered, unknown
//	   │
//	   └─ together, up to 50 commands
//	        ├─ result or error ─────────────────────────────────────────────> answered
//	        ├─ refused because of a limit ── wait ─> encoded, MaxRefusals times
//	        ├─ after the command at which the portal stopped:
//	        │    that one was refused, or WithHaltOnError(false) ─> encoded
//	        │    otherwise ─────────────────────────────────────────────────> not run
//	        ├─ missing in the answer for no reason ─────────────────────────> unknown
//	        └─ the request failed as a whole ─> the outcome of the request, for each command
type batchRun struct {
	batch

	broke    bool          // an earlier job, no longer in the list, has failed
	refusals int           // consecutive refusals, in answers without a successful command
	refused  int           // total number of refused requests
	waited   time.Duration // total wait of all requests
	time     Timing        // of the last request
	longest  time.Duration // longest time of a request at the portal
	whole    error         // failure of the last request as a whole
}

func (c *client) newBatch(d dialect, all []*job, o callOptions) *batch {
	return &batch{c: c, dialect: d, o: o, all: all, requests: new(atomic.Int64)}
}

// stops reports whether a failure ends everything after it.
func (b *batch) stops() bool { return !b.o.goOn }

// halts reports whether the portal has to stop at the first failure. It has to if commands refer to
// others, because nothing that refers to the failed command may run (docs/protocol.md 4.6).
func (b *batchRun) halts(jobs []*job) bool {
	return b.stops() || slices.ContainsFunc(jobs, func(j *job) bool { return len(j.refs) > 0 })
}

// run runs consecutive jobs until each has an outcome.
func (b *batchRun) run(ctx context.Context, jobs []*job) {
	for {
		for len(jobs) > 0 && jobs[0].answer != nil { // skips jobs that already have an outcome
			b.broke = b.broke || jobs[0].failed()
			jobs = jobs[1:]
		}
		next := b.next(jobs)
		switch {
		case len(next) == 0:
			return
		case b.alone(next[0]):
			b.single(ctx, next[0])
		default:
			b.request(ctx, next)
		}
	}
}

// next returns the jobs of the next request: one that is sent alone, or as many as can be sent
// together.
func (b *batchRun) next(jobs []*job) []*job {
	var together []*job
	for _, j := range jobs {
		if j.answer == nil {
			b.prepare(j, jobs)
		}
		switch {
		case j.answer != nil:
			continue
		case !b.alone(j):
			together = append(together, j)
		case len(together) == 0:
			return []*job{j}
		default:
			return together
		}
	}
	return together
}

// alone reports whether a job is sent as a separate call.
func (b *batchRun) alone(j *job) bool { return b.o.singly || j.alone != nil }

// prepare fails a job that can no longer run: after a failure that stops the batch, or because a
// command that it refers to failed.
func (b *batchRun) prepare(j *job, jobs []*job) {
	if b.stops() && b.failedBefore(j, jobs) {
		j.answer = b.c.failed(j, ErrNotExecuted)
		return
	}
	if err := b.c.fill(b.dialect, j, b.all); err != nil {
		j.answer = b.c.failed(j, detailed(j.notRun(), ": "+err.Error(), err))
	}
}

// failedBefore reports whether a job before j has failed; jobs are in their order.
func (b *batchRun) failedBefore(j *job, jobs []*job) bool {
	for _, before := range jobs {
		if before.index >= j.index {
			break
		}
		if before.failed() {
			return true
		}
	}
	return b.broke
}

func (j *job) succeeded() bool { return j.answer != nil && j.answer.err == nil }

func (j *job) failed() bool { return j.answer != nil && j.answer.err != nil }

// notRun returns the error of a command that the last request omitted or did not reach.
func (j *job) notRun() error {
	if j.maybe {
		return ErrNoAnswer
	}
	return ErrNotExecuted
}

// told returns err, adjusted for an earlier attempt that may have executed the command.
func (j *job) told(err error) error {
	if !j.maybe {
		return err
	}
	if err = unsure(err); OutcomeOf(err) != OutcomeUnknown {
		err = &stoppedError{last: &methodError{method: j.method, err: ErrNoAnswer}, reason: err}
	}
	return err
}

// failed returns the answer of a command that has none from the portal.
func (c *client) failed(j *job, err error) *answer {
	if err == ErrNotExecuted { //nolint:errorlint // the bare one
		err = &methodError{method: j.method, err: j.notRun()}
	}
	q := &query{method: j.method, name: j.name, body: j.params}
	return q.answered(answer{client: c, err: j.told(err)})
}

// single sends a job outside the batch, in its place.
func (b *batchRun) single(ctx context.Context, j *job) {
	if j.alone != nil {
		b.c.logAlone(ctx, j)
	}
	q := b.query(j.method, j.params, j.reads)
	q.name = j.name
	if err := b.c.identify(q, &b.o); err != nil {
		j.answer = b.c.failed(j, err)
		return
	}
	r, err := b.do(ctx, q)
	if err != nil {
		r = q.answered(answer{client: b.c, err: j.told(err)})
	} else {
		b.time = r.time()
	}
	j.answer = r
}

func (b *batchRun) do(ctx context.Context, q *query) (*answer, error) {
	r, err := b.c.do(ctx, q)
	b.refused += int(q.refusals)
	b.waited += q.waited
	return r, err
}

// query creates a request of the run. Requests after the first have derived ids.
func (b *batchRun) query(method string, body []byte, reads bool) *query {
	q := &query{
		dialect: b.dialect, method: method, body: body, callerID: b.o.requestID, requestID: b.o.requestID,
		repeatable: reads || b.o.idempotent, once: b.o.once, background: b.o.background(),
	}
	n := b.requests.Add(1)
	switch {
	case b.o.requestID == "":
		q.requestID = b.c.ids.Next()
	case b.o.part > 1:
		q.requestID += "." + strconv.Itoa(b.o.part)
	}
	if b.o.requestID != "" && n > 1 {
		q.requestID += "-" + strconv.FormatInt(n, 10)
	}
	return q
}

// request sends jobs as one batch.
func (b *batchRun) request(ctx context.Context, jobs []*job) {
	q := b.query("batch", nil, allRead(jobs))
	q.commands = uint8(len(jobs)) //nolint:gosec // 50 at most
	b.dialect.batch(q, b, jobs)
	for _, j := range jobs {
		q.expected = int32(min(int(q.expected)+j.bytes, math.MaxInt32)) //nolint:gosec // it is not more
	}
	r, err := b.do(ctx, q)
	if err != nil {
		b.lost(jobs, err)
		return
	}
	b.took(r)
	rows, err := b.dialect.rows(r, jobs)
	if err != nil {
		b.lost(jobs, b.c.unreadable(q, transport.Answer{Status: r.status, Body: r.body}, err))
		return
	}
	limited := b.rows(ctx, r, jobs, rows)
	if slices.ContainsFunc(jobs, (*job).succeeded) {
		b.refusals = 0
	}
	if limited != nil {
		b.wait(ctx, q, limited)
	}
}

func allRead(jobs []*job) bool {
	for _, j := range jobs {
		if !j.reads {
			return false
		}
	}
	return true
}

// took records how long a request took at the portal.
func (b *batchRun) took(r *answer) {
	b.time, b.whole = r.time(), nil
	b.longest = max(b.longest, b.time.Duration.V)
}

// lost fails jobs whose request failed as a whole.
func (b *batchRun) lost(jobs []*job, err error) {
	b.whole = err
	for _, j := range jobs {
		err := err
		if j.limited != nil && OutcomeOf(err) == OutcomeNotSent { // it waits because of its refusal
			err = &stoppedError{last: j.limited, reason: err}
		}
		j.answer = b.c.failed(j, err)
	}
}

// rows gives each job its answer. Jobs that the portal refused because of its limits get none, and
// limited is the refusal. Jobs that did not run because of that, or because of a failure that stops
// only what refers to it, get none either.
func (b *batchRun) rows(ctx context.Context, r *answer, jobs []*job, rows map[string]envelope.Envelope) (limited error) {
	last, tooFast := b.haltedAt(jobs, rows), false
	defer func() {
		if tooFast {
			b.c.refused(ctx, 0) // counts once, however many commands were refused
		}
	}()
	for i, j := range jobs {
		j.maybe = j.maybe || r.query.maybe
		row := rows[j.key(i)]
		b.c.observe(j.method, row.Time)
		switch {
		case row.Failure != nil:
			err := b.failure(r, j, row)
			tooFast = tooFast || limitOf(err) == rateLimit
			if row.Result == nil && b.limited(j, err) {
				j.limited, limited = err, err
			} else {
				j.answer = b.answer(r, j, row, err)
			}
		case row.Result != nil:
			j.answer = b.answer(r, j, row, nil)
			if !j.proves && !b.dialect.proves() {
				j.answer.err = j.checkRefs(b.all)
			}
		case i > last && (limited != nil || b.o.goOn):
			// It did not run, and is sent again.
		case i > last:
			j.answer = b.c.failed(j, ErrNotExecuted)
		default:
			j.answer = b.answer(r, j, row, &methodError{method: j.method, err: ErrNoAnswer})
		}
	}
	return limited
}

// failure returns the error of a command.
func (b *batchRun) failure(r *answer, j *job, row envelope.Envelope) error {
	err := b.c.failure(b.rowQuery(r, j), transport.Answer{Status: r.status}, row.Failure)
	if e, ok := errors.AsType[*Error](err); ok && (row.Result != nil || j.maybe) {
		e.maybe = true // there is also a result, or an earlier attempt may have run it
	}
	return err
}

// haltedAt returns the position of the failure at which the portal stopped, or len(jobs) if it did
// not. A command without an answer stops nothing: later commands without an answer may have run as
// well.
func (b *batchRun) haltedAt(jobs []*job, rows map[string]envelope.Envelope) int {
	at, halts := len(jobs), b.halts(jobs)
	for i, j := range jobs {
		switch row := rows[j.key(i)]; {
		case row.Failure != nil && halts:
			at = i
		case row.Result != nil:
			at = len(jobs)
		}
	}
	return at
}

func (b *batchRun) answer(r *answer, j *job, row envelope.Envelope, err error) *answer {
	return b.rowQuery(r, j).answered(answer{client: b.c, env: row, status: r.status, err: err})
}

func (b *batchRun) rowQuery(r *answer, j *job) *query {
	q := &query{
		dialect: b.dialect, method: j.method, name: j.name, body: j.filled(b.dialect, b.all), requestID: r.query.requestID, callerID: r.query.requestID + "-" + strconv.Itoa(j.index),
		repeatable: j.reads || b.o.idempotent, once: b.o.once, background: b.o.background(),
	}
	q.attempts = r.query.attempts
	return q
}

// limited reports whether the portal refused a command because of its limits, and whether it may be
// sent again.
func (b *batchRun) limited(j *job, err error) bool {
	switch limitOf(err) {
	case timeLimit:
		b.c.limits.guard.Blocked(j.method, time.Time{})
	case rateLimit:
	default:
		return false
	}
	return !b.o.once && b.refusals < b.c.retry.MaxRefusals
}

// wait waits before the commands that did not run are sent again. If it cannot wait, they fail.
func (b *batchRun) wait(ctx context.Context, q *query, limited error) {
	b.refusals++
	d := b.c.limits.beside(refusalDelay(limited, b.refusals, b.c.retry), limited)
	before := q.waited
	reason := b.c.secrets.Error(b.c.pause(ctx, q, d, limited))
	b.c.stats.refused(q.waited - before)
	b.waited += q.waited - before
	b.refused++
	if reason == nil {
		return
	}
	for _, j := range q.jobs {
		switch {
		case j.answer != nil:
		case j.limited != nil:
			j.answer = b.c.failed(j, &stoppedError{last: j.limited, reason: reason})
		default:
			j.answer = b.c.failed(j, ErrNotExecuted)
		}
	}
}
