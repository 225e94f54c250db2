package b24

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/transport"
)

// batchRun brings the jobs of one batch to their end, in as many requests as it
// takes: one, unless a command must go alone or the portal's limits cut it short.
type batchRun struct {
	c    *client
	api  api
	o    callOptions
	all  []*job // what references count in
	halt bool

	requests int
	refusals int           // of commands, in a row
	refused  int           // of requests, all together
	waited   time.Duration // by requests, all together
	time     Timing        // of the last request
	whole    error         // of the last request, where it failed as a whole
}

func (c *client) newBatchRun(a api, all []*job, o callOptions) *batchRun {
	run := &batchRun{c: c, api: a, o: o, all: all, halt: !o.goOn}
	for _, j := range all {
		run.halt = run.halt || len(j.refs) > 0
	}
	return run
}

// run brings jobs, which follow each other, to their end.
func (b *batchRun) run(ctx context.Context, jobs []*job) {
	for {
		next := b.next(jobs)
		switch {
		case len(next) == 0:
			return
		case b.alone(next[0]):
			b.single(ctx, next[0])
		case b.api == apiV3:
			b.requestV3(ctx, next)
		default:
			b.request(ctx, next)
		}
	}
}

// next returns the jobs of the next request: one that goes alone, or as many as
// can go together.
func (b *batchRun) next(jobs []*job) []*job {
	var together []*job
	for _, j := range jobs {
		if j.answer == nil {
			b.prepare(j, jobs)
		}
		switch {
		case j.answer != nil && len(together) > 0 && j.failed() && b.halt:
			return together
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

// alone reports whether a job goes as a call of its own.
func (b *batchRun) alone(j *job) bool { return b.o.singly || j.alone != nil }

// prepare ends a job that cannot run any more: after a failure that halts the
// batch, or without what it refers to.
func (b *batchRun) prepare(j *job, jobs []*job) {
	if b.halt && slices.ContainsFunc(jobs, func(before *job) bool { return before.index < j.index && before.failed() }) {
		j.answer = b.c.failed(j, ErrNotExecuted)
		return
	}
	if err := j.fill(b.api, b.all); err != nil {
		j.answer = b.c.failed(j, fmt.Errorf("%w: %w", ErrNotExecuted, err))
	}
}

func (j *job) failed() bool { return j.answer != nil && j.answer.err != nil }

// failed is the answer of a command that has none from the portal.
func (c *client) failed(j *job, err error) *AjaxResult {
	if err == ErrNotExecuted { //nolint:errorlint // the bare one
		err = &methodError{method: j.method, err: err}
	}
	return &AjaxResult{client: c, query: &query{method: j.method, body: j.params}, err: err}
}

// single sends a job outside of the batch, in its place.
func (b *batchRun) single(ctx context.Context, j *job) {
	q := b.query(j.method, j.params, j.reads)
	if err := b.c.identify(q, &b.o); err != nil {
		j.answer = b.c.failed(j, err)
		return
	}
	r, err := b.do(ctx, q)
	if err != nil {
		r = &AjaxResult{client: b.c, query: q, err: err}
	}
	j.answer = r
}

func (b *batchRun) do(ctx context.Context, q *query) (*AjaxResult, error) {
	r, err := b.c.do(ctx, q)
	b.refused += q.refusals
	b.waited += q.waited
	return r, err
}

// query makes a request of the run. Requests after the first have ids of their
// own.
func (b *batchRun) query(method string, body []byte, reads bool) *query {
	q := &query{
		api: b.api, method: method, body: body, callerID: b.o.requestID, requestID: b.o.requestID,
		repeatable: reads || b.o.idempotent, once: b.o.once,
	}
	b.requests++
	switch {
	case b.o.requestID == "":
		q.requestID = b.c.ids.Next()
	case b.requests > 1:
		q.requestID += "-" + strconv.Itoa(b.requests)
	}
	return q
}

// request sends jobs as one batch.
func (b *batchRun) request(ctx context.Context, jobs []*job) {
	q := b.query("batch", b.body(jobs), allRead(jobs))
	q.jobs = jobs
	q.keys = append(q.keys, q.method)
	for _, j := range jobs {
		q.expected += j.bytes
		q.keys = append(q.keys, j.method)
	}
	r, err := b.do(ctx, q)
	if err != nil {
		b.lost(jobs, err)
		return
	}
	b.time, b.whole = r.Time(), nil
	rows, err := envelope.ParseBatch(r.env.Result)
	if err != nil {
		b.lost(jobs, b.c.unreadable(q, transport.Answer{Status: r.status, Body: r.body}, err))
		return
	}
	if limited := b.rows(r, jobs, rows); limited != nil {
		b.wait(ctx, q, limited)
	}
}

// lost ends jobs whose request failed as a whole.
func (b *batchRun) lost(jobs []*job, err error) {
	b.whole = err
	for _, j := range jobs {
		j.answer = b.c.failed(j, err)
	}
}

// rows gives each job its answer. Those the portal refused for its limits, and
// those after them that therefore did not run, are left without; limited is the
// refusal.
func (b *batchRun) rows(r *AjaxResult, jobs []*job, rows map[string]envelope.Envelope) (limited error) {
	last := b.haltedAt(jobs, rows)
	for i, j := range jobs {
		row := rows[j.key(i)]
		b.c.observe(j.method, row.Time)
		switch {
		case row.Failure != nil:
			err := b.c.failure(b.rowQuery(r, j), transport.Answer{Status: r.status}, row.Failure)
			if b.limited(j, err) {
				limited = err
			} else {
				j.answer = b.answer(r, j, row, err)
			}
		case row.Result != nil:
			j.answer = b.answer(r, j, row, nil)
			if !j.proves {
				j.answer.err = j.checkRefs(b.all)
			}
		case i > last && limited != nil:
			// It is sent again with the one before it.
		case i > last:
			j.answer = b.c.failed(j, ErrNotExecuted)
		default:
			j.answer = b.answer(r, j, row, &methodError{method: j.method, err: ErrNoAnswer})
		}
	}
	return limited
}

// haltedAt is the position of the failure at which the portal stopped; behind all
// jobs if it did not. A command without an answer stops nothing: those after it that
// have none either may have run as well.
func (b *batchRun) haltedAt(jobs []*job, rows map[string]envelope.Envelope) int {
	at := len(jobs)
	for i, j := range jobs {
		switch row := rows[j.key(i)]; {
		case row.Failure != nil && b.halt:
			at = i
		case row.Result != nil:
			at = len(jobs)
		}
	}
	return at
}

func (b *batchRun) answer(r *AjaxResult, j *job, row envelope.Envelope, err error) *AjaxResult {
	return &AjaxResult{client: b.c, query: b.rowQuery(r, j), env: row, status: r.status, err: err}
}

func (b *batchRun) rowQuery(r *AjaxResult, j *job) *query {
	q := &query{
		api: b.api, method: j.method, body: j.params, requestID: r.query.requestID, callerID: r.query.requestID + "-" + strconv.Itoa(j.index),
		repeatable: j.reads || b.o.idempotent, once: b.o.once,
	}
	q.attempts = r.query.attempts
	return q
}

// limited reports whether the portal refused a command for its limits and it may
// be sent again.
func (b *batchRun) limited(j *job, err error) bool {
	switch {
	case errors.Is(err, ErrOperationTimeLimit):
		b.c.limits.guard.Blocked(j.method, time.Time{})
	case errors.Is(err, ErrQueryLimitExceeded):
		b.c.limits.refused(0)
	default:
		return false
	}
	return !b.o.once && b.refusals < b.c.retry.MaxRefusals
}

// wait waits before the commands that did not run are sent again. Where it
// cannot, they have failed.
func (b *batchRun) wait(ctx context.Context, q *query, limited error) {
	b.refusals++
	d := b.c.limits.beside(refusalDelay(limited, b.refusals, b.c.retry), limited)
	before := q.waited
	reason := b.c.pause(ctx, q, d, limited)
	b.waited += q.waited - before
	b.refused++
	if reason == nil {
		return
	}
	for _, j := range q.jobs {
		if j.answer == nil {
			j.answer = b.c.failed(j, &stoppedError{last: limited, reason: reason})
		}
	}
}

// callBatch is CallBatch: all commands in one request, but for those that the
// portal's limits put off.
func (c *client) callBatch(ctx context.Context, a api, calls Calls, opts []CallOption) (*BatchResult, error) {
	return c.batch(a, calls, opts, func(all []*job, o callOptions) (Timing, error) {
		if len(all) > maxCommands {
			return Timing{}, ErrBatchTooLong
		}
		for _, j := range all {
			if j.alone != nil {
				return Timing{}, inCommand(j, j.alone)
			}
		}
		o.singly = false
		run := c.newBatchRun(a, all, o)
		run.run(ctx, all)
		return run.time, nil
	})
}

// callBatchByChunk is CallBatchByChunk.
func (c *client) callBatchByChunk(ctx context.Context, a api, calls Calls, opts []CallOption) (*BatchResult, error) {
	r, err := c.batch(a, calls, opts, func(all []*job, o callOptions) (Timing, error) { return c.chunked(ctx, a, all, o) })
	if errors.Is(err, ErrEmptyBatch) {
		return &BatchResult{}, nil // any number of commands may be none
	}
	return r, err
}

// batch prepares the commands, lets send bring them to their end, and collects
// their answers.
func (c *client) batch(a api, calls Calls, opts []CallOption, send func([]*job, callOptions) (Timing, error)) (*BatchResult, error) {
	o := newCallOptions(opts)
	all, err := c.batchJobs(a, calls, o)
	if err != nil {
		return nil, err
	}
	timing, err := send(all, o)
	if err != nil {
		return nil, err
	}
	result := &BatchResult{rows: make([]*AjaxResult, len(all)), names: make([]string, len(all)), time: timing}
	for i, j := range all {
		result.rows[i], result.names[i] = j.answer, j.name
	}
	if b, ok := calls.(*Batch); ok {
		b.sent, b.done = true, result
	}
	return result, result.Err()
}

func (c *client) batchJobs(a api, calls Calls, o callOptions) ([]*job, error) {
	if c.closed.Load() {
		return nil, closedError("batch")
	}
	switch {
	case calls == nil:
		return nil, ErrEmptyBatch
	case o.hasKey:
		return nil, &ParamsError{Method: "batch", Param: "idempotency key", Problem: "a batch has none, a call has"}
	}
	if o.requestID != "" && !validRequestID(o.requestID) {
		return nil, badRequestID("batch")
	}
	list, err := calls.commands()
	if err != nil {
		return nil, err
	}
	batch := ""
	if b, ok := calls.(*Batch); ok {
		batch = b.id
	}
	return c.jobs(a, list, batch, o)
}
