package b24

import (
	"github.com/b24go/b24/internal/envelope"
	"github.com/b24go/b24/internal/scan"
)

// dialect is one version of the API: how calls, lists and batches are written, and how their
// answers are read. All differences between the versions are in dialect_classic.go and
// dialect_rest3.go; the pipeline of a call is the same for both.
type dialect interface {
	// name returns the name of the version in a trace.
	name() string
	// path returns the path from /rest/ to the methods.
	path() string
	// encode returns v as the body of a call of method.
	encode(method string, v any) ([]byte, error)
	// turns reports whether the next page begins at the position that an answer names.
	turns() bool
	// reads reports whether method is known to change nothing.
	reads(method string) bool
	// keyed reports whether calls of method carry an Idempotency-Key.
	keyed(method string) bool
	// heedsKeys reports whether the portal supports an Idempotency-Key.
	heedsKeys() bool
	// budget returns the name under which a method's operating time counts (docs/protocol.md 7.3).
	budget(method string) string

	// unheeded finds list parameters that the portal would ignore.
	unheeded(method string, body []byte) *scan.Problem
	// changes reports whether a method is known to change something, and whether it is also known
	// as a list.
	changes(method string) (writes, list bool)
	// reading sets how internal/scan reads lists of this version.
	reading(o *scan.Options)
	// into returns path, the path of a value in an answer, as a command of a chain writes it.
	into(path []any) []any
	// past reports whether an error of a chain only means that it went beyond the last page.
	past(e *Error) bool

	// checkRef refuses a reference that the version does not support.
	checkRef(ref *reference) error
	// lead returns the reference as one that starts at the whole result of its command.
	lead(ref reference, of *answer) reference
	// write encodes a command for a batch. A command that a batch cannot carry is marked to be sent
	// alone. An error means that it cannot be sent at all.
	write(c *client, j *job, all []*job) error
	// batch makes q the request for some jobs of a run.
	batch(q *query, b *batchRun, jobs []*job)
	// rows parses the answer to a batch. The key of a row is that of job.key.
	rows(r *answer, jobs []*job) (map[string]envelope.Envelope, error)
	// proves reports whether the row of a command proves that its references led to values.
	proves() bool
}
