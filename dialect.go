package b24

import (
	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/scan"
)

// dialect is how one version of the API is spoken: what calls, lists and batches are written as, and how
// their answers read. What differs between versions stands in dialect_classic.go and dialect_rest3.go, and
// nowhere else: the way of a call is one.
type dialect interface {
	// name is what a trace calls it.
	name() string
	// path leads from /rest/ to the methods.
	path() string
	// encode returns v as the body of a call of method.
	encode(method string, v any) ([]byte, error)
	// turns reports whether the position that an answer names gives the next page.
	turns() bool
	// reads reports whether method is known to change nothing.
	reads(method string) bool
	// keyed reports whether calls of method carry an Idempotency-Key.
	keyed(method string) bool
	// heedsKeys reports whether the portal heeds an Idempotency-Key.
	heedsKeys() bool
	// budget is the name under which a method's operating time counts (docs/protocol.md 7.3).
	budget(method string) string

	// unheeded finds what the portal would not heed in the parameters of a list.
	unheeded(method string, body []byte) *scan.Problem
	// changes reports whether a method is known to change something, and to be no list.
	changes(method string) (writes, list bool)
	// reading tells the engine of lists how this version is read.
	reading(o *scan.Options)
	// into is the path of a reference to a value in an answer, path, as a command of a chain writes it.
	into(path []any) []any
	// past reports whether an error of a chain only says that it went beyond the last page.
	past(e *Error) bool

	// checkRef refuses a reference that the version does not know.
	checkRef(ref *reference) error
	// lead turns a reference into one that leads from the whole result of its command.
	lead(ref reference, of *answer) reference
	// write makes the text of a command. One that a batch cannot carry is left to be sent alone; the
	// error is of one that cannot be sent at all.
	write(c *client, j *job, all []*job) error
	// batch makes q the request of some jobs of a run.
	batch(q *query, b *batchRun, jobs []*job)
	// rows takes the answer to a batch apart; the key of a row is that of job.key.
	rows(r *answer, jobs []*job) (map[string]envelope.Envelope, error)
	// proves reports whether a row that is there shows that the references of its command led to values.
	proves() bool
}
