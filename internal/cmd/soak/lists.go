package main

import (
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/b24go/b24" //nolint:depguard // it soaks the public API
)

func (w *worker) tableOf(name string) *table {
	i := slices.IndexFunc(w.stage.tables, func(t *table) bool { return t.name == name })
	return w.stage.tables[i]
}

// plan is how a list is read.
type plan struct {
	opts    []b24.ListOption
	way     string
	how     string // the way to read and all other choices
	ordered bool   // the rows come by id, so the rows of a limited list are known
	down    bool
	limit   int
	leave   int  // leave the loop after this many pages; 0: never
	resume  bool // continue after an error or after leaving the loop
}

// plan chooses a way that the table allows.
func (w *worker) plan(t *table) plan {
	p := plan{way: "auto", ordered: t.method != "user.get", resume: w.oneIn(2)}
	switch n := w.rnd.IntN(10); {
	case t.v3 && n < 5:
	case n < 2:
		p.opts, p.way = append(p.opts, b24.WithPaging(b24.PagingKeyset)), "keyset"
	case n < 4 && !t.v3:
		p.opts, p.way = append(p.opts, b24.WithPaging(b24.PagingChained)), "chained"
	case n < 5 && !t.v3 && t.all != nil: // if rows come and go, offset is not safe
		p.opts, p.way, p.ordered = append(p.opts, b24.WithPaging(b24.PagingOffset)), "offset", false
	case n < 8 && !t.v3:
		k := 2 + w.rnd.IntN(4)
		p.opts, p.way, p.ordered = append(p.opts, b24.WithConcurrency(k)), "ranges", false
	}
	p.how = p.way
	if p.ordered && t.name != "log's tail" && w.oneIn(5) {
		p.opts, p.how, p.down = append(p.opts, b24.WithDescending()), p.how+", descending", true
	}
	if p.ordered && t.all != nil && w.oneIn(6) {
		p.limit = 1 + w.rnd.IntN(len(t.ids))
		p.opts, p.how, p.resume = append(p.opts, b24.WithLimit(p.limit)), p.how+", limit", false
	}
	if w.oneIn(4) {
		p.leave, p.how = 1+w.rnd.IntN(6), p.how+", left early"
	}
	return p
}

// list reads a table in one of many ways, and continues after an error.
func (w *worker) list() {
	t := w.stage.tables[w.rnd.IntN(len(w.stage.tables))]
	p := w.plan(t)
	r := newReading(t, p.how+" at "+w.site.name)
	if p.limit > 0 {
		r.must = limited(t.ids, p)
	}
	if p.leave == 0 && !p.resume && w.oneIn(2) {
		w.collect(r, p)
		return
	}
	const attempts = 8
	var at b24.Cursor
	for range attempts {
		end := w.read(r, p, at)
		end.judge(r, w.found)
		if !p.resume || end.well || !w.hook.IsInit() {
			return
		}
		if at = end.cursor; at == "" {
			r.restart()
		}
		p.leave = 0
	}
}

// limited returns the rows that a list with a limit must have.
func limited(ids []string, p plan) []string {
	if p.down {
		return ids[len(ids)-p.limit:]
	}
	return ids[:p.limit]
}

// ending is how a run of a list ended, and where the next one continues.
type ending struct {
	well   bool
	cursor b24.Cursor
}

func (e ending) judge(r *reading, found *findings) {
	if e.well {
		r.whole(found)
	} else {
		r.part(found)
	}
}

// read reads the list from a place on, until it ends or the loop is left.
func (w *worker) read(r *reading, p plan, at b24.Cursor) ending {
	var report b24.ListReport
	end, how := ending{cursor: at}, "list, "+p.way
	opts := append(slices.Clip(p.opts), b24.WithReport(&report), b24.WithCheckpoint(func(c b24.Cursor) { end.cursor = c }))
	if at != "" {
		opts, how = append(opts, b24.WithResume(at)), how+", resumed"
	}
	pages, last := 0, error(nil)
	for rows, err := range w.pagesOf(r.table, opts) {
		if last = err; err != nil {
			break
		}
		if pages++; pages == p.leave {
			break // this page is not taken: the checkpoint precedes it
		}
		w.rows(r, rows)
	}
	if end.well = last == nil; end.well && pages > 0 && pages == p.leave {
		end.well, how = false, how+", left early"
	}
	if end.well && !report.Complete && p.limit == 0 {
		w.found.add(endsUnsaid, "%s (%s): %+v", r.table.name, r.how, report)
	}
	if le, ok := errors.AsType[*b24.ListError](last); ok && w.oneIn(2) {
		end.cursor = le.Cursor // the same place as the checkpoint's
	}
	w.ended(how, last)
	return end
}

// pagesOf returns the list, or its tail; its context ends with the loop.
func (w *worker) pagesOf(t *table, opts []b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		ctx, cancel := w.ctx()
		defer cancel()
		pages := w.hook.FetchListMethod
		switch {
		case t.name == "log's tail":
			pages = w.hook.V3().FetchTail
		case t.v3:
			pages = w.hook.V3().FetchListMethod
		}
		pages(ctx, t.method, t.params, opts...)(yield)
	}
}

func (w *worker) rows(r *reading, rows []json.RawMessage) {
	for _, raw := range rows {
		var got row
		if err := json.Unmarshal(raw, &got); err != nil {
			w.found.add(mixedUp, "%s: no row: %s", r.table.name, raw)
			continue
		}
		r.took(string(got.ID))
	}
}

// collect reads the whole list at once.
func (w *worker) collect(r *reading, p plan) {
	ctx, cancel := w.ctx()
	defer cancel()
	var c b24.Client = w.hook
	if r.table.v3 {
		c = w.hook.V3()
	}
	rows, err := b24.Collect(b24.List[row](ctx, c, r.table.method, r.table.params, p.opts...))
	for _, got := range rows {
		r.took(string(got.ID))
	}
	ending{well: err == nil}.judge(r, w.found)
	w.ended("Collect, "+p.way, err)
}

// pages reads a list manually, with the next page of each answer.
func (w *worker) pages() {
	const how = "FetchNext"
	ctx, cancel := w.ctx()
	defer cancel()
	t := w.tableOf("items")
	r := newReading(t, how)
	page, err := w.hook.CallMethod(ctx, t.method, t.params)
	for err == nil {
		rows, failed := b24.Decode[[]json.RawMessage](page, "items")
		if failed != nil {
			w.found.add(mixedUp, "%s: %v", how, failed)
			return
		}
		w.rows(r, rows)
		page, err = page.FetchNext(ctx)
	}
	well := errors.Is(err, b24.ErrNoMorePages)
	if well {
		err = nil
	}
	ending{well: well}.judge(r, w.found)
	w.ended(how, err)
}
