package scan

import (
	"cmp"
	"context"
	"iter"
	"time"
)

// Pages reads the list. Nothing is sent before the iteration; each iteration reads the list again.
// After an error, which is an [*Error], there are no more pages. The report, which may be nil, is
// updated while pages come and is final when the iteration ends.
func Pages(ctx context.Context, src Source, o Options, report *Report) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		if report == nil {
			report = new(Report)
		}
		*report = Report{}
		r := &run{src: src, o: &o, report: report, yield: yield, total: -1}
		err := r.read(ctx)
		report.Cursor = o.Resume
		if r.state != nil {
			report.Cursor = r.state.encode()
		}
		if err != nil {
			yield(Page{}, err)
		}
	}
}

// run sends requests and delivers pages.
type run struct {
	src    Source
	o      *Options
	report *Report
	yield  func(Page, error) bool
	state  *cursor // after the last page; nil: nothing was read
	total  int     // rows expected, -1 if unknown
	low    uint64  // lowest and highest id, for ranges
	high   uint64
	last   bool // the current pages end the list
	broken bool // the consumer stopped
}

func (r *run) read(ctx context.Context) *Error {
	p, err := newPlan(r.o, r.src.Ref)
	if err != nil {
		return err
	}
	r.report.Paging, r.report.Why, r.total = p.reader.way(), p.why, p.total
	return r.loop(ctx, p)
}

func (r *run) loop(ctx context.Context, p *plan) *Error {
	reader := p.reader
	for !r.broken {
		if k, ok := reader.(*keyset); ok && k.divides() {
			k.parallel = false // only once, if the rest is too short
			if done, err := r.ranges(ctx, k); done || err != nil {
				return err
			}
		}
		calls := reader.next()
		if len(calls) == 0 {
			r.report.Complete = reader.complete()
			return nil
		}
		pieces, bad := reader.take(r.send(ctx, calls))
		r.last = bad == nil && reader.complete()
		r.deliver(pieces)
		if bad != nil && !r.broken {
			bad.Page = r.report.Pages + 1
			return bad
		}
		if next := reader.successor(); next != reader {
			reader = next
			r.report.Paging = reader.way()
			if s, ok := reader.(*offset); ok {
				r.report.Why = cmp.Or(s.why, r.report.Why)
			}
		}
	}
	return nil
}

// send makes the calls of one request.
func (r *run) send(ctx context.Context, calls [][]byte) reply {
	return send(ctx, r.src, calls)
}

func send(ctx context.Context, src Source, calls [][]byte) reply {
	out := reply{calls: len(calls)}
	begin := time.Now()
	if len(calls) == 1 {
		var a Answer
		a, out.err = src.Page(ctx, calls[0])
		out.answers = []Answer{a}
	} else {
		out.answers, out.err = src.Chain(ctx, calls)
		out.shorter = out.err != nil && ctx.Err() == nil && src.Shorter(out.err)
	}
	// Only the portal's time counts; if unknown, the time elapsed here, which includes waiting for
	// limits.
	for i := range out.answers {
		out.took += out.answers[i].Duration
	}
	if out.took == 0 {
		out.took = time.Since(begin)
	}
	return out
}

// deliver delivers pages until the consumer stops. The last page of the list corrects the total.
func (r *run) deliver(pieces []piece) {
	for i := range pieces {
		if r.broken {
			return
		}
		p := &pieces[i]
		if p.total >= 0 {
			r.total = p.state.Done - len(p.rows) + p.total
		}
		if r.total >= 0 {
			r.total = max(r.total, p.state.Done)
			if r.last && i == len(pieces)-1 {
				r.total = p.state.Done
			}
		}
		r.broken = !r.page(p)
	}
}

// page delivers one page. An empty page only moves the cursor.
func (r *run) page(p *piece) bool {
	if p.state.Way == cursorKeys {
		p.state.Total = r.total
	}
	r.state = &p.state
	n := len(p.rows)
	if n == 0 {
		return true
	}
	r.ends(p)
	r.report.Pages++
	r.report.Rows += n
	return r.yield(Page{
		Rows: p.rows, Number: r.report.Pages, Done: p.state.Done, Total: r.total, Expected: r.expected(p), state: p.state,
	}, nil)
}

// expected is the estimated number of pages in all; p is the one just delivered.
func (r *run) expected(p *piece) int {
	if r.total < 0 {
		return -1
	}
	size := max(p.state.Size, len(p.rows))
	return r.report.Pages + (r.total-p.state.Done+size-1)/size
}

// ends records the ids of the first and the last row.
func (r *run) ends(p *piece) {
	first, last := p.rows[0], p.rows[len(p.rows)-1]
	if r.report.Paging != PagingRanges {
		r.report.LastID = idLabel(last, p.state.ID)
		if r.report.Rows == 0 {
			r.report.FirstID = idLabel(first, p.state.ID)
		}
		return
	}
	if low := p.ids[0]; low < r.low || r.report.Rows == 0 {
		r.low, r.report.FirstID = low, idLabel(first, p.state.ID)
	}
	if high := p.ids[len(p.ids)-1]; high > r.high {
		r.high, r.report.LastID = high, idLabel(last, p.state.ID)
	}
}

// idLabel returns the id of a row as text for people.
func idLabel(row []byte, key string) string {
	l := layout{id: key}
	if id := l.rawID(row); id != nil {
		return plain(id)
	}
	return ""
}
