package main

import (
	"errors"
	"fmt"
	"iter"

	"github.com/b24go/b24" //nolint:depguard // it soaks the public API
)

// item is a command of a batch and what its answer is checked against.
type item struct {
	command b24.Command
	kind    kind
	marker  string // of a write; empty: a read
	id      string // of the row that is read; empty: of none
}

// items returns n commands: mostly writes, some reads, and a few that fail.
func (w *worker) items(n int, how string) []item {
	list := make([]item, n)
	for i := range list {
		list[i] = w.item()
		if m := list[i].marker; m != "" {
			w.ledger.begin(m, how+": "+list[i].kind.method)
		}
	}
	return list
}

func (w *worker) item() item {
	switch n := w.rnd.IntN(100); {
	case n < 1:
		return item{command: b24.Command{Method: "crm.company.get", Params: b24.Params{"id": 9_999_999}}}
	case n < 2:
		return item{command: b24.Command{Method: "no.such.method"}}
	case n < 40:
		id := w.company()
		return item{command: b24.Command{Method: "crm.company.get", Params: b24.Params{"id": id}}, id: id}
	default:
		it := item{kind: w.classic(), marker: w.newMarker()}
		it.command = b24.Command{Method: it.kind.method, Params: it.kind.fields(it.marker)}
		return it
	}
}

// itemsV3 returns n commands of REST 3.0.
func (w *worker) itemsV3(n int, how string) []item {
	list := make([]item, n)
	ids := w.tableOf("log").ids
	for i := range list {
		if w.oneIn(3) {
			id := ids[w.rnd.IntN(len(ids))]
			list[i] = item{command: b24.Command{Method: "main.eventlog.get", Params: b24.Params{"id": id}}, id: id}
			continue
		}
		it := item{kind: taskKind(), marker: w.newMarker()}
		it.command = b24.Command{Method: it.kind.method, Params: it.kind.fields(it.marker)}
		w.ledger.begin(it.marker, how)
		list[i] = it
	}
	return list
}

func commands(list []item) b24.Commands {
	calls := make(b24.Commands, len(list))
	for i, it := range list {
		calls[i] = it.command
	}
	return calls
}

// took records the outcome of a command.
func (w *worker) took(it item, r *b24.AjaxResult, err error) {
	w.counts.add(ofCommands, endOf(err))
	if it.marker != "" {
		w.told(it.marker, it.kind, r, err)
		return
	}
	if err != nil || it.id == "" {
		return
	}
	path := it.kind.path
	if it.command.Method == "main.eventlog.get" {
		path = []string{"item"}
	}
	if got, err := b24.Decode[row](r, path...); err != nil || string(got.ID) != it.id {
		w.found.add(mixedUp, "%s of %s in a batch: row %s, %v", it.command.Method, it.id, got.ID, err)
	}
}

// tookAll records the outcomes of all commands of a batch.
func (w *worker) tookAll(how string, list []item, r *b24.BatchResult, err error) {
	for i, it := range list {
		if r == nil {
			w.took(it, nil, err)
			continue
		}
		w.took(it, r.At(i), r.At(i).Err())
	}
	w.ended(how, err)
	if r != nil && w.oneIn(8) {
		w.leaks.value(how, r)
		w.leaks.value(how, r.At(0))
		w.leaks.failure(r.At(r.Len() - 1).Err())
	}
}

// options returns the options of a batch.
func (w *worker) options() []b24.CallOption {
	opts := []b24.CallOption{b24.WithHaltOnError(w.oneIn(2))}
	if w.oneIn(8) {
		opts = append(opts, b24.WithoutRetry())
	}
	return opts
}

func (w *worker) batch() {
	const how = "CallBatch"
	ctx, cancel := w.ctx()
	defer cancel()
	list := w.items(1+w.rnd.IntN(50), how)
	r, err := w.hook.CallBatch(ctx, commands(list), w.options()...)
	w.tookAll(how, list, r, err)
}

// linked creates a deal and reads it back within one batch.
func (w *worker) linked() {
	const how = "CallBatch, linked"
	ctx, cancel := w.ctx()
	defer cancel()
	marker, k := w.newMarker(), dealKind()
	w.ledger.begin(marker, how)
	var batch b24.Batch
	made := b24.Queue[b24.ID](&batch, k.method, k.fields(marker))
	title := b24.Queue[string](&batch, "crm.deal.get", b24.Params{"id": made.Ref()}, "TITLE")
	r, err := w.hook.CallBatch(ctx, &batch)
	if r == nil {
		w.told(marker, k, nil, err)
	} else {
		w.told(marker, k, r.At(0), r.At(0).Err())
	}
	if got, err := title.Get(); err == nil && got != marker {
		w.found.add(mixedUp, "crm.deal.get of a reference to %s: %s", marker, got)
	}
	w.ended(how, err)
}

func (w *worker) chunks() {
	ctx, cancel := w.ctx()
	defer cancel()
	workers, opts, n := 1+w.rnd.IntN(3), w.options(), 51+w.rnd.IntN(120)
	how := fmt.Sprintf("CallBatchByChunk, %d at once", workers)
	if w.oneIn(6) {
		opts, how, n = append(opts, b24.WithSingleCalls()), "CallBatchByChunk, single calls", 1+w.rnd.IntN(20)
	}
	list := w.items(n, how)
	r, err := w.hook.CallBatchByChunk(ctx, commands(list), append(opts, b24.WithConcurrency(workers))...)
	w.tookAll(how, list, r, err)
}

// stream leaves some loops early.
func (w *worker) stream() {
	ctx, cancel := w.ctx()
	defer cancel()
	workers, n, leave := 1+w.rnd.IntN(3), 20+w.rnd.IntN(150), -1
	how := fmt.Sprintf("StreamBatch, %d at once", workers)
	if w.oneIn(5) {
		leave, how = w.rnd.IntN(n), how+", left early"
	}
	var sent []item
	var last error
	i := 0
	opts := append(w.options(), b24.WithConcurrency(workers))
	for r, err := range b24.StreamBatch(ctx, w.hook, w.flow(n, how, &sent), opts...) {
		w.took(sent[i], r, err)
		if err != nil {
			last = err
		}
		if i++; i == leave {
			break
		}
	}
	w.ended(how, last)
}

// flow yields up to n commands; sent receives those that were taken.
func (w *worker) flow(n int, how string, sent *[]item) iter.Seq[b24.Command] {
	return func(yield func(b24.Command) bool) {
		for range n {
			it := w.items(1, how)[0]
			*sent = append(*sent, it)
			if !yield(it.command) {
				return
			}
		}
	}
}

func (w *worker) batchV3() {
	const how = "v3 CallBatch"
	ctx, cancel := w.ctx()
	defer cancel()
	list := w.itemsV3(1+w.rnd.IntN(50), how)
	r, err := w.hook.V3().CallBatch(ctx, commands(list), w.options()...)
	w.tookAll(how, list, r, err)
}

func (w *worker) singlesV3() {
	how, opts, n := "v3 CallBatchByChunk", w.options(), 51+w.rnd.IntN(60)
	if w.oneIn(2) {
		how, opts, n = "v3 CallBatchByChunk, single calls", append(opts, b24.WithSingleCalls()), 1+w.rnd.IntN(20)
	}
	ctx, cancel := w.ctx()
	defer cancel()
	list := w.itemsV3(n, how)
	r, err := w.hook.V3().CallBatchByChunk(ctx, commands(list), opts...)
	w.tookAll(how, list, r, err)
}

func isClosed(err error) bool { return errors.Is(err, b24.ErrClosed) }
