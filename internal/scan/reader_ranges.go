package scan

import (
	"context"
	"slices"
	"sync"

	"github.com/b24go/b24/internal/worker"
)

// team reads ranges of ids in parallel.
type team struct {
	crew  *crew
	src   Source
	model *keyset // the reader as the first page left it
	pages chan piece
	ends  chan worker.Outcome[*Error] // one per worker; nil if it finished its part
}

// ranges reads what k has not read yet with several workers. It reports false if the rest is too
// short for that or the highest id cannot be determined; then k continues alone.
func (r *run) ranges(ctx context.Context, k *keyset) (bool, *Error) {
	top, bad := r.highest(ctx, k)
	if bad != nil || top == 0 {
		return false, bad
	}
	n := r.o.Concurrency
	t := &team{
		crew: newCrew(k, top, n), src: r.src, model: k,
		pages: make(chan piece), ends: make(chan worker.Outcome[*Error], n),
	}
	if len(t.crew.parts) < 2 {
		return false, nil
	}
	k.told = k.told && len(k.spans) == 1
	r.report.Paging = PagingRanges
	bad = r.gather(ctx, t, n)
	return true, bad
}

// highest returns the highest id not read yet, asking for it unless it is known; 0 if there is
// none.
func (r *run) highest(ctx context.Context, k *keyset) (uint64, *Error) {
	all := span{k.spans[0].lo, k.spans[len(k.spans)-1].hi}
	if k.told && len(k.spans) == 1 {
		return k.end, nil
	}
	answer := r.send(ctx, [][]byte{k.form.farthest(all)})
	if answer.err != nil {
		return 0, &Error{Reason: ErrRequest, Err: answer.err, Page: r.report.Pages + 1}
	}
	l := k.layout
	set, wrong := l.parse(answer.answers[0].Result)
	if wrong != nil || len(set.ids) == 0 || set.ids[0] < all.lo {
		return 0, nil
	}
	return set.ids[0], nil
}

// gather delivers the pages of n workers. All of them have ended when it returns; a panic in one of
// them continues in this goroutine.
func (r *run) gather(ctx context.Context, t *team, n int) *Error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	for range n {
		k := *t.model
		workers.Go(func() {
			worker.Run(func() *Error { return t.work(ctx, &k) }, func(o worker.Outcome[*Error]) { t.ends <- o })
		})
	}
	unread := slices.Clone(t.model.spans)
	var failure *Error
	for n > 0 {
		select {
		case p := <-t.pages:
			if failure != nil || r.broken {
				continue
			}
			unread = without(unread, p.over)
			r.merge(t.model, &p, unread)
			if r.broken {
				cancel()
			}
		case end := <-t.ends:
			n--
			if err := end.Get(); err != nil && failure == nil && !r.broken {
				failure = err
				failure.Page = r.report.Pages + 1
				cancel()
			}
		}
	}
	r.report.Complete = failure == nil && len(unread) == 0
	return failure
}

// merge delivers a page of one of the workers.
func (r *run) merge(model *keyset, p *piece, unread []span) {
	model.done += len(p.rows)
	if n := len(p.ids); n > 0 {
		model.behind = max(model.behind, p.ids[n-1]+1)
	}
	p.state = model.state()
	p.state.Spans = model.grown(slices.Clone(unread))
	r.last = len(unread) == 0
	r.deliver([]piece{*p})
}

// work reads parts with k until none is left. If it ends earlier, all workers stop.
func (t *team) work(ctx context.Context, k *keyset) *Error {
	done := false
	defer func() {
		if !done { // also on a panic in the caller's code: nobody waits for this worker's part
			t.crew.stop()
		}
	}()
	k.pace.widest()
	k.count, k.check, k.left, k.instead, k.counting = false, false, -1, nil, nil
	for p := t.crew.claim(); p != nil; p = t.crew.claim() {
		if bad := t.read(ctx, k, p); bad != nil {
			return bad
		}
	}
	done = true
	return nil
}

// read reads one part to its end, which another worker may lower meanwhile.
func (t *team) read(ctx context.Context, k *keyset, p *part) *Error {
	for {
		var rest span
		rest, k.share = t.crew.begin(p, k.pace.length)
		k.spans, k.told, k.ahead = []span{rest}, t.model.told, rest.hi < t.crew.top
		calls := k.next()
		if len(calls) == 0 {
			return nil
		}
		pieces, bad := k.take(send(ctx, t.src, calls))
		for _, page := range t.crew.settle(p, pieces) {
			select {
			case t.pages <- page:
			case <-ctx.Done():
				return &Error{Reason: ErrRequest, Err: ctx.Err()}
			}
		}
		if bad != nil {
			return bad
		}
	}
}
