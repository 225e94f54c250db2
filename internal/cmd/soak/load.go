package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/b24go/b24" //nolint:depguard // it soaks the public API
)

// worker performs one operation after another. It belongs to one goroutine; its choices depend on
// its seed alone.
type worker struct {
	*soak

	name string
	rnd  *rand.Rand
	made int // markers

	site  *site // of the current operation, as is the rest
	stage *stage
	hook  *b24.Hook
}

// operation is something that workers do.
type operation struct {
	weight int
	run    func(w *worker)
}

func operations() []operation {
	return []operation{
		{14, (*worker).get},
		{6, (*worker).getV3},
		{20, (*worker).add},
		{14, (*worker).addV3},
		{3, (*worker).remove},
		{6, (*worker).batch},
		{4, (*worker).linked},
		{4, (*worker).chunks},
		{5, (*worker).stream},
		{4, (*worker).batchV3},
		{3, (*worker).singlesV3},
		{12, (*worker).list},
		{3, (*worker).pages},
		{2, (*worker).closing},
		{1, (*worker).dump},
	}
}

// work performs operations until there are no more, or ctx ends.
func (w *worker) work(ctx context.Context, next func() bool) {
	all := operations()
	sum := 0
	for _, op := range all {
		sum += op.weight
	}
	defer func() { w.site, w.stage, w.hook = nil, nil, nil }()
	for ctx.Err() == nil && next() {
		w.pickSite()
		n := w.rnd.IntN(sum)
		for _, op := range all {
			if n -= op.weight; n < 0 {
				op.run(w)
				break
			}
		}
	}
}

func (w *worker) pickSite() {
	shares := 0
	for _, site := range w.sites {
		shares += site.share
	}
	n := w.rnd.IntN(shares)
	for _, site := range w.sites {
		if w.site, n = site, n-site.share; n < 0 {
			break
		}
	}
	w.stage = w.site.stage.Load()
	w.hook = w.site.hooks[w.rnd.IntN(len(w.site.hooks))]
}

// child returns a worker for another goroutine, within one operation.
func (w *worker) child() *worker {
	w.made++
	own := *w
	own.name, own.made = fmt.Sprintf("%s.%d", w.name, w.made), 0
	own.rnd = source(w.rnd.Uint64())
	return &own
}

// opTimeout bounds an operation that is not canceled.
const opTimeout = 30 * time.Second

// ctx returns the context of one operation: some end at once, some at a random moment.
func (w *worker) ctx() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), opTimeout)
	switch n := w.rnd.IntN(100); {
	case n < 1:
		cancel()
	case n < 9:
		timer := time.AfterFunc(span(w.rnd, 12*time.Millisecond), cancel)
		return ctx, func() { timer.Stop(); cancel() }
	case n < 13:
		soon, cancelSoon := context.WithTimeout(ctx, span(w.rnd, 25*time.Millisecond))
		return soon, func() { cancelSoon(); cancel() }
	}
	return ctx, cancel
}

func (w *worker) oneIn(n int) bool { return w.rnd.IntN(n) == 0 }

// ended counts an operation and searches its error for secrets.
func (w *worker) ended(kind string, err error) {
	w.counts.add(kind, endOf(err))
	w.leaks.failure(err)
}

// dump prints what a careless program might print.
func (w *worker) dump() {
	ctx, cancel := w.ctx()
	defer cancel()
	r, err := w.hook.CallMethod(ctx, "crm.company.get", b24.Params{"id": w.company()})
	w.ended("crm.company.get", err)
	data, _ := w.hook.Auth().AuthData()
	for _, v := range []any{w.hook, *w.hook, w.hook.V3(), w.hook.Auth(), data, &data, w.hook.Stats(), w.hook.TargetOrigin()} {
		w.leaks.value("dump", v)
	}
	if r != nil {
		w.leaks.value("dump", r)
		w.leaks.value("dump", r.Query())
	}
	w.counts.add("dump of values", "ok")
}

// closing closes a client of its own during its calls.
func (w *worker) closing() {
	h, err := w.site.newHook()
	if err != nil {
		w.found.add(wronglyOpen, "it could not be made: %v", err)
		return
	}
	w.hook = h
	const most = 6
	done := make(chan struct{})
	n := 1 + w.rnd.IntN(most)
	for range n {
		go func(w *worker) {
			defer func() { done <- struct{}{} }()
			[]func(*worker){(*worker).get, (*worker).add, (*worker).addV3, (*worker).batch, (*worker).chunks, (*worker).list}[w.rnd.IntN(6)](w)
		}(w.child())
	}
	timer := time.NewTimer(span(w.rnd, 10*time.Millisecond))
	defer timer.Stop()
	<-timer.C
	err = h.Close()
	w.ended("close", err)
	w.refusedAfterClose()
	for range n {
		<-done
	}
}

func (w *worker) refusedAfterClose() {
	marker, k := w.newMarker(), dealKind()
	w.ledger.begin(marker, "after close")
	r, err := w.hook.CallMethod(context.Background(), k.method, k.fields(marker))
	w.told(marker, k, r, err)
	w.leaks.failure(err)
	if !isClosed(err) {
		w.found.add(wronglyOpen, "%v", err)
	}
}
