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
// that do exist: the record is probably wrapped. If decoding fails, the call was executed
// nevertheless.
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
