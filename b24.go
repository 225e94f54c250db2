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

// StartForPage returns the parameter "start" for page n of a list method, counted from 1: 0, 50, 100.
// A start between is an error that matches [ErrInvalidParams], since the portal would round it down
// and repeat rows.
// It panics if n is less than 1.
func StartForPage(n int) int {
	if n < 1 {
		panic(fmt.Sprintf("b24: page %d, pages count from 1", n)) //nolint:forbidigo // promised by the signature: there is no error to return
	}
	return (n - 1) * PageSize
}

// Client is implemented by [*Hook] and [*V3]. Write your functions against it. It is safe for
// concurrent use.
//
// No method is ever added to it: what is new are functions over it, like [List] and
// [StreamBatch], so that a type of yours that has these methods stays a Client. One that
// wraps another Client should have a method Unwrap() Client.
type Client interface {
	// CallMethod calls one method. See Hook.CallMethod.
	CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error)
	// CallBatch calls up to 50 methods in one request. See Hook.CallBatch.
	CallBatch(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error)
	// CallBatchByChunk calls any number of methods. See Hook.CallBatchByChunk.
	CallBatchByChunk(ctx context.Context, calls Calls, opts ...CallOption) (*BatchResult, error)
	// CallListMethod reads all rows of a list. See Hook.CallListMethod.
	CallListMethod(ctx context.Context, method string, params any, opts ...ListOption) (*Result[[]json.RawMessage], error)
	// FetchListMethod reads all rows of a list page by page. See
	// Hook.FetchListMethod.
	FetchListMethod(ctx context.Context, method string, params any, opts ...ListOption) iter.Seq2[[]json.RawMessage, error]
}

// Call calls method and decodes its result into a T by the rules of encoding/json. If the method
// wraps what it returns, [WithResultKey] names the member to decode: "item" for crm.item.get.
//
// A result of null, [] or {} leaves T at its zero value. If the key does not exist, or if the
// result contains no field of the struct T, the error matches [ErrNoResult] and lists the names
// that do exist: the record is probably wrapped. If decoding fails, the call was executed.
func Call[T any](ctx context.Context, c Client, method string, params any, opts ...CallOption) (T, error) {
	r, err := c.CallMethod(ctx, method, params, opts...)
	if err != nil {
		var zero T
		return zero, err
	}
	return Decode[T](r, newCallOptions(opts).resultKey...)
}

// Decode decodes the result of r, or the part of it that path leads to, into a
// T by the rules of encoding/json: Decode[Deal](r, "item"). A name in path is a
// member of an object, a number an element of a list counted from 0. If the path
// does not exist, or if T is a struct of which no field is there, the error matches [ErrNoResult]
// and lists what is there.
func Decode[T any](r *AjaxResult, path ...string) (T, error) {
	var v T
	if err := r.there().decode(&v, path); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}
