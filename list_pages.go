package b24

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/b24go/b24/internal/scan"
)

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
