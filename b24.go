package b24

import (
	"context"
	"fmt"
)

// Params holds the parameters of a call by name. Any value that encoding/json
// can marshal as an object may stand in its place, a struct for example.
type Params = map[string]any

// PageSize is the number of rows in a page of a list method (protocol.md 5.1).
const PageSize = 50

// NoCount, given to WithStart, asks for the first page without counting all
// rows, which is much faster on a large portal. The answer then has no next
// page and no total that means anything (protocol.md 5.1).
const NoCount = -1

// StartForPage returns the start of page n, counted from 1: 0, 50, 100.
// It panics if n is less than 1.
func StartForPage(n int) int {
	if n < 1 {
		panic(fmt.Sprintf("b24: page %d, pages count from 1", n)) //nolint:forbidigo // promised by the signature: there is no error to return
	}
	return (n - 1) * PageSize
}

// Client is what every authorisation and API version offers. Accept it in your
// own code. It is safe for concurrent use.
type Client interface {
	// CallMethod calls one method. See Hook.CallMethod.
	CallMethod(ctx context.Context, method string, params any, opts ...CallOption) (*AjaxResult, error)
}

// Call calls method and decodes its result into a T by the rules of
// encoding/json. WithResultKey names the member of the result to decode, where
// the method wraps what it returns: "item" for crm.item.get.
//
// A result of null leaves T at its zero value; a key that is not there is an
// error that matches ErrNoResult. When decoding fails, the call was executed.
func Call[T any](ctx context.Context, c Client, method string, params any, opts ...CallOption) (T, error) {
	r, err := c.CallMethod(ctx, method, params, opts...)
	if err != nil {
		var zero T
		return zero, err
	}
	if key := newCallOptions(opts).resultKey; key != "" {
		return Decode[T](r, key)
	}
	return Decode[T](r)
}

// Decode decodes the result of r, or the part of it that path leads to, into a
// T by the rules of encoding/json: Decode[Deal](r, "item"). A name in path is a
// member of an object, a number an element of a list counted from 0. A path
// that leads nowhere is an error that matches ErrNoResult and names what is
// there.
func Decode[T any](r *AjaxResult, path ...string) (T, error) {
	var v T
	if err := r.decode(&v, path); err != nil {
		var zero T
		return zero, err
	}
	return v, nil
}
