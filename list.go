package b24

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/b24go/b24/internal/scan"
)

// Cursor is a place in a list, for WithResume. It is opaque text without secrets,
// safe to store.
type Cursor string

// ListReport tells how a list was read, see WithReport.
type ListReport struct {
	// Paging is the way it was read.
	Paging Paging
	// Rows and Pages are what was delivered, Requests what was sent for it, without
	// repeats; a batch is one request.
	Rows, Pages, Requests int
	// Refusals is how often the portal refused a request for its limits.
	Refusals int
	// Waited is the time its requests waited for the limits and between attempts, each for
	// itself: with WithConcurrency it may be more than the time that passed.
	Waited time.Duration
	// FirstID and LastID are the ids of the first and the last row, those of the
	// lowest and the highest with WithConcurrency; empty where not known.
	FirstID, LastID string
	// Why says why the list was read in a slower way than its method allows: another order than
	// by id, conditions joined by OR, parameters that a batch cannot carry. Empty: it was not.
	Why string
	// Complete is true if the end of the list was reached and all rows of it were
	// delivered.
	Complete bool
	// Cursor goes on after the last page that was taken whole, as WithCheckpoint tells
	// it: the rows of a page that was left in the middle come again. After the end it
	// finds what was added since, in a list that is read from the lowest id up.
	Cursor Cursor
}

// pages reads a list; each range over it reads anew.
func (c *client) pages(ctx context.Context, d dialect, method string, v any, opts []ListOption) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		o := newListOptions(opts)
		if o.into != nil {
			*o.into = ListReport{} // not that of a list before
		}
		source, err := c.newListSource(d, method, v, &o)
		if err != nil {
			yield(scan.Page{}, err)
			return
		}
		var report scan.Report
		list := TraceList{Method: method, Portal: c.shownOrigin(), API: d.name()}
		ctx, failed := c.trace.listStart(ctx, list), error(nil)
		defer func() { c.trace.listDone(ctx, list, o.finish(&report, source), failed) }()
		o.call.report(Progress{Total: -1})
		for page, err := range scan.Pages(ctx, source, o.scan(source), &report) {
			if err != nil {
				failed = c.listError(method, &report, err)
				yield(page, failed)
				break
			}
			if o.left = true; !yield(page, nil) {
				break
			}
			o.tookPage(page)
		}
	}
}

func (c *client) fetchList(ctx context.Context, d dialect, method string, v any, opts []ListOption) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for page, err := range c.pages(ctx, d, method, v, opts) {
			if !yield(page.Rows, err) {
				return
			}
		}
	}
}

func (c *client) callList(ctx context.Context, d dialect, method string, v any, opts []ListOption) (*Result[[]json.RawMessage], error) {
	var r Result[[]json.RawMessage]
	var all []json.RawMessage
	for rows, err := range c.fetchList(ctx, d, method, v, opts) {
		all = append(all, rows...)
		if err != nil {
			r.errs = append(r.errs, err)
		}
	}
	r.data = func() []json.RawMessage { return all }
	return &r, r.Err()
}

// newListSource checks the parameters of a list.
func (c *client) newListSource(d dialect, method string, v any, o *listOptions) (*listSource, error) {
	o.call.masks.learn(c.secrets)
	if c.closed.Load() {
		return nil, c.closedError(method)
	}
	if err := cmp.Or(c.checkMethod(method), c.checkRequestID(method, &o.call)); err != nil {
		return nil, err
	}
	switch {
	case o.paging < PagingAuto || o.paging > PagingOffset:
		return nil, &ParamsError{Method: method, Param: "paging", Problem: "it cannot be asked for: " + strconv.Quote(o.paging.String())}
	case o.call.hasStart && o.call.start > 0:
		return nil, &ParamsError{Method: method, Param: "start", Problem: "a list is read from its beginning; WithResume goes on in the middle"}
	case len(o.call.resultKey) > 1:
		return nil, &ParamsError{Method: method, Param: "result key", Problem: "the rows of a list stand under one name"}
	case o.call.hasKey:
		return nil, &ParamsError{Method: method, Param: "idempotency key", Problem: "a list has none, it only reads"}
	}
	body, err := d.encode(method, v)
	if err != nil {
		return nil, c.badParams(method, err)
	}
	if hasRef(body) {
		return nil, strayRef(method)
	}
	return newSource(c, d, method, body, o.call)
}

// List yields all rows of a list method, decoded into a T by the rules of
// encoding/json:
//
//	for deal, err := range b24.List[Deal](ctx, hook, "crm.deal.list", nil) {
//
// It reads as FetchListMethod does: complete, or with an error at the end. After
// an error, that of a row which cannot be decoded included, there is no further
// row.
func List[T any](ctx context.Context, c Client, method string, params any, opts ...ListOption) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := 0
		var m masks
		for rows, err := range c.FetchListMethod(ctx, method, params, append(slices.Clip(opts), m.option())...) {
			for _, row := range rows {
				n++
				decoded, err := decodeRow[T](row)
				if err != nil {
					err = &methodError{method: m.text(method), err: fmt.Errorf("decode row %d: %w", n, m.error(err))}
				}
				if !yield(decoded, err) || err != nil {
					return
				}
			}
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
		}
	}
}

func decodeRow[T any](row []byte) (T, error) {
	var v T
	if err := decodeInto(row, &v); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// Collect gathers the rows of a list. With the error come the rows before it.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var rows []T
	for row, err := range seq {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
