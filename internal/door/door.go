// Package door lets the packages of this module move files through a client. The root hands the
// door out to whoever has a [Key], which only this module can name.
//
// The root knows the portal's address, its key, the request budget and the errors; package file
// knows files. So a [Transfer] makes single requests and says what came of them, and package file
// decides what to ask for.
package door

import (
	"context"
	"io"
	"time"
)

// Key opens the door. The zero Key does not: code outside of this module can make one by inference
// of types, although it cannot name the type.
type Key struct{ cut bool }

// NewKey returns a key that fits.
func NewKey() Key { return Key{cut: true} }

// Fits reports whether k was made by [NewKey].
func (k Key) Fits() bool { return k.cut }

// Method is the name of a method that a value is to be sent to.
type Method string

// Field is a value of parameters that has the form of some methods only.
type Field interface {
	// Misplaced returns what is wrong if the value is sent to a method; empty if nothing is.
	Misplaced(m Method) (problem string)
}

// Transfers moves files through one client. It is safe for concurrent use.
type Transfers interface {
	// Begin starts a transfer. name is what errors, traces and counts call it. The returned context
	// is for everything that follows. End must follow.
	Begin(ctx context.Context, name string) (context.Context, Transfer)
}

// Transfer is one upload or download, in any number of requests, one after the other.
type Transfer interface {
	// Get asks for a file, once. The error is the caller's: masked, and nothing of the answer was
	// handed out.
	Get(ctx context.Context, g Get) (*Stream, error)
	// Post sends a file, once, and returns the result of the answer.
	Post(ctx context.Context, p Post) (result []byte, err error)
	// Again waits until the request that ended with err may be repeated. An error means that it must
	// not be: it is err, with the reason if there is another one.
	Again(ctx context.Context, err error) error
	// Advanced reports that bytes came, so that the repeats are counted anew.
	Advanced()
	// Fail returns the error for what the caller of Get or Post found wrong.
	Fail(f Failure) error
	// End counts and traces the end of the transfer. Further calls do nothing.
	End(ctx context.Context, err error)
}

// Limits are what both kinds of requests obey.
type Limits struct {
	// Hosts may be asked besides the portal, whatever their addresses.
	Hosts []string
	// Stall is how long no byte may come or go; 0: any time.
	Stall time.Duration
}

// Get is a request for a file.
type Get struct {
	Limits

	// Link is the address as the portal wrote it; a secret.
	Link string
	// From is the first byte wanted; 0: all.
	From int64
	// IfRange is the strong ETag that the file must still have for From to count; empty: none.
	IfRange string
}

// Stream is the answer to a [Get]: a file.
type Stream struct {
	// Body is the file, decoded. Its errors are the caller's.
	Body io.ReadCloser
	// Length is the number of bytes in Body; -1: unknown.
	Length int64
	// Sealed means that Body ends with an error if it is cut.
	Sealed bool
	// Partial means that Body begins at byte From of Total, -1: unknown.
	Partial     bool
	From, Total int64
	// Plain means that bytes of Body are bytes of the answer, so that ranges can be asked for.
	Plain bool
	// ContentType, Disposition and ETag are headers of the answer.
	ContentType, Disposition, ETag string
}

// Post is a request that sends a file.
type Post struct {
	Limits

	// Link is the address as the portal wrote it; a secret.
	Link string
	// ContentType is that of Body.
	ContentType string
	// Body has Size bytes. It is not read after Post returned, unless ctx had ended.
	Body io.Reader
	Size int64
}

// Failure is what was found wrong with an answer or with what is sent.
type Failure struct {
	// Step is where: "read", "size".
	Step string
	// Err is the reason.
	Err error
	// Final means that a repeat would fail alike.
	Final bool
}
