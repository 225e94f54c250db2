package b24

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"

	"github.com/b24go/b24/internal/scan"
)

// pages reads a list. Each range over the result reads it again from the start.
func (c *client) pages(ctx context.Context, d dialect, method string, v any, opts []ListOption) iter.Seq2[scan.Page, error] {
	return func(yield func(scan.Page, error) bool) {
		o := newListOptions(opts)
		if o.into != nil {
			*o.into = ListReport{} // clears the report of an earlier list
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
			o.places.add(&page)
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
	if err := cmp.Or(c.checkMethod(method), c.checkRequestID(method, &o.call), c.checkPriority(method, &o.call)); err != nil {
		return nil, err
	}
	switch {
	case !scan.Paging(o.paging).Askable():
		return nil, &ParamsError{Method: method, Param: "paging", Problem: "it cannot be set: " + strconv.Quote(c.secrets.Text(o.paging.String()))}
	case len(o.call.resultKey) > 1:
		return nil, &ParamsError{Method: method, Param: "result key", Problem: "the rows of a list are under one name; pass one"}
	case o.call.hasKey:
		return nil, &ParamsError{Method: method, Param: "idempotency key", Problem: "a list cannot have one, because it only reads"}
	case o.call.goOn:
		return nil, &ParamsError{Method: method, Param: "halt on error", Problem: "it is for batches: a list ends at its first error"}
	case o.call.singly:
		return nil, &ParamsError{Method: method, Param: "single calls", Problem: "they are for batches: WithPaging(PagingKeyset) reads a list one page per request"}
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

// List yields all rows of a list method, decoded into a T by the rules of encoding/json:
//
//	for deal, err := range b24.List[Deal](ctx, hook, "crm.deal.list", nil) {
//
// It reads as [Hook.FetchListMethod] does: the list is complete or ends with an error. The sequence
// ends after the first error, including a row that cannot be decoded.
func List[T any](ctx context.Context, c Client, method string, params any, opts ...ListOption) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n, decode := 0, decodeInto
		var m masks
		for rows, err := range c.FetchListMethod(ctx, method, params, append(slices.Clip(opts), m.option())...) {
			for _, row := range rows {
				n++
				decoded, err := rowOf[T](row, decode)
				if err != nil {
					err = &methodError{method: m.text(method), err: fmt.Errorf("decode row %d: %w", n, m.error(err))}
				}
				if !yield(decoded, err) || err != nil {
					return
				}
				decode = decodeRow
			}
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
		}
	}
}

func rowOf[T any](row []byte, decode func(row []byte, v any) error) (T, error) {
	var v, zero T
	if err := decode(row, &v); err != nil {
		return zero, err
	}
	return v, nil
}

// Collect returns the rows of a list as a slice. On an error, it also returns the rows before it.
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

// Page is a page of a list, from [Pages].
type Page struct {
	// Rows are the rows as sent, at least one. They share memory with their answer.
	Rows []json.RawMessage
	// Cursor continues after these rows; see [WithResume].
	Cursor Cursor
	// Number is the number of the page in this reading, counted from 1.
	Number int
}

// Pages reads all rows of a list method page by page, as [Hook.FetchListMethod] does, and yields
// with each page the place after it. Store the rows and the Cursor in one transaction: however the
// program ends, a reading that continues with [WithResume] from the last stored Cursor delivers
// each row once, except for rows that were created or deleted in between. With [WithConcurrency],
// the pages come in no order, and each Cursor knows which rows were delivered.
//
// The last Cursor of a list that is read from the lowest id up finds the rows added since. A
// sequence without pages is a list without rows, or without further ones; there is nothing to
// store then. The sequence ends after the first error, a [*ListError] in most cases.
//
// A [Client] of your own must pass its options on and return each page as it is; otherwise the
// places are not known, and the sequence ends with an error instead of its first page.
func Pages(ctx context.Context, c Client, method string, params any, opts ...ListOption) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		var at places
		var m masks
		for rows, err := range c.FetchListMethod(ctx, method, params, append(slices.Clip(opts), at.option(), m.option())...) {
			page, known := at.take(len(rows))
			if err == nil && !known {
				err = &methodError{method: m.text(method), err: errors.New("the client does not report the place after a page: " +
					"a Client that wraps another one must pass its options on, and return its pages one by one")}
			}
			if err != nil {
				yield(Page{}, err)
				return
			}
			page.Rows = rows
			if !yield(page, nil) {
				return
			}
		}
	}
}

// places receives the place after each page from the client, however that is wrapped. A wrapper
// may read ahead in another goroutine, which is found out here.
type places struct {
	mu   sync.Mutex
	come []placed
}

// placed is a page that the client yielded.
type placed struct {
	page Page
	rows int
}

// option returns the option with which the client reports the places.
func (p *places) option() ListOption {
	return listOption(func(o *listOptions) { o.places = p })
}

// add reports a page that the client is about to yield. p may be nil.
func (p *places) add(page *scan.Page) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.come = append(p.come, placed{Page{Cursor: Cursor(page.Cursor()), Number: page.Number}, len(page.Rows)})
}

// take returns the place after the page at hand, which has so many rows. It is not known if none or
// several pages were reported since the previous one, or one of other rows: a place behind rows that
// are yet to come would lose them.
func (p *places) take(rows int) (Page, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	come := p.come
	p.come = nil
	if len(come) != 1 || come[0].rows != rows || come[0].page.Cursor == "" {
		return Page{}, false
	}
	return come[0].page, true
}
