package b24

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// Params holds the parameters of a call by name. Any other value that encoding/json marshals as an
// object works too, for example a struct.
type Params = map[string]any

// PageSize is the number of rows in a page of a list method.
const PageSize = 50

// NoCount is a value for the parameter "start" of a list method: it fetches the first page without
// counting rows, which is much faster on a large portal. The answer then has no next page, and its
// total is meaningless.
const NoCount = -1

// StartForPage returns the parameter "start" for page n of a list method, counted from 1: 0, 50,
// 100. A start in between is an error that matches [ErrInvalidParams], because the portal would
// round it down and repeat rows. StartForPage panics if n is less than 1.
func StartForPage(n int) int {
	if n < 1 {
		panic(fmt.Sprintf("b24: page %d: pages are counted from 1", n)) //nolint:forbidigo // documented: the signature has no error to return
	}
	return (n - 1) * PageSize
}

// Client is implemented by [*Hook] and [*V3]. Write your functions against it. It is safe for
// concurrent use.
//
// No method is ever added to it. New features are functions that take a Client, like [List] and
// [StreamBatch], so your own type with these methods remains a Client. A type that wraps another
// Client should have a method Unwrap() Client.
type Client interface {
	// CallMethod calls one method. See [Hook.CallMethod].
	CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error)
	// CallBatch calls up to 50 methods in one request. See [Hook.CallBatch].
	CallBatch(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error)
	// CallBatchByChunk calls any number of methods. See [Hook.CallBatchByChunk].
	CallBatchByChunk(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error)
	// CallListMethod reads all rows of a list. See [Hook.CallListMethod].
	CallListMethod(ctx context.Context, method string, params any, opts ...ListOption) (*Result[[]json.RawMessage], error)
	// FetchListMethod reads all rows of a list page by page. See [Hook.FetchListMethod].
	FetchListMethod(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error]
}

// Call calls method and decodes its result into a T by the rules of encoding/json. If the method
// wraps what it returns, [WithResultKey] names the member to decode: "item" for crm.item.get.
//
// A result of null, [] or {} leaves T at its zero value. If the key does not exist, or if the
// result contains no field of the struct T, the error matches [ErrNoResult] and lists the names
// that do exist: the record is probably wrapped. So it does if a field of T is in the result under a
// name with other underscores, such as LAST_NAME for LastName. If decoding fails, the call was
// executed nevertheless.
//
// For a list method, Call returns the first page, usually 50 rows at most: use [List].
func Call[T any](ctx context.Context, c Client, method string, params any, opts ...CallOption) (T, error) {
	r, err := c.CallMethod(ctx, method, params, opts...)
	if err != nil {
		var zero T
		return zero, err
	}
	return Decode[T](r, newCallOptions(opts).resultKey...)
}

// Decode decodes the result of r, or the part of it at path, into a T by the rules of
// encoding/json: Decode[Deal](r, "item"). A name in path is a member of an object; a number is a
// position in a list, counted from 0. If the path does not exist, or if T is a struct and none of
// its fields is there, the error matches [ErrNoResult] and lists the names that do exist.
func Decode[T any](r *AjaxResult, path ...string) (T, error) {
	var v T
	if err := r.there().decode(&v, path); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}

// First returns the first row of seq and ends the reading. If there is none, the error matches
// [ErrNoRow]; an error of seq is returned as it is, with a zero T. A nil seq has no row.
//
//	deal, err := b24.First(b24.List[Deal](ctx, hook, "crm.deal.list", params))
//
// A [List] begins with one request for one page, and may ask for the last row in the same request,
// so First costs that request and at most a page and a row, however long the list is.
// [WithLimit](1) does not make it cheaper.
//
// Compare the field by which you looked for the row: most classic methods ignore a misspelled name
// in a filter, and First then returns any row.
func First[T any](seq iter.Seq2[T, error]) (T, error) {
	var zero, first T
	err := ErrNoRow
	if seq == nil {
		return zero, err
	}
	for first, err = range seq {
		break
	}
	if err != nil {
		return zero, err
	}
	return first, nil
}

// Reply is the result of one command of [Each].
type Reply[T any] struct {
	// Value is the decoded result, or the zero value if Err is not nil.
	Value T
	// Err is how the command failed, or why its result could not be decoded. [OutcomeOf] reports
	// whether the portal may have executed it.
	Err error
}

// Each calls one command for each key, in batches of up to 50, and yields each key with the result,
// decoded into a T by the rules of [Call]; [WithResultKey] names the part to decode:
//
//	for id, deal := range b24.Each[Deal](ctx, hook, ids, func(id int) b24.Command {
//		return b24.Command{Method: "crm.item.get", Params: b24.Params{"entityTypeId": 2, "id": id}}
//	}, b24.WithResultKey("item")) {
//
// Every key that is taken from keys gets exactly one [Reply], in the order of the keys, which may
// repeat and be any number: memory is bounded as in [StreamBatch], on which Each is built. keys and
// command are called in the goroutine of the loop, ahead of the replies. keys may read a list of
// the same client. A nil keys is empty; a nil command fails the first key, and nothing is sent.
//
// A failure does not stop the others. With WithHaltOnError(true), no key is taken after a Reply
// with an Err; keys of the same batch that did not run match [ErrNotExecuted]. If ctx ends or the
// client is closed, the keys taken so far (or, if none are, those of the next batch) get that
// error, and the sequence ends: after a last Reply without such an error, all keys are done.
// Commands of Each cannot refer to each other. Leaving the loop takes no further key and cancels
// the calls in flight; their outcome is then unknown.
func Each[T, K any](ctx context.Context, c Client, keys iter.Seq[K], command func(K) Command, opts ...CallOption) iter.Seq2[K, Reply[T]] {
	return func(yield func(K, Reply[T]) bool) {
		if keys == nil {
			return
		}
		if command == nil {
			for key := range keys {
				yield(key, Reply[T]{Err: &ParamsError{Method: "batch", Param: "command", Problem: "the function that returns the command of a key is nil"}})
				return
			}
			return
		}
		opts = append([]CallOption{WithHaltOnError(false)}, opts...)
		o := newCallOptions(opts)
		e := each[T, K]{command: command, halts: !o.goOn, path: o.resultKey}
		for row, err := range StreamBatch(ctx, c, e.commands(keys), opts...) {
			if !yield(e.reply(row, err)) {
				return
			}
		}
	}
}

// each is an Each in progress.
type each[T, K any] struct {
	command func(K) Command
	halts   bool
	path    []string

	waiting []K  // keys taken and not yet yielded
	halted  bool // no further key is taken
}

// commands yields the commands of the keys. StreamBatch answers them in their order.
func (e *each[T, K]) commands(keys iter.Seq[K]) iter.Seq[Command] {
	return func(yield func(Command) bool) {
		for key := range keys {
			command := e.command(key)
			e.waiting = append(e.waiting, key)
			if !yield(command) || e.halted {
				return
			}
		}
	}
}

// reply returns the oldest key that waits, with its result.
func (e *each[T, K]) reply(row *AjaxResult, err error) (K, Reply[T]) {
	key := e.waiting[0]
	var zero K
	e.waiting[0] = zero // append moves the rest when the array is used up
	e.waiting = e.waiting[1:]
	var r Reply[T]
	if r.Err = err; err == nil {
		r.Value, r.Err = Decode[T](row, e.path...)
	}
	e.halted = e.halted || e.halts && r.Err != nil
	return key, r
}
