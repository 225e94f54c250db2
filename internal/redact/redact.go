// Package redact takes secrets out of what people get to read: error texts, log records, pieces of an answer.
//
// It knows secrets in two ways. By where they stand: the path of a webhook, the value of a name such as access_token in a query string,
// a form, JSON or a dump of Go or PHP, the user of a URL, an Authorization header. And by what they are: the literal secrets given to
// [New]. In doubt it masks: a text that says too little is a nuisance, a leaked webhook is a lost portal.
//
// Everything here may be used by many goroutines at once, sends nothing and does not block.
package redact

// Mask stands where a secret stood.
const Mask = "***"

// Text returns s without the secrets that can be told by where they stand. A text without any is returned as it is.
func Text(s string) string {
	return (*Secrets)(nil).Text(s)
}

// JSON returns parameters or a result without the secrets: the value of a sensitive name becomes "***", whatever it was; every other
// string goes through [Text]. Valid JSON stays valid and keeps its structure, but not its white space; what is not JSON is treated as
// text. Anything nested deeper than 100 levels becomes "***" as well. The given bytes are not changed.
func JSON(b []byte) []byte {
	return (*Secrets)(nil).JSON(b)
}

// Snippet returns the beginning of b for an error text: one line of printable characters, at most limit of them, an ellipsis being the
// last where something was cut. Secrets are taken out before the cut, so none is left behind in part. A limit of 0 or less gives "".
func Snippet(b []byte, limit int) string {
	return (*Secrets)(nil).Snippet(b, limit)
}
